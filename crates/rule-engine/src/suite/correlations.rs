//! Tests of correlations.

use super::{
    Event, Outcome, TestResult, event,
    lists::{self, TestLists},
    matches, name, required,
};
use crate::{
    code::Code,
    correlation::{CorrelationIndex, Correlator},
    diagnostic::Problems,
    ruleset::RuleSet,
    source::Span,
    syntax::{Data, Entry, Node, Typed},
};

/// One test of a correlation.
#[derive(Debug, Clone)]
pub struct CorrelationTest {
    name: String,
    expected: ExpectedAlerts,
    events: Vec<(String, Event)>,
    lists: Option<TestLists>,
    span: Span,
}

/// At which events a correlation has to alert.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ExpectedAlerts {
    /// `match: true`: at any of them.
    Some,
    /// `match: false` or the names of the events, in any order.
    At(Vec<String>),
}

impl CorrelationTest {
    /// What the test shows, in a few words.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Runs all tests of a correlation, with the rules and filters of its rule set.
pub fn run_correlation(
    rules: &RuleSet,
    index: CorrelationIndex,
    files: &dyn Fn(&str) -> Result<String, String>,
) -> Vec<TestResult> {
    let Some(correlation) = rules.correlation(index) else { return Vec::new() };
    correlation
        .tests()
        .iter()
        .map(|test| TestResult {
            name: test.name.clone(),
            position: correlation.source().position(test.span.start),
            outcome: run_with_lists(test, rules, index, files).unwrap_or_else(|reason| Outcome::Broken { reason }),
        })
        .collect()
}

/// With the lists that the test fills, if it does: the rules are read once more.
fn run_with_lists(
    test: &CorrelationTest,
    rules: &RuleSet,
    index: CorrelationIndex,
    files: &dyn Fn(&str) -> Result<String, String>,
) -> Result<Outcome, String> {
    match &test.lists {
        None => run_correlation_test(test, rules, index, files),
        Some(lists) => {
            let (rules, index) = rules.with_lists(index, &lists.values)?;
            run_correlation_test(test, &rules, index, files)
        }
    }
}

fn run_correlation_test(
    test: &CorrelationTest,
    rules: &RuleSet,
    index: CorrelationIndex,
    files: &dyn Fn(&str) -> Result<String, String>,
) -> Result<Outcome, String> {
    let mut correlator = Correlator::default();
    let mut evaluator = rules.evaluator();
    for (number, (name, event)) in test.events.iter().enumerate() {
        let record = event.text(files)?;
        matches(&mut evaluator, &record).map_err(|error| format!("event {number}: {error}"))?;
        for mut observation in evaluator.observations(name) {
            // Events are told apart by the names the test gives them.
            observation.occurrence.event.clone_from(name);
            correlator.add(observation);
        }
    }
    let fired = correlator.finish_with_silent(rules).into_iter().filter(|firing| firing.correlation == index);
    let actual: Vec<String> = fired.map(|firing| firing.verdict.event).collect();
    let as_expected = match &test.expected {
        ExpectedAlerts::Some => !actual.is_empty(),
        ExpectedAlerts::At(names) => {
            let sorted = |names: &[String]| {
                let mut names = names.to_vec();
                names.sort();
                names
            };
            sorted(names) == sorted(&actual)
        }
    };
    let expected = match &test.expected {
        ExpectedAlerts::Some => None,
        ExpectedAlerts::At(names) => Some(names.clone()),
    };
    Ok(if as_expected { Outcome::Passed } else { Outcome::AlertedElsewhere { expected, actual } })
}

/// Reads the value of `tests` of a correlation. Problems are reported; what can be read is kept.
pub(crate) fn parse_correlation(node: &Node, problems: &mut Problems) -> Vec<CorrelationTest> {
    let Data::List(members) = &node.data else {
        problems.error(Code::InvalidTest, node.span, format!("`tests` must be a list, this is {}", node.kind()));
        return Vec::new();
    };
    members.iter().filter_map(|member| parse_correlation_test(member, problems)).collect()
}

fn parse_correlation_test(node: &Node, problems: &mut Problems) -> Option<CorrelationTest> {
    let Data::Map(entries) = &node.data else {
        problems.error(Code::InvalidTest, node.span, format!("a test must be a map, this is {}", node.kind()));
        return None;
    };
    for entry in entries.iter().filter(|entry| !["name", "match", "events", "lists"].contains(&entry.key.as_str())) {
        problems
            .error(Code::InvalidTest, entry.key_span, format!("unknown key `{}` in a test", entry.key))
            .help("a test of a correlation has `name`, `match`, `events`, and perhaps `lists`");
    }
    let find = |key: &str| entries.iter().find(|entry| entry.key == key);
    let name = required(find("name"), "name", node, problems).and_then(|entry| name(entry, problems));
    let events = required(find("events"), "events", node, problems).and_then(|entry| named_events(entry, problems));
    let expected = required(find("match"), "match", node, problems)
        .and_then(|entry| expected_alerts(entry, events.as_deref().unwrap_or_default(), problems));
    let lists = lists::read(find("lists"), problems);
    Some(CorrelationTest { name: name?, expected: expected?, events: events?, lists, span: node.span })
}

/// Each event by its name: that of a wrapper `{name: …, event: …}`, or its `eventID`, or its number.
fn named_events(entry: &Entry, problems: &mut Problems) -> Option<Vec<(String, Event)>> {
    let Data::List(members) = &entry.value.data else {
        problems.error(Code::InvalidTest, entry.value.span, "`events` must be a list of records");
        return None;
    };
    let read = |(number, member): (usize, &Node)| {
        let inner = |key: &str| match &member.data {
            Data::Map(entries) => entries.iter().find(|entry| entry.key == key),
            Data::Scalar(_) | Data::List(_) => None,
        };
        let text = |entry: &Entry| match &entry.value.data {
            Data::Scalar(scalar) => Some(scalar.text.clone()),
            Data::List(_) | Data::Map(_) => None,
        };
        if let (Some(name), Some(wrapped)) = (inner("name"), inner("event")) {
            return Some((text(name)?, event(&wrapped.value, problems)?));
        }
        let name = inner("eventID").and_then(text).unwrap_or_else(|| number.to_string());
        Some((name, event(member, problems)?))
    };
    let events: Vec<Option<(String, Event)>> = members.iter().enumerate().map(read).collect();
    events.into_iter().collect()
}

fn expected_alerts(entry: &Entry, events: &[(String, Event)], problems: &mut Problems) -> Option<ExpectedAlerts> {
    match &entry.value.data {
        Data::Scalar(scalar) if scalar.typed() == Typed::Bool(true) => Some(ExpectedAlerts::Some),
        Data::Scalar(scalar) if scalar.typed() == Typed::Bool(false) => Some(ExpectedAlerts::At(Vec::new())),
        Data::List(members) => {
            let mut names = Vec::new();
            for member in members {
                let name = match &member.data {
                    Data::Scalar(scalar) => scalar.text.clone(),
                    Data::List(_) | Data::Map(_) => String::new(),
                };
                if !events.iter().any(|(known, _)| *known == name) {
                    problems
                        .error(Code::InvalidTest, member.span, format!("no event of this test is called `{name}`"))
                        .help(
                            "an event is called by its `eventID`, its number, or as in `{name: third, event: {...}}`",
                        );
                    return None;
                }
                names.push(name);
            }
            Some(ExpectedAlerts::At(names))
        }
        Data::Scalar(_) | Data::Map(_) => {
            problems.error(Code::InvalidTest, entry.value.span, "`match` must be `true`, `false` or names of events");
            None
        }
    }
}
