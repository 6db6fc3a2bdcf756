//! From values with their places to a checked configuration.

use std::{collections::BTreeMap, path::Path, time::Duration};

use trailhound_rule_engine::{
    Code, Diagnostic, Source, Span,
    yaml::{Data, Node, Problems},
};

use super::{Configuration, Files, Topic, raw::Given, read, routes, targets};
use crate::{
    Depth, TopicName,
    limits::MOST_DIGEST_RATE,
    render::{Format, Template, TemplateKind},
    routing::Route,
};

/// Whether there has to be a topic.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Topics {
    Required,
    Optional,
}

/// Makes a configuration of the values that were given, and collects what is wrong with them.
pub(super) struct Checker<'c> {
    pub(super) topics: Topics,
    pub(super) values: &'c BTreeMap<&'static str, Given>,
    pub(super) files: &'c dyn Files,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Checker<'_> {
    /// Reads every setting, so that all problems come out at once.
    pub(super) fn check(&mut self, file: Option<&Source>) -> Configuration {
        let mut checked = Configuration {
            origins: self.values.iter().map(|(key, given)| (*key, given.origin.clone())).collect(),
            ..Configuration::default()
        };
        let order = self.topics(&mut checked, file);
        self.routes(&mut checked, &order);
        self.simple(&mut checked);
        self.rules(&mut checked);
        self.links_and_templates(&mut checked);
        self.check_use(&checked);
        checked
    }

    /// The value of a setting, if it was given and can be read.
    fn value<T>(&mut self, key: &str, read: impl FnOnce(&Node, &mut Problems) -> Option<T>) -> Option<T> {
        let given = self.values.get(key)?;
        let mut problems = Problems::new(&given.source);
        let value = read(&given.node, &mut problems);
        self.diagnostics.extend(problems.into_diagnostics());
        value
    }

    /// Puts the value of a setting in the place of its default.
    fn set<T>(&mut self, place: &mut T, key: &str, read: impl FnOnce(&Node, &mut Problems) -> Option<T>) {
        if let Some(value) = self.value(key, read) {
            *place = value;
        }
    }

    /// Reads the topics and returns their names in the order in which they were given.
    fn topics(&mut self, checked: &mut Configuration, file: Option<&Source>) -> Vec<TopicName> {
        let default = self.value("topic_arn", routes::arn);
        let default = default.map(|arn| (TopicName::default(), Some(Topic { arn, format: Format::default() })));
        let others = self.value("topics", routes::topics).unwrap_or_default();
        let mut order = Vec::new();
        for (name, topic) in default.into_iter().chain(others) {
            if !order.contains(&name) {
                order.push(name.clone());
            }
            checked.topics.extend(topic.map(|topic| (name, topic)));
        }
        let is_given = self.values.contains_key("topic_arn") || self.values.contains_key("topics");
        if order.is_empty() && !is_given && self.topics == Topics::Required {
            let nothing = Source::new("environment", "");
            let mut problems = Problems::new(file.unwrap_or(&nothing));
            problems
                .error(Code::MissingSetting, Span::default(), "there is no topic for alerts")
                .help("give `topic_arn`, or set TRAILHOUND_TOPIC_ARN, to the ARN of an SNS topic");
            self.diagnostics.extend(problems.into_diagnostics());
        }
        order
    }

    fn routes(&mut self, checked: &mut Configuration, topics: &[TopicName]) {
        let default = TopicName::default();
        let main = if topics.contains(&default) { default } else { topics.first().cloned().unwrap_or_default() };
        checked.router.routes = vec![Route { to: vec![main.clone()], ..Route::default() }];
        checked.router.notices = vec![main];
        self.set(&mut checked.router.minimum_level, "minimum_level", read::level);
        self.set(&mut checked.router.routes, "routes", |node, problems| routes::routes(node, topics, problems));
        self.set(&mut checked.router.notices, "notices", |node, problems| routes::names(node, topics, problems));
        self.set(&mut checked.router.canaries, "canaries", |node, problems| routes::names(node, topics, problems));
    }

    fn simple(&mut self, checked: &mut Configuration) {
        const MINUTE: Duration = Duration::from_mins(1);
        const SECOND: Duration = Duration::from_secs(1);
        const MAX_CONCURRENCY: u64 = 64;
        const MAX_ATTEMPTS: u64 = 10;
        const DAY: Duration = Duration::from_hours(24);
        let duration = |range| move |node: &Node, problems: &mut Problems| read::duration(node, range, problems);
        self.set(&mut checked.accounts, "accounts", read::accounts);
        self.set(&mut checked.lists, "lists", read::lists);
        self.set(&mut checked.object_bytes, "limits.object_bytes", read::bytes);
        self.set(&mut checked.inflated_bytes, "limits.inflated_bytes", read::bytes);
        let up_to = |most| move |node: &Node, problems: &mut Problems| read::count_up_to(node, most, problems);
        self.set(&mut checked.concurrency, "limits.concurrency", up_to(MAX_CONCURRENCY));
        self.set(&mut checked.call_timeout, "calls.timeout", duration([SECOND, MINUTE]));
        self.set(&mut checked.call_attempts, "calls.attempts", up_to(MAX_ATTEMPTS));
        self.set(&mut checked.group_window, "grouping.window", duration([MINUTE, DAY]));
        self.set(&mut checked.digest_rule_rate, "digest.rule_rate", up_to(MOST_DIGEST_RATE));
        self.set(&mut checked.digest_overall_rate, "digest.overall_rate", up_to(MOST_DIGEST_RATE));
        self.set(&mut checked.watch, "watch", duration([Duration::from_secs(10), DAY]));
        self.set(&mut checked.log, "log", |node, problems| read::text(node, "the filter", problems));
        checked.state_table = self.value("state.table", |node, problems| read::text(node, "the table", problems));
        checked.quarantine = self.value("quarantine", targets::quarantine);
        self.set(&mut checked.integrity, "integrity", |node, problems| {
            let words =
                [("off", None), ("false", None), ("digests", Some(Depth::Digests)), ("logs", Some(Depth::Logs))];
            read::word(node, "depth", &words, problems)
        });
        self.set(&mut checked.metrics, "metrics.write", |node, problems| {
            read::word(node, "choice", &[("on", true), ("off", false), ("true", true), ("false", false)], problems)
        });
        self.set(&mut checked.metrics_namespace, "metrics.namespace", read::namespace);
        self.set(&mut checked.metrics_places, "metrics.places", |node, problems| read::count(node, 0, problems));
    }

    fn rules(&mut self, checked: &mut Configuration) {
        let sha256 = self.value("rules.sha256", targets::sha256);
        let is_wrong = sha256.is_none() && self.values.contains_key("rules.sha256");
        // A wrong hash has been reported; that there is none would not be true.
        let sha256 = if is_wrong { Some(String::new()) } else { sha256 };
        self.set(&mut checked.rules, "rules.from", |node, problems| targets::rules(node, sha256.as_deref(), problems));
    }

    fn links_and_templates(&mut self, checked: &mut Configuration) {
        checked.console_url = self.value("links.console", read::url);
        checked.rule_url = self.value("links.rules", read::url);
        for kind in TemplateKind::ALL {
            let key = format!("templates.{}", kind.as_str());
            if let Some((source, text)) =
                self.value(&key, |node, problems| Some((problems.source().clone(), node.clone())))
            {
                checked.templates.extend(self.template(kind, &text, &source));
            }
        }
    }

    /// A template that stands in the configuration, or in a file of its own.
    fn template(&mut self, kind: TemplateKind, node: &Node, source: &Source) -> Option<Template> {
        let mut problems = Problems::new(source);
        let text = match &node.data {
            Data::Map(entries) => match entries.as_slice() {
                [entry] if entry.key == "file" => {
                    let path = read::text(&entry.value, "the path of a template", &mut problems);
                    path.and_then(|path| match self.files.read(Path::new(&path)) {
                        Ok(text) => Some(Source::new(path, text)),
                        Err(error) => {
                            let message = format!("the template `{path}` cannot be read: {error}");
                            let help = "give a path relative to the configuration";
                            read::wrong(entry.value.span, message, help, &mut problems)
                        }
                    })
                }
                _ => {
                    let message = "a template is a text, or a map of `file` alone".to_owned();
                    read::wrong(node.span, message, "write `{file: path}`", &mut problems)
                }
            },
            _ => read::text(node, "the template", &mut problems)
                .map(|text| Source::new(format!("{} (template {})", source.name(), kind.as_str()), text)),
        };
        self.diagnostics.extend(problems.into_diagnostics());
        let text = text?;
        match Template::new(kind, text.text()) {
            Ok(template) => Some(template),
            Err(error) => {
                let mut problems = Problems::new(&text);
                let span = Span::new(error.span.start, error.span.end);
                problems.error(Code::InvalidTemplate, span, format!("the template cannot be used: {error}"));
                self.diagnostics.extend(problems.into_diagnostics());
                None
            }
        }
    }

    /// Warns of topics that nothing goes to.
    fn check_use(&mut self, checked: &Configuration) {
        let router = &checked.router;
        let used = |name: &TopicName| {
            router.routes.iter().any(|route| route.to.contains(name))
                || router.notices.contains(name)
                || router.canaries.contains(name)
        };
        let unused: Vec<&str> = checked.topics.keys().filter(|name| !used(name)).map(TopicName::as_str).collect();
        self.value::<()>("topics", |node, problems| {
            let Data::Map(entries) = &node.data else { return None };
            for entry in entries.iter().filter(|entry| unused.contains(&entry.key.as_str())) {
                let message = format!("nothing goes to the topic `{}`", entry.key);
                problems.warning(Code::TopicReference, entry.key_span, message).help("name it in a route");
            }
            None
        });
    }
}
