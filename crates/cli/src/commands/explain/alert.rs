//! The alert that a match would be: by what it is told from others, with which it is grouped, where it goes.

use std::{io, sync::Arc};

use jiff::Timestamp;
use serde::Serialize;
use trailhound_pipeline::{
    Alert, AlertSource, EventSummary, Grouping, Match, configuration::Configuration, routing::Routing,
};
use trailhound_rule_engine::{Metadata, RuleIndex};

use super::super::config;
use crate::{
    arguments::ExplainArguments,
    chosen_record::Found,
    output::{Output, printable},
};

/// Characters of an identity that people need to compare two.
const SHORT: usize = 16;

#[derive(Debug, Serialize)]
pub(super) struct AlertFate {
    /// Alerts with the same identity are sent once.
    identity: String,
    rule: String,
    account: Option<String>,
    event_id: Option<String>,
    group: Group,
    /// Nothing without a configuration.
    route: Option<Route>,
}

/// Alerts that become one notification.
#[derive(Debug, Serialize)]
struct Group {
    actor: Option<String>,
    since: Option<Timestamp>,
    seconds: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
enum Route {
    Sent { topics: Vec<Topic> },
    BelowLevel,
    Nowhere,
}

#[derive(Debug, Serialize)]
struct Topic {
    name: String,
    arn: String,
    format: &'static str,
}

/// The configuration that is asked for; an error after it has been said why there is none.
pub(super) fn destination(arguments: &ExplainArguments, output: &Output) -> Result<Option<Configuration>, ()> {
    let Some(path) = arguments.config.as_deref() else { return Ok(None) };
    let read = match config::read(Some(path), Configuration::read) {
        Ok(read) => read,
        Err(unreadable) => {
            output.unreadable(&unreadable);
            return Err(());
        }
    };
    if !read.diagnostics.is_empty() {
        output.diagnostics(&read.diagnostics);
    }
    read.configuration.map(Some).ok_or(())
}

impl AlertFate {
    pub(super) fn of(
        (rule, index): (&Metadata, RuleIndex),
        found: &Found,
        destination: Option<&Configuration>,
    ) -> Self {
        let event = Arc::new(EventSummary::of(&found.record));
        let record: Arc<str> = found.record.as_str().into();
        let matched = Match { rule: index, event: Arc::clone(&event), index: found.index, record };
        let source = AlertSource::Inline { origin: found.path.clone(), index: found.index };
        let alert = Alert::new(rule, &matched, source);
        let grouping = destination.map_or_else(Grouping::default, Configuration::grouping);
        let time: Option<Timestamp> = event.event_time.as_deref().and_then(|time| time.parse().ok());
        AlertFate {
            identity: alert.id.as_str().to_owned(),
            rule: rule.id.clone().unwrap_or_else(|| rule.handle().to_owned()),
            account: alert.account().map(str::to_owned),
            event_id: event.event_id.clone(),
            group: Group {
                actor: event.actor.clone(),
                since: time.map(|time| grouping.since(time)),
                seconds: grouping.window.as_secs(),
            },
            route: destination.map(|configuration| Route::of(&alert, configuration)),
        }
    }

    pub(super) fn print(&self, output: &mut Output) -> io::Result<()> {
        let shown = |text: &Option<String>| text.as_deref().map_or_else(|| "none".to_owned(), printable);
        let identity: String = self.identity.chars().take(SHORT).collect();
        output.line(format_args!("identity      {identity}…, sent once"))?;
        output.line(format_args!("              rule {}", printable(&self.rule)))?;
        output.line(format_args!("              account {}, event {}", shown(&self.account), shown(&self.event_id)))?;
        let since = self.group.since.map_or_else(|| "its arrival".to_owned(), |since| since.to_string());
        output.line(format_args!("group         actor {}", shown(&self.group.actor)))?;
        output.line(format_args!(
            "              {} minutes from {since} are one notification",
            self.group.seconds / 60
        ))?;
        self.print_route(output)
    }

    fn print_route(&self, output: &mut Output) -> io::Result<()> {
        match &self.route {
            None => output.line("route         name the configuration with `--config FILE`"),
            Some(Route::BelowLevel) => output.line("route         none: below the least level, only counted"),
            Some(Route::Nowhere) => output.line("route         none takes it: only counted"),
            Some(Route::Sent { topics }) => {
                for (number, topic) in topics.iter().enumerate() {
                    let word = if number == 0 { "route" } else { "" };
                    output.line(format_args!("{word:13} {} as {}", printable(&topic.name), topic.format))?;
                    output.line(format_args!("              {}", printable(&topic.arn)))?;
                }
                Ok(())
            }
        }
    }
}

impl Route {
    fn of(alert: &Alert, configuration: &Configuration) -> Self {
        let view = configuration.dispatcher().view(alert);
        match configuration.router.route(&view) {
            Routing::BelowLevel => Route::BelowLevel,
            Routing::Nowhere => Route::Nowhere,
            Routing::To(names) => {
                let topic = |name| {
                    let topic = configuration.topics.get(&name)?;
                    Some(Topic { name: name.to_string(), arn: topic.arn.to_string(), format: topic.format.as_str() })
                };
                Route::Sent { topics: names.into_iter().filter_map(topic).collect() }
            }
        }
    }
}
