//! Trigger decoding: one case a shape, each written as AWS sends it.

use serde_json::{Value, json};
use trailhound_pipeline::ObjectRef;

use super::{Content, DecodeError, Message, Notified, Probe, Shape, Trigger, decode};

const KEY: &str = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/05/01/x.json.gz";

/// An S3 notification about one object, its key as it stands on the wire.
fn notification(event_name: &str, wire_key: &str, version: Option<&str>) -> Value {
    json!({"Records": [{
        "eventVersion": "2.6", "eventSource": "aws:s3", "awsRegion": "eu-west-1",
        "eventTime": "2026-05-01T10:05:12.345Z", "eventName": event_name,
        "s3": {
            "s3SchemaVersion": "1.0", "configurationId": "trail",
            "bucket": {"name": "org-trail", "arn": "arn:aws:s3:::org-trail"},
            "object": {"key": wire_key, "size": 4321, "eTag": "d41d8", "versionId": version, "sequencer": "0065F0"}
        }
    }]})
}

fn created(wire_key: &str) -> Value {
    notification("ObjectCreated:Put", wire_key, None)
}

fn object(key: &str) -> ObjectRef {
    ObjectRef { bucket: "org-trail".to_owned(), key: key.to_owned(), version: None }
}

fn one(key: &str) -> Content {
    Content::Objects(vec![Notified::Created(object(key))])
}

/// A batch with one message of this body.
fn queue(body: &str) -> Value {
    json!({"Records": [{
        "messageId": "m1", "receiptHandle": "r", "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1714557912000"},
        "messageAttributes": {}, "md5OfBody": "0", "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:111122223333:q", "awsRegion": "eu-west-1"
    }]})
}

fn envelope(message: &str) -> Value {
    json!({
        "Type": "Notification", "MessageId": "n1", "TopicArn": "arn:aws:sns:eu-west-1:111122223333:t",
        "Subject": "Amazon S3 Notification", "Message": message, "Timestamp": "2026-05-01T10:05:13.000Z",
        "SignatureVersion": "1", "Signature": "s", "SigningCertURL": "https://…", "UnsubscribeURL": "https://…"
    })
}

fn test_event() -> Value {
    json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-05-01T10:05:12.345Z",
           "Bucket": "org-trail", "RequestId": "R", "HostId": "H"})
}

type Decoded = Result<Content, DecodeError>;

/// Notifications about objects, and what they stand for.
fn notifications() -> Vec<(&'static str, Value, Decoded)> {
    let incomplete = |field| Err(DecodeError::Incomplete { shape: Shape::S3Notification, field });
    let with_version = ObjectRef { version: Some("v1".to_owned()), ..object(KEY) };
    vec![
        ("created", created(KEY), Ok(one(KEY))),
        (
            "versioned",
            notification("ObjectCreated:Copy", KEY, Some("v1")),
            Ok(Content::Objects(vec![Notified::Created(with_version)])),
        ),
        ("empty version", notification("ObjectCreated:Put", KEY, Some("")), Ok(one(KEY))),
        ("plus is a blank", created("my+logs/a.json.gz"), Ok(one("my logs/a.json.gz"))),
        ("escaped plus", created("a%2Bb%3Dc%25.gz"), Ok(one("a+b=c%.gz"))),
        ("escaped UTF-8", created("caf%C3%A9.gz"), Ok(one("café.gz"))),
        ("no escape after all", created("100%.gz"), Ok(one("100%.gz"))),
        ("key is no UTF-8", created("%FF.gz"), Err(DecodeError::Key)),
        (
            "removed",
            notification("ObjectRemoved:Delete", KEY, None),
            Ok(Content::Objects(vec![Notified::Other {
                event_name: "ObjectRemoved:Delete".to_owned(),
                object: object(KEY),
            }])),
        ),
        (
            "lean record",
            json!({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Post",
            "s3": {"bucket": {"name": "org-trail"}, "object": {"key": "k"}}}]}),
            Ok(one("k")),
        ),
        (
            "without bucket",
            json!({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
            "s3": {"object": {"key": "k"}}}]}),
            incomplete("Records[].s3.bucket.name"),
        ),
        (
            "key is a number",
            json!({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "b"}, "object": {"key": 7}}}]}),
            incomplete("Records[].s3.object.key"),
        ),
        (
            "another major version",
            json!({"Records": [{"eventSource": "aws:s3", "eventVersion": "3.0"}]}),
            Err(DecodeError::Version("3.0".to_owned())),
        ),
    ]
}

