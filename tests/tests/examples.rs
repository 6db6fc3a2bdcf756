//! The example logs: generated alike every time, checked in as generated, and true in shape.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "helpers of tests: a panic is the failed test"
)]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use trailhound_tests::examples::{differences, log_objects};

fn records_by_object() -> BTreeMap<String, Vec<Value>> {
    log_objects()
        .unwrap()
        .into_iter()
        .map(|(key, bytes)| {
            let mut text = String::new();
            GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
            let document: Value = serde_json::from_str(&text).unwrap();
            (key, document["Records"].as_array().unwrap().clone())
        })
        .collect()
}

fn records() -> Vec<Value> {
    records_by_object().into_values().flatten().collect()
}

#[test]
fn every_run_makes_the_same_bytes() {
    assert_eq!(log_objects().unwrap(), log_objects().unwrap());
}

#[test]
fn the_checked_in_files_are_what_the_generator_makes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/logs");
    let found = differences(&folder, &log_objects().unwrap()).unwrap();
    assert!(found.is_empty(), "run `cargo run -p trailhound-tests --bin generate-examples`: {found:?}");
}

#[test]
fn the_gzip_header_holds_no_time() {
    for (key, bytes) in log_objects().unwrap() {
        assert_eq!(bytes[4..8], [0; 4], "{key}");
    }
}

#[test]
fn objects_are_named_and_filled_as_cloudtrail_does() {
    for (key, records) in records_by_object() {
        let parts: Vec<&str> = key.split('/').collect();
        let region = parts[3];
        let prefix = ["AWSLogs", "111122223333", "CloudTrail", region, "2026", "03", "10"];
        assert_eq!(parts[..7], prefix, "{key}");
        let name = parts[7].strip_suffix(".json.gz").unwrap();
        let (before, unique) = name.rsplit_once('_').unwrap();
        assert!(before.starts_with(&format!("111122223333_CloudTrail_{region}_20260310T")), "{key}");
        assert_eq!(unique.len(), 16, "{key}");
        assert!((5..=200).contains(&records.len()), "{key}: {} records", records.len());
        assert!(records.iter().all(|record| record["awsRegion"] == region), "{key}");
    }
}

#[test]
fn one_event_is_delivered_twice_and_no_other() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut names = BTreeMap::new();
    for record in records() {
        let id = record["eventID"].as_str().unwrap().to_owned();
        names.insert(id.clone(), record["eventName"].clone());
        *counts.entry(id).or_default() += 1;
    }
    let repeated: Vec<_> = counts.iter().filter(|(_, count)| **count > 1).collect();
    assert_eq!(repeated.len(), 1);
    let (id, count) = repeated[0];
    assert_eq!((*count, &names[id]), (2, &json!("DeleteDetector")));
}

#[test]
fn the_traffic_is_broad_and_mostly_quiet() {
    let records = records();
    assert!((3_900..4_300).contains(&records.len()), "{}", records.len());
    let names: std::collections::BTreeSet<_> =
        records.iter().map(|record| (record["eventSource"].to_string(), record["eventName"].to_string())).collect();
    assert!(names.len() >= 100, "{}", names.len());
    let by_services = records.iter().filter(|record| record["userIdentity"].get("invokedBy").is_some()).count();
    assert!(by_services * 100 >= records.len() * 45, "{by_services} of {}", records.len());
    let read_only = records.iter().filter(|record| record["readOnly"] == true).count();
    assert!(read_only * 100 >= records.len() * 75, "{read_only} of {}", records.len());
    for record in &records {
        for field in ["eventTime", "eventSource", "eventName", "eventID", "recipientAccountId"] {
            assert!(record[field].is_string(), "{field} in {record}");
        }
        for field in ["requestParameters", "responseElements"] {
            assert!(record.get(field).is_some(), "{field} in {record}");
        }
    }
}

#[test]
fn nothing_in_the_records_can_be_taken_for_real() {
    for record in records() {
        let text = record.to_string();
        for prefix in ["AKIA", "ASIA"] {
            for (start, _) in text.match_indices(prefix) {
                let key: String = text[start..].chars().take(20).collect();
                assert!(key.ends_with("EXAMPLE"), "{key}");
            }
        }
        let address = record["sourceIPAddress"].as_str().unwrap();
        // RFC 5737 and RFC 3849: addresses kept for documentation.
        let documentation = ["192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:"];
        assert!(
            documentation.iter().any(|range| address.starts_with(range))
                || address.ends_with(".amazonaws.com")
                || address == "AWS Internal",
            "{address}"
        );
    }
}

