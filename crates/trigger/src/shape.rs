//! The shapes of events that AWS is known to send to a function or a queue.

use std::fmt;

use super::document::Document;

/// A shape. Whoever wires the function wrongly should read what it was given, not that something was
/// unexpected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
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
    /// An event of the source `aws.s3`, such as `Object Created`.
    EventBridgeObject,
    /// A record on the event bus (`… via CloudTrail`).
    EventBridgeRecord,
    /// A schedule of the event bus.
    Schedule,
    /// `trailhound: canary`: what a schedule for canaries sends.
    Canary,
    /// `awslogs.data`: a CloudWatch Logs subscription.
    CloudWatchLogs,
    /// `Records[]` of `aws:kinesis`.
    KinesisBatch,
    /// `invocationSchemaVersion` and `tasks[]`.
    S3BatchOperations,
    /// `Records[]` of CloudTrail: the content of a log object.
    LogDocument,
    /// One record of CloudTrail.
    Record,
}

impl Shape {
    /// The shape of an event or of the body of a message, if it is a known one.
    pub(super) fn of(event: &Document<'_>) -> Option<Self> {
        Self::of_records(event).or_else(|| Self::of_sns(event)).or_else(|| Self::of_other(event))
    }

    /// Whether records of CloudTrail come along with it.
    pub(super) fn holds_records(self) -> bool {
        matches!(self, Self::EventBridgeRecord | Self::LogDocument | Self::Record)
    }

    /// Shapes with a list of `Records`; the first tells what all of them are.
    fn of_records(event: &Document<'_>) -> Option<Self> {
        let first = Document::parse(event.list("Records")?.first()?.get()).ok()?;
        // SNS alone writes it with a capital.
        match first.string("eventSource").or_else(|| first.string("EventSource")).as_deref() {
            Some("aws:s3") => Some(Self::S3Notification),
            Some("aws:sqs") => Some(Self::SqsBatch),
            Some("aws:sns") => Some(Self::SnsInvocation),
            Some("aws:kinesis") => Some(Self::KinesisBatch),
            _ => is_record(&first).then_some(Self::LogDocument),
        }
    }

    fn of_sns(event: &Document<'_>) -> Option<Self> {
        match event.string("Type")?.as_str() {
            "Notification" => Some(Self::SnsEnvelope),
            "SubscriptionConfirmation" | "UnsubscribeConfirmation" => Some(Self::SnsConfirmation),
            _ => None,
        }
    }

    fn of_other(event: &Document<'_>) -> Option<Self> {
        if event.string("trailhound").as_deref() == Some("canary") {
            return Some(Self::Canary);
        }
        if event.string("Event").as_deref() == Some("s3:TestEvent") {
            return Some(Self::S3Test);
        }
        if let (Some(kind), Some(source)) = (event.string("detail-type"), event.string("source")) {
            return Self::of_event_bus(&kind, &source);
        }
        if event.has("s3Bucket") && event.has("s3ObjectKey") {
            return Some(Self::CloudTrailTopic);
        }
        if event.object("awslogs").is_some_and(|logs| logs.has("data")) {
            return Some(Self::CloudWatchLogs);
        }
        if event.has("invocationSchemaVersion") && event.has("tasks") {
            return Some(Self::S3BatchOperations);
        }
        is_record(event).then_some(Self::Record)
    }

    /// Only AWS can send events of a source that begins with `aws.`: anybody else who may write to the
    /// bus cannot pass for CloudTrail.
    fn of_event_bus(kind: &str, source: &str) -> Option<Self> {
        match source.strip_prefix("aws.")? {
            // `AWS API Call via CloudTrail`, `AWS Insight via CloudTrail`, …; calls to S3 among them.
            _ if kind.ends_with("via CloudTrail") => Some(Self::EventBridgeRecord),
            "s3" => Some(Self::EventBridgeObject),
            "events" if kind == "Scheduled Event" => Some(Self::Schedule),
            _ => None,
        }
    }
}

/// What every record has had since 2011, but for the sources that are AWS's own kinds of events.
fn is_record(object: &Document<'_>) -> bool {
    let is_event_of_lambda = object.string("eventSource").is_some_and(|source| source.starts_with("aws:"));
    let says_what = object.has("eventName") || object.has("eventType");
    object.has("eventVersion") && object.has("eventTime") && says_what && !is_event_of_lambda
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
            Self::Canary => "a canary",
            Self::EventBridgeRecord => "a CloudTrail event from EventBridge",
            Self::Schedule => "a schedule of EventBridge",
            Self::CloudWatchLogs => "a CloudWatch Logs subscription",
            Self::KinesisBatch => "a Kinesis batch",
            Self::S3BatchOperations => "an S3 Batch Operations job",
            Self::LogDocument => "a CloudTrail log document",
            Self::Record => "a CloudTrail record",
        })
    }
}
