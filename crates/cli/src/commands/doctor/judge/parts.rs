//! The parts of a deployment: bucket notification, queue, dead letters, topics, table, function, alarms.

pub(in crate::commands::doctor) mod alarms;
mod failed_events;
mod function;
#[cfg(test)]
mod tests;

pub(in crate::commands::doctor) use failed_events::{Asynchronous, Keeper};
pub(in crate::commands::doctor) use function::{Environment, main_feed};

use jiff::Timestamp;
use serde::Deserialize;
use trailhound_aws::deployment::{
    AlarmFacts, Announcement, Announcements, AskError, FunctionFacts, QueueFacts, TableFacts, TopicFacts,
};

use super::{Check, Subject};
use crate::output::count;

/// What was found out about the parts that were named.
#[derive(Debug, Default)]
pub(in crate::commands::doctor) struct Parts {
    /// Name of the bucket and whom it tells.
    pub(in crate::commands::doctor) bucket: Option<(String, Result<Announcements, AskError>)>,
    /// URL of the queue.
    pub(in crate::commands::doctor) queue: Option<(String, Result<QueueFacts, AskError>)>,
    /// The dead-letter queue that the queue names.
    pub(in crate::commands::doctor) dead: Option<(String, Result<QueueFacts, AskError>)>,
    /// ARNs of topics.
    pub(in crate::commands::doctor) topics: Vec<(String, Result<TopicFacts, AskError>)>,
    /// Name of the table.
    pub(in crate::commands::doctor) table: Option<(String, Result<TableFacts, AskError>)>,
    /// Name of the function.
    pub(in crate::commands::doctor) function: Option<(String, Result<FunctionFacts, AskError>)>,
    /// ARN of the on-failure destination of the function, if that matters.
    pub(in crate::commands::doctor) on_failure: Option<Result<Option<String>, AskError>>,
    /// ARNs of what keeps events on which the function failed.
    pub(in crate::commands::doctor) keepers: Vec<(String, Keeper)>,
    /// All alarms of the region.
    pub(in crate::commands::doctor) alarms: Option<Result<Vec<AlarmFacts>, AskError>>,
    /// ARNs of topics that alarms of these parts tell.
    pub(in crate::commands::doctor) alarm_topics: Vec<(String, Result<TopicFacts, AskError>)>,
}

/// The least visibility timeout: six times the shortest timeout that the template offers, 30 seconds.
const LEAST_VISIBILITY: u64 = 180;

/// What a redrive policy says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::commands::doctor) struct Redrive {
    pub(in crate::commands::doctor) dead_letter_target_arn: String,
    max_receive_count: serde_json::Value,
}

impl Redrive {
    pub(in crate::commands::doctor) fn of(queue: &QueueFacts) -> Option<Self> {
        serde_json::from_str(queue.redrive.as_deref()?).ok()
    }

    /// Written as a number or as a text.
    fn receives(&self) -> Option<u64> {
        self.max_receive_count.as_u64().or_else(|| self.max_receive_count.as_str()?.parse().ok())
    }
}

/// All checks of the parts that were named.
pub(super) fn judge(parts: &Parts, now: Timestamp) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some((name, announcements)) = &parts.bucket {
        let queue = parts.queue.as_ref().and_then(|(_, queue)| queue.as_ref().ok());
        let judged = |announcements: &Announcements| notification(name, announcements, queue);
        checks.push(asked(Subject::Notification, &format!("the bucket `{name}`"), announcements, judged));
    }
    if let Some((url, queue)) = &parts.queue {
        checks.push(asked(Subject::Queue, &format!("the queue {url}"), queue, self::queue));
    }
    if let Some((arn, dead)) = &parts.dead {
        let queue = parts.queue.as_ref().and_then(|(_, queue)| queue.as_ref().ok());
        let judged = |dead: &QueueFacts| dead_letters(dead, queue);
        checks.push(asked(Subject::DeadLetters, &format!("the dead-letter queue {arn}"), dead, judged));
    }
    for (arn, topic) in &parts.topics {
        let judged = |topic: &TopicFacts| self::topic(Subject::Topic, arn, *topic);
        checks.push(asked(Subject::Topic, &format!("the topic {arn}"), topic, judged));
    }
    if let Some((name, table)) = &parts.table {
        checks.push(asked(Subject::Table, &format!("the table `{name}`"), table, |table| self::table(name, table)));
    }
    if let Some((name, function)) = &parts.function {
        checks.extend(function::judge(name, function, parts));
    }
    if let Some(alarms) = &parts.alarms {
        checks.extend(alarms::judge(alarms, parts, now));
    }
    checks
}

