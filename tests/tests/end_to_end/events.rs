//! Events as AWS hands them to the function.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::logs::gzip;

/// S3 says that an object was created. The key is given as it is and encoded here, as S3 does.
pub(crate) fn object_created(bucket: &str, key: &str) -> Value {
    json!({"Records": [{
        "eventVersion": "2.6", "eventSource": "aws:s3", "awsRegion": "eu-west-1",
        "eventTime": "2026-05-01T10:05:12.345Z", "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:AROAEXAMPLE:x"},
        "requestParameters": {"sourceIPAddress": "192.0.2.10"},
        "responseElements": {"x-amz-request-id": "R", "x-amz-id-2": "H"},
        "s3": {
            "s3SchemaVersion": "1.0", "configurationId": "trail",
            "bucket": {"name": bucket, "ownerIdentity": {"principalId": "A1"}, "arn": format!("arn:aws:s3:::{bucket}")},
            "object": {"key": encode(key), "size": 4321, "eTag": "d41d8", "sequencer": "0065F0"}
        }
    }]})
}

/// What S3 sends when a notification is configured.
pub(crate) fn s3_test(bucket: &str) -> Value {
    json!({
        "Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-05-01T10:05:12.345Z",
        "Bucket": bucket, "RequestId": "R", "HostId": "H"
    })
}

/// A batch of messages: their identifiers and bodies.
pub(crate) fn batch<'a>(messages: impl IntoIterator<Item = (&'a str, String)>) -> Value {
    let records = messages.into_iter().map(|(id, body)| {
        json!({
            "messageId": id, "receiptHandle": "r", "body": body,
            "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1777629912000", "SenderId": "s",
                "ApproximateFirstReceiveTimestamp": "1777629912001"},
            "messageAttributes": {}, "md5OfBody": "0", "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:111122223333:logs", "awsRegion": "eu-west-1"
        })
    });
    json!({"Records": records.collect::<Vec<_>>()})
}

/// A batch of one message about one created object.
pub(crate) fn batch_of_one(bucket: &str, key: &str) -> Value {
    batch([("m1", object_created(bucket, key).to_string())])
}

/// Form encoding, which leaves slashes alone.
fn encode(key: &str) -> String {
    key.bytes().fold(String::new(), |text, byte| match byte {
        b' ' => text + "+",
        byte if byte.is_ascii_alphanumeric() || b"-_./*".contains(&byte) => text + &char::from(byte).to_string(),
        byte => text + &format!("%{byte:02X}"),
    })
}

/// What a topic sends to a queue: its envelope around a message.
pub(crate) fn envelope(message: &str) -> Value {
    json!({
        "Type": "Notification", "MessageId": "n1", "TopicArn": "arn:aws:sns:eu-west-1:111122223333:logs",
        "Subject": "Amazon S3 Notification", "Message": message, "Timestamp": "2026-05-01T10:05:13.000Z",
        "SignatureVersion": "1", "Signature": "s", "SigningCertURL": "https://sns.example/c.pem",
        "UnsubscribeURL": "https://sns.example/u"
    })
}

/// What a topic sends to a function.
pub(crate) fn invocation_by_topic(message: &str) -> Value {
    json!({"Records": [{
        "EventVersion": "1.0", "EventSource": "aws:sns", "EventSubscriptionArn": "arn:aws:sns:eu-west-1:111122223333:logs:6b",
        "Sns": {
            "Type": "Notification", "MessageId": "n1", "TopicArn": "arn:aws:sns:eu-west-1:111122223333:logs",
            "Subject": "Amazon S3 Notification", "Message": message, "Timestamp": "2026-05-01T10:05:13.000Z",
            "SignatureVersion": "1", "Signature": "s", "SigningCertUrl": "https://sns.example/c.pem",
            "UnsubscribeUrl": "https://sns.example/u", "MessageAttributes": {}
        }
    }]})
}

/// What a trail says to a topic of its own.
pub(crate) fn told_by_trail(bucket: &str, keys: &[&str]) -> Value {
    json!({"s3Bucket": bucket, "s3ObjectKey": keys})
}

