//! What AWS hands to the function, told apart by content.
//!
//! | event | treated as |
//! |---|---|
//! | S3 notification, the function invoked by S3 | [`Trigger::Direct`] |
//! | batch of queue messages, each an S3 notification | [`Trigger::Queue`] |
//! | the same, each wrapped by an SNS topic (raw delivery or not) | [`Trigger::Queue`] |
//! | test events and confirmations, direct or in a queue message | [`Content::Probe`]: nothing to do, succeeds |
//! | everything else | [`DecodeError`], naming the shape when it is a known one |
//!
//! Nothing is acknowledged because it was not understood: an event of another
//! shape is an error, so that it is retried and ends in a dead-letter queue.

mod notification;
mod shape;
#[cfg(test)]
mod tests;

use serde_json::Value;
use thiserror::Error;
use trailhound_pipeline::ObjectRef;

use self::shape::{Shape, is_cloudtrail_probe};

/// One invocation, decoded.
#[derive(Debug, PartialEq)]
pub(crate) enum Trigger {
    /// S3 invoked the function; only an error makes Lambda try again.
    Direct(Content),
    /// A batch from an SQS queue, answered message by message.
    Queue(Vec<Message>),
}

/// One message of a batch.
#[derive(Debug, PartialEq)]
pub(crate) struct Message {
    /// `messageId`, which the answer names when the message failed.
    pub(crate) id: String,
    /// What the body says, or why it cannot be used.
    pub(crate) content: Result<Content, DecodeError>,
}

/// What one notification says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    /// Something happened to objects.
    Objects(Vec<Notified>),
    /// A test or confirmation: succeeds, and is logged.
    Probe(Probe),
}

/// What happened to one object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Notified {
    /// It was created: its records are to be read.
    Created(ObjectRef),
    /// Anything else (`ObjectRemoved:Delete`, …): nothing to read.
    Other {
        /// The `eventName` of the notification.
        event_name: String,
        /// The object it is about.
        object: ObjectRef,
    },
}

/// Messages that AWS sends to see whether a destination works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probe {
    /// `s3:TestEvent`, sent when a bucket notification is configured.
    S3Test,
    /// `CloudTrail validation message.`, sent when a trail gets a topic.
    CloudTrailTopic,
    /// `SubscriptionConfirmation` or `UnsubscribeConfirmation` of an SNS topic.
    SnsConfirmation,
}

/// Why an event or a message cannot be used. Never quotes the payload.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum DecodeError {
    /// The body of a message is no JSON.
    #[error("the message is no JSON: wrong at line {line}, column {column}")]
    NotJson {
        /// Line of the first error, from 1.
        line: usize,
        /// Column of the first error, from 1.
        column: usize,
    },
    /// A shape that AWS sends, but not one this function reads.
    #[error("{0} is not supported as a trigger: send S3 event notifications, directly or through an SQS queue")]
    Unsupported(Shape),
    /// None of the shapes AWS is known to send.
    #[error("the event has no known shape: send S3 event notifications, directly or through an SQS queue")]
    Unknown,
    /// The shape is known, but a part of it is missing.
    #[error("{shape} without `{field}`")]
    Incomplete {
        /// The shape it was taken for.
        shape: Shape,
        /// Path of what is missing or has the wrong type.
        field: &'static str,
    },
    /// A notification of another major version.
    #[error("S3 notification of version {0}: only versions 2.x are known")]
    Version(String),
    /// The decoded key is no UTF-8, which no key in S3 is.
    #[error("the object key in the S3 notification is not UTF-8 once decoded")]
    Key,
}

/// Decodes the event of one invocation.
pub(crate) fn decode(event: &Value) -> Result<Trigger, DecodeError> {
    match Shape::of(event) {
        Some(Shape::SqsBatch) => queue_messages(event).map(Trigger::Queue),
        shape => content_of(event, shape).map(Trigger::Direct),
    }
}

fn queue_messages(event: &Value) -> Result<Vec<Message>, DecodeError> {
    let incomplete = |field| DecodeError::Incomplete { shape: Shape::SqsBatch, field };
    let records = event.get("Records").and_then(Value::as_array).ok_or_else(|| incomplete("Records"))?;
    records
        .iter()
        .map(|record| {
            // An answer cannot name a message without an identifier: the whole batch fails.
            let id = record.get("messageId").and_then(Value::as_str).filter(|id| !id.is_empty());
            let id = id.ok_or_else(|| incomplete("Records[].messageId"))?.to_owned();
            let body = record.get("body").and_then(Value::as_str).ok_or_else(|| incomplete("Records[].body"));
            Ok(Message { id, content: body.and_then(message_content) })
        })
        .collect()
}

/// The body of a queue message: a notification, or the envelope of a topic around one.
fn message_content(body: &str) -> Result<Content, DecodeError> {
    if is_cloudtrail_probe(body) {
        return Ok(Content::Probe(Probe::CloudTrailTopic));
    }
    let value = parse(body)?;
    match Shape::of(&value) {
        Some(Shape::SnsEnvelope) => topic_content(&value),
        shape => content_of(&value, shape),
    }
}

/// The message inside the envelope of a topic. One envelope is opened, not a chain of them.
fn topic_content(envelope: &Value) -> Result<Content, DecodeError> {
    let missing = DecodeError::Incomplete { shape: Shape::SnsEnvelope, field: "Message" };
    let message = envelope.get("Message").and_then(Value::as_str).ok_or(missing)?;
    if is_cloudtrail_probe(message) {
        return Ok(Content::Probe(Probe::CloudTrailTopic));
    }
    let value = parse(message)?;
    content_of(&value, Shape::of(&value))
}

fn content_of(value: &Value, shape: Option<Shape>) -> Result<Content, DecodeError> {
    match shape {
        Some(Shape::S3Notification) => notification::objects(value).map(Content::Objects),
        Some(Shape::S3Test) => Ok(Content::Probe(Probe::S3Test)),
        Some(Shape::SnsConfirmation) => Ok(Content::Probe(Probe::SnsConfirmation)),
        Some(other) => Err(DecodeError::Unsupported(other)),
        None => Err(DecodeError::Unknown),
    }
}

fn parse(text: &str) -> Result<Value, DecodeError> {
    serde_json::from_str(text).map_err(|error| DecodeError::NotJson { line: error.line(), column: error.column() })
}