/// Events that are about no object.
fn others() -> Vec<(&'static str, Value, Decoded)> {
    let unsupported = |shape| Err(DecodeError::Unsupported(shape));
    vec![
        ("test event", test_event(), Ok(Content::Probe(Probe::S3Test))),
        (
            "confirmation",
            json!({"Type": "SubscriptionConfirmation", "Token": "t"}),
            Ok(Content::Probe(Probe::SnsConfirmation)),
        ),
        ("farewell", json!({"Type": "UnsubscribeConfirmation"}), Ok(Content::Probe(Probe::SnsConfirmation))),
        (
            "topic invokes",
            json!({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": "{}"}}]}),
            unsupported(Shape::SnsInvocation),
        ),
        ("CloudTrail's topic", json!({"s3Bucket": "b", "s3ObjectKey": ["k"]}), unsupported(Shape::CloudTrailTopic)),
        (
            "EventBridge object",
            json!({"source": "aws.s3", "detail-type": "Object Created", "detail": {}}),
            unsupported(Shape::EventBridgeObject),
        ),
        (
            "EventBridge record",
            json!({"source": "aws.iam", "detail-type": "AWS API Call via CloudTrail"}),
            unsupported(Shape::EventBridgeRecord),
        ),
        ("CloudWatch Logs", json!({"awslogs": {"data": "H4sI"}}), unsupported(Shape::CloudWatchLogs)),
        ("Kinesis", json!({"Records": [{"eventSource": "aws:kinesis"}]}), unsupported(Shape::Kinesis)),
        (
            "Batch Operations",
            json!({"invocationSchemaVersion": "1.0", "tasks": []}),
            unsupported(Shape::S3BatchOperations),
        ),
        ("another service", json!({"Records": [{"eventSource": "aws:dynamodb"}]}), Err(DecodeError::Unknown)),
        ("no records", json!({"Records": []}), Err(DecodeError::Unknown)),
        ("records of nothing", json!({"Records": [null]}), Err(DecodeError::Unknown)),
        ("records are no list", json!({"Records": {"0": {"eventSource": "aws:s3"}}}), Err(DecodeError::Unknown)),
        ("empty object", json!({}), Err(DecodeError::Unknown)),
        ("list", json!([1, 2]), Err(DecodeError::Unknown)),
        ("null", Value::Null, Err(DecodeError::Unknown)),
        (
            "types all wrong",
            json!({"Type": 1, "Event": [], "source": {}, "detail-type": false}),
            Err(DecodeError::Unknown),
        ),
    ]
}

fn decode_message(body: &str) -> Decoded {
    match decode(&queue(body))? {
        Trigger::Queue(mut messages) => messages.remove(0).content,
        Trigger::Direct(content) => Ok(content),
    }
}

#[test]
fn the_content_is_the_same_whatever_carries_it() {
    for (name, body, expected) in notifications().into_iter().chain(others()) {
        assert_eq!(decode(&body), expected.clone().map(Trigger::Direct), "{name}, direct");
        assert_eq!(decode_message(&body.to_string()), expected, "{name}, in a queue or through raw delivery");
        assert_eq!(decode_message(&envelope(&body.to_string()).to_string()), expected, "{name}, through a topic");
    }
}

#[test]
fn the_probe_of_a_trail_succeeds() {
    let probe = "CloudTrail validation message.";
    assert_eq!(decode_message(probe), Ok(Content::Probe(Probe::CloudTrailTopic)));
    assert_eq!(decode_message(&envelope(probe).to_string()), Ok(Content::Probe(Probe::CloudTrailTopic)));
}

#[test]
fn hostile_bodies_fail_their_own_message_only() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in ["", "not json", "{\"Records\":", "\u{0}", deep.as_str()] {
        let mut batch = queue(body);
        let mut good = queue(&created(KEY).to_string());
        good["Records"][0]["messageId"] = json!("m2");
        batch["Records"].as_array_mut().expect("a list").push(good["Records"][0].take());
        let Trigger::Queue(messages) = decode(&batch).expect("a batch") else { panic!("no batch") };
        assert!(matches!(messages[0].content, Err(DecodeError::NotJson { .. })), "{:?}", messages[0]);
        assert_eq!(messages[1], Message { id: "m2".to_owned(), content: Ok(one(KEY)) });
    }
}

#[test]
fn envelopes_are_opened_once() {
    let twice = envelope(&envelope(&created(KEY).to_string()).to_string());
    assert_eq!(decode_message(&twice.to_string()), Err(DecodeError::Unsupported(Shape::SnsEnvelope)));
    let queue_in_queue = queue(&created(KEY).to_string());
    assert_eq!(decode_message(&queue_in_queue.to_string()), Err(DecodeError::Unsupported(Shape::SqsBatch)));
}

#[test]
fn several_objects_in_one_message_are_all_named() {
    let mut body = created("a");
    let second = notification("ObjectCreated:Put", "b", None)["Records"][0].take();
    body["Records"].as_array_mut().expect("a list").push(second);
    let expected = Content::Objects(vec![Notified::Created(object("a")), Notified::Created(object("b"))]);
    assert_eq!(decode_message(&body.to_string()), Ok(expected));
}

#[test]
fn a_message_that_no_answer_could_name_fails_the_batch() {
    for id in [Value::Null, json!(""), json!(3)] {
        let mut batch = queue("{}");
        batch["Records"][0]["messageId"] = id;
        let error = DecodeError::Incomplete { shape: Shape::SqsBatch, field: "Records[].messageId" };
        assert_eq!(decode(&batch), Err(error));
    }
}

#[test]
fn a_message_without_body_fails_alone() {
    let mut batch = queue("{}");
    batch["Records"][0]["body"] = Value::Null;
    let error = DecodeError::Incomplete { shape: Shape::SqsBatch, field: "Records[].body" };
    assert_eq!(decode(&batch), Ok(Trigger::Queue(vec![Message { id: "m1".to_owned(), content: Err(error) }])));
}

#[test]
fn errors_name_the_shape_and_what_to_do() {
    let error = decode(&json!({"s3Bucket": "b", "s3ObjectKey": ["k"]})).expect_err("unsupported");
    assert_eq!(
        error.to_string(),
        "a message of CloudTrail's own SNS topic is not supported as a trigger: \
         send S3 event notifications, directly or through an SQS queue"
    );
    let error = decode(&json!({"Records": [{"eventSource": "aws:s3"}]})).expect_err("incomplete");
    assert_eq!(error.to_string(), "an S3 notification without `Records[].eventName`");
}
