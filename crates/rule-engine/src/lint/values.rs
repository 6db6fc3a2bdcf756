//! Values that a field does not have, or has in another form.

use crate::{
    catalog::{Catalog, Kinds},
    code::Code,
    diagnostic::Problems,
    syntax::Typed,
};

use super::{
    alternatives::Places,
    model::{Logic, Test, Written},
};

/// Words that people write for a value that is not there.
const ABSENT: [&str; 3] = ["null", "nil", "<null>"];

/// More such words, which may be values of request parameters.
const ABSENT_IN_RECORDS: [&str; 4] = ["none", "n/a", "undefined", "-"];

/// Error codes that people write for calls without an error.
const SUCCESSES: [&str; 5] = ["success", "succeeded", "ok", "noerror", "200"];

/// Fields that hold a JSON document as text.
const DOCUMENTS: [&str; 9] = [
    "policyDocument",
    "assumeRolePolicyDocument",
    "policy",
    "policyText",
    "keyPolicy",
    "repositoryPolicyText",
    "resourcePolicy",
    "trustPolicy",
    "accessPolicies",
];

/// What stands in a policy and not in a name.
const DOCUMENT_PARTS: [&str; 9] =
    ["\"", "{", "effect", "principal", "action", "statement", "allow", "deny", "condition"];

pub(super) fn judge(logic: &Logic<'_>, places: &Places<'_, '_, '_>, catalog: &Catalog, problems: &mut Problems) {
    for test in logic.tests() {
        let kinds = kinds(test, places, catalog);
        for value in &test.values {
            judge_absent(test, value, problems);
            if let Some(kinds) = kinds.filter(|_| test.is_plain()) {
                judge_kind(value, kinds, problems);
            }
        }
        judge_document(test, problems);
    }
}

/// The types that a field is known to have.
fn kinds(test: &Test<'_>, places: &Places<'_, '_, '_>, catalog: &Catalog) -> Option<Kinds> {
    if let Some(kinds) = catalog.record_path(&test.field) {
        return Some(kinds);
    }
    let events = places.events(test)?;
    let known = events.iter().filter_map(|event| event.paths.get(&test.field));
    known.copied().reduce(Kinds::with)
}

fn judge_kind(value: &Written<'_>, kinds: Kinds, problems: &mut Problems) {
    let text = value.text();
    let is_boolean_word = text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
    let (has, write) = match value.scalar.typed() {
        Typed::Text(_) if kinds == Kinds::BOOL && is_boolean_word => ("a boolean", text.to_lowercase()),
        Typed::Text(_) if kinds == Kinds::INTEGER && text.parse::<i64>().is_ok() => ("a number", text.to_owned()),
        Typed::Bool(_) | Typed::Integer(_) | Typed::Float(_) if kinds == Kinds::TEXT => ("text", format!("'{text}'")),
        _ => return,
    };
    problems
        .lint(Code::ValueKind, value.span, format!("the field holds {has}; other tools do not take this for the same"))
        .help(format!("write `{write}`"));
}

fn judge_absent(test: &Test<'_>, value: &Written<'_>, problems: &mut Problems) {
    let Typed::Text(text) = value.scalar.typed() else { return };
    let is_one_of = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    let is_common = !test.field.starts_with("request") && !test.field.starts_with("response");
    if test.is_text() && (is_one_of(&ABSENT) || (is_common && is_one_of(&ABSENT_IN_RECORDS))) {
        let help = format!("write `{}: null` for a field that is absent", test.field);
        problems.lint(Code::AbsentAsText, value.span, format!("this is the text `{text}`")).help(help);
    } else if test.field == "errorCode" && is_one_of(&SUCCESSES) {
        problems
            .lint(Code::AbsentAsText, value.span, format!("`{text}` is no error code: a call that succeeded has none"))
            .help("write `errorCode: null`, or `trailhound.outcome: success`");
    }
}

fn judge_document(test: &Test<'_>, problems: &mut Problems) {
    let in_document = DOCUMENTS.iter().any(|name| test.last_name() == *name);
    let is_text = ["contains", "re", "startswith", "endswith"].iter().any(|word| test.has(word));
    let has_wildcard = test.is_plain() && test.values.iter().any(|value| value.text().contains('*'));
    if !in_document || test.has("neq") || !(is_text || has_wildcard) {
        return;
    }
    let is_part = |value: &&Written<'_>| {
        let text = value.text().to_lowercase();
        DOCUMENT_PARTS.iter().any(|part| text.contains(part))
    };
    if let Some(value) = test.values.iter().find(is_part) {
        let field = &test.field;
        problems
            .lint(Code::DocumentAsText, value.span, format!("`{field}` is a JSON document: its spaces and order vary"))
            .help(format!("name what is inside, as in `{field}.Statement.Effect: Allow`"));
    }
}
