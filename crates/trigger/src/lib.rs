//! What AWS says of log objects and records, told apart by content, and the worker that does what it says.
//!
//! [`decode`] reads the event of an invocation, [`decode_message`] the body of one message of a queue that
//! somebody polls. Both give units, which are acknowledged or repeated as a whole; [`Worker`] does them.
//!
//! | event | sender | units |
//! |---|---|---|
//! | S3 notification; `Object Created` or a record from EventBridge; CloudWatch Logs subscription | [`Sender::Asynchronous`] | one |
//! | any of these from an SNS topic; the topic of a trail | [`Sender::Asynchronous`] | one a message |
//! | any of these in an SQS queue, through a topic or not, raw delivery or not | [`Sender::Queue`] | one a message |
//! | Kinesis stream, mostly of a CloudWatch Logs subscription | [`Sender::Stream`] | one a record |
//! | S3 Batch Operations, schemas 1.0 and 2.0 | [`Sender::BatchOperations`] | one a task |
//! | a log document or a record, handed over by hand | [`Sender::Person`] | one |
//! | schedule of the event bus | [`Sender::Asynchronous`] | one, [`Work::Sweep`] |
//! | `{"trailhound": "canary"}`, the input of another schedule | [`Sender::Asynchronous`] | one, [`Work::Canary`] |
//! | test events and confirmations, anywhere above | as above | [`Work::Nothing`] |
//!
//! Nothing is acknowledged because it was not understood: an event of another
//! shape is an error, so that it is retried and ends in a dead-letter queue.

mod batch_operations;
mod batches;
mod document;
mod error;
mod event_bus;
mod keys;
mod limits;
mod notification;
mod shape;
#[cfg(test)]
mod tests;
mod work;

use trailhound_pipeline::{Delivery, ObjectRef};

use self::document::Document;
pub use self::error::DecodeError;
pub use self::limits::Reserves;
pub use self::shape::Shape;
pub use self::work::{UnitOutcome, WorkOutcome, Worker};

/// One invocation, decoded.
#[derive(Debug, PartialEq)]
pub struct Trigger {
    /// Who waits for an answer, and of which form.
    pub sender: Sender,
    /// What is acknowledged or repeated as a whole, in the order of the event.
    pub units: Vec<Unit>,
}

/// Who sent the event, as far as the answer depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// Lambda on behalf of S3, SNS, EventBridge or CloudWatch Logs: only an error makes it try again.
    Asynchronous,
    /// An SQS queue: the answer names the messages that failed.
    Queue(QueueOrder),
    /// A Kinesis stream: the answer names the first record that failed.
    Stream,
    /// A job of S3 Batch Operations: the answer tells the result of every task.
    BatchOperations {
        /// The schema version of the request, which the answer repeats.
        schema: String,
        /// The identifier of the request, which the answer repeats.
        invocation: String,
    },
    /// Somebody who tries the function: the answer says what became of the records.
    Person,
}

/// Whether a queue keeps its messages in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueOrder {
    /// It does not.
    Standard,
    /// It does: nothing that follows a failed message may be acknowledged.
    Fifo,
}

/// What is acknowledged or repeated as a whole: a message, a record of a stream, a task.
#[derive(Debug, PartialEq)]
pub struct Unit {
    /// What the answer calls it: message identifier, sequence number or task identifier.
    pub id: String,
    /// What is to be done, or why nothing can be.
    pub work: Result<Vec<Work>, DecodeError>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// An object was created: its records are to be read.
    Object {
        /// The object, its key decoded as its source encodes it.
        object: ObjectRef,
        /// The object meant if there is none of that key, where the encoding of the source is not certain.
        otherwise: Option<ObjectRef>,
    },
    /// Records came along with the event.
    Records(Delivery),
    /// A schedule: what has become due is to be looked at.
    Sweep,
    /// A schedule: a canary is to come out.
    Canary,
    /// Nothing; it is logged.
    Nothing(Nothing),
}

