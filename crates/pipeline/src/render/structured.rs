//! Alerts as data: the schema `trailhound.alert/1`, published as `docs/schema/alert-1.json`.

use serde_json::{Map, Value, json};
use trailhound_rule_engine::Metadata;

use super::{AlertView, Extent, LinkTarget, secrets::mask_tokens};
use crate::{AlertSource, EventSummary, Standing, limits::Detail};

/// An alert as data for programs.
///
/// Secrets are masked and long values cut, as in the text. All else is as in the record, since
/// programs compare it: whoever shows a value to people has to make it
/// [`presentable`](super::presentable) first. Fields may be added within version 1; none changes its
/// meaning or goes away.
pub(super) fn json(view: &AlertView, detail: Detail) -> Value {
    let bounded = |value: &str| bounded(value, detail);
    json!({
        "schema": "trailhound.alert/1",
        "id": view.id,
        "kind": view.kind.as_str(),
        "group": view.group.as_str(),
        "level": view.level,
        "level_rank": view.level_rank(),
        "title": bounded(&view.headline),
        "sentence": bounded(&view.sentence.plain()),
        "account": view.account.as_ref().map(|account| json!({
            "id": bounded(&account.id),
            "name": account.name.as_deref().map(bounded),
        })),
        "region": view.region.as_deref().map(bounded),
        "rule": view.rule.as_ref().map(|known| rule(known, detail)),
        "event": view.event.as_deref().map(|known| event(known, detail)),
        "actor": view.event.as_deref().map(|known| actor(known, detail)),
        "fields": fields(view, detail),
        "extent": view.extent.as_ref().map(|known| extent(known, detail)),
        "link": view.link(LinkTarget::Event),
        "rule_link": view.link(LinkTarget::Rule),
        "source": view.source.as_ref().map(source),
        "integrity": view.standing.map(Standing::as_str),
    })
}

fn rule(rule: &Metadata, detail: Detail) -> Value {
    let texts = |list: &[String]| -> Vec<String> {
        list.iter().take(detail.entries).map(|text| cut(text, detail.author_chars)).collect()
    };
    json!({
        "id": rule.id,
        "name": rule.name,
        "title": rule.title,
        "status": rule.status,
        "description": rule.description.as_deref().map(|text| cut(text, detail.author_chars)),
        "tags": texts(&rule.tags),
        "references": texts(&rule.references),
        "falsepositives": texts(&rule.falsepositives),
        "response": texts(&rule.response),
    })
}

fn event(event: &EventSummary, detail: Detail) -> Value {
    let text = |value: &Option<String>| value.as_deref().map(|value| bounded(value, detail));
    json!({
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
    })
}

fn actor(event: &EventSummary, detail: Detail) -> Value {
    let text = |value: &Option<String>| value.as_deref().map(|value| bounded(value, detail));
    json!({
        "name": text(&event.actor),
        "type": text(&event.identity_type),
        "arn": text(&event.identity_arn),
        "accountId": text(&event.identity_account),
        "accessKeyId": text(&event.access_key_id),
    })
}

fn fields(view: &AlertView, detail: Detail) -> Value {
    let entries = view.evidence.iter().take(detail.rows).map(|row| {
        let values = row.values.iter().take(detail.values).map(|value| Value::from(bounded(value, detail))).collect();
        (bounded(&row.name, detail), Value::Array(values))
    });
    Value::Object(entries.collect::<Map<_, _>>())
}

fn extent(extent: &Extent, detail: Detail) -> Value {
    let text = |value: &Option<String>| value.as_deref().map(|value| bounded(value, detail));
    let group_by = extent.group_by.iter().map(|(name, value)| (bounded(name, detail), bounded(value, detail).into()));
    let events =
        extent.events.iter().take(detail.rows).map(
            |event| json!({"eventTime": text(&event.time), "eventID": text(&event.id), "what": text(&event.what)}),
        );
    json!({
        "count": extent.count,
        "counted": extent.counted.as_str(),
        "first": text(&extent.first),
        "last": text(&extent.last),
        "group_by": Value::Object(group_by.collect()),
        "events": events.collect::<Vec<_>>(),
    })
}

fn source(source: &AlertSource) -> Value {
    match source {
        AlertSource::Object { object, index } => {
            json!({"bucket": object.bucket, "key": object.key, "version": object.version, "index": index})
        }
        AlertSource::Inline { origin, index } => json!({"origin": origin, "index": index}),
    }
}

pub(super) fn bounded(value: &str, detail: Detail) -> String {
    cut(value, detail.chars)
}

fn cut(value: &str, chars: usize) -> String {
    let masked = mask_tokens(value);
    let mut rest = masked.chars();
    let kept: String = rest.by_ref().take(chars).collect();
    if rest.next().is_none() { kept } else { format!("{kept}…") }
}
