//! What the validators of other Sigma tools complain about.

use crate::{code::Code, diagnostic::Problems, syntax::Typed};

use super::model::{Logic, Test, Written};

pub(super) fn judge(logic: &Logic<'_>, problems: &mut Problems) {
    judge_condition(logic, problems);
    for test in logic.tests() {
        judge_modifiers(test, problems);
        for value in test.values.iter().filter(|value| matches!(value.scalar.typed(), Typed::Text(_))) {
            judge_value(test, value, problems);
        }
    }
}

fn judge_condition(logic: &Logic<'_>, problems: &mut Problems) {
    for (text, span) in &logic.texts {
        let words: Vec<&str> = text.split(|letter: char| letter.is_whitespace() || "()".contains(letter)).collect();
        if words.contains(&"them") && logic.visible == 1 {
            problems
                .lint(Code::ThemWithOne, *span, "`them` stands for a single search")
                .help("name the search in the condition");
        } else if words.windows(3).any(|words| words == ["all", "of", "them"]) {
            problems
                .lint(Code::AllOfThem, *span, "`all of them` changes with every search that is added")
                .help("name the searches, or write `all of selection_*`");
        }
    }
}

fn judge_modifiers(test: &Test<'_>, problems: &mut Problems) {
    if test.has("all") && test.is_plain() && test.values.iter().all(|value| !value.text().contains('*')) {
        problems
            .lint(Code::AllWithoutPosition, test.key_span, "no single value equals all of these")
            .help("write `contains|all`, unless the field is a list that has to hold each of them");
    }
    if test.has("base64offset") && !test.has("contains") {
        problems
            .lint(Code::OffsetWithoutContains, test.key_span, "`base64offset` gives the middle of an encoded text")
            .help("write `base64offset|contains`");
    }
    if test.has("windash") && test.has("all") {
        problems
            .lint(Code::WinDashWithAll, test.key_span, "other tools want each form of the dash at once")
            .help("give each value a search of its own");
    }
}

fn judge_value(test: &Test<'_>, value: &Written<'_>, problems: &mut Problems) {
    let text = value.text();
    if text.contains(|letter: char| letter.is_control() && !letter.is_whitespace()) {
        problems
            .lint(Code::ControlCharacter, value.span, "the value holds a control character")
            .help("it may have come in by copying; write the value anew");
    }
    if !test.is_text() {
        return;
    }
    if text.contains("**") && !text.contains("\\*") {
        problems.lint(Code::DoubledWildcard, value.span, "two wildcards in a row").help("one `*` means the same");
    } else if let Some(word) = position(text).filter(|_| test.is_plain()) {
        let plain = text.trim_matches('*');
        problems
            .lint(Code::WildcardAtEnd, value.span, format!("the wildcards say `{word}`"))
            .help(format!("write `{}|{word}: {plain}`", test.field));
    }
    if escapes_nothing(text) {
        problems
            .lint(Code::LiteralBackslash, value.span, "this backslash escapes nothing, so it stands for itself")
            .help("only `*`, `?` and `\\` are escaped; for a regular expression use `re`");
    }
}

/// The modifier that says what wildcards at the ends say, where there are no others.
fn position(text: &str) -> Option<&'static str> {
    let inner = text.trim_matches('*');
    if inner.is_empty() || inner.contains(['*', '?', '\\']) {
        return None;
    }
    match (text.starts_with('*'), text.ends_with('*')) {
        (true, true) => Some("contains"),
        (true, false) => Some("endswith"),
        (false, true) => Some("startswith"),
        (false, false) => None,
    }
}

fn escapes_nothing(text: &str) -> bool {
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter == '\\' && !matches!(letters.next(), Some('*' | '?' | '\\')) {
            return true;
        }
    }
    false
}
