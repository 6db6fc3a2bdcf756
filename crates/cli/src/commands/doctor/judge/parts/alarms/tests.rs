use std::collections::BTreeMap;

use trailhound_aws::deployment::{FunctionFacts, MetricFacts, QueueFacts, TableFacts, TopicFacts};

use super::{super::super::Verdict, *};

const NOON: i64 = 1_773_144_000;
const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:logs";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:operations";

/// Name, namespace, metrics, dimension and side of an alarm.
type Sound = (&'static str, &'static str, &'static [&'static str], (&'static str, &'static str), Rings);

/// The alarms of a sound deployment.
const SOUND: [Sound; 14] = [
    ("dead", "AWS/SQS", &["ApproximateNumberOfMessagesVisible"], ("QueueName", "logs-dead"), Rings::Above),
    ("silence", "Trailhound", &["Objects"], ("FunctionName", "trailhound"), Rings::Below),
    ("backlog", "AWS/SQS", &["ApproximateAgeOfOldestMessage"], ("QueueName", "logs"), Rings::Above),
    ("lateness", "Trailhound", &["RecordLateness"], ("FunctionName", "trailhound"), Rings::Above),
    ("errors", "AWS/Lambda", &["Errors"], ("FunctionName", "trailhound"), Rings::Above),
    ("throttles", "AWS/Lambda", &["Throttles"], ("FunctionName", "trailhound"), Rings::Above),
    ("objects", "Trailhound", &["ObjectsFailed"], ("FunctionName", "trailhound"), Rings::Above),
    ("alerts", "Trailhound", &["AlertsFailed"], ("FunctionName", "trailhound"), Rings::Above),
    (
        "table",
        "AWS/DynamoDB",
        &["ReadThrottleEvents", "WriteThrottleEvents", "SystemErrors"],
        ("TableName", "state"),
        Rings::Above,
    ),
    (
        "unreadable",
        "Trailhound",
        &["EventsRefused", "RecordsRefused", "Quarantined"],
        ("FunctionName", "trailhound"),
        Rings::Above,
    ),
    ("rules", "Trailhound", &["RuleErrors", "VersionsRefused"], ("FunctionName", "trailhound"), Rings::Above),
    ("digests", "Trailhound", &["AlertsDigested"], ("FunctionName", "trailhound"), Rings::Above),
    ("canary", "Trailhound", &["CanaryAlerts"], ("FunctionName", "trailhound"), Rings::Below),
    ("integrity", "Trailhound", &["IntegrityBroken"], ("FunctionName", "trailhound"), Rings::Above),
];

fn metric(namespace: &str, name: &str, (dimension, value): (&str, &str)) -> MetricFacts {
    MetricFacts {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        dimensions: BTreeMap::from([(dimension.to_owned(), value.to_owned())]),
    }
}

fn sound() -> Parts {
    let alarms = SOUND.map(|(name, namespace, metrics, dimension, rings)| AlarmFacts {
        name: name.to_owned(),
        metrics: metrics.iter().map(|name| metric(namespace, name, dimension)).collect(),
        rings: Some(rings),
        missing: if rings == Rings::Below { Missing::Breaching } else { Missing::NotBreaching },
        acts: true,
        actions: vec![TOPIC.to_owned()],
        since: Some(before_noon(600)),
        ..AlarmFacts::default()
    });
    let variables =
        [("TRAILHOUND_TOPIC_ARN", TOPIC), ("TRAILHOUND_CANARIES", "[default]"), ("TRAILHOUND_INTEGRITY", "logs")];
    let function = FunctionFacts {
        name: "trailhound".to_owned(),
        variables: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        ..FunctionFacts::default()
    };
    let queue = |arn: &str| Ok(QueueFacts { arn: arn.to_owned(), ..QueueFacts::default() });
    let dead = format!("{QUEUE}-dead");
    Parts {
        queue: Some(("https://sqs".to_owned(), queue(QUEUE))),
        dead: Some((dead.clone(), queue(&dead))),
        table: Some(("state".to_owned(), Ok(TableFacts::default()))),
        function: Some(("trailhound".to_owned(), Ok(function))),
        alarms: Some(Ok(alarms.to_vec())),
        alarm_topics: vec![(TOPIC.to_owned(), Ok(TopicFacts { confirmed: 1, pending: 0 }))],
        ..Parts::default()
    }
}

