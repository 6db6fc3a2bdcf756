use trailhound_aws::deployment::{Announcement, Announcements, Feed};

use super::{super::super::Verdict, *};

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111122223333:function:trailhound";
const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:failed";

fn function() -> FunctionFacts {
    FunctionFacts { name: "trailhound".to_owned(), ..FunctionFacts::default() }
}

/// A bucket that tells one target of new objects.
fn told(arn: &str) -> Parts {
    let target = Announcement { arn: arn.to_owned(), ..Announcement::default() };
    let announcements = Announcements { event_bus: false, targets: vec![target] };
    Parts { bucket: Some(("b".to_owned(), Ok(announcements))), ..Parts::default() }
}

fn kept(arn: &str, keeper: Keeper) -> Parts {
    let keepers = vec![(arn.to_owned(), keeper)];
    Parts { on_failure: Some(Ok(Some(arn.to_owned()))), keepers, ..told(FUNCTION) }
}

fn queue(waiting: u64) -> Keeper {
    Keeper::Queue(Ok(QueueFacts { arn: QUEUE.to_owned(), waiting: Some(waiting), ..QueueFacts::default() }))
}

#[test]
fn who_invokes_it_decides() {
    let fed = FunctionFacts { feeds: vec![Feed::default()], ..function() };
    let bus = Announcements { event_bus: true, targets: Vec::new() };
    let bus = || Parts { bucket: Some(("b".to_owned(), Ok(bus.clone()))), ..Parts::default() };
    let aliased = format!("{FUNCTION}:live");
    for (function, parts, expected) in [
        (&fed, Parts::default(), None),
        (&fed, bus(), None),
        (&fed, told(QUEUE), None),
        (&fed, told(FUNCTION), Some(Asynchronous::Surely)),
        (&fed, told(&aliased), Some(Asynchronous::Surely)),
        (&fed, told(&format!("{FUNCTION}-other")), None),
        (&function(), bus(), Some(Asynchronous::Surely)),
        (&function(), told(QUEUE), Some(Asynchronous::Perhaps)),
        (&function(), Parts::default(), Some(Asynchronous::Perhaps)),
    ] {
        assert_eq!(Asynchronous::of(function, &parts), expected, "{function:?} {parts:?}");
    }
}

#[test]
fn each_keeper_and_its_lack_is_judged() {
    let denied = AskError::Denied { action: "lambda:GetFunctionEventInvokeConfig" };
    let nobody = TopicFacts::default();
    for (parts, verdict, seen) in [
        (told(FUNCTION), Verdict::Problem, "is invoked without a queue, and what it fails on three times is lost"),
        (Parts::default(), Verdict::Warning, "if `trailhound` is invoked by a bucket, a topic or EventBridge"),
        (Parts { on_failure: Some(Err(denied)), ..told(FUNCTION) }, Verdict::Unknown, "is not allowed"),
        (kept(QUEUE, queue(0)), Verdict::Ok, "keeps what fails, and is empty"),
        (kept(QUEUE, queue(1)), Verdict::Problem, "1 event in"),
        (kept(QUEUE, Keeper::Queue(Err(AskError::Missing))), Verdict::Problem, "does not exist"),
        (kept("topic", Keeper::Topic(Ok(nobody))), Verdict::Problem, "nobody is subscribed"),
        (kept("topic", Keeper::Topic(Ok(TopicFacts { confirmed: 1, ..nobody }))), Verdict::Ok, "1 subscription"),
        (kept("arn:aws:s3:::failed", Keeper::Other), Verdict::Ok, "arn:aws:s3:::failed gets what fails"),
    ] {
        let checks = judge(&function(), &parts);
        assert_eq!(checks.len(), 1, "{checks:?}");
        assert_eq!((checks[0].subject, checks[0].verdict), (Subject::FailedEvents, verdict), "{:?}", checks[0]);
        assert!(checks[0].seen.contains(seen), "{:?}", checks[0]);
        assert_eq!(checks[0].advice.is_none(), verdict == Verdict::Ok);
    }
}

#[test]
fn where_a_queue_feeds_it_nothing_is_asked() {
    let fed = FunctionFacts { feeds: vec![Feed::default()], ..function() };
    assert_eq!(judge(&fed, &Parts::default()), []);
}
