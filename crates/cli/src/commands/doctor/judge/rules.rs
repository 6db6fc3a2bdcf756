//! Which rules cannot fire with what the trails record, and the selectors that would let them.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};
use trailhound_aws::trails::Selectors;
use trailhound_cloudtrail::{EventCategory, EventProfile};
use trailhound_rule_engine::Level;

use super::{
    super::selectors::{Taken, taken},
    Check, Examined, Question, Subject,
};
use crate::output::count;

/// So many rules are named in a sentence; the JSON has all.
const NAMED: usize = 6;

/// A rule or a correlation that alerts, and the events it needs.
#[derive(Debug, Clone)]
pub(in crate::commands::doctor) struct Needs {
    pub(in crate::commands::doctor) name: String,
    pub(in crate::commands::doctor) level: Level,
    /// None if its tests do not tell.
    pub(in crate::commands::doctor) events: BTreeSet<EventProfile>,
}

/// Which rules can fire. Lists are in the order of names.
#[derive(Debug, Serialize)]
pub(in crate::commands::doctor) struct RulesReport<'f> {
    /// Rules and correlations that alert.
    total: usize,
    /// None of what they need is recorded.
    silent: Vec<Lacking<'f>>,
    /// Some of what they need is not recorded.
    partial: Vec<Lacking<'f>>,
    /// What they need is recorded of some resources or people alone.
    narrowed: Vec<&'f str>,
    /// Without tests that match, so that nothing can be said.
    unjudged: Vec<&'f str>,
    /// What would record all that is missing.
    pub(in crate::commands::doctor) advanced_event_selectors: Vec<Value>,
    pub(in crate::commands::doctor) checks: Vec<Check>,
}

#[derive(Debug, Serialize)]
struct Lacking<'f> {
    name: &'f str,
    level: Level,
    /// What is not recorded.
    lacks: BTreeSet<Kind>,
}

/// Events that are switched on together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "events", content = "of", rename_all = "kebab-case")]
enum Kind {
    Management,
    /// Of resources of this type.
    Data(String),
    /// Of this service.
    NetworkActivity(String),
}

/// Nothing where there are no rules or no trails: that is said elsewhere.
pub(super) fn judge<'f>(needs: &'f [Needs], trails: &[Examined], question: &Question<'_>) -> Option<RulesReport<'f>> {
    let watched = watched(trails, question);
    if needs.is_empty() || watched.is_empty() {
        return None;
    }
    let known: Vec<&Selectors> = watched.iter().filter_map(|trail| trail.known_selectors()).collect();
    let mut report = RulesReport {
        total: needs.len(),
        silent: Vec::new(),
        partial: Vec::new(),
        narrowed: Vec::new(),
        unjudged: Vec::new(),
        advanced_event_selectors: Vec::new(),
        checks: Vec::new(),
    };
    for one in needs {
        report.add(one, &known);
    }
    let is_certain = known.len() == watched.len();
    report.conclude(is_certain);
    Some(report)
}

/// The trails that deliver: those to the bucket in question, unless none does, and those that are on, unless all
/// are off. That a trail is off or goes elsewhere is said of the trail.
fn watched<'t>(trails: &'t [Examined], question: &Question<'_>) -> Vec<&'t Examined> {
    let narrowed = |from: Vec<&'t Examined>, keep: &dyn Fn(&Examined) -> bool| {
        let kept: Vec<&Examined> = from.iter().copied().filter(|trail| keep(trail)).collect();
        if kept.is_empty() { from } else { kept }
    };
    let in_bucket =
        narrowed(trails.iter().collect(), &|trail| question.bucket.is_none_or(|bucket| trail.trail.bucket == bucket));
    narrowed(in_bucket, &|trail| trail.status.as_ref().map_or(true, |status| status.logging))
}

impl Examined {
    /// Nothing if CloudTrail does not tell what was chosen.
    fn known_selectors(&self) -> Option<&Selectors> {
        let selectors = self.selectors.as_ref().ok()?;
        let is_hidden = self.trail.has_own_selectors && *selectors == Selectors::Basic(Vec::new());
        (!is_hidden).then_some(selectors)
    }
}

impl<'f> RulesReport<'f> {
    fn add(&mut self, needs: &'f Needs, known: &[&Selectors]) {
        let Needs { name, level, events } = needs;
        let taken =
            |event: &&EventProfile| known.iter().map(|selectors| taken(selectors, event)).max().unwrap_or(Taken::None);
        let lost: Vec<&EventProfile> = events.iter().filter(|event| taken(event) == Taken::None).collect();
        let lacking = || Lacking { name, level: *level, lacks: lost.iter().map(|event| Kind::of(event)).collect() };
        if events.is_empty() {
            self.unjudged.push(name);
        } else if lost.len() == events.len() {
            self.silent.push(lacking());
        } else if !lost.is_empty() {
            self.partial.push(lacking());
        } else if events.iter().any(|event| taken(&event) == Taken::Some) {
            self.narrowed.push(name);
        }
    }

