//! The shapes of events that AWS is known to send to a function or a queue.

use std::fmt;

use serde_json::Value;

/// A shape, supported or not: whoever wires the function wrongly should read
/// what it was given, not that something was unexpected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `Records[]` of `aws:s3`.
    S3Notification,
    /// `s3:TestEvent`.
    S3Test,
    /// `Records[]` of `aws:sqs`.
    SqsBatch,
    /// `Records[]` of `aws:sns`: a topic that invokes the function.
    SnsInvocation,
    /// `Type: Notification`: a topic that feeds a queue.
    SnsEnvelope,
    /// `Type: SubscriptionConfirmation` and its counterpart.
    SnsConfirmation,
    /// `s3Bucket` and `s3ObjectKey`: the topic that a trail itself notifies.
    CloudTrailTopic,
    /// `Object Created` from the source `aws.s3`.
    EventBridgeObject,
    /// A record on the event bus (`… via CloudTrail`).
    EventBridgeRecord,
    /// `awslogs.data`: a CloudWatch Logs subscription.
    CloudWatchLogs,
    /// `Records[]` of `aws:kinesis`.
    Kinesis,
    /// `invocationSchemaVersion` and `tasks[]`.
    S3BatchOperations,
}

impl Shape {
    /// The shape of an event or of the body of a message, if it is a known one.
    pub(super) fn of(event: &Value) -> Option<Self> {
        Self::of_records(event).or_else(|| Self::of_sns(event)).or_else(|| Self::of_other(event))
    }

    /// Shapes with a list of `Records`; the first tells what all of them are.
    fn of_records(event: &Value) -> Option<Self> {
        let first = event.get("Records")?.get(0)?;
        let source = first.get("eventSource").or_else(|| first.get("EventSource"))?;
        match source.as_str()? {
            "aws:s3" => Some(Self::S3Notification),
            "aws:sqs" => Some(Self::SqsBatch),
            "aws:sns" => Some(Self::SnsInvocation),
            "aws:kinesis" => Some(Self::Kinesis),
            _ => None,
        }
    }

    fn of_sns(event: &Value) -> Option<Self> {
        match event.get("Type")?.as_str()? {
            "Notification" => Some(Self::SnsEnvelope),
            "SubscriptionConfirmation" | "UnsubscribeConfirmation" => Some(Self::SnsConfirmation),
            _ => None,
        }
    }

    fn of_other(event: &Value) -> Option<Self> {
        let text = |field: &str| event.get(field).and_then(Value::as_str);
        if text("Event") == Some("s3:TestEvent") {
            return Some(Self::S3Test);
        }
        if text("source") == Some("aws.s3") && text("detail-type").is_some() {
            return Some(Self::EventBridgeObject);
        }
        if text("detail-type").is_some_and(|kind| kind.ends_with("via CloudTrail")) {
            return Some(Self::EventBridgeRecord);
        }
        if event.get("s3Bucket").is_some() && event.get("s3ObjectKey").is_some() {
            return Some(Self::CloudTrailTopic);
        }
        if event.pointer("/awslogs/data").is_some() {
            return Some(Self::CloudWatchLogs);
        }
        let batch_operations = event.get("invocationSchemaVersion").is_some() && event.get("tasks").is_some();
        batch_operations.then_some(Self::S3BatchOperations)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::S3Notification => "an S3 notification",
            Self::S3Test => "an S3 test event",
            Self::SqsBatch => "a batch of SQS messages",
            Self::SnsInvocation => "an invocation by an SNS topic",
            Self::SnsEnvelope => "the envelope of an SNS topic",
            Self::SnsConfirmation => "the confirmation of an SNS subscription",
            Self::CloudTrailTopic => "a message of CloudTrail's own SNS topic",
            Self::EventBridgeObject => "an S3 event from EventBridge",
            Self::EventBridgeRecord => "a CloudTrail event from EventBridge",
            Self::CloudWatchLogs => "a CloudWatch Logs subscription",
            Self::Kinesis => "a Kinesis batch",
            Self::S3BatchOperations => "an S3 Batch Operations job",
        })
    }
}

/// Whether a message is the plain text that CloudTrail sends to a topic when it is attached to a trail.
pub(super) fn is_cloudtrail_probe(message: &str) -> bool {
    message.trim() == "CloudTrail validation message."
}