fn before_noon(minutes: i64) -> Timestamp {
    Timestamp::from_second(NOON - 60 * minutes).unwrap()
}

fn all(parts: &mut Parts) -> &mut Vec<AlarmFacts> {
    parts.alarms.as_mut().unwrap().as_mut().unwrap()
}

fn alarm<'p>(parts: &'p mut Parts, name: &str) -> &'p mut AlarmFacts {
    all(parts).iter_mut().find(|alarm| alarm.name == name).unwrap()
}

fn remove(parts: &mut Parts, name: &str) {
    all(parts).retain(|alarm| alarm.name != name);
}

fn set(parts: &mut Parts, variable: &str, value: &str) {
    let function = parts.function.as_mut().unwrap().1.as_mut().unwrap();
    function.variables.insert(variable.to_owned(), value.to_owned());
}

fn is_in(parts: &mut Parts, name: &str, state: AlarmState, minutes: Option<i64>) {
    let alarm = alarm(parts, name);
    (alarm.state, alarm.since) = (state, minutes.map(before_noon));
}

/// An alarm on other alarms, by the rule.
fn above(parts: &mut Parts, rule: &str) {
    let alarm = AlarmFacts {
        name: "above".to_owned(),
        rule: Some(rule.to_owned()),
        acts: true,
        actions: vec![TOPIC.to_owned()],
        ..AlarmFacts::default()
    };
    all(parts).push(alarm);
}

fn checks(parts: &Parts) -> Vec<Check> {
    judge(parts.alarms.as_ref().unwrap(), parts, Timestamp::from_second(NOON).unwrap())
}

