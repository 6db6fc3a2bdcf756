//! What a deployment of the function is made of, as far as a look without changes tells.
//!
//! All calls only read: `GetBucketNotificationConfiguration`, `GetQueueAttributes` and `GetQueueUrl`,
//! `ListSubscriptionsByTopic`, `DescribeTable` and `DescribeTimeToLive`; with the feature `function` also
//! those about the function and about alarms.

#[cfg(feature = "function")]
mod alarms;
#[cfg(feature = "function")]
mod function;

use std::collections::HashMap;
use std::fmt;

use aws_config::{Region, SdkConfig};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::{Event, NotificationConfigurationFilter, S3KeyFilter};
use aws_sdk_sqs::types::QueueAttributeName;
use thiserror::Error;

use crate::connect::{region_of_queue, s3_client};
use crate::error_text::error_text;
use crate::{TopicArn, Trails};

#[cfg(feature = "function")]
pub use self::alarms::{AlarmFacts, AlarmState, MetricFacts, Missing, Rings};
#[cfg(feature = "function")]
pub use self::function::{Feed, FunctionFacts};

/// Asks about the parts of a deployment.
pub struct Deployment {
    shared: SdkConfig,
}

/// Why a part could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AskError {
    /// It does not exist.
    #[error("it does not exist")]
    Missing,
    /// The call is not allowed.
    #[error("{action} is not allowed")]
    Denied {
        /// The action that a policy has to allow.
        action: &'static str,
    },
    /// Another answer, or none.
    #[error("{action} failed: {reason}")]
    Failed {
        /// The action.
        action: &'static str,
        /// What went wrong.
        reason: String,
    },
}

/// Whom a bucket tells of new objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announcements {
    /// Whether the event bus is told of everything.
    pub event_bus: bool,
    /// Queues, topics and functions.
    pub targets: Vec<Announcement>,
}

/// One target of a bucket's notifications.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announcement {
    /// Its ARN.
    pub arn: String,
    /// Events, such as `s3:ObjectCreated:*`.
    pub events: Vec<String>,
    /// How keys have to begin.
    pub prefix: Option<String>,
    /// How keys have to end.
    pub suffix: Option<String>,
}

/// A queue. Numbers are none where the queue does not tell them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFacts {
    /// Its ARN.
    pub arn: String,
    /// Seconds for which a message that was received stays hidden.
    pub visibility: Option<u64>,
    /// Seconds for which a message is kept.
    pub retention: Option<u64>,
    /// Messages that wait.
    pub waiting: Option<u64>,
    /// The KMS key, if it is encrypted with one.
    pub key: Option<String>,
    /// Its policy, JSON.
    pub policy: Option<String>,
    /// Its redrive policy, JSON, with `deadLetterTargetArn` and `maxReceiveCount`.
    pub redrive: Option<String>,
}

/// How many subscriptions a topic has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TopicFacts {
    /// That get messages.
    pub confirmed: usize,
    /// That wait for somebody to confirm them.
    pub pending: usize,
}

/// A table of DynamoDB.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableFacts {
    /// Its status, such as `ACTIVE`.
    pub status: String,
    /// Names of partition key and sort key.
    pub keys: Vec<String>,
    /// The attribute by which items end, if it is in use.
    pub ends_by: Option<String>,
}

impl Deployment {
    /// With the credentials and the region that CloudTrail is asked with.
    pub fn beside(trails: &Trails) -> Self {
        Self { shared: trails.shared().clone() }
    }

    /// Whom the bucket tells of new objects.
    pub async fn announcements(&self, bucket: &str) -> Result<Announcements, AskError> {
        let call = s3_client(&self.shared).get_bucket_notification_configuration().bucket(bucket);
        let answer = call.send().await.map_err(|error| ask_error("s3:GetBucketNotification", &error))?;
        let queues = answer.queue_configurations().iter();
        let queues = queues.map(|queue| announcement(queue.queue_arn(), queue.events(), queue.filter()));
        let topics = answer.topic_configurations().iter();
        let topics = topics.map(|topic| announcement(topic.topic_arn(), topic.events(), topic.filter()));
        let functions = answer.lambda_function_configurations().iter();
        let functions = functions
            .map(|function| announcement(function.lambda_function_arn(), function.events(), function.filter()));
        let targets = queues.chain(topics).chain(functions).collect();
        Ok(Announcements { event_bus: answer.event_bridge_configuration().is_some(), targets })
    }

    /// A queue, by its URL.
    pub async fn queue(&self, url: &str) -> Result<QueueFacts, AskError> {
        let call = self.sqs(region_of_queue(url)).get_queue_attributes().queue_url(url);
        let answer = call.attribute_names(QueueAttributeName::All).send().await;
        let answer = answer.map_err(|error| ask_error("sqs:GetQueueAttributes", &error))?;
        let mut attributes = answer.attributes.unwrap_or_default();
        let mut text = |name: QueueAttributeName| take(&mut attributes, &name);
        Ok(QueueFacts {
            arn: text(QueueAttributeName::QueueArn).unwrap_or_default(),
            visibility: text(QueueAttributeName::VisibilityTimeout).and_then(|text| text.parse().ok()),
            retention: text(QueueAttributeName::MessageRetentionPeriod).and_then(|text| text.parse().ok()),
            waiting: text(QueueAttributeName::ApproximateNumberOfMessages).and_then(|text| text.parse().ok()),
            key: text(QueueAttributeName::KmsMasterKeyId),
            policy: text(QueueAttributeName::Policy),
            redrive: text(QueueAttributeName::RedrivePolicy),
        })
    }

