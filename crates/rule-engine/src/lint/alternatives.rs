//! What has to hold at once for a condition to hold, and which events that leaves.

use crate::{
    catalog::{Catalog, EventNames, EventSource},
    derived::without_date,
    detection::Condition,
    pattern::{Anchor, Case, Matcher, Pattern},
};

use super::model::{Logic, Search, Test, Written};

/// More alternatives than this say nothing that a person could follow; 256.
const ALTERNATIVES: usize = 256;

/// Tests that hold together. What is negated, or anywhere in the record, is left out.
#[derive(Debug, Clone, Default)]
pub(super) struct Alternative<'l, 'd> {
    pub(super) tests: Vec<&'l Test<'d>>,
    /// Whether something else has to hold as well.
    pub(super) is_narrowed: bool,
}

/// The alternatives of a condition; none if they are too many.
pub(super) fn of<'l, 'd>(logic: &'l Logic<'d>, condition: &Condition) -> Option<Vec<Alternative<'l, 'd>>> {
    match condition {
        Condition::Identifier(index) => logic.searches.get(*index).and_then(of_search),
        Condition::Not(_) => Some(vec![Alternative { tests: Vec::new(), is_narrowed: true }]),
        Condition::All(members) => all(members.iter().map(|member| of(logic, member))),
        Condition::Any(members) => any(members.iter().map(|member| of(logic, member))),
    }
}

fn of_search<'l, 'd>(search: &'l Search<'d>) -> Option<Vec<Alternative<'l, 'd>>> {
    match search {
        Search::Test(test) => Some(vec![Alternative { tests: vec![test], is_narrowed: false }]),
        Search::All(members) => all(members.iter().map(of_search)),
        Search::Any(members) => any(members.iter().map(of_search)),
        Search::Inside(_) | Search::Keyword => Some(vec![Alternative { tests: Vec::new(), is_narrowed: true }]),
    }
}

fn any<'l, 'd>(members: impl Iterator<Item = Option<Vec<Alternative<'l, 'd>>>>) -> Option<Vec<Alternative<'l, 'd>>> {
    let mut together = Vec::new();
    for member in members {
        together.extend(member?);
        if together.len() > ALTERNATIVES {
            return None;
        }
    }
    Some(together)
}

fn all<'l, 'd>(members: impl Iterator<Item = Option<Vec<Alternative<'l, 'd>>>>) -> Option<Vec<Alternative<'l, 'd>>> {
    let mut together = vec![Alternative::default()];
    for member in members {
        let member = member?;
        if together.len().saturating_mul(member.len()) > ALTERNATIVES {
            return None;
        }
        let joined = together.iter().flat_map(|left| member.iter().map(|right| left.and(right)));
        together = joined.collect();
    }
    Some(together)
}

impl<'l, 'd> Alternative<'l, 'd> {
    fn and(&self, other: &Self) -> Self {
        let tests = self.tests.iter().chain(&other.tests).copied().collect();
        Alternative { tests, is_narrowed: self.is_narrowed || other.is_narrowed }
    }

    pub(super) fn holds(&self, test: &Test<'_>) -> bool {
        self.tests.iter().any(|own| std::ptr::eq::<Test<'_>>(*own, test))
    }

    pub(super) fn on(&self, field: &str) -> impl Iterator<Item = &'l Test<'d>> {
        self.tests.iter().copied().filter(move |test| test.field == field && names(test))
    }

    /// Whether it says which event sources it is about.
    pub(super) fn names_sources(&self) -> bool {
        self.on("eventSource").chain(self.on("trailhound.event")).next().is_some()
    }

    /// The event sources it is about; none if any may be.
    fn sources<'c>(&self, catalog: &'c Catalog) -> Option<Vec<&'c EventSource>> {
        if !self.names_sources() {
            return None;
        }
        let tests: Vec<_> = self.on("eventSource").collect();
        let joint: Vec<_> = self.on("trailhound.event").collect();
        let services = |test: &&Test<'d>| {
            test.values.iter().filter_map(service).map(|service| matcher(service, Anchor::Whole)).collect()
        };
        let hosts: Vec<Vec<Matcher>> = tests.iter().map(|test| matchers(test)).collect();
        let services: Vec<Vec<Matcher>> = joint.iter().map(services).collect();
        let fitting =
            catalog.sources().filter(|source| fits_each(&services, &source.name) && fits_each(&hosts, &source.host));
        Some(fitting.collect())
    }

    /// The events of these sources it is about; none if any may be.
    fn events<'c>(&self, sources: &[&'c EventSource]) -> Option<Vec<&'c EventNames>> {
        let names: Vec<_> = self.on("eventName").collect();
        let joint: Vec<_> = self.on("trailhound.event").collect();
        if names.is_empty() && joint.is_empty() {
            return None;
        }
        let names: Vec<Vec<Matcher>> = names.iter().map(|test| matchers(test)).collect();
        let joint: Vec<Vec<Matcher>> = joint.iter().map(|test| matchers(test)).collect();
        let events = sources.iter().flat_map(|source| source.events.values().map(move |event| (source, event)));
        let fitting = events.filter(|(source, event)| {
            let normal = || format!("{}:{}", source.name, without_date(&event.name));
            fits_each(&names, &event.name) && (joint.is_empty() || fits_each(&joint, &normal()))
        });
        Some(fitting.map(|(_, event)| event).collect())
    }
}

