use serde_json::{Map, Value, json};

use super::{console_link, context::DEFAULT_FIELDS, evidence, rank, secrets::mask_tokens};
use crate::{
    Alert, AlertSource,
    limits::{DETAILS, Detail, NOTIFICATION_BYTES, RULE_LIST_ENTRIES},
};

/// An alert as data for programs, in the schema `trailhound.alert/1`.
///
/// Secrets are masked and long values cut, as in the text. All else is as in the record, since
/// programs compare it: whoever shows a value to people has to make it
/// [`presentable`](super::presentable) first. Fields may be added within version 1; none changes its
/// meaning or goes away.
pub fn json(alert: &Alert) -> Value {
    let mut document = Value::Null;
    for detail in DETAILS {
        document = at_detail(alert, detail);
        if document.to_string().len() <= NOTIFICATION_BYTES {
            break;
        }
    }
    document
}

fn at_detail(alert: &Alert, detail: Detail) -> Value {
    let (rule, event) = (&alert.rule, &*alert.event);
    let text = |value: &Option<String>| value.as_deref().map(|value| bounded(value, detail));
    let texts = |list: &[String]| -> Vec<String> {
        list.iter().take(RULE_LIST_ENTRIES).map(|text| bounded(text, detail)).collect()
    };
    json!({
        "schema": "trailhound.alert/1",
        "id": alert.id,
        "level": rule.level,
        "level_rank": rank(alert),
        "rule": {
            "id": rule.id,
            "name": rule.name,
            "title": rule.title,
            "description": text(&rule.description),
            "tags": texts(&rule.tags),
            "references": texts(&rule.references),
            "falsepositives": texts(&rule.falsepositives),
            "response": texts(&rule.response),
        },
        "event": {
            "eventID": text(&event.event_id),
            "eventTime": text(&event.event_time),
            "eventSource": text(&event.event_source),
            "eventName": text(&event.event_name),
            "awsRegion": text(&event.aws_region),
            "recipientAccountId": text(&event.recipient_account_id),
            "sourceIPAddress": text(&event.source_ip_address),
            "userAgent": text(&event.user_agent),
            "errorCode": text(&event.error_code),
            "errorMessage": text(&event.error_message),
        },
        "actor": {
            "name": text(&event.actor),
            "type": text(&event.identity_type),
            "arn": text(&event.identity_arn),
            "accountId": text(&event.identity_account),
            "accessKeyId": text(&event.access_key_id),
        },
        "fields": fields(alert, detail),
        "link": console_link(event),
        "source": source(&alert.source),
    })
}

fn fields(alert: &Alert, detail: Detail) -> Value {
    let default = DEFAULT_FIELDS.map(str::to_owned);
    let fields = if alert.rule.fields.is_empty() { &default[..] } else { &alert.rule.fields };
    let (rows, _) = evidence::rows(&alert.record, fields, detail);
    let entries = rows.into_iter().map(|row| {
        let values = row.values.iter().map(|value| Value::from(bounded(value, detail))).collect();
        (row.path, Value::Array(values))
    });
    Value::Object(entries.collect::<Map<_, _>>())
}

fn source(source: &AlertSource) -> Value {
    match source {
        AlertSource::Object { object, index } => {
            json!({"bucket": object.bucket, "key": object.key, "version": object.version, "index": index})
        }
        AlertSource::Inline { origin, index } => json!({"origin": origin, "index": index}),
    }
}

fn bounded(value: &str, detail: Detail) -> String {
    let masked = mask_tokens(value);
    let mut chars = masked.chars();
    let kept: String = chars.by_ref().take(detail.chars).collect();
    if chars.next().is_none() { kept } else { format!("{kept}…") }
}
