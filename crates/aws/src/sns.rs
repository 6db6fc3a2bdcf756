//! Alerts to SNS topics.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sns::Client;
use aws_sdk_sns::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_sns::operation::publish_batch::{PublishBatchError, PublishBatchOutput};
use aws_sdk_sns::types::{BatchResultErrorEntry, MessageAttributeValue, PublishBatchRequestEntry};
use trailhound_pipeline::{
    Attribute, AttributeKind, Notification, Notifier, NotifyError, Receipt, TopicArn, TopicName,
};

use crate::CallLimits;
use crate::error_text::error_text;
use crate::notification::{NotificationProblem, batches, check};

/// Publishes notifications to topics, up to ten in one call.
///
/// A notification that SNS would refuse is refused here, also where an
/// emulator would let it pass. SNS may take some entries of a call and fail
/// others: only those are sent again. On a FIFO topic the group of the alert
/// is the message group, and the identity of the alert at the topic the
/// deduplication identifier, so that SNS drops repeats within five minutes.
pub struct SnsNotifier {
    topics: BTreeMap<TopicName, Topic>,
    attempts: u32,
    pause: Duration,
}

/// A topic and a client for its region.
struct Topic {
    client: Client,
    arn: TopicArn,
}

/// What became of one notification.
type Answer = Result<Receipt, NotifyError>;

impl SnsNotifier {
    /// An adapter over these topics; each client must use the region of its topic.
    pub fn new(topics: impl IntoIterator<Item = (TopicName, Client, TopicArn)>, limits: &CallLimits) -> Self {
        let topics = topics.into_iter().map(|(name, client, arn)| (name, Topic { client, arn })).collect();
        Self { topics, attempts: limits.entry_attempts, pause: limits.entry_pause }
    }

    async fn publish(&self, topic: &Topic, batch: &[(usize, &Notification)], answers: &mut [Option<Answer>]) {
        let mut pending = batch.to_vec();
        let mut pause = self.pause;
        for attempt in 1.. {
            let last = attempt >= self.attempts;
            pending = match topic.send(&pending).await {
                Ok(output) => sort(&pending, &output, last, answers),
                // One entry that cannot be sent must not keep the others back.
                Err(NotifyError::Rejected(_) | NotifyError::TooLarge) if pending.len() > 1 => {
                    for entry in pending {
                        Box::pin(self.publish(topic, &[entry], answers)).await;
                    }
                    return;
                }
                Err(error) => {
                    for (index, _) in pending {
                        put(answers, index, Err(error.clone()));
                    }
                    return;
                }
            };
            if pending.is_empty() {
                return;
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
    }
}

#[async_trait]
impl Notifier for SnsNotifier {
    async fn notify(&self, notifications: &[Notification]) -> Vec<Answer> {
        let mut answers: Vec<Option<Answer>> = vec![None; notifications.len()];
        let mut by_topic: BTreeMap<&TopicName, Vec<(usize, &Notification)>> = BTreeMap::new();
        for (index, notification) in notifications.iter().enumerate() {
            match check(notification) {
                Ok(()) => by_topic.entry(&notification.topic).or_default().push((index, notification)),
                Err(problem) => put(&mut answers, index, Err(refusal(&problem))),
            }
        }
        for (name, entries) in by_topic {
            let Some(topic) = self.topics.get(name) else {
                let error = NotifyError::Rejected(format!("there is no topic `{name}`"));
                for (index, _) in entries {
                    put(&mut answers, index, Err(error.clone()));
                }
                continue;
            };
            for batch in batches(&entries) {
                self.publish(topic, batch, &mut answers).await;
            }
        }
        let unanswered = || Err(NotifyError::Transient("SNS said nothing about the notification".to_owned()));
        answers.into_iter().map(|answer| answer.unwrap_or_else(unanswered)).collect()
    }
}

impl Topic {
    async fn send(&self, pending: &[(usize, &Notification)]) -> Result<PublishBatchOutput, NotifyError> {
        let mut call = self.client.publish_batch().topic_arn(self.arn.as_str());
        for (index, notification) in pending {
            let entry = self.entry(*index, notification);
            call =
                call.publish_batch_request_entries(entry.map_err(|error| NotifyError::Rejected(error_text(&error)))?);
        }
        call.send().await.map_err(|error| notify_error(&error))
    }

    fn entry(&self, index: usize, notification: &Notification) -> Result<PublishBatchRequestEntry, BuildError> {
        let mut entry = PublishBatchRequestEntry::builder()
            .id(index.to_string())
            .subject(&notification.subject)
            .message(&notification.body);
        for Attribute { name, value, kind } in &notification.attributes {
            entry = entry.message_attributes(*name, attribute(value, *kind)?);
        }
        if self.arn.is_fifo() {
            entry = entry
                .message_group_id(notification.group.as_str())
                .message_deduplication_id(notification.alert.as_str());
        }
        entry.build()
    }
}

impl fmt::Debug for SnsNotifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let topics: BTreeMap<&str, &str> =
            self.topics.iter().map(|(name, topic)| (name.as_str(), topic.arn.as_str())).collect();
        formatter.debug_struct("SnsNotifier").field("topics", &topics).finish_non_exhaustive()
    }
}

