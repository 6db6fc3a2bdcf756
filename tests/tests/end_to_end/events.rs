//! Events as AWS hands them to the function.

use serde_json::{Value, json};

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
