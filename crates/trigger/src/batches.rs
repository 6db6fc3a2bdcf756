//! Events that carry others: batches of queues and streams, topics, and subscriptions of logs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::value::RawValue;

use super::document::{self, Document};
use super::{DecodeError, QueueOrder, Sender, Shape, Trigger, Unit, Work, work_of, work_of_message};

/// The messages of a queue.
pub(super) fn queue(event: &Document<'_>) -> Result<Trigger, DecodeError> {
    let records = records(event, Shape::SqsBatch)?;
    let in_order = records.iter().any(|record| {
        document::text(record, "/eventSourceARN").is_some_and(|queue| queue.strip_suffix(".fifo").is_some())
    });
    let order = if in_order { QueueOrder::Fifo } else { QueueOrder::Standard };
    let incomplete = |field| DecodeError::Incomplete { shape: Shape::SqsBatch, field };
    let units = records.iter().map(|record| {
        // An answer cannot name a message without an identifier: the whole batch fails.
        let id = document::text(record, "/messageId").ok_or_else(|| incomplete("Records[].messageId"))?;
        let body = record.get("body").and_then(Value::as_str).ok_or_else(|| incomplete("Records[].body"));
        Ok(Unit { id: id.to_owned(), work: body.and_then(queue_message) })
    });
    Ok(Trigger { sender: Sender::Queue(order), units: units.collect::<Result<_, _>>()? })
}

/// The body of a message: an event, or the envelope of a topic around one. One envelope is opened, not
/// a chain of them.
pub(super) fn queue_message(body: &str) -> Result<Vec<Work>, DecodeError> {
    if let Ok(envelope) = Document::parse(body)
        && Shape::of(&envelope) == Some(Shape::SnsEnvelope)
    {
        let missing = DecodeError::Incomplete { shape: Shape::SnsEnvelope, field: "Message" };
        return work_of_message(&envelope.string("Message").ok_or(missing)?);
    }
    work_of_message(body)
}

/// The messages of a topic that invokes the function. Lambda hands over one at a time and does not promise it.
pub(super) fn topic(event: &Document<'_>) -> Result<Trigger, DecodeError> {
    let incomplete = |field| DecodeError::Incomplete { shape: Shape::SnsInvocation, field };
    let records = records(event, Shape::SnsInvocation)?;
    let units = records.iter().map(|record| {
        let message = document::text(record, "/Sns/Message").ok_or_else(|| incomplete("Records[].Sns.Message"));
        let id = document::text(record, "/Sns/MessageId").unwrap_or_default();
        Unit { id: id.to_owned(), work: message.and_then(work_of_message) }
    });
    Ok(Trigger { sender: Sender::Asynchronous, units: units.collect() })
}

/// The records of a stream.
pub(super) fn stream(event: &Document<'_>) -> Result<Trigger, DecodeError> {
    let incomplete = |field| DecodeError::Incomplete { shape: Shape::KinesisBatch, field };
    let units = records(event, Shape::KinesisBatch)?.into_iter().map(|record| {
        let id = document::text(&record, "/kinesis/sequenceNumber");
        let id = id.ok_or_else(|| incomplete("Records[].kinesis.sequenceNumber"))?.to_owned();
        let data = record.pointer("/kinesis/data").and_then(Value::as_str);
        let data = data.ok_or_else(|| incomplete("Records[].kinesis.data"));
        Ok(Unit { id, work: data.and_then(stream_data) })
    });
    Ok(Trigger { sender: Sender::Stream, units: units.collect::<Result<_, _>>()? })
}

/// What a record of a stream holds: messages of a log subscription, packed, or records as they are. An
/// event that only announces records must not be mistaken for one.
fn stream_data(data: &str) -> Result<Vec<Work>, DecodeError> {
    let bytes = STANDARD.decode(data).map_err(|_| DecodeError::Base64(Shape::KinesisBatch))?;
    let text = std::str::from_utf8(&bytes).ok();
    if let Some(document) = text.and_then(|text| Document::parse(text).ok())
        && let Some(shape) = Shape::of(&document)
        && !shape.holds_records()
    {
        return work_of(&document, Some(shape));
    }
    Ok(vec![super::records("Kinesis", bytes)])
}

/// The messages of a subscription of CloudWatch Logs. They are packed, and unpacked where every object is:
/// within the limits, up to the damage if there is any.
pub(super) fn log_subscription(event: &Document<'_>) -> Result<Vec<Work>, DecodeError> {
    let missing = DecodeError::Incomplete { shape: Shape::CloudWatchLogs, field: "awslogs.data" };
    let data = event.object("awslogs").and_then(|logs| logs.string("data")).ok_or(missing)?;
    let bytes = STANDARD.decode(data).map_err(|_| DecodeError::Base64(Shape::CloudWatchLogs))?;
    Ok(vec![super::records("CloudWatch Logs", bytes)])
}

fn records(event: &Document<'_>, shape: Shape) -> Result<Vec<Value>, DecodeError> {
    let records = event.list("Records").ok_or(DecodeError::Incomplete { shape, field: "Records" })?;
    Ok(records.into_iter().map(|record: &RawValue| document::value(record)).collect())
}
