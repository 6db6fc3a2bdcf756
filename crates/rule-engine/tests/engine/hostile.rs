//! Rule files and records made to hurt.

use trailhound_rule_engine::{
    Code, Limits, RuleSet, Source,
    json::{MAX_DEPTH, Reader},
};

use crate::agreement::assert_agreement;

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

fn rules(detection: &str) -> RuleSet {
    let rule = format!("title: t\nsigma-version: 3\nlogsource: {{product: aws}}\ndetection: {detection}\n");
    let loaded = RuleSet::load([Source::new("r.yml", rule)], &Limits::default());
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    loaded.rules
}

fn lists(levels: usize, core: &str) -> String {
    format!("{}{core}{}", "[".repeat(levels), "]".repeat(levels))
}

/// A record with `outer` levels around a string that holds a document.
fn around(outer: usize, document: &str) -> String {
    format!("{{\"a\": {}}}", lists(outer - 1, &serde_json::json!(document).to_string()))
}

#[test]
fn levels_are_counted_across_documents() {
    let plain = rules("{s: {a.b: 1}, condition: s}");
    let block = rules("{s: {'a[any]': {b: 1}}, condition: s}");
    // Documents of so many levels: an object in lists, lists in an object, the innermost empty, a document
    // in the lists of another.
    let documents: [fn(usize) -> String; 4] = [
        |levels| lists(levels - 1, r#"{"b": 1}"#),
        |levels| format!(r#"{{"b": 1, "c": {}}}"#, lists(levels - 1, "1")),
        |levels| lists(levels - 2, r#"{"b": 1, "c": {}}"#),
        |levels| lists(levels - 1, &serde_json::json!(r#"{"b": 1}"#).to_string()),
    ];
    for outer in [1, 2, 64, MAX_DEPTH - 2] {
        for (number, document) in documents.iter().enumerate() {
            for (inner, fits) in [(MAX_DEPTH - outer, true), (MAX_DEPTH - outer + 1, false)] {
                let record = around(outer, &document(inner));
                assert_eq!(assert_agreement(&plain, &record) == 1, fits, "{outer} {inner} {number}");
                assert_eq!(assert_agreement(&block, &record) == 1, fits, "{outer} {inner} {number}");
            }
        }
    }
}

#[test]
fn a_document_that_is_too_large_is_none() {
    let rules = rules("{s: {a.b: 1}, condition: s}");
    for (spaces, fits) in [((128 << 10) - 8, true), ((128 << 10) - 7, false)] {
        for space in [" ", "%20"] {
            let document = format!("{{\"b\": 1{}}}", space.repeat(spaces));
            let document = if space == " " { document } else { document.replace('{', "%7B").replace('}', "%7D") };
            let record = serde_json::json!({"a": document}).to_string();
            assert_eq!(assert_agreement(&rules, &record) == 1, fits, "{spaces} {space}");
        }
    }
}

#[test]
fn brackets_without_end_in_a_string_are_no_document() {
    let rules = rules("{s: {'a[any]': {b: 1}}, t: {a.b: 1}, u: {'a[0].b': 1}, condition: 1 of them}");
    for opening in ["[", "{\"b\":", "%5B", "[\"[\",\"", "{\"b\": [\"{}\","] {
        let record = serde_json::json!({"a": opening.repeat(20_000)}).to_string();
        assert_eq!(assert_agreement(&rules, &record), 0, "{opening}");
    }
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
