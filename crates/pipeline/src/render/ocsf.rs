//! OCSF Detection Finding: class 2004 of schema version 1.5.0, with the cloud profile.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use trailhound_rule_engine::{Level, attack};

use super::{Account, AlertKind, AlertView, LinkTarget, structured::bounded};
use crate::{EventSummary, limits::Detail};

const SCHEMA_VERSION: &str = "1.5.0";
const CATEGORY: u32 = 2;
const CLASS: u32 = 2004;
/// `type_id` of an account: AWS account.
const AWS_ACCOUNT: u32 = 10;

/// An alert as a finding. Its time is that of the last event it is about, or the start of 1970 where no
/// event has a time that can be read: the same alert gives the same finding, whenever it is rendered.
pub(super) fn finding(view: &AlertView, detail: Detail) -> Value {
    let (first, last) = times(view);
    let mut finding = json!({
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Detection Finding",
        "activity_id": activity(view.kind),
        "type_uid": CLASS * 100 + activity(view.kind),
        "severity_id": severity(view.level),
        "severity": capitalised(view.level.as_str()),
        "status_id": 1,
        "is_alert": true,
        "time": last.unwrap_or_default(),
        "message": bounded(&view.sentence.plain(), detail),
        "metadata": {
            "version": SCHEMA_VERSION,
            "profiles": ["cloud"],
            "product": {"name": "Trailhound", "vendor_name": "Trailhound", "version": env!("CARGO_PKG_VERSION")},
            "uid": view.id,
            "correlation_uid": view.group.as_str(),
        },
        "cloud": compact([
            ("provider", Some("AWS".into())),
            ("region", view.region.as_deref().map(|region| bounded(region, detail).into())),
            ("account", view.account.as_ref().map(|known| account(known, detail))),
        ]),
        "finding_info": finding_info(view, detail),
    });
    if let Some(entries) = finding.as_object_mut() {
        for (name, time) in [("start_time", first), ("end_time", last)] {
            entries.extend(time.map(|time| (name.to_owned(), time.into())));
        }
        if let Some(evidence) = view.event.as_deref().map(|event| evidence(view, event, detail)) {
            entries.insert("evidences".to_owned(), json!([evidence]));
        }
        if let Some(extent) = &view.extent {
            entries.insert("count".to_owned(), extent.count.max(1).into());
        }
    }
    finding
}

fn activity(kind: AlertKind) -> u32 {
    match kind {
        AlertKind::Match
        | AlertKind::Correlation
        | AlertKind::Digest
        | AlertKind::Integrity
        | AlertKind::Canary
        | AlertKind::Notice => 1,
        AlertKind::GroupUpdate => 2,
        AlertKind::GroupClosed => 3,
    }
}

fn severity(level: Level) -> u32 {
    match level {
        Level::Informational => 1,
        Level::Low => 2,
        Level::Medium => 3,
        Level::High => 4,
        Level::Critical => 5,
    }
}

/// First and last time in milliseconds.
fn times(view: &AlertView) -> (Option<i64>, Option<i64>) {
    let millis = |time: Option<&str>| Some(time?.parse::<Timestamp>().ok()?.as_millisecond());
    let event = millis(view.event.as_ref().and_then(|event| event.event_time.as_deref()));
    let Some(extent) = &view.extent else { return (event, event) };
    let (first, last) = (millis(extent.first.as_deref()), millis(extent.last.as_deref()));
    (first.or(event).or(last), last.or(event).or(first))
}