/// Notes what SNS said about each entry, and returns those to be sent again.
fn sort<'n>(
    pending: &[(usize, &'n Notification)],
    output: &PublishBatchOutput,
    last: bool,
    answers: &mut [Option<Answer>],
) -> Vec<(usize, &'n Notification)> {
    let mut again = Vec::new();
    for &(index, notification) in pending {
        let id = index.to_string();
        if let Some(entry) = output.successful().iter().find(|entry| entry.id() == Some(&*id)) {
            put(answers, index, Ok(Receipt { id: entry.message_id().unwrap_or_default().to_owned() }));
            continue;
        }
        match output.failed().iter().find(|entry| entry.id() == id) {
            Some(failed) if failed.sender_fault() && !is_throttling_code(failed.code()) => {
                put(answers, index, Err(NotifyError::Rejected(reason(failed))));
            }
            Some(failed) if last => put(answers, index, Err(NotifyError::Transient(reason(failed)))),
            None if last => {}
            Some(_) | None => again.push((index, notification)),
        }
    }
    again
}

fn reason(failed: &BatchResultErrorEntry) -> String {
    format!("{}: {}", failed.code(), failed.message().unwrap_or("no reason given"))
}

fn put(answers: &mut [Option<Answer>], index: usize, answer: Answer) {
    if let Some(place) = answers.get_mut(index) {
        *place = Some(answer);
    }
}

fn attribute(value: &str, kind: AttributeKind) -> Result<MessageAttributeValue, BuildError> {
    MessageAttributeValue::builder().data_type(kind.as_str()).string_value(value).build()
}

fn refusal(problem: &NotificationProblem) -> NotifyError {
    match problem {
        NotificationProblem::TooLarge(_) => NotifyError::TooLarge,
        _ => NotifyError::Rejected(problem.to_string()),
    }
}

/// Sorts an error by what the caller does about it. What is not known to stay counts as transient.
fn notify_error(error: &SdkError<PublishBatchError>) -> NotifyError {
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    let reason = error_text(error);
    match error.as_service_error() {
        Some(refused) if is_too_long(refused) => NotifyError::TooLarge,
        Some(refused) if is_throttling(refused) => NotifyError::Transient(reason),
        // No such topic, no permission, a disabled key, a parameter SNS does not take.
        Some(_) if (400..500).contains(&status) => NotifyError::Rejected(reason),
        _ => NotifyError::Transient(reason),
    }
}

fn is_too_long(refused: &PublishBatchError) -> bool {
    refused.is_batch_request_too_long_exception()
        || refused.code().is_some_and(|code| code.starts_with("InvalidParameter"))
            && refused.message().is_some_and(|message| message.contains("too long"))
}

/// Throttling comes with status 400 or 403, as refusals do.
fn is_throttling(refused: &PublishBatchError) -> bool {
    refused.is_kms_throttling_exception() || refused.code().is_some_and(is_throttling_code)
}

fn is_throttling_code(code: &str) -> bool {
    code.contains("Thrott") || code == "RequestLimitExceeded" || code == "ExpiredToken"
}
