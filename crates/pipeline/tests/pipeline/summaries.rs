//! What is read from a record that matched.

use serde_json::{Value, json};
use trailhound_pipeline::{EventSummary, render::console_link};

fn actor(identity: &Value) -> Option<String> {
    EventSummary::of(&json!({"userIdentity": identity}).to_string()).actor
}

#[test]
fn six_fields_identify_an_event() {
    let event = EventSummary::of(
        r#"{"eventID":"1","eventName":"X","errorCode":"AccessDenied","awsRegion":null,"userAgent":7}"#,
    );
    assert_eq!(
        serde_json::to_string(&event).unwrap(),
        r#"{"eventID":"1","eventTime":null,"eventSource":null,"eventName":"X","awsRegion":null,"recipientAccountId":null}"#
    );
    assert_eq!((event.error_code.as_deref(), event.user_agent.as_deref()), (Some("AccessDenied"), Some("7")));
}

#[test]
fn the_actor_is_whoever_really_did_it() {
    let arn = |rest: &str| format!("arn:aws:sts::111122223333:assumed-role/{rest}");
    let cases = [
        (json!({"type": "Root", "userName": "my-alias", "principalId": "111122223333"}), Some("root")),
        (json!({"type": "IAMUser", "userName": "alice", "principalId": "AIDA"}), Some("alice")),
        (json!({"type": "AssumedRole", "arn": arn("web/i-0abc"), "principalId": "AROA:i-0abc"}), Some("web/i-0abc")),
        (
            json!({"type": "AssumedRole", "arn": arn("AWSReservedSSO_Admin_Access_0123456789abcdef/al@example.org")}),
            Some("Admin_Access/al@example.org"),
        ),
        (json!({"type": "AssumedRole", "arn": arn("web/s"), "sessionContext": {"sourceIdentity": "bob"}}), Some("bob")),
        (json!({"type": "IdentityCenterUser", "onBehalfOf": {"userId": "u-1"}}), Some("u-1")),
        (json!({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}), Some("ec2.amazonaws.com")),
        (json!({"type": "AWSAccount", "principalId": "AIDAX", "accountId": "999988887777"}), Some("AIDAX")),
        (json!({"type": "IAMUser", "userName": "", "arn": "arn:aws:iam::1:user/x"}), Some("arn:aws:iam::1:user/x")),
        (json!({}), None),
        (json!(null), None),
        (json!("text"), None),
    ];
    for (identity, expected) in cases {
        assert_eq!(actor(&identity).as_deref(), expected, "{identity}");
    }
}

#[test]
fn a_damaged_record_gives_what_precedes() {
    let event = EventSummary::of(r#"{"eventName":"X","eventID":oops"#);
    assert_eq!((event.event_name.as_deref(), event.event_id), (Some("X"), None));
}

#[test]
fn the_console_link_needs_sound_parts() {
    let link = |region: &str, id: &str, category: &str| {
        let record = json!({"awsRegion": region, "eventID": id, "eventCategory": category});
        console_link(&EventSummary::of(&record.to_string()))
    };
    let cases = [
        (
            "us-gov-west-1",
            "https://us-gov-west-1.console.amazonaws-us-gov.com/cloudtrailv2/home?region=us-gov-west-1#/events/a-1",
        ),
        ("cn-north-1", "https://cn-north-1.console.amazonaws.cn/cloudtrailv2/home?region=cn-north-1#/events/a-1"),
        ("eu-west-1", "https://eu-west-1.console.aws.amazon.com/cloudtrailv2/home?region=eu-west-1#/events/a-1"),
    ];
    for (region, expected) in cases {
        assert_eq!(link(region, "a-1", "Management").as_deref(), Some(expected));
    }
    for (region, id) in
        [("evil.example/", "1"), ("", "1"), ("eu-west-1", "1/../2"), ("eu-west-1", ""), ("EU", "1"), ("-", "1")]
    {
        assert_eq!(link(region, id, "Management"), None, "{region} {id}");
    }
    assert_eq!(link("eu-west-1", "a-1", "Data"), None);
}
