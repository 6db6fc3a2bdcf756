use super::{super::super::Verdict, *};

const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:logs";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

/// A function and a queue at which nothing is wrong.
fn healthy() -> (FunctionFacts, QueueFacts) {
    let variables = [("TRAILHOUND_TOPIC_ARN", TOPIC), ("TRAILHOUND_STATE_TABLE", "state"), ("OTHER", "x")];
    let function = FunctionFacts {
        name: "trailhound".to_owned(),
        state: Some("Active".to_owned()),
        runtime: Some(RUNTIME.to_owned()),
        architecture: Some("arm64".to_owned()),
        memory: Some(512),
        timeout: Some(60),
        variables: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        hidden: None,
        reserved: None,
        feeds: vec![Feed {
            arn: QUEUE.to_owned(),
            state: "Enabled".to_owned(),
            reports_failures: true,
            concurrency: Some(5),
        }],
        dead_letters: None,
    };
    (function, QueueFacts { arn: QUEUE.to_owned(), visibility: Some(360), ..QueueFacts::default() })
}

fn set(function: &mut FunctionFacts, name: &str, value: &str) {
    function.variables.insert(name.to_owned(), value.to_owned());
}

/// A fault, and the one check that sees it.
type Case = (fn(&mut FunctionFacts, &mut QueueFacts), Subject, Verdict, &'static str);

const CASES: &[Case] = &[
    (|one, _| one.state = Some("Failed".to_owned()), Subject::Function, Verdict::Problem, "is Failed"),
    (|one, _| one.runtime = Some("python3.13".to_owned()), Subject::Function, Verdict::Problem, "is python3.13"),
    (|one, _| one.reserved = Some(0), Subject::Function, Verdict::Problem, "it never runs"),
    (|one, _| one.timeout = Some(3), Subject::Function, Verdict::Problem, "ended after 3 s"),
    (|one, _| one.memory = Some(128), Subject::Function, Verdict::Warning, "128 MB"),
    (
        |one, _| set(one, "TRAILHOUND_TOPIC_ARM", TOPIC),
        Subject::Environment,
        Verdict::Warning,
        "there is no setting `TRAILHOUND_TOPIC_ARM`",
    ),
    (
        |one, _| set(one, "TRAILHOUND_MIN_LEVEL", "hihg"),
        Subject::Environment,
        Verdict::Problem,
        "TRAILHOUND_MIN_LEVEL: ",
    ),
    (|one, _| drop(one.variables.remove("TRAILHOUND_TOPIC_ARN")), Subject::Environment, Verdict::Warning, "topic"),
    (|one, _| drop(one.variables.remove("TRAILHOUND_STATE_TABLE")), Subject::Environment, Verdict::Warning, "table"),
    (
        |one, _| one.hidden = Some("AccessDeniedException".to_owned()),
        Subject::Environment,
        Verdict::Unknown,
        "cannot be had: AccessDeniedException",
    ),
    (|_, queue| queue.arn = format!("{QUEUE}-other"), Subject::EventSource, Verdict::Problem, "other queues do"),
    (
        |one, _| one.feeds[0].state = "Disabled".to_owned(),
        Subject::EventSource,
        Verdict::Problem,
        "the mapping is Disabled",
    ),
    (|one, _| one.feeds[0].reports_failures = false, Subject::EventSource, Verdict::Problem, "which messages failed"),
    (|_, queue| queue.visibility = Some(359), Subject::EventSource, Verdict::Problem, "comes back after 359 s"),
    (|one, _| one.reserved = Some(4), Subject::EventSource, Verdict::Problem, "up to 5 instances, and 4"),
];

fn checks((function, queue): (FunctionFacts, QueueFacts)) -> Vec<Check> {
    let parts = Parts { queue: Some(("https://sqs".to_owned(), Ok(queue))), ..Parts::default() };
    judge("trailhound", &Ok(function), &parts)
}

#[test]
fn each_fault_is_seen_by_its_check_and_no_other() {
    let well = checks(healthy());
    assert!(well.iter().all(|check| check.verdict == Verdict::Ok) && well.len() == 3, "{well:?}");
    for (break_it, subject, verdict, seen) in CASES {
        let (mut function, mut queue) = healthy();
        break_it(&mut function, &mut queue);
        let checks = checks((function, queue));
        let wrong: Vec<&Check> = checks.iter().filter(|check| check.verdict != Verdict::Ok).collect();
        assert_eq!(wrong.len(), 1, "{seen}: {wrong:?}");
        assert_eq!((wrong[0].subject, wrong[0].verdict), (*subject, *verdict), "{seen}");
        assert!(wrong[0].seen.contains(seen) && wrong[0].advice.is_some(), "{seen}: {:?}", wrong[0]);
    }
}

#[test]
fn without_a_queue_it_may_be_invoked_in_a_way_that_loses_events() {
    let (mut function, queue) = healthy();
    function.feeds.clear();
    let wrong: Vec<Check> =
        checks((function, queue)).into_iter().filter(|check| check.verdict != Verdict::Ok).collect();
    let subjects: Vec<_> = wrong.iter().map(|check| (check.subject, check.verdict)).collect();
    assert_eq!(subjects, [(Subject::EventSource, Verdict::Problem), (Subject::FailedEvents, Verdict::Warning)]);
    assert!(wrong[0].seen.contains("no queue feeds"), "{wrong:?}");
}

#[test]
fn what_a_configuration_file_may_say_is_not_missed() {
    let (mut function, queue) = healthy();
    set(&mut function, "TRAILHOUND_CONFIG", "s3://settings/trailhound.yml");
    set(&mut function, "TRAILHOUND_ROUTES", "[{to: pager}]");
    function.variables.remove("TRAILHOUND_TOPIC_ARN");
    let checks = checks((function, queue));
    assert!(checks.iter().all(|check| check.verdict == Verdict::Ok), "{checks:?}");
}

#[test]
fn a_function_that_is_not_there_is_one_problem() {
    let checks = judge("trailhound", &Err(AskError::Missing), &Parts::default());
    assert_eq!((checks.len(), checks[0].verdict), (1, Verdict::Problem));
}
