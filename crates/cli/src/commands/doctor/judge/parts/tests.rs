use super::{
    super::{Check, Subject, Verdict},
    *,
};

const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:logs";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

/// A deployment in which all is well.
fn healthy() -> Parts {
    let told = Announcement {
        arn: QUEUE.to_owned(),
        events: vec!["s3:ObjectCreated:*".to_owned()],
        ..Announcement::default()
    };
    let queue = QueueFacts {
        arn: QUEUE.to_owned(),
        visibility: Some(360),
        retention: Some(345_600),
        waiting: Some(3),
        key: None,
        policy: Some(r#"{"Statement":[{"Principal":{"Service":"s3.amazonaws.com"}}]}"#.to_owned()),
        redrive: Some(format!(r#"{{"deadLetterTargetArn":"{QUEUE}-dead","maxReceiveCount":"5"}}"#)),
    };
    let dead = QueueFacts {
        arn: format!("{QUEUE}-dead"),
        retention: Some(1_209_600),
        waiting: Some(0),
        ..QueueFacts::default()
    };
    let table = TableFacts {
        status: "ACTIVE".to_owned(),
        keys: vec!["pk".to_owned(), "sk".to_owned()],
        ends_by: Some("ttl".to_owned()),
    };
    Parts {
        bucket: Some(("my-trail".to_owned(), Ok(Announcements { event_bus: false, targets: vec![told] }))),
        queue: Some(("https://sqs".to_owned(), Ok(queue))),
        dead: Some((format!("{QUEUE}-dead"), Ok(dead))),
        topics: vec![(TOPIC.to_owned(), Ok(TopicFacts { confirmed: 1, pending: 0 }))],
        table: Some(("state".to_owned(), Ok(table))),
        ..Parts::default()
    }
}

fn judge(parts: &Parts) -> Vec<Check> {
    super::judge(parts, Timestamp::UNIX_EPOCH)
}

fn told(parts: &mut Parts) -> &mut Announcements {
    parts.bucket.as_mut().unwrap().1.as_mut().unwrap()
}

fn queue(parts: &mut Parts) -> &mut QueueFacts {
    parts.queue.as_mut().unwrap().1.as_mut().unwrap()
}

fn dead(parts: &mut Parts) -> &mut QueueFacts {
    parts.dead.as_mut().unwrap().1.as_mut().unwrap()
}

fn table(parts: &mut Parts) -> &mut TableFacts {
    parts.table.as_mut().unwrap().1.as_mut().unwrap()
}

/// A fault, and the one check that sees it.
type Case = (fn(&mut Parts), Subject, Verdict, &'static str);

const CASES: &[Case] = &[
    (|parts| told(parts).targets.clear(), Subject::Notification, Verdict::Problem, "tells nobody"),
    (
        |parts| {
            told(parts).targets.clear();
            told(parts).event_bus = true;
        },
        Subject::Notification,
        Verdict::Warning,
        "tells EventBridge",
    ),
    (
        |parts| told(parts).targets[0].events = vec!["s3:ObjectRemoved:*".to_owned()],
        Subject::Notification,
        Verdict::Problem,
        "tells nobody",
    ),
    (
        |parts| told(parts).targets[0].arn = "arn:aws:sqs:eu-west-1:111122223333:other".to_owned(),
        Subject::Notification,
        Verdict::Problem,
        "not the queue",
    ),
    (|parts| told(parts).targets[0].arn = TOPIC.to_owned(), Subject::Notification, Verdict::Warning, "not the queue"),
    (
        |parts| told(parts).targets[0].suffix = Some(".gzip".to_owned()),
        Subject::Notification,
        Verdict::Problem,
        "end with `.gzip`",
    ),
    (
        |parts| told(parts).targets[0].prefix = Some("AWSLogs/111122223333/CloudTrail/".to_owned()),
        Subject::Notification,
        Verdict::Warning,
        "leaves digests out",
    ),
    (
        |parts| parts.bucket = Some(("b".to_owned(), Err(AskError::Missing))),
        Subject::Notification,
        Verdict::Problem,
        "does not exist",
    ),
    (
        |parts| parts.bucket = Some(("b".to_owned(), Err(AskError::Denied { action: "s3:GetBucketNotification" }))),
        Subject::Notification,
        Verdict::Unknown,
        "s3:GetBucketNotification is not allowed",
    ),
    (|parts| queue(parts).redrive = None, Subject::Queue, Verdict::Problem, "has no dead-letter queue"),
    (|parts| queue(parts).key = Some("alias/aws/sqs".to_owned()), Subject::Queue, Verdict::Problem, "S3 may not use"),
    (|parts| queue(parts).policy = None, Subject::Queue, Verdict::Problem, "no service may send"),
    (|parts| queue(parts).visibility = Some(30), Subject::Queue, Verdict::Problem, "comes back after 30 s"),
    (
        |parts| queue(parts).redrive = Some(r#"{"deadLetterTargetArn":"x","maxReceiveCount":1}"#.to_owned()),
        Subject::Queue,
        Verdict::Warning,
        "after 1 attempt",
    ),
    (|parts| dead(parts).waiting = Some(2), Subject::DeadLetters, Verdict::Problem, "2 messages"),
    (|parts| dead(parts).retention = Some(345_600), Subject::DeadLetters, Verdict::Warning, "no longer than"),
    (|parts| parts.topics[0].1 = Ok(TopicFacts::default()), Subject::Topic, Verdict::Problem, "nobody is subscribed"),
    (
        |parts| parts.topics[0].1 = Ok(TopicFacts { confirmed: 0, pending: 1 }),
        Subject::Topic,
        Verdict::Problem,
        "no subscription",
    ),
    (
        |parts| parts.topics[0].1 = Ok(TopicFacts { confirmed: 1, pending: 1 }),
        Subject::Topic,
        Verdict::Warning,
        "not confirmed",
    ),
    (|parts| parts.topics[0].1 = Err(AskError::Missing), Subject::Topic, Verdict::Problem, "does not exist"),
    (|parts| table(parts).keys = vec!["id".to_owned()], Subject::Table, Verdict::Problem, "are id"),
    (|parts| table(parts).status = "ARCHIVED".to_owned(), Subject::Table, Verdict::Problem, "is ARCHIVED"),
    (|parts| table(parts).ends_by = None, Subject::Table, Verdict::Problem, "grows for ever"),
    (|parts| table(parts).ends_by = Some("until".to_owned()), Subject::Table, Verdict::Problem, "end by `until`"),
];

#[test]
fn each_fault_is_seen_by_its_check_and_no_other() {
    assert!(judge(&healthy()).iter().all(|check| check.verdict == Verdict::Ok), "{:?}", judge(&healthy()));
    assert_eq!(judge(&healthy()).len(), 5);
    for (break_it, subject, verdict, seen) in CASES {
        let mut parts = healthy();
        break_it(&mut parts);
        let checks = judge(&parts);
        let wrong: Vec<&Check> = checks.iter().filter(|check| check.verdict != Verdict::Ok).collect();
        assert_eq!(wrong.len(), 1, "{seen}: {wrong:?}");
        assert_eq!((wrong[0].subject, wrong[0].verdict), (*subject, *verdict), "{seen}");
        assert!(wrong[0].seen.contains(seen) && wrong[0].advice.is_some(), "{seen}: {:?}", wrong[0]);
    }
}

#[test]
fn what_is_not_named_is_not_judged() {
    assert_eq!(judge(&Parts::default()), []);
}
