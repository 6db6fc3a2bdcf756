//! Exclusions that whoever is to be found can meet.

use crate::{code::Code, detection::Condition, diagnostic::Problems};

use super::{
    alternatives::{self, Alternative},
    model::{Logic, Test, Written},
};

/// Last names of request parameters that are free text.
const FREE_TEXT: [&str; 9] = [
    "description",
    "comment",
    "comments",
    "reason",
    "roleSessionName",
    "clientToken",
    "clientRequestToken",
    "changeDescription",
    "displayName",
];

/// Fields that the caller fills, whatever it is.
const OF_CALLER: [&str; 2] = ["userAgent", "tlsDetails.clientProvidedHostHeader"];

/// Fields with a session name at their end, which the caller chooses.
const WITH_SESSION: [&str; 3] = ["userIdentity.arn", "userIdentity.principalId", "trailhound.actor_name"];

const HELP: &str = "exclude by what the caller cannot choose: `trailhound.actor`, the ARN of the role with its account, \
                    `userIdentity.invokedBy`";

pub(super) fn judge(logic: &Logic<'_>, problems: &mut Problems) {
    let mut negated = Vec::new();
    collect_negated(logic.condition, &mut negated);
    for condition in negated {
        for alternative in alternatives::of(logic, condition).unwrap_or_default() {
            judge_alternative(&alternative, problems);
        }
    }
    for test in logic.tests() {
        if test.has("neq") && is_controlled(test) {
            report(test, problems);
        }
    }
}

fn collect_negated<'c>(condition: &'c Condition, negated: &mut Vec<&'c Condition>) {
    match condition {
        Condition::Identifier(_) => {}
        Condition::Not(inner) => negated.push(inner),
        Condition::All(members) | Condition::Any(members) => {
            for member in members {
                collect_negated(member, negated);
            }
        }
    }
}

fn judge_alternative(alternative: &Alternative<'_, '_>, problems: &mut Problems) {
    let all_controlled = alternative.tests.iter().all(|test| is_controlled(test));
    if let (Some(first), true, false) = (alternative.tests.first(), all_controlled, alternative.is_narrowed) {
        report(first, problems);
    }
}

fn report(test: &Test<'_>, problems: &mut Problems) {
    let message = format!("this excludes whoever wants to be excluded: the caller chooses `{}`", test.field);
    problems.lint(Code::CallerControlled, test.key_span, message).help(HELP);
}

/// Whether a caller can see to it that the test holds.
fn is_controlled(test: &Test<'_>) -> bool {
    let field = test.field.as_str();
    if OF_CALLER.contains(&field) {
        return !test.values.iter().all(Written::is_null);
    }
    if WITH_SESSION.contains(&field) {
        return test.values.iter().any(|value| is_session(test, value));
    }
    let is_free = FREE_TEXT.contains(&test.last_name()) || field.starts_with("requestParameters.tag");
    field.starts_with("requestParameters.") && is_free
}

/// Whether a session name alone can make a value fit. It holds letters, digits and `_+=,.@-`.
fn is_session(test: &Test<'_>, value: &Written<'_>) -> bool {
    let text = value.text();
    let (opens, literal) = match () {
        () if test.has("contains") => (true, text.trim_matches('*')),
        () if test.has("endswith") => (true, text.trim_start_matches('*')),
        () if test.is_plain() => (text.starts_with('*'), text.trim_matches('*')),
        () => (false, text),
    };
    let last = literal.rsplit(['/', ':']).next().unwrap_or_default();
    let before = literal.strip_suffix(last).unwrap_or_default();
    opens && !literal.is_empty() && matches!(before, "" | "/" | ":")
}
