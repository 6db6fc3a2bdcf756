use trailhound_aws::trails::{Activity, AdvancedSelector, BasicSelector, Call, FieldSelector, Owner, Scope};

use super::super::samples::{self, QUESTION, before_noon, healthy};
use super::*;

/// A change of a healthy trail, the check it is about, how it ends, and a part of what is seen.
type Case = (fn(&mut Examined), Subject, Verdict, &'static str);

fn status(examined: &mut Examined) -> &mut Status {
    examined.status.as_mut().unwrap()
}

fn selector(examined: &mut Examined, activity: Activity, excluded: &[&str]) {
    let excluded_sources = excluded.iter().map(|source| (*source).to_owned()).collect();
    let selector = BasicSelector { management: true, activity, excluded_sources, data: Vec::new() };
    examined.selectors = Ok(Selectors::Basic(vec![selector]));
}

fn advanced(examined: &mut Examined, category: &str) {
    let field = FieldSelector {
        field: "eventCategory".to_owned(),
        equals: vec![category.to_owned()],
        ..FieldSelector::default()
    };
    examined.selectors = Ok(Selectors::Advanced(vec![AdvancedSelector { fields: vec![field] }]));
}

fn denied(call: Call) -> LookError {
    LookError::Denied { call }
}

const DENIED_STATUS: &str = "cloudtrail:GetTrailStatus is not allowed";

fn about_status() -> Vec<Case> {
    use Subject::{Delivery, Logging, Validation};
    use Verdict::{Ok, Problem, Unknown, Warning};
    vec![
        (|_| {}, Logging, Ok, "logging is on since 2026-03-07T12:00:00Z"),
        (|trail| status(trail).started = None, Logging, Ok, "logging is on"),
        (|trail| status(trail).logging = false, Logging, Problem, "logging is off"),
        (|trail| trail.status = Err(denied(Call::GetTrailStatus)), Logging, Unknown, DENIED_STATUS),
        (|_| {}, Delivery, Ok, "delivered 4 minutes ago"),
        (|trail| status(trail).delivered = Some(before_noon(60)), Delivery, Ok, "delivered 60 minutes ago"),
        (|trail| status(trail).delivered = Some(before_noon(-5)), Delivery, Ok, "delivered 0 seconds ago"),
        (
            |trail| status(trail).delivered = Some(before_noon(61)),
            Delivery,
            Problem,
            "61 minutes ago, and `--stale-after` is 1h",
        ),
        (|trail| status(trail).delivered = Some(before_noon(2880)), Delivery, Problem, "delivered 2 days ago"),
        (|trail| status(trail).delivered = Some(before_noon(120)), Delivery, Problem, "delivered 2 hours ago"),
        (|trail| status(trail).delivered = None, Delivery, Problem, "nothing has ever been delivered"),
        (new_trail, Delivery, Warning, "nothing has been delivered yet; logging was started 1 minute ago"),
        (stopped_at_once, Delivery, Problem, "nothing has ever been delivered"),
        (
            |trail| status(trail).delivery_error = Some("NoSuchBucket".to_owned()),
            Delivery,
            Problem,
            "the latest delivery failed: NoSuchBucket",
        ),
        (|trail| trail.status = Err(denied(Call::GetTrailStatus)), Delivery, Unknown, DENIED_STATUS),
        (|_| {}, Validation, Ok, "the latest digest was delivered 50 minutes ago"),
        (|trail| status(trail).digest_delivered = Some(before_noon(120)), Validation, Ok, "delivered 2 hours ago"),
        (|trail| status(trail).digest_delivered = Some(before_noon(121)), Validation, Problem, "one is due every hour"),
        (|trail| status(trail).digest_delivered = None, Validation, Warning, "no digest has been delivered yet"),
        (
            |trail| status(trail).digest_error = Some("AccessDenied".to_owned()),
            Validation,
            Problem,
            "the latest digest was not delivered: AccessDenied",
        ),
        (|trail| trail.status = Err(denied(Call::GetTrailStatus)), Validation, Unknown, DENIED_STATUS),
        (|trail| trail.trail.validates = false, Validation, Problem, "log file validation is off"),
        (hidden_without_validation, Validation, Problem, "log file validation is off"),
    ]
}

fn new_trail(trail: &mut Examined) {
    *status(trail) = Status { logging: true, started: Some(before_noon(1)), ..Status::default() };
}

fn stopped_at_once(trail: &mut Examined) {
    *status(trail) = Status { started: Some(before_noon(2)), stopped: Some(before_noon(1)), ..Status::default() };
}

fn hidden_without_validation(trail: &mut Examined) {
    trail.trail.validates = false;
    trail.status = Err(denied(Call::GetTrailStatus));
}

fn about_settings() -> Vec<Case> {
    use Subject::{Encryption, ManagementEvents, Regions};
    use Verdict::{Ok, Problem, Unknown, Warning};
    vec![
        (|_| {}, Regions, Ok, "all regions and of global services"),
        (|trail| trail.trail.scope = Scope::HomeRegion, Regions, Problem, "only events of eu-west-1 are recorded"),
        (|trail| trail.trail.global_services = false, Regions, Problem, "such as IAM, are not recorded"),
        (|_| {}, ManagementEvents, Ok, "all management events are recorded"),
        (|trail| selector(trail, Activity::All, &[]), ManagementEvents, Ok, "all management events are recorded"),
        (|trail| advanced(trail, "Management"), ManagementEvents, Ok, "all management events are recorded"),
        (|trail| advanced(trail, "Data"), ManagementEvents, Problem, "management events are not recorded"),
        (
            |trail| selector(trail, Activity::Read, &[]),
            ManagementEvents,
            Problem,
            "of reading management events, all are recorded; of writing ones, none are recorded",
        ),
        (
            |trail| selector(trail, Activity::All, &["kms.amazonaws.com"]),
            ManagementEvents,
            Problem,
            "of management events, those of kms.amazonaws.com are left out",
        ),
        (|trail| trail.trail.has_own_selectors = true, ManagementEvents, Unknown, "CloudTrail does not tell them"),
        (
            |trail| trail.selectors = Err(denied(Call::GetEventSelectors)),
            ManagementEvents,
            Unknown,
            "cloudtrail:GetEventSelectors is not allowed",
        ),
        (|_| {}, Encryption, Ok, "with the KMS key c17b58e4-"),
        (|trail| trail.trail.key = None, Encryption, Warning, "names no KMS key"),
    ]
}

#[test]
fn each_check_ends_as_its_facts_say() {
    for (index, (change, subject, verdict, seen)) in about_status().into_iter().chain(about_settings()).enumerate() {
        let mut examined = healthy("main");
        change(&mut examined);
        let facts = Facts { regions: vec!["eu-west-1".to_owned()], trails: vec![examined], ..Facts::default() };
        let report = judge(&facts, &QUESTION);
        let check = report.trails[0].checks.iter().find(|check| check.subject == subject).unwrap();
        assert_eq!(check.verdict, verdict, "case {index}: {check:?}");
        assert!(check.seen.contains(seen), "case {index}: {check:?}");
        assert_eq!(check.advice.is_none(), verdict == Verdict::Ok, "case {index}: {check:?}");
    }
}

#[test]
fn the_bucket_is_looked_at_when_one_is_named() {
    let facts = Facts { regions: vec!["eu-west-1".to_owned()], trails: vec![healthy("main")], ..Facts::default() };
    for (wanted, verdict) in
        [(None, None), (Some("example-logs"), Some(Verdict::Ok)), (Some("x"), Some(Verdict::Problem))]
    {
        let report = judge(&facts, &Question { bucket: wanted, ..QUESTION });
        let check = report.trails[0].checks.iter().find(|check| check.subject == Subject::Bucket);
        assert_eq!(check.map(|check| check.verdict), verdict, "{wanted:?}");
    }
}

/// What the account's own checks say, and the exit status.
fn of_account(facts: &Facts, question: &Question<'_>) -> (Vec<(Verdict, String)>, ExitStatus) {
    let report = judge(facts, question);
    let status = report.status();
    (report.checks.into_iter().map(|check| (check.verdict, check.seen)).collect(), status)
}

/// What was seen of an account, what is asked, what the account's own checks say, and the exit status.
type AccountCase = (Facts, Question<'static>, Vec<(Verdict, &'static str)>, ExitStatus);

