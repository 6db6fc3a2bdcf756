//! Each technique of Stratus Red Team is seen by a detection that names it: on the records of a detonation where
//! some are public, else on records of the calls it makes.

use std::{collections::BTreeSet, fs};

use serde_json::{Map, Value, json};
use trailhound_rule_engine::{Level, RuleSet};
use trailhound_tests::detections::{NOT_DETECTED, Record, STRATUS, built_in, detections, firings, records_of};

use crate::{data, fixtures};

#[test]
fn each_public_detonation_is_seen() {
    let Some(folder) = fixtures() else { return };
    let rules = built_in().unwrap();
    let mut seen = 0;
    for entry in fs::read_dir(folder.join("stratus")).unwrap() {
        let path = entry.unwrap().path();
        let technique = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("stratus-red-team"), "{technique}");
        for text in [text.clone(), with_ordinary_user_agents(&text)] {
            let missed = missed(&rules, &technique, &records_of(&technique, &text).unwrap());
            assert_eq!(missed, None);
        }
        seen += 1;
    }
    assert!(seen >= 17, "only {seen} detonations");
}

#[test]
fn the_calls_of_each_technique_are_seen() {
    let rules = built_in().unwrap();
    let techniques = data("techniques.json");
    let calls = techniques.as_object().unwrap().iter();
    let missed: Vec<String> = calls
        .filter_map(|(technique, calls)| {
            missed(&rules, technique, &records_of_calls(technique, calls.as_array().unwrap()))
        })
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

/// Needs no public records: what there is of each technique is known.
#[test]
fn every_technique_is_accounted_for() {
    const PUBLIC: [&str; 17] = [
        "aws.credential-access.ec2-get-password-data",
        "aws.credential-access.ec2-steal-instance-credentials",
        "aws.credential-access.secretsmanager-batch-retrieve-secrets",
        "aws.defense-evasion.cloudtrail-delete",
        "aws.defense-evasion.dns-delete-logs",
        "aws.discovery.ec2-download-user-data",
        "aws.execution.ec2-launch-unusual-instances",
        "aws.execution.ec2-user-data",
        "aws.execution.ssm-start-session",
        "aws.exfiltration.ec2-security-group-open-port-22-ingress",
        "aws.exfiltration.rds-share-snapshot",
        "aws.lateral-movement.ec2-serial-console-send-ssh-public-key",
        "aws.persistence.iam-backdoor-role",
        "aws.persistence.iam-backdoor-user",
        "aws.persistence.iam-create-backdoor-role",
        "aws.persistence.lambda-backdoor-function",
        "aws.persistence.lambda-layer-extension",
    ];
    let techniques = data("techniques.json");
    let written: BTreeSet<&str> = techniques.as_object().unwrap().keys().map(String::as_str).collect();
    let not_detected: BTreeSet<&str> = NOT_DETECTED.iter().map(|(technique, _)| *technique).collect();
    let known: BTreeSet<&str> = STRATUS.iter().copied().collect();
    let shown: BTreeSet<&str> = written.into_iter().chain(PUBLIC).chain(not_detected).collect();
    assert_eq!(known, shown);
}

/// Why a technique is not seen, unless it is.
fn missed(rules: &RuleSet, technique: &str, records: &[Record]) -> Option<String> {
    let fired = firings(rules, records).unwrap();
    let all = detections(rules);
    let naming: Vec<&str> = all
        .iter()
        .filter(|one| one.level >= Level::Medium && one.techniques().any(|named| named == technique))
        .map(|one| one.name.as_str())
        .collect();
    let is_seen = naming.iter().any(|name| fired.contains_key(*name));
    (!is_seen).then(|| format!("{technique}: of {naming:?} none fires; what fires: {fired:?}"))
}

/// The name of the tool stands in the user agent, in names of roles and sessions, and nowhere else that a thief
/// would leave it. Only the user agent is changed: roles and resources are the target's.
fn with_ordinary_user_agents(text: &str) -> String {
    let mut records: Value = serde_json::from_str(text).unwrap();
    for record in records.as_array_mut().unwrap() {
        let is_telling = record["userAgent"].as_str().is_some_and(|agent| agent.contains("stratus-red-team"));
        if is_telling {
            record["userAgent"] = json!("aws-cli/2.22.10 md/awscrt#0.23.4 ua/2.0 os/linux#6.8.0 lang/python#3.12.6");
        }
    }
    records.to_string()
}

/// Records in the shape of CloudTrail from what is told of calls. `repeat` makes several of one call, in whose
/// texts `{n}` is the number.
fn records_of_calls(technique: &str, calls: &[Value]) -> Vec<Record> {
    let mut records = Vec::new();
    for call in calls {
        for number in 0..call.get("repeat").and_then(Value::as_u64).unwrap_or(1) {
            let text = call.to_string().replace("{n}", &format!("{number:03}"));
            let call: Value = serde_json::from_str(&text).unwrap();
            let record = record(&call, records.len());
            records.push(Record { place: format!("{technique}#{}", records.len()), text: record.to_string() });
        }
    }
    records
}

fn record(call: &Value, number: usize) -> Value {
    let (service, name) = call["call"].as_str().unwrap().split_once(':').unwrap();
    let mut record = Map::new();
    let is_data = call.get("data").is_some();
    let source = format!("{service}.amazonaws.com");
    let base = json!({
        "eventVersion": "1.11",
        "userIdentity": identity(call.get("by").and_then(Value::as_str).unwrap_or("user")),
        "eventTime": format!("2026-11-20T17:{:02}:{:02}Z", 10 + number / 60, number % 60),
        "eventSource": source,
        "eventName": name,
        "awsRegion": call.get("region").cloned().unwrap_or(json!("us-east-1")),
        "sourceIPAddress": "198.51.100.77",
        "userAgent": "aws-cli/2.22.10 md/awscrt#0.23.4 ua/2.0 os/linux#6.8.0 lang/python#3.12.6",
        "requestParameters": call.get("request").cloned().unwrap_or(Value::Null),
        "responseElements": call.get("response").cloned().unwrap_or(Value::Null),
        "requestID": format!("00000000-0000-4000-8000-{number:012}"),
        "eventID": format!("11111111-0000-4000-8000-{number:012}"),
        "readOnly": name.starts_with("Get") || name.starts_with("List") || name.starts_with("Describe"),
        "eventType": if service == "signin" { "AwsConsoleSignIn" } else { "AwsApiCall" },
        "managementEvent": !is_data,
        "recipientAccountId": "111122223333",
        "eventCategory": if is_data { "Data" } else { "Management" },
    });
    record.extend(base.as_object().unwrap().clone());
    for (from, to) in [("error", "errorCode"), ("message", "errorMessage"), ("more", "additionalEventData")] {
        if let Some(value) = call.get(from) {
            record.insert(to.to_owned(), value.clone());
        }
    }
    Value::Object(record)
}

fn identity(by: &str) -> Value {
    let role = |role: &str, session: &str| {
        json!({
            "type": "AssumedRole",
            "principalId": format!("AROADBQP57FF2AEXAMPLE:{session}"),
            "arn": format!("arn:aws:sts::111122223333:assumed-role/{role}/{session}"),
            "accountId": "111122223333",
            "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": "AROADBQP57FF2AEXAMPLE",
                    "arn": format!("arn:aws:iam::111122223333:role/{role}"),
                    "accountId": "111122223333",
                    "userName": role,
                },
                "attributes": {"creationDate": "2026-11-20T17:02:11Z", "mfaAuthenticated": "false"},
            },
        })
    };
    match by {
        "role" => role("ops", "dana"),
        "instance" => role("web-server", "i-0123456789abcdef0"),
        "sign-in" => json!({
            "type": "IAMUser",
            "principalId": "AIDACKCEVSQ6C2EXAMPLE",
            "arn": "arn:aws:iam::111122223333:user/svc-backup",
            "accountId": "111122223333",
            "userName": "svc-backup",
        }),
        _ => json!({
            "type": "IAMUser",
            "principalId": "AIDACKCEVSQ6C2EXAMPLE",
            "arn": "arn:aws:iam::111122223333:user/svc-backup",
            "accountId": "111122223333",
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
            "userName": "svc-backup",
        }),
    }
}
