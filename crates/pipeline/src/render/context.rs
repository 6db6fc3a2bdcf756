//! What templates can print.

use minijinja::{State, Value};
use trailhound_rule_engine::Status;

use super::{AlertView, Extent, Row, markup::Markup, present::presentable};
use crate::{
    AlertSource, EventSummary,
    limits::{COLUMN_CHARS, DETAILS, Detail, ROW_NAME_CHARS, WIDEST_DETAIL},
};

/// The variable that tells how long values and texts may be.
const DETAIL: &str = "detail";

/// How long values and texts may be where a template is.
pub(super) fn detail(state: &State<'_, '_>) -> Detail {
    let chars = state.lookup(DETAIL).and_then(|value| value.as_usize());
    DETAILS.into_iter().find(|detail| Some(detail.chars) == chars).unwrap_or(WIDEST_DETAIL)
}

/// Every name is always there; what is unknown is `none`.
pub(super) fn context(view: &AlertView, markup: Markup, detail: Detail) -> Value {
    let safe = |text: &str| Value::from_safe_string(text.to_owned());
    Value::from_pairs([
        (DETAIL, Value::from(detail.chars)),
        ("kind", safe(view.kind.as_str())),
        ("level", safe(view.level.as_str())),
        ("level_rank", view.level_rank().into()),
        ("title", text(&view.headline)),
        ("sentence", Value::from_safe_string(markup.phrase(&view.sentence, detail.chars))),
        ("who", optional(view.who.as_deref())),
        ("account", account(view)),
        ("region", optional(view.region.as_deref())),
        ("extent", view.extent.as_ref().map_or(Value::from(()), |known| extent(known, detail))),
        ("identity", table(&view.identity, 0, detail)),
        ("evidence", table(&view.evidence, view.more_evidence, detail)),
        ("sections", sections(view, detail)),
        ("links", links(view)),
        ("rule", rule(view)),
        ("event", view.event.as_deref().map_or(Value::from(()), event)),
        ("source", source(view.source.as_ref())),
        ("alert", safe(view.id.as_str())),
        ("group", safe(view.group.as_str())),
    ])
}

fn text(text: &str) -> Value {
    Value::from(text)
}

fn optional(value: Option<&str>) -> Value {
    value.filter(|value| !value.trim().is_empty()).map_or(Value::from(()), text)
}

fn list(values: impl IntoIterator<Item = Value>) -> Value {
    values.into_iter().collect()
}

fn account(view: &AlertView) -> Value {
    let Some(account) = &view.account else { return Value::from(()) };
    Value::from_pairs([
        ("id", text(&account.id)),
        ("name", optional(account.name.as_deref())),
        ("short", text(account.short())),
        ("long", text(&account.long())),
    ])
}

fn extent(extent: &Extent, detail: Detail) -> Value {
    let group_by =
        extent.group_by.iter().map(|(name, value)| Value::from_pairs([("name", text(name)), ("value", text(value))]));
    let events = extent.events.iter().take(detail.rows).map(|event| {
        Value::from_pairs([
            ("time", optional(event.time.as_deref())),
            ("id", optional(event.id.as_deref())),
            ("what", optional(event.what.as_deref())),
        ])
    });
    Value::from_pairs([
        ("count", extent.count.into()),
        ("counted", extent.counted.noun(extent.count).into()),
        ("first", optional(extent.first.as_deref())),
        ("last", optional(extent.last.as_deref())),
        ("group_by", list(group_by)),
        ("events", list(events)),
    ])
}

fn table(rows: &[Row], more: usize, detail: Detail) -> Value {
    // Identity is short and always shown; only rows of evidence go away.
    let kept = rows.iter().take(detail.rows.max(1));
    let names = kept.clone().map(|row| presentable(&row.name, ROW_NAME_CHARS).chars().count());
    let width = names.filter(|&width| width <= COLUMN_CHARS).max().unwrap_or_default();
    let left_out = rows.len().saturating_sub(kept.len());
    let kept = kept.map(|row| {
        let values = row.values.iter().take(detail.values.max(1));
        Value::from_pairs([
            ("name", text(&row.name)),
            ("more", row.more.saturating_add(row.values.len().saturating_sub(values.len())).into()),
            ("values", list(values.map(|value| text(value)))),
        ])
    });
    Value::from_pairs([("rows", list(kept)), ("width", width.into()), ("more", more.saturating_add(left_out).into())])
}

fn sections(view: &AlertView, detail: Detail) -> Value {
    list(view.sections.iter().map(|section| {
        Value::from_pairs([
            ("title", Value::from_safe_string(section.title.to_owned())),
            ("form", text(section.form.as_str())),
            ("entries", list(section.entries.iter().take(detail.entries).map(|entry| text(entry)))),
        ])
    }))
}

fn links(view: &AlertView) -> Value {
    list(view.links.iter().map(|link| {
        Value::from_pairs([
            ("target", text(link.target.as_str())),
            ("label", Value::from_safe_string(link.target.label().to_owned())),
            ("url", Value::from_safe_string(link.url.clone())),
        ])
    }))
}

fn rule(view: &AlertView) -> Value {
    let Some(rule) = &view.rule else { return Value::from(()) };
    let texts = |list: &[String]| list.iter().map(|entry| text(entry)).collect::<Value>();
    Value::from_pairs([
        ("id", optional(rule.id.as_deref())),
        ("name", text(rule.handle())),
        ("title", text(&rule.title)),
        ("status", optional(rule.status.map(Status::as_str))),
        ("author", optional(rule.author.as_deref())),
        ("description", optional(rule.description.as_deref())),
        ("tags", texts(&rule.tags)),
        ("references", texts(&rule.references)),
        ("falsepositives", texts(&rule.falsepositives)),
        ("response", texts(&rule.response)),
    ])
}

fn event(event: &EventSummary) -> Value {
    Value::from_pairs([
        ("eventID", optional(event.event_id.as_deref())),
        ("eventTime", optional(event.event_time.as_deref())),
        ("eventSource", optional(event.event_source.as_deref())),
        ("eventName", optional(event.event_name.as_deref())),
        ("awsRegion", optional(event.aws_region.as_deref())),
        ("recipientAccountId", optional(event.recipient_account_id.as_deref())),
        ("sourceIPAddress", optional(event.source_ip_address.as_deref())),
        ("userAgent", optional(event.user_agent.as_deref())),
        ("errorCode", optional(event.error_code.as_deref())),
        ("errorMessage", optional(event.error_message.as_deref())),
    ])
}

fn source(source: Option<&AlertSource>) -> Value {
    let (bucket, key, version, index) = match source {
        None => return Value::from(()),
        Some(AlertSource::Object { object, index }) => {
            (Some(object.bucket.as_str()), object.key.as_str(), object.version.as_deref(), *index)
        }
        Some(AlertSource::Inline { origin, index }) => (None, origin.as_str(), None, *index),
    };
    Value::from_pairs([
        ("bucket", optional(bucket)),
        ("key", text(key)),
        ("version", optional(version)),
        ("index", index.into()),
    ])
}
