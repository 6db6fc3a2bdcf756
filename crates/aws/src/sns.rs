//! Alerts to an SNS topic.

use std::fmt;

use async_trait::async_trait;
use aws_sdk_sns::Client;
use aws_sdk_sns::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_sns::operation::publish::PublishError;
use aws_sdk_sns::types::MessageAttributeValue;
use trailhound_pipeline::{Attribute, AttributeKind, Notification, Notifier, NotifyError, Receipt};

use crate::TopicArn;
use crate::error_text::error_text;
use crate::notification::{NotificationProblem, check};

/// Publishes notifications to one topic.
///
/// A notification that SNS would refuse is refused here, also where an
/// emulator would let it pass. On a FIFO topic the identifier of the alert is
/// both group and deduplication identifier: alerts need no order among
/// themselves, and SNS then drops repeats within five minutes.
pub struct SnsNotifier {
    client: Client,
    topic: TopicArn,
}

impl SnsNotifier {
    /// An adapter over this client, which must use the region of the topic.
    pub fn new(client: Client, topic: TopicArn) -> Self {
        Self { client, topic }
    }
}

#[async_trait]
impl Notifier for SnsNotifier {
    async fn notify(&self, notification: &Notification) -> Result<Receipt, NotifyError> {
        check(notification).map_err(|problem| refusal(&problem))?;
        let mut publish = self
            .client
            .publish()
            .topic_arn(self.topic.as_str())
            .subject(&notification.subject)
            .message(&notification.body);
        for Attribute { name, value, kind } in &notification.attributes {
            let value = attribute(value, *kind).map_err(|error| NotifyError::Rejected(error_text(&error)))?;
            publish = publish.message_attributes(*name, value);
        }
        if self.topic.is_fifo() {
            let id = notification.alert.to_string();
            publish = publish.message_group_id(&id).message_deduplication_id(id);
        }
        let answer = publish.send().await.map_err(|error| notify_error(&error))?;
        Ok(Receipt { id: answer.message_id().unwrap_or_default().to_owned() })
    }
}

impl fmt::Debug for SnsNotifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client: _, topic } = self;
        formatter.debug_struct("SnsNotifier").field("topic", topic).finish_non_exhaustive()
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
fn notify_error(error: &SdkError<PublishError>) -> NotifyError {
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

fn is_too_long(refused: &PublishError) -> bool {
    refused.code().is_some_and(|code| code.starts_with("InvalidParameter"))
        && refused.message().is_some_and(|message| message.contains("too long"))
}

/// Throttling comes with status 400 or 403, as refusals do.
fn is_throttling(refused: &PublishError) -> bool {
    refused.is_kms_throttling_exception()
        || refused
            .code()
            .is_some_and(|code| code.contains("Thrott") || code == "RequestLimitExceeded" || code == "ExpiredToken")
}