const REFUSED: (Verdict, &str) =
    (Verdict::Unknown, "the trails of eu-west-1 cannot be listed: cloudtrail:DescribeTrails is not allowed");
const NAMED: Question<'_> = Question { trail: Some("x"), ..QUESTION };

fn eu_west() -> Facts {
    Facts { regions: vec!["eu-west-1".to_owned()], ..Facts::default() }
}

fn not_listed(region: Option<&str>, error: LookError) -> Failure {
    Failure::Call { region: region.map(str::to_owned), error }
}

fn about_trails_seen() -> Vec<AccountCase> {
    let others = || vec!["y".to_owned(), "z".to_owned()];
    let (main, x) = (vec![healthy("main")], vec![healthy("x")]);
    let one = vec![(Verdict::Ok, "1 trail is seen from eu-west-1")];
    let three = vec![(Verdict::Ok, "3 trails are seen from eu-west-1, 1 looked at")];
    let none = vec![(Verdict::Problem, "no trail is seen from eu-west-1")];
    let not_x = vec![(Verdict::Problem, "the trail `x` is not seen from eu-west-1, but `y`, `z`")];
    vec![
        (Facts { trails: main, ..eu_west() }, QUESTION, one, ExitStatus::Clean),
        (Facts { trails: x, others: others(), ..eu_west() }, NAMED, three, ExitStatus::Clean),
        (eu_west(), QUESTION, none, ExitStatus::Problems),
        (Facts { others: others(), ..eu_west() }, NAMED, not_x, ExitStatus::Problems),
    ]
}