/// A fault, and the one check that sees it.
type Case = (fn(&mut Parts), Subject, Verdict, &'static str);

const MISSING: &[Case] = &[
    (|parts| remove(parts, "dead"), Subject::Alarms, Verdict::Problem, "watches ApproximateNumberOfMessagesVisible"),
    (|parts| remove(parts, "silence"), Subject::Alarms, Verdict::Problem, "nothing watches Objects"),
    (|parts| remove(parts, "backlog"), Subject::Alarms, Verdict::Warning, "watches ApproximateAgeOfOldestMessage"),
    (|parts| remove(parts, "lateness"), Subject::Alarms, Verdict::Warning, "nothing watches RecordLateness"),
    (|parts| remove(parts, "errors"), Subject::Alarms, Verdict::Problem, "nothing watches Errors"),
    (|parts| remove(parts, "throttles"), Subject::Alarms, Verdict::Warning, "nothing watches Throttles"),
    (|parts| remove(parts, "objects"), Subject::Alarms, Verdict::Warning, "nothing watches ObjectsFailed"),
    (|parts| remove(parts, "alerts"), Subject::Alarms, Verdict::Problem, "nothing watches AlertsFailed"),
    (
        |parts| remove(parts, "table"),
        Subject::Alarms,
        Verdict::Warning,
        "watches ReadThrottleEvents, WriteThrottleEvents, SystemErrors",
    ),
    (|parts| drop(alarm(parts, "unreadable").metrics.pop()), Subject::Alarms, Verdict::Warning, "watches Quarantined"),
    (|parts| remove(parts, "rules"), Subject::Alarms, Verdict::Warning, "nothing watches RuleErrors, VersionsRefused"),
    (|parts| remove(parts, "digests"), Subject::Alarms, Verdict::Warning, "nothing watches AlertsDigested"),
    (|parts| remove(parts, "canary"), Subject::Alarms, Verdict::Problem, "nothing watches CanaryAlerts"),
    (|parts| remove(parts, "integrity"), Subject::Alarms, Verdict::Problem, "nothing watches IntegrityBroken"),
    (
        |parts| alarm(parts, "errors").metrics[0] = metric("AWS/Lambda", "Errors", ("FunctionName", "another")),
        Subject::Alarms,
        Verdict::Problem,
        "nothing watches Errors",
    ),
    (
        |parts| drop(alarm(parts, "lateness").metrics[0].dimensions.insert("Region".to_owned(), "x".to_owned())),
        Subject::Alarms,
        Verdict::Warning,
        "nothing watches RecordLateness",
    ),
    (|parts| alarm(parts, "silence").rings = Some(Rings::Above), Subject::Alarms, Verdict::Problem, "watches Objects"),
    (
        |parts| alarm(parts, "silence").missing = Missing::Missing,
        Subject::Alarms,
        Verdict::Problem,
        "`silence` stays quiet",
    ),
    (
        |parts| alarm(parts, "canary").missing = Missing::Ignore,
        Subject::Alarms,
        Verdict::Problem,
        "`canary` stays quiet",
    ),
    (|parts| set(parts, "TRAILHOUND_METRICS", "off"), Subject::Alarms, Verdict::Problem, "writes no metrics"),
    (
        |parts| parts.alarms = Some(Err(AskError::Denied { action: "cloudwatch:DescribeAlarms" })),
        Subject::Alarms,
        Verdict::Unknown,
        "cloudwatch:DescribeAlarms is not allowed",
    ),
    (|parts| all(parts).clear(), Subject::Alarms, Verdict::Problem, "no alarm watches `trailhound`, `logs`"),
];

const SILENT: &[Case] = &[
    (|parts| alarm(parts, "dead").acts = false, Subject::AlarmActions, Verdict::Problem, "of `dead` are switched off"),
    (|parts| alarm(parts, "dead").actions.clear(), Subject::AlarmActions, Verdict::Problem, "`dead` has no action"),
    (
        |parts| {
            alarm(parts, "dead").actions.clear();
            alarm(parts, "errors").actions.clear();
        },
        Subject::AlarmActions,
        Verdict::Problem,
        "`dead`, `errors` have no action",
    ),
    (
        |parts| {
            alarm(parts, "dead").actions.clear();
            above(parts, "ALARM(\"dead-other\")");
        },
        Subject::AlarmActions,
        Verdict::Problem,
        "`dead` has no action",
    ),
    (
        |parts| {
            alarm(parts, "dead").actions.clear();
            above(parts, "ALARM(dead)");
            alarm(parts, "above").acts = false;
        },
        Subject::AlarmActions,
        Verdict::Problem,
        "of `dead` are switched off",
    ),
    (|parts| parts.alarm_topics[0].1 = Err(AskError::Missing), Subject::AlarmTopic, Verdict::Problem, "does not exist"),
    (
        |parts| parts.alarm_topics[0].1 = Ok(TopicFacts { confirmed: 0, pending: 1 }),
        Subject::AlarmTopic,
        Verdict::Problem,
        "no subscription",
    ),
    (|parts| parts.alarm_topics[0].1 = Ok(TopicFacts::default()), Subject::AlarmTopic, Verdict::Problem, "nobody is"),
];

const RINGING: &[Case] = &[
    (
        |parts| is_in(parts, "backlog", AlarmState::Alarm, Some(90)),
        Subject::AlarmState,
        Verdict::Problem,
        "`backlog` rings since 2026-03-10T10:30:00Z, for 90 minutes",
    ),
    (
        |parts| is_in(parts, "digests", AlarmState::Alarm, Some(59)),
        Subject::AlarmState,
        Verdict::Warning,
        "`digests` rings since 2026-03-10T11:01:00Z",
    ),
    (|parts| is_in(parts, "dead", AlarmState::Alarm, None), Subject::AlarmState, Verdict::Problem, "`dead` rings"),
    (
        |parts| is_in(parts, "errors", AlarmState::InsufficientData, Some(60)),
        Subject::AlarmState,
        Verdict::Warning,
        "`errors` has had too few data since 2026-03-10T11:00:00Z",
    ),
];

#[test]
fn each_fault_is_seen_by_its_check_and_no_other() {
    let well = checks(&sound());
    assert!(well.iter().all(|check| check.verdict == Verdict::Ok) && well.len() == 4, "{well:?}");
    for (break_it, subject, verdict, seen) in MISSING.iter().chain(SILENT).chain(RINGING) {
        let mut parts = sound();
        break_it(&mut parts);
        let checks = checks(&parts);
        let wrong: Vec<&Check> = checks.iter().filter(|check| check.verdict != Verdict::Ok).collect();
        assert_eq!(wrong.len(), 1, "{seen}: {wrong:?}");
        assert_eq!((wrong[0].subject, wrong[0].verdict), (*subject, *verdict), "{seen}: {:?}", wrong[0]);
        assert!(wrong[0].seen.contains(seen) && wrong[0].advice.is_some(), "{seen}: {:?}", wrong[0]);
    }
}

/// What makes no difference.
const FINE: &[fn(&mut Parts)] = &[
    // A new alarm has no data yet.
    |parts| is_in(parts, "backlog", AlarmState::InsufficientData, Some(59)),
    // Several alarms in place of one, and one in place of several.
    |parts| {
        let metrics = std::mem::take(&mut alarm(parts, "unreadable").metrics);
        for metric in metrics {
            let apart = AlarmFacts { metrics: vec![metric], ..alarm(parts, "unreadable").clone() };
            all(parts).push(apart);
        }
    },
    |parts| {
        let mut metrics = std::mem::take(&mut alarm(parts, "errors").metrics);
        alarm(parts, "throttles").metrics.append(&mut metrics);
    },
    |parts| alarm(parts, "lateness").rings = Some(Rings::Outside),
    |parts| drop(alarm(parts, "table").metrics[2].dimensions.insert("Operation".to_owned(), "PutItem".to_owned())),
    // Somebody hears of the alarm above it, by name or ARN, or of the one above that.
    |parts| {
        alarm(parts, "dead").actions.clear();
        above(parts, "ALARM(dead) OR ALARM(\"errors\")");
    },
    |parts| {
        alarm(parts, "dead").acts = false;
        above(parts, "ALARM(\"arn:aws:cloudwatch:eu-west-1:111122223333:alarm:dead\")");
    },
    |parts| {
        alarm(parts, "dead").actions.clear();
        above(parts, "ALARM(dead)");
        let middle = alarm(parts, "above");
        (middle.name, middle.actions) = ("middle".to_owned(), Vec::new());
        above(parts, "ALARM(\"middle\")");
    },
    // Alarms that nothing asks for, and alarms of something else.
    |parts| {
        set(parts, "TRAILHOUND_CANARIES", "[]");
        remove(parts, "canary");
    },
    |parts| {
        set(parts, "TRAILHOUND_INTEGRITY", "off");
        remove(parts, "integrity");
    },
    |parts| {
        let mut other = alarm(parts, "errors").clone();
        other.metrics[0].dimensions.insert("FunctionName".to_owned(), "another".to_owned());
        (other.actions, other.state) = (Vec::new(), AlarmState::Alarm);
        all(parts).push(other);
    },
    // What a file says cannot be seen from here.
    |parts| {
        set(parts, "TRAILHOUND_CONFIG", "s3://settings/trailhound.yml");
        alarm(parts, "lateness").metrics[0].namespace = "Elsewhere".to_owned();
    },
    |parts| {
        set(parts, "TRAILHOUND_METRICS_NAMESPACE", "Elsewhere");
        for metric in all(parts).iter_mut().flat_map(|alarm| &mut alarm.metrics) {
            if metric.namespace == "Trailhound" {
                metric.namespace = "Elsewhere".to_owned();
            }
        }
    },
];

#[test]
fn what_comes_to_the_same_is_as_good() {
    for (number, change) in FINE.iter().enumerate() {
        let mut parts = sound();
        change(&mut parts);
        let wrong: Vec<Check> = checks(&parts).into_iter().filter(|check| check.verdict != Verdict::Ok).collect();
        assert_eq!(wrong, [], "number {number}");
    }
}

#[test]
fn only_parts_that_are_there_need_alarms() {
    let mut parts = sound();
    parts.function = Some(("trailhound".to_owned(), Err(AskError::Missing)));
    parts.table = None;
    for name in SOUND.map(|(name, ..)| name).iter().filter(|name| !["dead", "backlog"].contains(name)) {
        remove(&mut parts, name);
    }
    assert!(checks(&parts).iter().all(|check| check.verdict == Verdict::Ok), "{:?}", checks(&parts));
    assert!(are_due(&parts));
    assert!(!are_due(&Parts::default()));
}

#[test]
fn topics_of_these_alarms_are_looked_at_once() {
    let mut parts = sound();
    let pager = "arn:aws:sns:eu-west-1:111122223333:pager";
    alarm(&mut parts, "dead")
        .actions
        .extend([pager.to_owned(), "arn:aws:ssm:eu-west-1:111122223333:opsitem:3".to_owned()]);
    above(&mut parts, "ALARM(errors)");
    alarm(&mut parts, "above").actions = vec!["arn:aws:sns:eu-west-1:111122223333:above".to_owned()];
    parts.topics = vec![(TOPIC.to_owned(), Ok(TopicFacts::default()))];
    let alarms = all(&mut parts).clone();
    let topics: Vec<String> = topics(&alarms, &parts).iter().map(ToString::to_string).collect();
    assert_eq!(topics, [pager, "arn:aws:sns:eu-west-1:111122223333:above"]);
}