    /// A queue, by its ARN.
    pub async fn queue_of_arn(&self, arn: &str) -> Result<QueueFacts, AskError> {
        let parts: Vec<&str> = arn.split(':').collect();
        let [_, _, _, region, account, name] = parts.as_slice() else { return Err(AskError::Missing) };
        let call = self.sqs(Some(region)).get_queue_url().queue_name(*name).queue_owner_aws_account_id(*account);
        let answer = call.send().await.map_err(|error| ask_error("sqs:GetQueueUrl", &error))?;
        self.queue(answer.queue_url().unwrap_or_default()).await
    }

    /// The subscriptions of a topic.
    pub async fn topic(&self, topic: &TopicArn) -> Result<TopicFacts, AskError> {
        let region = Region::new(topic.region().to_owned());
        let client =
            aws_sdk_sns::Client::from_conf(aws_sdk_sns::config::Builder::from(&self.shared).region(region).build());
        let (mut facts, mut next) = (TopicFacts::default(), None);
        loop {
            let call = client.list_subscriptions_by_topic().topic_arn(topic.to_string()).set_next_token(next);
            let answer = call.send().await.map_err(|error| ask_error("sns:ListSubscriptionsByTopic", &error))?;
            for subscription in answer.subscriptions() {
                // What is not confirmed has these words in the place of an ARN.
                match subscription.subscription_arn() {
                    Some("PendingConfirmation") => facts.pending += 1,
                    _ => facts.confirmed += 1,
                }
            }
            next = answer.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(facts);
            }
        }
    }

    /// A table of DynamoDB.
    pub async fn table(&self, name: &str) -> Result<TableFacts, AskError> {
        let client = aws_sdk_dynamodb::Client::new(&self.shared);
        let answer = client.describe_table().table_name(name).send().await;
        let table = answer.map_err(|error| ask_error("dynamodb:DescribeTable", &error))?.table;
        let table = table.ok_or(AskError::Missing)?;
        let answer = client.describe_time_to_live().table_name(name).send().await;
        let ends = answer.map_err(|error| ask_error("dynamodb:DescribeTimeToLive", &error))?;
        let ends = ends.time_to_live_description;
        let is_on = |status: &aws_sdk_dynamodb::types::TimeToLiveStatus| status.as_str().starts_with("ENABL");
        let ends = ends.filter(|ends| ends.time_to_live_status().is_some_and(is_on));
        Ok(TableFacts {
            status: table.table_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
            keys: table.key_schema().iter().map(|key| key.attribute_name().to_owned()).collect(),
            ends_by: ends.and_then(|ends| ends.attribute_name),
        })
    }

    fn sqs(&self, region: Option<&str>) -> aws_sdk_sqs::Client {
        let region = region.map(|region| Region::new(region.to_owned()));
        let region = region.or_else(|| self.shared.region().cloned());
        aws_sdk_sqs::Client::from_conf(aws_sdk_sqs::config::Builder::from(&self.shared).region(region).build())
    }
}

fn announcement(arn: &str, events: &[Event], filter: Option<&NotificationConfigurationFilter>) -> Announcement {
    let rules = filter.and_then(|filter| filter.key()).map(S3KeyFilter::filter_rules).unwrap_or_default();
    // S3 takes the names in any case.
    let rule = |name: &str| {
        let rule = rules.iter().find(|rule| rule.name().is_some_and(|known| known.as_str().eq_ignore_ascii_case(name)));
        rule.and_then(|rule| rule.value()).map(str::to_owned)
    };
    let events = events.iter().map(|event| event.as_str().to_owned()).collect();
    Announcement { arn: arn.to_owned(), events, prefix: rule("prefix"), suffix: rule("suffix") }
}

fn take(attributes: &mut HashMap<QueueAttributeName, String>, name: &QueueAttributeName) -> Option<String> {
    attributes.remove(name).filter(|text| !text.is_empty())
}

fn ask_error<E>(action: &'static str, error: &SdkError<E>) -> AskError
where
    SdkError<E>: std::error::Error + ProvideErrorMetadata + 'static,
{
    match error.code().unwrap_or_default() {
        "AccessDenied" | "AccessDeniedException" | "AuthorizationError" | "AuthorizationErrorException" => {
            AskError::Denied { action }
        }
        "NoSuchBucket"
        | "QueueDoesNotExist"
        | "AWS.SimpleQueueService.NonExistentQueue"
        | "NotFound"
        | "NotFoundException"
        | "ResourceNotFoundException" => AskError::Missing,
        _ => AskError::Failed { action, reason: error_text(error) },
    }
}

impl fmt::Debug for Deployment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shared: _ } = self;
        formatter.debug_struct("Deployment").finish_non_exhaustive()
    }
}