fn about_trails_hidden() -> Vec<AccountCase> {
    let failures = || vec![not_listed(Some("eu-west-1"), denied(Call::DescribeTrails))];
    let regions = vec!["us-east-1".to_owned(), "eu-west-1".to_owned()];
    let elsewhere = Facts { regions, failures: failures(), trails: vec![healthy("main")], ..Facts::default() };
    let keyless = Facts::blind(not_listed(None, LookError::NoCredentials));
    let seen_elsewhere = vec![REFUSED, (Verdict::Ok, "1 trail is seen from us-east-1")];
    let no_region = vec![(Verdict::Unknown, "no region is set")];
    let no_keys = vec![(Verdict::Unknown, "the trails cannot be listed: there are no AWS credentials")];
    vec![
        (Facts { failures: failures(), ..eu_west() }, QUESTION, vec![REFUSED], ExitStatus::CouldNotRun),
        (elsewhere, QUESTION, seen_elsewhere, ExitStatus::CouldNotRun),
        (Facts::blind(Failure::NoRegion), QUESTION, no_region, ExitStatus::CouldNotRun),
        (keyless, QUESTION, no_keys, ExitStatus::CouldNotRun),
    ]
}

#[test]
fn what_cannot_be_seen_is_unknown_and_what_is_missing_a_problem() {
    for (facts, question, checks, status) in about_trails_seen().into_iter().chain(about_trails_hidden()) {
        let checks = checks.into_iter().map(|(verdict, seen)| (verdict, seen.to_owned())).collect();
        assert_eq!(of_account(&facts, &question), (checks, status));
    }
}

#[test]
fn a_lesser_trail_is_excused_only_beside_one_that_has_everything() {
    use Verdict::{Ok, Problem, Unknown, Warning};
    let lesser = || {
        let mut lesser = healthy("lesser");
        lesser.trail.scope = Scope::HomeRegion;
        lesser.trail.bucket = "other".to_owned();
        advanced(&mut lesser, "Data");
        lesser
    };
    let question = Question { bucket: Some("example-logs"), ..QUESTION };
    let verdicts = |trails: Vec<Examined>| {
        let facts = Facts { regions: vec!["eu-west-1".to_owned()], trails, ..Facts::default() };
        let report = judge(&facts, &question);
        let lesser = report.trails.iter().find(|trail| trail.name == "lesser").unwrap();
        let verdict = |subject| lesser.checks.iter().find(|check| check.subject == subject).unwrap().verdict;
        [Subject::Regions, Subject::ManagementEvents, Subject::Bucket, Subject::Logging].map(verdict)
    };
    assert_eq!(verdicts(vec![lesser()]), [Problem, Problem, Problem, Ok]);
    assert_eq!(verdicts(vec![lesser(), healthy("main")]), [Warning, Warning, Warning, Ok]);

    let mut stopped = healthy("main");
    status(&mut stopped).logging = false;
    assert_eq!(verdicts(vec![lesser(), stopped]), [Problem, Problem, Problem, Ok]);

    let hidden = Examined { status: Err(denied(Call::GetTrailStatus)), ..healthy("main") };
    assert_eq!(verdicts(vec![lesser(), hidden]), [Problem, Problem, Problem, Ok]);

    let mut stopped_lesser = lesser();
    status(&mut stopped_lesser).logging = false;
    assert_eq!(verdicts(vec![stopped_lesser, healthy("main")]), [Warning, Warning, Warning, Problem]);

    let hidden_lesser = Examined { status: Err(denied(Call::GetTrailStatus)), ..lesser() };
    assert_eq!(verdicts(vec![hidden_lesser, healthy("main")]), [Warning, Warning, Warning, Unknown]);
}

#[test]
fn what_only_the_organization_can_change_is_sent_there() {
    let mut examined = healthy("main");
    examined.trail.owner = Owner::Organization;
    examined.trail.validates = false;
    let facts = Facts { regions: vec!["eu-west-1".to_owned()], trails: vec![examined], ..Facts::default() };
    let report = judge(&facts, &QUESTION);
    assert!(report.trails[0].organization);
    let advice = report.trails[0].checks[2].advice.as_ref().unwrap();
    assert!(advice.starts_with("switch it on in the management account of the organization: "), "{advice}");
}

#[test]
fn a_problem_outweighs_what_is_unknown() {
    let report_of = |facts: &Facts| {
        let report = judge(facts, &QUESTION);
        (report.status(), report.is_blind())
    };
    assert_eq!(report_of(&samples::account()), (ExitStatus::Problems, false));
    assert_eq!(report_of(&Facts::blind(Failure::NoRegion)), (ExitStatus::CouldNotRun, true));
    let failed = Failure::Call { region: Some("eu-west-1".to_owned()), error: denied(Call::DescribeTrails) };
    let facts = Facts { failures: vec![failed], trails: vec![healthy("main")], ..Facts::default() };
    assert_eq!(report_of(&facts), (ExitStatus::CouldNotRun, false));
}
