//! What a rule says about itself, and leaves out.

use crate::{
    attributes::COMMON,
    code::Code,
    diagnostic::Problems,
    syntax::{Data, Entry, Typed},
};

use super::{Document, Subject, members};

/// Attributes beside the common ones, of any kind of document.
const OWN: [&str; 9] =
    ["logsource", "detection", "correlation", "generate", "filter", "owner", "reason", "expires", "action"];

/// Attributes of the specification that are not read here.
const UNREAD: [&str; 3] = ["license", "taxonomy", "related"];

pub(super) fn judge(document: &Document<'_>, problems: &mut Problems) {
    judge_attributes(document, problems);
    match document.subject {
        Subject::Filter(_) => judge_suppression(document, problems),
        Subject::Rule(_) | Subject::Correlation => judge_rule(document, problems),
    }
}

fn judge_attributes(document: &Document<'_>, problems: &mut Problems) {
    let is_known = |entry: &&Entry| {
        [COMMON, &OWN, &UNREAD].iter().any(|known| known.contains(&entry.key.as_str()))
            || crate::diagnostic::nearest(&entry.key, COMMON.iter().copied()).is_some()
    };
    for entry in document.entries.iter().filter(|entry| !is_known(entry)) {
        let message = format!("`{}` is no attribute of Sigma or Trailhound and is ignored", entry.key);
        problems.lint(Code::CustomAttribute, entry.key_span, message);
    }
}

fn judge_rule(document: &Document<'_>, problems: &mut Problems) {
    let start = document.start();
    let missing = [
        ("id", Code::NoId, "suppressions and alerts need a stable id: write a random UUID"),
        ("level", Code::NoLevel, "say how urgent it is: informational, low, medium, high, critical"),
        ("tags", Code::NoTags, "name the ATT&CK tactic and technique, such as `attack.t1098.001`"),
        ("falsepositives", Code::NoFalsePositives, "say when it fires without harm, and what to do then"),
    ];
    for (key, code, help) in missing {
        if document.get(key).is_none() {
            problems.lint(code, start, format!("the rule has no `{key}`")).help(help);
        }
    }
    judge_tests(document, problems);
}

fn judge_tests(document: &Document<'_>, problems: &mut Problems) {
    let Some(tests) = document.get("tests") else {
        problems
            .lint(Code::NoTests, document.start(), "the rule has no `tests`")
            .help("write a record that matches, and one that differs in the deciding thing alone");
        return;
    };
    let verdicts = members(&tests.value).iter().filter_map(|test| match &test.data {
        Data::Map(entries) => entries.iter().find(|entry| entry.key == "match"),
        Data::Scalar(_) | Data::List(_) => None,
    });
    let is_negative = |verdict: &Entry| match &verdict.value.data {
        Data::Scalar(scalar) => scalar.typed() == Typed::Bool(false),
        Data::List(members) => members.is_empty(),
        Data::Map(_) => false,
    };
    let (negative, positive): (Vec<&Entry>, Vec<&Entry>) = verdicts.partition(|verdict| is_negative(verdict));
    let missing = match (positive.is_empty(), negative.is_empty()) {
        (true, _) => "no test has a record that matches",
        (false, true) => "no test has a record that does not match",
        (false, false) => return,
    };
    problems.lint(Code::NoTests, tests.key_span, missing).help("write one that differs in the deciding thing alone");
}

fn judge_suppression(document: &Document<'_>, problems: &mut Problems) {
    let missing: Vec<&str> =
        ["owner", "reason", "expires"].into_iter().filter(|key| document.get(key).is_none()).collect();
    if !missing.is_empty() {
        let message = format!("the filter does not say its {}", missing.join(", "));
        problems
            .lint(Code::UnownedSuppression, document.start(), message)
            .help("a suppression that nobody owns and nothing ends hides attacks for years");
    }
}