/// The check of what was found out, or why nothing was.
fn asked<F>(subject: Subject, what: &str, facts: &Result<F, AskError>, judge: impl FnOnce(&F) -> Check) -> Check {
    match facts {
        Ok(facts) => judge(facts),
        Err(error) => not_asked(subject, what, error),
    }
}

/// Why nothing was found out.
fn not_asked(subject: Subject, what: &str, error: &AskError) -> Check {
    match error {
        AskError::Missing => {
            Check::problem(subject, format!("{what} does not exist"), "look at the name, the account and the region")
        }
        AskError::Denied { action } => {
            let advice = format!("let a policy allow {action}: `trailhound doctor --policy` prints one");
            Check::unknown(subject, format!("{what} cannot be looked at: {error}"), advice)
        }
        AskError::Failed { .. } => {
            Check::unknown(subject, format!("{what} cannot be looked at: {error}"), "look at the reason, and try again")
        }
    }
}

fn notification(bucket: &str, announcements: &Announcements, queue: Option<&QueueFacts>) -> Check {
    const SUBJECT: Subject = Subject::Notification;
    let Announcements { event_bus, targets } = announcements;
    let creating = |target: &&Announcement| target.events.iter().any(|event| event.starts_with("s3:ObjectCreated:"));
    let created: Vec<&Announcement> = targets.iter().filter(creating).collect();
    if created.is_empty() {
        return if *event_bus {
            let seen = format!("`{bucket}` tells EventBridge of new objects, and nobody directly");
            Check::warning(SUBJECT, seen, "see that a rule for `Object Created` leads to the queue of the function")
        } else {
            let advice = "add a notification for `s3:ObjectCreated:*` to the queue of the function";
            Check::problem(SUBJECT, format!("`{bucket}` tells nobody of new objects"), advice)
        };
    }
    let wanted: Vec<&&Announcement> = match queue {
        Some(queue) => created.iter().filter(|target| target.arn == queue.arn).collect(),
        None => created.iter().collect(),
    };
    let Some(target) = wanted.first() else {
        let others: Vec<&str> = created.iter().map(|target| target.arn.as_str()).collect();
        let seen = format!("`{bucket}` tells {} of new objects, not the queue", others.join(", "));
        let is_fan_out = created.iter().any(|target| target.arn.contains(":sns:")) || *event_bus;
        return if is_fan_out {
            Check::warning(SUBJECT, seen, "see that the queue is subscribed to the topic, or that a rule leads there")
        } else {
            Check::problem(SUBJECT, seen, "add the queue, or fan out through a topic or EventBridge")
        };
    };
    filters(bucket, target)
}

fn filters(bucket: &str, target: &Announcement) -> Check {
    const SUBJECT: Subject = Subject::Notification;
    let Announcement { arn, prefix, suffix, .. } = target;
    if let Some(suffix) = suffix.as_deref().filter(|suffix| !".json.gz".ends_with(suffix)) {
        let seen = format!("`{bucket}` tells {arn} only of objects whose keys end with `{suffix}`");
        return Check::problem(
            SUBJECT,
            seen,
            "logs end with `.json.gz`: mend or remove the suffix of the notification",
        );
    }
    let prefix = prefix.as_deref().unwrap_or_default();
    if prefix.contains("AWSLogs/") && prefix.contains("/CloudTrail/") {
        let seen = format!("`{bucket}` tells {arn} only of `{prefix}…`, which leaves digests out");
        return Check::warning(SUBJECT, seen, "end the prefix after the account, for the setting `integrity`");
    }
    Check::ok(SUBJECT, format!("`{bucket}` tells {arn} of new objects"))
}