/// What each alternative is about: worked out once, since every test asks for it.
#[derive(Debug)]
pub(super) struct Places<'l, 'd, 'c> {
    of: Vec<Place<'l, 'd, 'c>>,
}

#[derive(Debug)]
pub(super) struct Place<'l, 'd, 'c> {
    pub(super) alternative: &'l Alternative<'l, 'd>,
    /// None if any may be, here and below.
    pub(super) sources: Option<Vec<&'c EventSource>>,
    events: Option<Vec<&'c EventNames>>,
}

impl<'l, 'd, 'c> Places<'l, 'd, 'c> {
    pub(super) fn of(alternatives: &'l [Alternative<'l, 'd>], catalog: &'c Catalog) -> Self {
        let place = |alternative: &'l Alternative<'l, 'd>| {
            let sources = alternative.sources(catalog);
            let events = sources.as_deref().and_then(|sources| alternative.events(sources));
            Place { alternative, sources, events }
        };
        Places { of: alternatives.iter().map(place).collect() }
    }

    /// Those in which a test holds; all where it holds in none, because it is negated.
    pub(super) fn with(&self, test: &Test<'_>) -> Vec<&Place<'l, 'd, 'c>> {
        let holding: Vec<_> = self.of.iter().filter(|place| place.alternative.holds(test)).collect();
        if holding.is_empty() { self.of.iter().collect() } else { holding }
    }

    /// The events in whose records a test looks; none if that may be any.
    pub(super) fn events(&self, test: &Test<'_>) -> Option<Vec<&'c EventNames>> {
        let events: Option<Vec<_>> = self.with(test).into_iter().map(|place| place.events.as_deref()).collect();
        let events: Vec<_> = events?.into_iter().flatten().copied().collect();
        (!events.is_empty()).then_some(events)
    }
}

/// Whether a test narrows a name to texts that can be compared here.
fn names(test: &Test<'_>) -> bool {
    test.is_text() && !test.has("neq") && !test.values.is_empty() && !test.values.iter().any(Written::is_null)
}

/// Whether a text fits one value of each test.
fn fits_each(tests: &[Vec<Matcher>], text: &str) -> bool {
    tests.iter().all(|values| values.iter().any(|value| value.matches(text)))
}

fn matchers(test: &Test<'_>) -> Vec<Matcher> {
    test.values.iter().map(|value| value_matcher(test, value)).collect()
}

/// What names a value of a test fits.
pub(super) fn value_matcher(test: &Test<'_>, value: &Written<'_>) -> Matcher {
    let anchor = match () {
        () if test.has("contains") => Anchor::Anywhere,
        () if test.has("startswith") => Anchor::Start,
        () if test.has("endswith") => Anchor::End,
        () => Anchor::Whole,
    };
    matcher(value.text(), anchor)
}

fn matcher(pattern: &str, anchor: Anchor) -> Matcher {
    Matcher::new(&Pattern::parse(pattern, anchor, Case::Ignored))
}

/// The service of `service:Name`.
fn service<'d>(value: &Written<'d>) -> Option<&'d str> {
    value.text().split_once(':').map(|(service, _)| service)
}
