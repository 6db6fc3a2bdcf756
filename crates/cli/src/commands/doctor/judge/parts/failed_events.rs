//! Where events go on which the function failed, where no queue keeps them.

#[cfg(test)]
mod tests;

use trailhound_aws::deployment::{AskError, FunctionFacts, QueueFacts, TopicFacts};

use super::{Check, Parts, Subject, asked, not_asked, topic};
use crate::output::count;

/// Who keeps events that Lambda has given up.
#[derive(Debug)]
pub(in crate::commands::doctor) enum Keeper {
    /// A queue.
    Queue(Result<QueueFacts, AskError>),
    /// A topic.
    Topic(Result<TopicFacts, AskError>),
    /// Something that is not looked at: a bucket, a function, an event bus.
    Other,
}

/// How sure it is that nobody waits for the function's answer. Lambda tries such an event three times, for up to six
/// hours, and drops it then. <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands::doctor) enum Asynchronous {
    /// The bucket tells the function itself, or the event bus, and no queue feeds the function.
    Surely,
    /// No queue feeds the function, and it is not seen who invokes it.
    Perhaps,
}

impl Asynchronous {
    /// None where a queue or a stream feeds it alone.
    pub(in crate::commands::doctor) fn of(function: &FunctionFacts, parts: &Parts) -> Option<Self> {
        let bucket = parts.bucket.as_ref().and_then(|(_, announcements)| announcements.as_ref().ok());
        let is_told = bucket.is_some_and(|bucket| bucket.targets.iter().any(|target| is_arn_of(&target.arn, function)));
        match (function.feeds.is_empty(), bucket) {
            _ if is_told => Some(Self::Surely),
            (true, Some(bucket)) if bucket.event_bus => Some(Self::Surely),
            (true, _) => Some(Self::Perhaps),
            (false, _) => None,
        }
    }
}

/// With a version or an alias or without: `arn:aws:lambda:eu-west-1:111122223333:function:name:alias`.
fn is_arn_of(arn: &str, function: &FunctionFacts) -> bool {
    let mut parts = arn.split(':').skip(2);
    parts.next() == Some("lambda") && parts.nth(2) == Some("function") && parts.next() == Some(function.name.as_str())
}

/// The checks of who keeps them.
pub(super) fn judge(function: &FunctionFacts, parts: &Parts) -> Vec<Check> {
    const SUBJECT: Subject = Subject::FailedEvents;
    let Some(asynchronous) = Asynchronous::of(function, parts) else { return Vec::new() };
    let name = &function.name;
    if let Some(Err(error)) = &parts.on_failure {
        return vec![not_asked(SUBJECT, &format!("where failed events of `{name}` go"), error)];
    }
    if !parts.keepers.is_empty() {
        return parts.keepers.iter().map(|(arn, keeper)| keeps(arn, keeper)).collect();
    }
    let advice = "give it an on-failure destination or a dead-letter queue; better, let a queue feed it";
    let lost = "what it fails on three times is lost: nobody keeps it";
    vec![match asynchronous {
        Asynchronous::Surely => {
            Check::problem(SUBJECT, format!("`{name}` is invoked without a queue, and {lost}"), advice)
        }
        Asynchronous::Perhaps => {
            let seen = format!("if `{name}` is invoked by a bucket, a topic or EventBridge, {lost}");
            Check::warning(SUBJECT, seen, advice)
        }
    }]
}

fn keeps(arn: &str, keeper: &Keeper) -> Check {
    const SUBJECT: Subject = Subject::FailedEvents;
    match keeper {
        Keeper::Queue(queue) => {
            asked(SUBJECT, &format!("the queue of failed events {arn}"), queue, |queue| {
                match queue.waiting.filter(|waiting| *waiting > 0) {
                    Some(waiting) => {
                        let seen = format!("{} in {arn}: the function failed on them", count(waiting, "event"));
                        Check::problem(
                            SUBJECT,
                            seen,
                            "look at the log of the function, mend the cause, and invoke it again",
                        )
                    }
                    None => Check::ok(SUBJECT, format!("{arn} keeps what fails, and is empty")),
                }
            })
        }
        Keeper::Topic(facts) => {
            asked(SUBJECT, &format!("the topic of failed events {arn}"), facts, |facts| topic(SUBJECT, arn, *facts))
        }
        Keeper::Other => Check::ok(SUBJECT, format!("{arn} gets what fails")),
    }
}