fn queue(queue: &QueueFacts) -> Check {
    const SUBJECT: Subject = Subject::Queue;
    let QueueFacts { arn, visibility, key, policy, .. } = queue;
    let Some(redrive) = Redrive::of(queue) else {
        let advice = "give it a redrive policy, so that what fails again and again is kept for a look at it";
        return Check::problem(SUBJECT, format!("{arn} has no dead-letter queue"), advice);
    };
    if key.as_deref().is_some_and(|key| key == "alias/aws/sqs" || key.ends_with(":alias/aws/sqs")) {
        let seen = format!("{arn} is encrypted with the key that AWS manages, which S3 may not use");
        return Check::problem(SUBJECT, seen, "use encryption by SQS, or a key of your own that S3 may use");
    }
    let senders = ["s3.amazonaws.com", "sns.amazonaws.com", "events.amazonaws.com"];
    if !policy.as_deref().is_some_and(|policy| senders.iter().any(|sender| policy.contains(sender))) {
        let advice = "allow sqs:SendMessage to the service that announces objects, from the account of the bucket";
        return Check::problem(SUBJECT, format!("no service may send to {arn}"), advice);
    }
    if let Some(seconds) = visibility.filter(|seconds| *seconds < LEAST_VISIBILITY) {
        let seen = format!("a message of {arn} comes back after {seconds} s, while the function may be at work on it");
        return Check::problem(SUBJECT, seen, "set the visibility timeout to six times the timeout of the function");
    }
    if let Some(receives) = redrive.receives().filter(|receives| *receives < 5) {
        let seen = format!("{arn} gives a message up after {}", count(receives, "attempt"));
        return Check::warning(SUBJECT, seen, "throttled deliveries count as attempts: allow five");
    }
    Check::ok(SUBJECT, format!("{arn} takes messages of a service, hides them long enough, and keeps what fails"))
}

fn dead_letters(dead: &QueueFacts, queue: Option<&QueueFacts>) -> Check {
    const SUBJECT: Subject = Subject::DeadLetters;
    let QueueFacts { arn, waiting, retention, .. } = dead;
    if let Some(waiting) = waiting.filter(|waiting| *waiting > 0) {
        let seen = format!("{} in {arn}: what they are about has caused no alerts", count(waiting, "message"));
        return Check::problem(SUBJECT, seen, "look at the log of the function, mend the cause, and start a redrive");
    }
    let of_queue = queue.and_then(|queue| queue.retention);
    if retention.zip(of_queue).is_some_and(|(retention, of_queue)| retention <= of_queue) {
        let seen = format!("{arn} keeps messages no longer than the queue before it");
        return Check::warning(SUBJECT, seen, "a message keeps its age when it moves there: keep it for 14 days");
    }
    Check::ok(SUBJECT, format!("{arn} is empty"))
}

fn topic(subject: Subject, arn: &str, topic: TopicFacts) -> Check {
    let TopicFacts { confirmed, pending } = topic;
    let number = |number: usize, noun| count(u64::try_from(number).unwrap_or(u64::MAX), noun);
    let confirm = "follow the link in the mail of AWS, or subscribe again";
    match (confirmed, pending) {
        (0, 0) => Check::problem(subject, format!("nobody is subscribed to {arn}"), "subscribe a person or a channel"),
        (0, _) => {
            Check::problem(subject, format!("no subscription of {arn} is confirmed, {pending} wait for that"), confirm)
        }
        (_, 0) => Check::ok(subject, format!("{arn} has {}", number(confirmed, "subscription"))),
        _ => Check::warning(subject, format!("{} of {arn} not confirmed", number(pending, "subscription")), confirm),
    }
}

fn table(name: &str, table: &TableFacts) -> Check {
    const SUBJECT: Subject = Subject::Table;
    let TableFacts { status, keys, ends_by } = table;
    if keys != &["pk", "sk"] {
        let seen = format!("the keys of `{name}` are {}", keys.join(" and "));
        return Check::problem(
            SUBJECT,
            seen,
            "create a table with the partition key `pk` and the sort key `sk`, texts",
        );
    }
    if !matches!(status.as_str(), "ACTIVE" | "UPDATING") {
        return Check::problem(SUBJECT, format!("`{name}` is {status}"), "wait until it is ACTIVE, or restore it");
    }
    match ends_by.as_deref() {
        Some("ttl") => Check::ok(SUBJECT, format!("`{name}` is there, and items end by `ttl`")),
        Some(other) => Check::problem(
            SUBJECT,
            format!("items of `{name}` end by `{other}`, which Trailhound does not write"),
            "set the time to live to the attribute `ttl`",
        ),
        None => Check::problem(
            SUBJECT,
            format!("nothing removes items from `{name}`: it grows for ever"),
            "switch the time to live on, with the attribute `ttl`",
        ),
    }
}