/// What succeeds without anything being done.
#[derive(Debug, Clone, PartialEq)]
pub enum Nothing {
    /// `s3:TestEvent`, sent when a bucket notification is configured.
    S3Test,
    /// `CloudTrail validation message.`, sent when a trail gets a topic.
    CloudTrailTopicTest,
    /// `SubscriptionConfirmation` or `UnsubscribeConfirmation` of an SNS topic.
    SnsConfirmation,
    /// Something else happened to an object (`ObjectRemoved:Delete`, …): nothing to read.
    NotCreated {
        /// The name of the event.
        event: String,
        /// The object it is about.
        object: ObjectRef,
    },
}

/// Decodes the event of one invocation.
pub fn decode(event: &str) -> Result<Trigger, DecodeError> {
    let document = Document::parse(event)?;
    let shape = Shape::of(&document);
    match shape {
        Some(Shape::SqsBatch) => batches::queue(&document),
        Some(Shape::SnsInvocation) => batches::topic(&document),
        Some(Shape::KinesisBatch) => batches::stream(&document),
        Some(Shape::S3BatchOperations) => batch_operations::tasks(&document),
        Some(Shape::LogDocument | Shape::Record) => single(Sender::Person, &document, shape),
        _ => single(Sender::Asynchronous, &document, shape),
    }
}

/// Decodes the body of one message of a queue, which the unit is called after.
pub fn decode_message(id: &str, body: &str) -> Unit {
    Unit { id: id.to_owned(), work: batches::queue_message(body) }
}

/// An event that stands for itself fails as a whole when it cannot be decoded.
fn single(sender: Sender, document: &Document<'_>, shape: Option<Shape>) -> Result<Trigger, DecodeError> {
    let work = work_of(document, shape)?;
    Ok(Trigger { sender, units: vec![Unit { id: String::new(), work: Ok(work) }] })
}

/// What a message says: the body of a queue message, the message of a topic, or the content of an envelope.
fn work_of_message(text: &str) -> Result<Vec<Work>, DecodeError> {
    // The one message that is no JSON: sent when a topic is attached to a trail.
    if text.trim() == "CloudTrail validation message." {
        return Ok(vec![Work::Nothing(Nothing::CloudTrailTopicTest)]);
    }
    let document = Document::parse(text)?;
    work_of(&document, Shape::of(&document))
}

fn work_of(document: &Document<'_>, shape: Option<Shape>) -> Result<Vec<Work>, DecodeError> {
    match shape {
        Some(Shape::S3Notification) => notification::objects(document),
        Some(Shape::CloudTrailTopic) => notification::objects_of_a_trail(document),
        Some(Shape::EventBridgeObject) => event_bus::object(document),
        Some(Shape::EventBridgeRecord) => Ok(vec![inline("EventBridge", document)]),
        Some(Shape::CloudWatchLogs) => batches::log_subscription(document),
        Some(Shape::LogDocument | Shape::Record) => Ok(vec![inline("the event itself", document)]),
        Some(Shape::Schedule) => Ok(vec![Work::Sweep]),
        Some(Shape::Canary) => Ok(vec![Work::Canary]),
        Some(Shape::S3Test) => Ok(vec![Work::Nothing(Nothing::S3Test)]),
        Some(Shape::SnsConfirmation) => Ok(vec![Work::Nothing(Nothing::SnsConfirmation)]),
        Some(
            nested @ (Shape::SqsBatch
            | Shape::SnsInvocation
            | Shape::SnsEnvelope
            | Shape::KinesisBatch
            | Shape::S3BatchOperations),
        ) => Err(DecodeError::Misplaced(nested)),
        None => Err(DecodeError::Unknown),
    }
}

fn inline(origin: &str, document: &Document<'_>) -> Work {
    records(origin, document.text().as_bytes().to_vec())
}

/// Records that came along, in any form that they come in, packed or not. `origin` is for logs and alerts.
fn records(origin: &str, bytes: Vec<u8>) -> Work {
    Work::Records(Delivery::Records { origin: origin.to_owned(), bytes })
}
