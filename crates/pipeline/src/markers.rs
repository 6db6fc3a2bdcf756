//! Records that Trailhound makes of itself, and the rules for them, which are there whatever rules are loaded.
//!
//! A test is an alert for people, clearly marked as one. A canary is an alert for nobody: it goes to the topics
//! for canaries alone, and that it comes out says that rules, state and publishing work. Their event source is
//! one that AWS has not and CloudTrail never writes.

use jiff::Timestamp;
use serde_json::{Value, json};
use trailhound_rule_engine::{Level, RuleSet, Source};

/// The event source of these records.
pub const MARKER_SOURCE: &str = "trailhound.invalid";

/// The names of the rules, and their text.
const RULES: &str = include_str!("markers.yml");
/// The name of the rule for canaries.
pub(crate) const CANARY: &str = "trailhound_canary";
/// Rules in that text.
pub(crate) const COUNT: usize = 4;
/// The account of these records, which AWS gives to nobody.
const ACCOUNT: &str = "000000000000";

/// The rules for these records as a file.
pub(crate) fn rules() -> Source {
    Source::new("trailhound-markers.yml", RULES)
}

/// Whether the rules are no others than these.
pub(crate) fn is_all(rules: &RuleSet) -> bool {
    rules.len() <= COUNT && rules.iter().all(|(_, rule)| rule.metadata().handle().starts_with("trailhound_"))
}

/// A record that a test of this level matches: `medium`, `high` or `critical`; of any other level, nothing does.
///
/// `id` tells one test from another: what has the same one is told once.
pub fn test_record(level: Level, id: &str, now: Timestamp) -> Value {
    record("Test", id, now, &json!({"level": level.as_str(), "note": "a test of Trailhound; nothing has happened"}))
}

/// A record that nothing but the rule for canaries matches.
pub(crate) fn canary_record(now: Timestamp) -> Value {
    record("Canary", &format!("trailhound-canary-{}", now.as_second()), now, &Value::Null)
}

fn record(name: &str, id: &str, now: Timestamp, parameters: &Value) -> Value {
    json!({
        "eventVersion": "1.11",
        "userIdentity": {"type": "AWSService", "invokedBy": "trailhound"},
        "eventTime": Timestamp::from_second(now.as_second()).unwrap_or(now).to_string(),
        "eventSource": MARKER_SOURCE,
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "trailhound",
        "userAgent": "trailhound",
        "requestParameters": parameters,
        "responseElements": null,
        "eventID": id,
        "readOnly": true,
        "eventType": "AwsServiceEvent",
        "managementEvent": true,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    })
}
