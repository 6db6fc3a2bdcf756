use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use thiserror::Error;
use trailhound_rule_engine::Level;

use crate::{AlertId, Clock, GroupKey, ObjectRef, Quarantine, State};

/// What a pipeline reaches the world through.
#[derive(Clone)]
pub struct Ports {
    /// Where objects are.
    pub objects: Arc<dyn ObjectStore>,
    /// What is remembered between deliveries.
    pub state: Arc<dyn State>,
    /// Where alerts go.
    pub notifier: Arc<dyn Notifier>,
    /// What the present moment is.
    pub clock: Arc<dyn Clock>,
    /// Where a note of what cannot be judged for good is kept. Without one such a delivery fails, until
    /// its sender gives up and keeps it.
    pub quarantine: Option<Arc<dyn Quarantine>>,
}

impl fmt::Debug for Ports {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Ports").finish_non_exhaustive()
    }
}

/// Gives the bytes of log objects.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// The bytes of an object as they are stored: of the version named, or else of the latest.
    async fn get(&self, object: &ObjectRef) -> Result<Vec<u8>, FetchError>;
}

/// Why an object could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FetchError {
    /// It is not there (any more). Nothing is left to read, so the delivery is done.
    #[error("the object does not exist")]
    Missing,
    /// It may not be read. Somebody has to change that, so the delivery fails.
    #[error("access to the object is denied")]
    Denied,
    /// The key that it is encrypted with may not be used, or is disabled. Somebody has to change that,
    /// so the delivery fails.
    #[error("the key that encrypts the object may not be used")]
    KeyDenied,
    /// It is larger than the limit allows.
    #[error("the object is larger than the limit of {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// A further attempt may succeed.
    #[error("the object could not be fetched: {0}")]
    Transient(String),
}

/// Remembers which alerts were sent, so that each is sent once however often it is caused.
///
/// An alert is claimed, published, completed. A claim that is neither completed nor released within
/// its lease belongs to a worker that crashed, and is granted again: so a crash between publishing
/// and completing repeats a notification at most once, and no crash swallows one. Completed alerts
/// are remembered for at least 90 days: CloudTrail repeats itself for longer than a day.
#[async_trait]
pub trait AlertState: Send + Sync {
    /// Asks for the right to send an alert, for the time of `lease`. Of any number of workers that
    /// ask at the same time one is granted it.
    async fn claim(&self, alert: &AlertId, lease: Duration) -> Result<Claim, StateError>;

    /// Records that the alert was sent. [`StateError::ClaimLost`] when another worker has taken the
    /// claim over since; an alert that is already completed stays completed.
    async fn complete(&self, alert: &AlertId, token: &ClaimToken) -> Result<(), StateError>;

    /// Gives a claim back unused. One that is no longer held is left as it is.
    async fn release(&self, alert: &AlertId, token: &ClaimToken) -> Result<(), StateError>;
}

/// The answer to a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The alert is yours to send.
    Granted(ClaimToken),
    /// Another worker is sending it, or crashed while doing so; ask again after the lease.
    Held,
    /// It was sent.
    Completed,
}

/// Proof of a granted claim; unlike that of every other claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimToken(String);

impl ClaimToken {
    /// A token of an implementation's own making.
    pub fn new(token: impl Into<String>) -> Self {
        ClaimToken(token.into())
    }

    /// The token as it was made.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why the state of an alert could not be read or changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StateError {
    /// The lease ran out and another worker has the claim now.
    #[error("the claim was taken over by another worker")]
    ClaimLost,
    /// A further attempt may succeed.
    #[error("the state could not be reached: {0}")]
    Transient(String),
}

/// Tells people.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Hands notifications over, each to its topic, and answers for each, in their order: success means
    /// that the topic accepted it for delivery. That one fails says nothing about the others.
    async fn notify(&self, notifications: &[Notification]) -> Vec<Result<Receipt, NotifyError>>;
}

/// The name of a topic in the configuration: 1 to 64 letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicName(Arc<str>);

impl TopicName {
    /// The topic that is there when only one is configured, by its ARN.
    pub const DEFAULT: &'static str = "default";

    /// The name, if it is one.
    pub fn new(name: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        ((1..=64).contains(&name.len()) && name.bytes().all(allowed)).then(|| TopicName(name.into()))
    }

    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TopicName {
    fn default() -> Self {
        TopicName(TopicName::DEFAULT.into())
    }
}

impl fmt::Display for TopicName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// One message to one topic, within the limits of SNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Identity of the alert at this topic: the same alert at another topic has another.
    pub alert: AlertId,
    /// Where it goes.
    pub topic: TopicName,
    /// What keeps its order with others at a topic that keeps order.
    pub group: GroupKey,
    /// How urgent it is.
    pub level: Level,
    /// One line of 1 to 99 characters without control characters, the first no white space.
    pub subject: String,
    /// In the format of the topic; never empty.
    pub body: String,
    /// What subscriptions can filter by; at most ten, none empty, no character beyond the basic
    /// multilingual plane.
    pub attributes: Vec<Attribute>,
}

/// A message attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// What filters may do with the value.
    pub kind: AttributeKind,
}

/// The types of message attributes that are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeKind {
    /// Compared as text.
    String,
    /// A JSON list of texts, of which one has to fit.
    StringArray,
    /// Compared by size.
    Number,
}

impl AttributeKind {
    /// The name of the type in SNS.
    pub fn as_str(self) -> &'static str {
        match self {
            AttributeKind::String => "String",
            AttributeKind::StringArray => "String.Array",
            AttributeKind::Number => "Number",
        }
    }
}

/// Proof that a notification was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The identifier that the channel gave it.
    pub id: String,
}

/// Why a notification was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotifyError {
    /// It is larger than the channel allows.
    #[error("the notification is too large for the channel")]
    TooLarge,
    /// The channel does not take it: no permission, no such topic, invalid content.
    #[error("the notification was rejected: {0}")]
    Rejected(String),
    /// A further attempt may succeed.
    #[error("the notification could not be handed over: {0}")]
    Transient(String),
}
