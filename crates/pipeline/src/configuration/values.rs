//! Effective values, as programs and people see them.

use serde_json::{Map, Value, json};
use trailhound_rule_engine::{Level, Status};

use super::{Configuration, RulesSource, SETTINGS, Setting, read};
use crate::{
    Depth, TopicName,
    render::{AlertKind, Template, TemplateKind},
    routing::{Glob, Route, Then},
};

impl Configuration {
    /// The value of a setting that is in force; `null` where there is none.
    pub fn value(&self, setting: &Setting) -> Value {
        match setting.key {
            "topic_arn" => self.topics.get(&TopicName::default()).map(|topic| topic.arn.as_str()).into(),
            "topics" => self.topics_value(),
            "minimum_level" => self.router.minimum_level.as_str().into(),
            "canaries" if self.router.canaries.is_empty() => Value::Null,
            "canaries" => names(&self.router.canaries),
            "routes" | "notices" if self.topics.is_empty() => Value::Null,
            "routes" => self.router.routes.iter().map(route).collect(),
            "notices" => names(&self.router.notices),
            "accounts" => json!(self.accounts),
            "lists" => json!(self.lists),
            "rules.from" => self.rules_value().0,
            "rules.sha256" => self.rules_value().1,
            "limits.object_bytes" => read::show_bytes(self.object_bytes).into(),
            "limits.inflated_bytes" => read::show_bytes(self.inflated_bytes).into(),
            "limits.concurrency" => self.concurrency.into(),
            "calls.timeout" => read::show_duration(self.call_timeout).into(),
            "calls.attempts" => self.call_attempts.into(),
            "grouping.window" => read::show_duration(self.group_window).into(),
            "digest.rule_rate" => self.digest_rule_rate.into(),
            "digest.overall_rate" => self.digest_overall_rate.into(),
            "state.table" => self.state_table.as_deref().into(),
            "quarantine" => self.quarantine.as_ref().map(ToString::to_string).into(),
            "integrity" => integrity(self.integrity).into(),
            "metrics.write" => if self.metrics { "on" } else { "off" }.into(),
            "metrics.namespace" => self.metrics_namespace.as_str().into(),
            "metrics.places" => self.metrics_places.into(),
            "links.console" => self.console_url.as_deref().into(),
            "links.rules" => self.rule_url.as_deref().into(),
            "templates.subject" => self.template_value(TemplateKind::Subject),
            "templates.text" => self.template_value(TemplateKind::Text),
            "templates.sms" => self.template_value(TemplateKind::Sms),
            "templates.chat" => self.template_value(TemplateKind::Chat),
            "watch" => read::show_duration(self.watch).into(),
            "log" => self.log.as_str().into(),
            _ => Value::Null,
        }
    }

    /// The value that a variable would have to have for this to be in force; `None` where it need not be set.
    /// Sizes are plain numbers of bytes.
    pub fn variable(&self, name: &str) -> Option<String> {
        let setting = SETTINGS.iter().find(|setting| setting.variable == name)?;
        match (setting.key, self.value(setting)) {
            ("limits.object_bytes", _) => Some(self.object_bytes.to_string()),
            ("limits.inflated_bytes", _) => Some(self.inflated_bytes.to_string()),
            ("topic_arn", Value::Null) => {
                let main = self.router.notices.first()?;
                self.topics.get(main).map(|topic| topic.arn.to_string())
            }
            ("rules.from", _) => match &self.rules {
                RulesSource::Folder(path) => Some(path.display().to_string()),
                RulesSource::Bundle | RulesSource::Object { .. } => None,
            },
            (_, Value::String(text)) => Some(text),
            (_, Value::Null) => None,
            (_, other) => Some(other.to_string()),
        }
    }

    fn topics_value(&self) -> Value {
        let topics = self.topics.iter().map(|(name, topic)| {
            (name.to_string(), json!({"arn": topic.arn.as_str(), "format": topic.format.as_str()}))
        });
        Value::Object(topics.collect())
    }

    fn rules_value(&self) -> (Value, Value) {
        match &self.rules {
            RulesSource::Bundle => ("bundle".into(), Value::Null),
            RulesSource::Folder(path) => (path.display().to_string().into(), Value::Null),
            RulesSource::Object { object, sha256 } => {
                (format!("s3://{}/{}", object.bucket, object.key).into(), sha256.as_str().into())
            }
        }
    }

    fn template_value(&self, kind: TemplateKind) -> Value {
        let own = self.templates.iter().find(|template| template.kind() == kind);
        own.map_or(Value::Null, |template: &Template| template.text().into())
    }
}

fn integrity(depth: Option<Depth>) -> &'static str {
    match depth {
        None => "off",
        Some(Depth::Digests) => "digests",
        Some(Depth::Logs) => "logs",
    }
}

fn names(topics: &[TopicName]) -> Value {
    topics.iter().map(TopicName::as_str).collect()
}

fn route(route: &Route) -> Value {
    let matches = &route.matches;
    let globs = |globs: &[Glob]| -> Value { globs.iter().map(Glob::as_str).collect() };
    let entries = [
        ("level", matches.levels.iter().map(|level: &Level| level.as_str()).collect()),
        ("account", globs(&matches.accounts)),
        ("region", globs(&matches.regions)),
        ("rule", globs(&matches.rules)),
        ("tag", globs(&matches.tags)),
        ("status", matches.statuses.iter().map(|status: &Status| status.as_str()).collect()),
        ("kind", matches.kinds.iter().map(|kind: &AlertKind| kind.as_str()).collect()),
        ("minimum_level", matches.minimum_level.map(Level::as_str).into()),
    ];
    let is_said = |value: &Value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty());
    let said: Map<String, Value> =
        entries.into_iter().filter(|(_, value)| is_said(value)).map(|(key, value)| (key.to_owned(), value)).collect();
    let mut shown = Map::new();
    if !said.is_empty() {
        shown.insert("match".to_owned(), Value::Object(said));
    }
    shown.insert("to".to_owned(), names(&route.to));
    if route.then == Then::Continue {
        shown.insert("continue".to_owned(), true.into());
    }
    Value::Object(shown)
}
