//! Rule files and records made to hurt.

use trailhound_rule_engine::{Code, Limits, RuleSet, Source, json::Reader};

fn codes(text: &str) -> Vec<Code> {
    let loaded = RuleSet::load([Source::new("hostile.yml", text)], &Limits::default());
    loaded.diagnostics.iter().map(trailhound_rule_engine::Diagnostic::code).collect()
}

fn with_condition(condition: &str) -> String {
    format!("title: t\nlogsource: {{product: aws}}\ndetection:\n  a: {{f: x}}\n  condition: '{condition}'\n")
}

#[test]
fn limits_are_errors() {
    let aliases = "a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n\
        c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n\
        e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\nf: [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]\n";
    let cases = [
        ("an alias bomb", aliases.to_owned(), Code::TooComplex),
        ("deep lists", "- ".repeat(100), Code::TooComplex),
        ("endless brackets", "[".repeat(5000), Code::InvalidYaml),
        ("a large file", "#".repeat(2 << 20), Code::FileTooLarge),
        ("many negations", with_condition(&"not ".repeat(5000)), Code::ConditionTooComplex),
        ("many parentheses", with_condition(&"(".repeat(5000)), Code::ConditionTooComplex),
        ("a long condition", with_condition(&"a or ".repeat(20_000)), Code::ConditionTooComplex),
        ("an alias inside itself", "a: &a [*a]\n".to_owned(), Code::InvalidYaml),
    ];
    for (name, text, code) in cases {
        assert_eq!(codes(&text), [code], "{name}");
    }
}

#[test]
fn a_pattern_full_of_stars_stays_cheap() {
    let value = "*a".repeat(60);
    let rule = format!("title: t\nlogsource: {{product: aws}}\ndetection:\n  s: {{f: '{value}*b'}}\n  condition: s\n");
    let loaded = RuleSet::load([Source::new("stars.yml", rule)], &Limits::default());
    assert!(!loaded.has_errors());
    let record = format!("{{\"f\": \"{}\"}}", "a".repeat(100_000));
    assert!(loaded.rules.evaluator().evaluate(&mut Reader::new(&record)).unwrap().is_empty());
}

#[test]
fn a_record_that_is_no_object_is_an_error() {
    let loaded = RuleSet::load([Source::new("r.yml", with_condition("a"))], &Limits::default());
    for text in ["[]", "1", "\"x\"", "null", "", "{", "{\"f\": {\"g\": [}]}"] {
        assert!(loaded.rules.evaluator().evaluate(&mut Reader::new(text)).is_err(), "{text}");
    }
}

/// Found by the fuzz target `parse`: a problem ended inside a character, or behind the end.
#[test]
fn invalid_yaml_is_underlined_by_whole_characters() {
    for (text, wrong) in [("title: 't'ü\n", "ü"), ("title: [", "")] {
        let loaded = RuleSet::load([Source::new("hostile.yml", text)], &Limits::default());
        let [problem] = loaded.diagnostics.as_slice() else { panic!("{:?}", loaded.diagnostics) };
        assert_eq!(problem.code(), Code::InvalidYaml);
        assert_eq!(text.get(problem.span().start..problem.span().end), Some(wrong), "{:?}", problem.span());
    }
}

/// Found by the fuzz target `evaluate`: words of the rule brought their line breaks into the message.
#[test]
fn a_message_is_one_line_whatever_it_quotes() {
    let text = with_condition("a") + "level: \"hi\\n\\e[1mgh\"\nstatus: \"te\\nst\"\n";
    let loaded = RuleSet::load([Source::new("hostile.yml", text)], &Limits::default());
    let messages: Vec<&str> = loaded.diagnostics.iter().map(trailhound_rule_engine::Diagnostic::message).collect();
    assert_eq!(messages, ["`hi\\n\\u{1b}[1mgh` is no level", "`te\\nst` is no status"]);
}

#[test]
fn any_bytes_at_all_are_read_without_panic() {
    let sample = with_condition("a and not a");
    for at in 0..sample.len() {
        for replacement in ["", "\t", ": ", "- ", "&x ", "*x", "'", "\"", "|", "{", "]", "#", "%", "\u{feff}", "ü"] {
            let mut text = sample.clone();
            if text.is_char_boundary(at) {
                text.insert_str(at, replacement);
                codes(&text);
                codes(&text[..at]);
            }
        }
    }
}