fn finding_info(view: &AlertView, detail: Detail) -> Value {
    let (first, last) = times(view);
    let rule = view.rule.as_ref();
    let analytic = rule.map(|rule| {
        json!({"type_id": 1, "type": "Rule", "uid": rule.id.as_deref().unwrap_or_else(|| rule.handle()), "name": rule.handle()})
    });
    let attacks = rule.map(|rule| attacks(&rule.tags)).filter(|attacks| !attacks.is_empty());
    let events = view.extent.as_ref().map(|extent| {
        let known = extent.events.iter().filter_map(|event| event.id.as_deref()).take(detail.rows);
        Value::Array(known.map(|id| json!({"uid": bounded(id, detail), "type_uid": 600_399})).collect())
    });
    compact([
        ("uid", Some(view.id.as_str().into())),
        ("title", Some(bounded(&view.headline, detail).into())),
        ("desc", rule.and_then(|rule| rule.description.as_deref()).map(|text| bounded(text, detail).into())),
        ("analytic", analytic),
        ("attacks", attacks.map(Value::Array)),
        ("first_seen_time", first.map(Value::from)),
        ("last_seen_time", last.map(Value::from)),
        ("data_sources", Some(json!(["AWS CloudTrail"]))),
        ("related_events", events),
        ("src_url", view.link(LinkTarget::Event).map(Value::from)),
        ("types", Some(json!([view.kind.as_str()]))),
    ])
}

fn attacks(tags: &[String]) -> Vec<Value> {
    let tactics = attack::tactics(tags)
        .into_iter()
        .map(|tactic| json!({"version": attack::VERSION, "tactic": {"uid": tactic.id, "name": tactic.name}}));
    let techniques = attack::techniques(tags).into_iter().map(|technique| {
        let kind = if technique.contains('.') { "sub_technique" } else { "technique" };
        json!({"version": attack::VERSION, kind: {"uid": technique}})
    });
    tactics.chain(techniques).collect()
}

fn evidence(view: &AlertView, event: &EventSummary, detail: Detail) -> Value {
    let text = |value: &Option<String>| value.as_deref().map(|value| Value::from(bounded(value, detail)));
    let response = compact([("error", text(&event.error_code)), ("error_message", text(&event.error_message))]);
    let api = compact([
        ("operation", Some(text(&event.event_name).unwrap_or_else(|| "unknown".into()))),
        ("service", text(&event.event_source).map(|name| json!({"name": name}))),
        ("response", Some(response).filter(|response| response.as_object().is_some_and(|entries| !entries.is_empty()))),
        ("request", text(&event.event_id).map(|uid| json!({"uid": uid}))),
    ]);
    let caller =
        event.identity_account.as_deref().map(|id| account(&Account { id: id.to_owned(), name: None }, detail));
    let user = compact([
        ("name", view.who.as_deref().map(|who| bounded(who, detail).into())),
        ("uid", text(&event.identity_arn)),
        ("type", text(&event.identity_type)),
        ("credential_uid", text(&event.access_key_id)),
        ("account", caller),
    ]);
    // Only an address may be one; where a service called, its name is there instead.
    let endpoint = event.source_ip_address.as_deref().map(|source| match source.parse::<std::net::IpAddr>() {
        Ok(address) => json!({"ip": address.to_string()}),
        Err(_) => json!({"name": bounded(source, detail)}),
    });
    let fields: Map<String, Value> = view
        .evidence
        .iter()
        .take(detail.rows)
        .map(|row| {
            let values = row.values.iter().take(detail.values).map(|value| bounded(value, detail).into()).collect();
            (bounded(&row.name, detail), Value::Array(values))
        })
        .collect();
    compact([
        ("api", Some(api)),
        (
            "actor",
            Some(user)
                .filter(|user| user.as_object().is_some_and(|known| !known.is_empty()))
                .map(|user| json!({"user": user})),
        ),
        ("src_endpoint", endpoint),
        ("http_request", text(&event.user_agent).map(|agent| json!({"user_agent": agent}))),
        (
            "data",
            Some(Value::Object(fields)).filter(|fields| fields.as_object().is_some_and(|known| !known.is_empty())),
        ),
    ])
}

fn account(account: &Account, detail: Detail) -> Value {
    compact([
        ("uid", Some(bounded(&account.id, detail).into())),
        ("name", account.name.as_deref().map(|name| bounded(name, detail).into())),
        ("type_id", Some(AWS_ACCOUNT.into())),
        ("type", Some("AWS Account".into())),
    ])
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// An object of what is known.
fn compact<const N: usize>(entries: [(&str, Option<Value>); N]) -> Value {
    Value::Object(entries.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}
