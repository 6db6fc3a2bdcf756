//! Fields about the caller that do not say what they seem to say.

use crate::{code::Code, diagnostic::Problems, syntax::Typed};

use super::{
    alternatives::Alternative,
    model::{Logic, Test},
};

const MFA_OF_SESSION: &str = "userIdentity.sessionContext.attributes.mfaAuthenticated";
const MFA_OF_SIGN_IN: &str = "additionalEventData.MFAUsed";

/// Fields that tell how somebody signed in.
const KINDS_OF_USER: [&str; 5] = [
    "userIdentity.type",
    "userIdentity.arn",
    "userIdentity.sessionContext.sessionIssuer.type",
    "trailhound.actor_type",
    "trailhound.credential",
];

pub(super) fn judge(logic: &Logic<'_>, alternatives: &[Alternative<'_, '_>], problems: &mut Problems) {
    let has_kind = |known: &Alternative<'_, '_>| KINDS_OF_USER.iter().any(|field| known.on(field).next().is_some());
    for test in logic.tests() {
        let narrowed =
            alternatives.iter().filter(|known| known.holds(test)).all(has_kind) && alternatives.iter().any(has_kind);
        if test.field == MFA_OF_SESSION && says_no(test) {
            problems
                .lint(
                    Code::MfaMisread,
                    test.key_span,
                    "`mfaAuthenticated` is about the session, not whether the user has MFA",
                )
                .help("access keys have no session, and those of an identity provider are `false` with MFA, too");
        } else if test.field == MFA_OF_SIGN_IN && says_no(test) && !narrowed {
            problems
                .lint(
                    Code::MfaMisread,
                    test.key_span,
                    "`MFAUsed` is `No` for every sign-in through an identity provider",
                )
                .help("ask for `userIdentity.type: [IAMUser, Root]` as well");
        }
        judge_user_agent(test, logic, alternatives, problems);
    }
}

/// Whether a test holds where MFA was not used.
fn says_no(test: &Test<'_>) -> bool {
    let no = |text: &str| ["false", "no"].iter().any(|word| word.eq_ignore_ascii_case(text));
    let yes = |text: &str| ["true", "yes"].iter().any(|word| word.eq_ignore_ascii_case(text));
    let negated = test.has("neq");
    test.values.iter().any(|value| match value.scalar.typed() {
        Typed::Null => !negated,
        _ if negated => yes(value.text()),
        _ => no(value.text()),
    })
}

/// S3 and calls that services make write `[agent]`.
fn judge_user_agent(test: &Test<'_>, logic: &Logic<'_>, alternatives: &[Alternative<'_, '_>], problems: &mut Problems) {
    if test.field != "userAgent" || !may_be_bracketed(test, logic, alternatives) {
        return;
    }
    for value in &test.values {
        let text = value.text();
        let from_start = match () {
            () if test.has("re") => text.starts_with('^') && !text.starts_with("^\\[") && !text.starts_with("^.*"),
            () if test.has("startswith") => !text.starts_with(['[', '*']),
            () if test.is_plain() => text.ends_with('*') && !text.starts_with(['[', '*']),
            () => false,
        };
        if from_start {
            problems
                .lint(Code::BracketedUserAgent, value.span, "user agents may stand in brackets, as in `[aws-cli/2.15]`")
                .help("use `contains`, or add the form that starts with `[`");
        }
    }
}

/// Whether the test is asked of S3, or of any service. One that tells the bracketed form as well knows.
fn may_be_bracketed(test: &Test<'_>, logic: &Logic<'_>, alternatives: &[Alternative<'_, '_>]) -> bool {
    let tests = logic.tests();
    let knows = tests.iter().filter(|other| other.field == "userAgent").flat_map(|other| &other.values);
    let holding: Vec<_> = alternatives.iter().filter(|known| known.holds(test)).collect();
    let about = if holding.is_empty() { alternatives.iter().collect() } else { holding };
    let is_of_s3 = |known: &&Alternative<'_, '_>| {
        let mut sources = known.on("eventSource").peekable();
        sources.peek().is_none()
            || sources.any(|source| source.values.iter().any(|value| value.text().starts_with("s3")))
    };
    !knows.clone().any(|value| value.text().contains('[')) && about.iter().any(is_of_s3)
}
