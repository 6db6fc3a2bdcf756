//! Log objects as CloudTrail delivers them.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

/// An access key that every record holds, and no log line of the function may.
pub(crate) const ACCESS_KEY: &str = "ASIAEXAMPLEEXAMPLE00";

/// Key of the log object with this unique part in its name.
pub(crate) fn key(unique: &str) -> String {
    format!(
        "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/05/01/\
         111122223333_CloudTrail_eu-west-1_20260501T1005Z_{unique}.json.gz"
    )
}

/// Key of a digest.
pub(crate) fn digest_key() -> String {
    "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/05/01/\
     111122223333_CloudTrail-Digest_eu-west-1_main_eu-west-1_20260501T100500Z.json.gz"
        .to_owned()
}

/// Somebody stops a trail: matches the rule of level high.
pub(crate) fn trail_stopped(event_id: &str) -> Value {
    call_of_trail("StopLogging", event_id)
}

/// Somebody calls CloudTrail.
pub(crate) fn call_of_trail(name: &str, event_id: &str) -> Value {
    record("cloudtrail.amazonaws.com", name, event_id)
}

/// Somebody lists the buckets: matches the rule of level low.
pub(crate) fn buckets_listed(event_id: &str) -> Value {
    record("s3.amazonaws.com", "ListBuckets", event_id)
}

/// Somebody does what no rule asks about.
pub(crate) fn harmless(event_id: &str) -> Value {
    record("ec2.amazonaws.com", "DescribeInstances", event_id)
}

fn record(source: &str, name: &str, event_id: &str) -> Value {
    json!({
        "eventVersion": "1.11", "eventTime": "2026-05-01T10:01:02Z", "eventSource": source, "eventName": name,
        "awsRegion": "eu-west-1", "sourceIPAddress": "192.0.2.10", "userAgent": "aws-cli/2.0",
        "userIdentity": {
            "type": "IAMUser", "principalId": "AIDAEXAMPLE", "arn": "arn:aws:iam::111122223333:user/alice",
            "accountId": "111122223333", "accessKeyId": ACCESS_KEY,
            // One for each event, so that no two alerts become one notification.
            "userName": format!("alice-{event_id}")
        },
        "requestParameters": {"name": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"},
        "responseElements": null, "requestID": "3b5f2b4e-0000-4000-8000-000000000000", "eventID": event_id,
        "readOnly": false, "eventType": "AwsApiCall", "managementEvent": true,
        "recipientAccountId": "111122223333", "eventCategory": "Management"
    })
}

/// The object that holds these records.
pub(crate) fn object(records: &[Value]) -> Vec<u8> {
    gzip(json!({"Records": records}).to_string().as_bytes())
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// An object of many records, the first of which matches, that was cut off half-way.
pub(crate) fn truncated_object(event_id: &str) -> Vec<u8> {
    let others = (0..500).map(|number| harmless(&format!("{number:x}-{:x}", number * 7_919)));
    let records: Vec<Value> = [trail_stopped(event_id)].into_iter().chain(others).collect();
    let mut bytes = object(&records);
    bytes.truncate(bytes.len() / 2);
    bytes
}
