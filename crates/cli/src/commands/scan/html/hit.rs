use std::sync::LazyLock;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use trailhound_pipeline::{
    Alert, AlertSource, Match,
    render::{self, Format, Renderer, presentable},
};
use trailhound_rule_engine::Metadata;

use crate::output::clipped;

use super::{
    super::limits::{PAGE_CHARS, PAGE_FIELDS, PAGE_VALUES},
    collect::Hit,
};

/// Makes of a hit what an alert of it would say.
static RENDERER: LazyLock<Renderer> = LazyLock::new(Renderer::default);

/// One hit of a rule, with every text presentable.
#[derive(Debug, Serialize)]
pub(super) struct HitView {
    time: String,
    who: String,
    address: Option<String>,
    /// Account and region.
    place: String,
    what: String,
    error: Option<String>,
    fields: Vec<Field>,
    fields_left_out: usize,
    /// Into the console of CloudTrail.
    link: Option<String>,
    source: String,
}

#[derive(Debug, Serialize)]
struct Field {
    name: String,
    values: Vec<String>,
    left_out: usize,
}

impl HitView {
    pub(super) fn new(rule: &Metadata, hit: &Hit) -> Self {
        match hit {
            Hit::Match { path, found } => Self::of_match(rule, path, found),
            Hit::Firing { path, index, time, group, events, first } => {
                let group = group.iter().map(|(name, value)| Field::new(name, vec![value.clone()]));
                HitView::of_firing(*time, (*events, *first), group.collect(), &format!("{path}#{index}"))
            }
        }
    }

    fn of_match(rule: &Metadata, path: &str, found: &Match) -> Self {
        let event = &found.event;
        let source = AlertSource::Inline { origin: path.to_owned(), index: found.index };
        let alert = Alert::new(rule, found, source);
        // Secrets are masked there, by the names of their keys and by their form.
        let message = RENDERER.render(&RENDERER.view(&alert), Format::Json);
        let mut document: Value = serde_json::from_str(&message.body).unwrap_or_default();
        let fields = document.get_mut("fields").map(Value::take).unwrap_or_default();
        let mut fields: Vec<Field> = fields.as_object().into_iter().flatten().map(Field::of).collect();
        let fields_left_out = fields.len().saturating_sub(PAGE_FIELDS);
        fields.truncate(PAGE_FIELDS);
        let join = |parts: [&Option<String>; 2], between| {
            parts.into_iter().flatten().map(|part| shown(part)).collect::<Vec<_>>().join(between)
        };
        HitView {
            time: event.event_time.as_deref().map_or_else(|| "unknown time".to_owned(), shown),
            who: event.actor.as_deref().map_or_else(|| "unknown actor".to_owned(), shown),
            address: event.source_ip_address.as_deref().map(shown),
            place: join([&alert.account().map(str::to_owned), &event.aws_region], " "),
            what: join([&event.event_source, &event.event_name], " "),
            error: event.error_code.as_deref().map(shown),
            fields,
            fields_left_out,
            link: render::console_link(event),
            source: shown(&format!("{path}#{}", found.index)),
        }
    }

    fn of_firing(time: Timestamp, (events, first): (usize, Timestamp), fields: Vec<Field>, source: &str) -> Self {
        HitView {
            time: time.to_string(),
            who: fields.iter().flat_map(|field| &field.values).cloned().collect::<Vec<_>>().join(", "),
            address: None,
            place: String::new(),
            what: format!("{events} events since {first}"),
            error: None,
            fields,
            fields_left_out: 0,
            link: None,
            source: shown(source),
        }
    }
}

impl Field {
    fn new(name: &str, mut values: Vec<String>) -> Self {
        let left_out = values.len().saturating_sub(PAGE_VALUES);
        values.truncate(PAGE_VALUES);
        Field { name: shown(name), values: values.iter().map(|value| shown(value)).collect(), left_out }
    }

    fn of((name, values): (&String, &Value)) -> Self {
        let values = values.as_array().into_iter().flatten();
        Field::new(name, values.filter_map(Value::as_str).map(str::to_owned).collect())
    }
}

/// A text of a record as people may see it.
pub(super) fn shown(text: &str) -> String {
    // Secrets first: half of one would no longer be recognised.
    clipped(&presentable(text, usize::MAX), PAGE_CHARS)
}
