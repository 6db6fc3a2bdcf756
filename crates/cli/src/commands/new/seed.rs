//! What a rule starts from: an event, or what is known of one.

use serde_json::{Value, json};
use trailhound_rule_engine::{Limits, RuleSet, Source, oracle};

use super::near_miss::replace;
use crate::arguments::Outcome;

/// An event of this source and name as CloudTrail writes it, with values of the documentation.
pub(super) fn event(source: &str, name: &str) -> Value {
    let source = if source.contains('.') { source.to_owned() } else { format!("{source}.amazonaws.com") };
    json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDACKCEVSQ6C2EXAMPLE",
            "arn": "arn:aws:iam::111122223333:user/example-user",
            "accountId": "111122223333",
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
            "userName": "example-user",
        },
        "eventTime": "2026-01-15T12:00:00Z",
        "eventSource": source,
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.1",
        "userAgent": "aws-cli/2.31.9",
        "requestParameters": null,
        "responseElements": null,
        "requestID": "00000000-0000-4000-8000-000000000001",
        "eventID": "00000000-0000-4000-8000-000000000002",
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
    })
}

/// The event as it is where the call went so.
pub(super) fn with_outcome(mut event: Value, outcome: Outcome) -> Value {
    let code = match outcome {
        Outcome::Denied => "AccessDenied",
        Outcome::Failed => "ValidationException",
        Outcome::Success | Outcome::Any => return event,
    };
    if let Some(members) = event.as_object_mut() {
        members.insert("errorCode".to_owned(), code.into());
    }
    event
}

/// Gives the field a value, making what is above it where it is not there.
pub(super) fn set(event: &mut Value, field: &str, value: &Value) {
    let path: Vec<&str> = field.split('.').collect();
    if replace(event, &path, &|_| value.clone()) {
        return;
    }
    let mut place = event;
    for key in path {
        if !place.is_object() {
            *place = json!({});
        }
        let Some(members) = place.as_object_mut() else { return };
        place = members.entry(key).or_insert(Value::Null);
    }
    *place = value.clone();
}

/// How the call of a record went, as the rule engine sees it; nothing for what is no call.
pub(super) fn outcome(record: &Value) -> Outcome {
    let Ok(record) = oracle::Json::record(&record.to_string()) else { return Outcome::Any };
    let went = [Outcome::Success, Outcome::Denied, Outcome::Failed].into_iter().find(|outcome| {
        let word = outcome.word().unwrap_or_default();
        let rule = format!(
            "title: Outcome\nlogsource: {{product: aws, service: cloudtrail}}\n\
             detection: {{went: {{trailhound.outcome: {word}}}, condition: went}}\n"
        );
        let loaded = RuleSet::load([Source::new("outcome.yml", rule)], &Limits::default());
        loaded.rules.iter().any(|(_, rule)| oracle::matches(rule, &record))
    });
    went.unwrap_or(Outcome::Any)
}