/// S3 says on the event bus that an object was created.
pub(crate) fn on_the_bus(bucket: &str, key: &str) -> Value {
    json!({
        "version": "0", "id": "17793124-05d4-b198-2fde-7ededc63b103", "detail-type": "Object Created",
        "source": "aws.s3", "account": "111122223333", "time": "2026-05-01T10:05:12Z", "region": "eu-west-1",
        "resources": [format!("arn:aws:s3:::{bucket}")],
        "detail": {
            "version": "0", "bucket": {"name": bucket},
            "object": {"key": key, "size": 4321, "etag": "d41d8", "sequencer": "0065F0"},
            "request-id": "R", "requester": "cloudtrail.amazonaws.com", "source-ip-address": "192.0.2.10",
            "reason": "PutObject"
        }
    })
}

/// A record that CloudTrail puts on the event bus itself.
pub(crate) fn record_on_the_bus(record: &Value) -> Value {
    json!({
        "version": "0", "id": "17793124-05d4-b198-2fde-7ededc63b103", "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.cloudtrail", "account": "111122223333", "time": "2026-05-01T10:01:02Z",
        "region": "eu-west-1", "resources": [], "detail": record
    })
}

/// A schedule of the event bus is due.
pub(crate) fn scheduled() -> Value {
    json!({
        "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event",
        "source": "aws.events", "account": "111122223333", "time": "2026-05-01T10:00:00Z", "region": "eu-west-1",
        "resources": ["arn:aws:events:eu-west-1:111122223333:rule/sweep"], "detail": {}
    })
}

/// What a subscription of CloudWatch Logs sends: messages, packed.
pub(crate) fn logged(records: &[Value]) -> Vec<u8> {
    let events = records
        .iter()
        .map(|record| json!({"id": "3195", "timestamp": 1_777_629_912_000_i64, "message": record.to_string()}));
    gzip(
        json!({
            "messageType": "DATA_MESSAGE", "owner": "111122223333", "logGroup": "aws-cloudtrail-logs",
            "logStream": "111122223333_CloudTrail_eu-west-1", "subscriptionFilters": ["f"],
            "logEvents": events.collect::<Vec<_>>()
        })
        .to_string()
        .as_bytes(),
    )
}

/// The event of a subscription of CloudWatch Logs.
pub(crate) fn log_subscription(data: &[u8]) -> Value {
    json!({"awslogs": {"data": STANDARD.encode(data)}})
}

/// A batch of a Kinesis stream, whose sequence numbers are `1`, `2`, …
pub(crate) fn stream(data: &[&[u8]]) -> Value {
    let records = data.iter().zip(1..).map(|(data, number)| {
        json!({
            "kinesis": {
                "kinesisSchemaVersion": "1.0", "partitionKey": "p", "sequenceNumber": number.to_string(),
                "data": STANDARD.encode(data), "approximateArrivalTimestamp": 1_777_629_912.1
            },
            "eventSource": "aws:kinesis", "eventVersion": "1.0", "eventID": format!("shardId-000000000006:{number}"),
            "eventName": "aws:kinesis:record", "invokeIdentityArn": "arn:aws:iam::111122223333:role/r",
            "awsRegion": "eu-west-1", "eventSourceARN": "arn:aws:kinesis:eu-west-1:111122223333:stream/s"
        })
    });
    json!({"Records": records.collect::<Vec<_>>()})
}

/// A job of S3 Batch Operations of schema 1.0; the tasks are called like their keys.
pub(crate) fn job(bucket: &str, keys: &[&str]) -> Value {
    let tasks = keys.iter().map(|key| {
        json!({"taskId": key, "s3Key": encode(key), "s3VersionId": null, "s3BucketArn": format!("arn:aws:s3:::{bucket}")})
    });
    json!({
        "invocationSchemaVersion": "1.0", "invocationId": "YXNkZg", "job": {"id": "f3cc4f60"},
        "tasks": tasks.collect::<Vec<_>>()
    })
}