/// One step of the break-in: what happened, and the values that make it recognisable.
type Step = (&'static str, &'static [(&'static str, &'static str)]);

const STORY: &[Step] = &[
    ("sts.amazonaws.com GetCallerIdentity", &[("/userAgent", "\"TruffleHog\"")]),
    ("iam.amazonaws.com ListUsers", &[("/sourceIPAddress", "\"198.51.100.77\"")]),
    ("iam.amazonaws.com ListRoles", &[("/errorCode", "\"AccessDenied\""), ("/requestParameters", "null")]),
    ("iam.amazonaws.com CreateLoginProfile", &[("/requestParameters/userName", "\"svc-backup-sync\"")]),
    (
        "signin.amazonaws.com ConsoleLogin",
        &[("/userIdentity/userName", "\"svc-backup-sync\""), ("/additionalEventData/MFAUsed", "\"No\"")],
    ),
    ("cloudtrail.amazonaws.com StopLogging", &[("/requestParameters/name", "\"pebblewick-ops\"")]),
    (
        "cloudtrail.amazonaws.com PutEventSelectors",
        &[("/requestParameters/eventSelectors/0/includeManagementEvents", "false")],
    ),
    ("guardduty.amazonaws.com DeleteDetector", &[("/awsRegion", "\"us-east-1\"")]),
    ("ec2.amazonaws.com DeleteFlowLogs", &[("/requestParameters/DeleteFlowLogsRequest/FlowLogId/tag", "1")]),
    ("iam.amazonaws.com DeactivateMFADevice", &[("/requestParameters/userName", "\"helen.ward\"")]),
    (
        "ec2.amazonaws.com ModifySnapshotAttribute",
        &[("/requestParameters/createVolumePermission/add/items/0/userId", "\"444455556666\"")],
    ),
    (
        "ec2.amazonaws.com ModifySnapshotAttribute",
        &[("/requestParameters/createVolumePermission/add/items/0/group", "\"all\"")],
    ),
    ("ec2.amazonaws.com ModifyImageAttribute", &[("/requestParameters/launchPermission/add/items/0/group", "\"all\"")]),
    ("rds.amazonaws.com ModifyDBSnapshotAttribute", &[("/requestParameters/valuesToAdd", "[\"444455556666\"]")]),
    ("rds.amazonaws.com ModifyDBSnapshotAttribute", &[("/requestParameters/valuesToAdd", "[\"all\"]")]),
    ("ec2.amazonaws.com ModifyInstanceAttribute", &[("/requestParameters/userData", "\"<sensitiveDataRemoved>\"")]),
    (
        "s3.amazonaws.com PutBucketPublicAccessBlock",
        &[("/requestParameters/PublicAccessBlockConfiguration/BlockPublicPolicy", "false")],
    ),
    (
        "iam.amazonaws.com AttachUserPolicy",
        &[
            ("/requestParameters/policyArn", "\"arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3\""),
            ("/userIdentity/invokedBy", "\"AWS Internal\""),
        ],
    ),
    (
        "iam.amazonaws.com DetachUserPolicy",
        &[
            ("/requestParameters/policyArn", "\"arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3\""),
            ("/userIdentity/userName", "\"svc-backup-sync\""),
        ],
    ),
    ("cloudtrail.amazonaws.com DeleteTrail", &[("/errorCode", "absent")]),
];

fn is_step(record: &Value, (event, values): &Step) -> bool {
    let (source, name) = event.split_once(' ').unwrap();
    record["eventSource"] == source
        && record["eventName"] == name
        && values.iter().all(|(pointer, expected)| {
            record.pointer(pointer).map_or("absent".to_owned(), Value::to_string) == *expected
        })
}

#[test]
fn the_break_in_happens_step_by_step_within_ninety_minutes() {
    let records = records();
    let times: Vec<&str> = STORY
        .iter()
        .map(|step| {
            let mut found: Vec<&Value> = records.iter().filter(|record| is_step(record, step)).collect();
            found.dedup_by_key(|record| &record["eventID"]);
            assert_eq!(found.len(), 1, "{step:?}");
            found[0]["eventTime"].as_str().unwrap()
        })
        .collect();
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(times.first(), Some(&"2026-03-10T10:41:12Z"));
    assert_eq!(times.last(), Some(&"2026-03-10T12:11:24Z"));
}