    fn conclude(&mut self, is_certain: bool) {
        let mut missing: BTreeMap<&Kind, Missing<'_>> = BTreeMap::new();
        for one in &self.silent {
            one.lacks.iter().for_each(|kind| missing.entry(kind).or_default().silent.push(one.name));
        }
        for one in &self.partial {
            one.lacks.iter().for_each(|kind| missing.entry(kind).or_default().partial += 1);
        }
        self.advanced_event_selectors = missing.keys().map(|kind| kind.selector()).collect();
        self.checks = missing.iter().map(|(kind, missing)| missing.check(kind, is_certain)).collect();
        if !self.narrowed.is_empty() {
            let seen =
                format!("{} only of what the selectors of the trails name", agreed(self.narrowed.len(), "can fire"));
            let advice = "see that the selectors name every resource that matters; `--format json` lists these rules";
            self.checks.push(Check::warning(Subject::Rules, seen, advice));
        }
        if !self.unjudged.is_empty() {
            let seen = format!("{} no test that matches", agreed(self.unjudged.len(), "have"));
            let advice = "give them tests: what they need is read off the records in which they match";
            // A warning: that a rule has no tests does not make the look at the account fail.
            self.checks.push(Check::warning(Subject::Rules, seen, advice));
        }
        if self.checks.is_empty() {
            self.checks.push(Check::ok(Subject::Rules, format!("what {} need is recorded", rules(self.total))));
        }
    }
}

/// What one kind of events is missing to.
#[derive(Default)]
struct Missing<'f> {
    silent: Vec<&'f str>,
    partial: usize,
}

impl Missing<'_> {
    fn check(&self, kind: &Kind, is_certain: bool) -> Check {
        let seen = format!("{} without {}", self.words(), kind.words());
        if !is_certain {
            let advice = "let a policy allow cloudtrail:GetEventSelectors: not all trails tell what they record";
            return Check::unknown(Subject::Rules, format!("as far as the trails tell, {seen}"), advice);
        }
        let advice = kind.advice();
        match kind {
            Kind::Management if !self.silent.is_empty() => Check::problem(Subject::Rules, seen, advice),
            Kind::Management | Kind::Data(_) | Kind::NetworkActivity(_) => Check::warning(Subject::Rules, seen, advice),
        }
    }

    fn words(&self) -> String {
        let less = format!("{} less", agreed(self.partial, "see"));
        if self.silent.is_empty() {
            return less;
        }
        let mut names: Vec<String> = self.silent.iter().take(NAMED).map(|name| (*name).to_owned()).collect();
        let more = self.silent.len().saturating_sub(names.len());
        if more > 0 {
            names.push(format!("{more} more"));
        }
        let silent = format!("{} ({})", agreed(self.silent.len(), "cannot fire"), names.join(", "));
        if self.partial == 0 { silent } else { format!("{silent} and {less}") }
    }
}

impl Kind {
    fn of(event: &EventProfile) -> Self {
        match event.category {
            EventCategory::Management => Kind::Management,
            EventCategory::Data => Kind::Data(event.resource_types.first().unwrap_or(&event.source).clone()),
            EventCategory::NetworkActivity => Kind::NetworkActivity(event.source.clone()),
        }
    }

    fn words(&self) -> String {
        match self {
            Kind::Management => "management events that no trail records".to_owned(),
            Kind::Data(resource) => format!("data events of {resource}, which no trail records"),
            Kind::NetworkActivity(source) => format!("network activity events of {source}, which no trail records"),
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Kind::Management => "record all management events; the selector is below",
            Kind::Data(_) | Kind::NetworkActivity(_) => {
                "record them, if they are worth their price to you; the selector is below"
            }
        }
    }

    /// As `put-event-selectors` takes it. Names of events are left open: rules may be about more than their tests.
    fn selector(&self) -> Value {
        let equals = |field: &str, value: &str| json!({"Field": field, "Equals": [value]});
        let (name, fields) = match self {
            Kind::Management => ("Management events".to_owned(), vec![equals("eventCategory", "Management")]),
            Kind::Data(resource) => (
                format!("Data events of {resource}"),
                vec![equals("eventCategory", "Data"), equals("resources.type", resource)],
            ),
            Kind::NetworkActivity(source) => (
                format!("Network activity of {source}"),
                vec![equals("eventCategory", "NetworkActivity"), equals("eventSource", source)],
            ),
        };
        json!({"Name": name, "FieldSelectors": fields})
    }
}

fn rules(number: usize) -> String {
    count(u64::try_from(number).unwrap_or(u64::MAX), "rule")
}

/// `1 rule sees`, `2 rules see`.
fn agreed(number: usize, verb: &str) -> String {
    let verb = match (number, verb) {
        (1, "see") => "sees",
        (1, "have") => "has",
        _ => verb,
    };
    format!("{} {verb}", rules(number))
}
