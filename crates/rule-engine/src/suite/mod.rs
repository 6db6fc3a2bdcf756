//! The tests that stand in a rule file beside the rule, and running them.
//!
//! ```yaml
//! tests:
//!   - name: a trail is stopped
//!     match: true
//!     event: {eventSource: cloudtrail.amazonaws.com, eventName: StopLogging}
//!   - name: the call was denied
//!     match: false
//!     event: denied.json          # a file beside the rule
//! ```
//!
//! `event` is one record, `events` a list of them; with several, each has to match, or none. For a
//! correlation `match` lists the names of the events at which it alerts: an event is called by its
//! `eventID`, its number from zero, or the name a wrapper gives it, `{name: third, event: {…}}`. With `lists` a
//! test fills named lists, which then come before all others.

mod correlations;
mod lists;

use std::borrow::Cow;

use crate::{
    code::Code,
    detection::Detection,
    diagnostic::Problems,
    engine::evaluator::Evaluator,
    json::{self, Reader},
    rule::Rule,
    ruleset::RuleSet,
    source::{Position, Span},
    syntax::{Data, Entry, Node, Typed},
    yaml_json,
};

pub(crate) use correlations::parse_correlation;
pub use correlations::{CorrelationTest, run_correlation};
use lists::TestLists;
pub(crate) use lists::read_detections;

/// One test of a rule.
#[derive(Debug, Clone)]
pub struct RuleTest {
    name: String,
    expect_match: bool,
    events: Vec<Event>,
    lists: Option<TestLists>,
    /// The detection as it reads with these lists.
    detection: Option<Detection>,
    span: Span,
}

/// A record to try the rule on.
#[derive(Debug, Clone)]
enum Event {
    Json(String),
    File(String),
}

impl Event {
    fn text(&self, files: &dyn Fn(&str) -> Result<String, String>) -> Result<String, String> {
        match self {
            Event::Json(json) => Ok(json.clone()),
            Event::File(path) => files(path).map_err(|reason| format!("event file `{path}`: {reason}")),
        }
    }
}

impl RuleTest {
    /// What the test shows, in a few words.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the rule has to match.
    pub fn expects_match(&self) -> bool {
        self.expect_match
    }

    /// Whether the test fills named lists.
    pub fn fills_lists(&self) -> bool {
        self.detection.is_some()
    }

    /// The rule as the test wants it: read with the lists that the test fills.
    pub fn rule<'r>(&self, rule: &'r Rule) -> Cow<'r, Rule> {
        match &self.detection {
            Some(detection) => Cow::Owned(rule.with_detection(detection.clone())),
            None => Cow::Borrowed(rule),
        }
    }

    /// The JSON texts of its records. `files` gives the text of an event file, relative to the rule file.
    pub fn records(&self, files: &dyn Fn(&str) -> Result<String, String>) -> Result<Vec<String>, String> {
        self.events.iter().map(|event| event.text(files)).collect()
    }
}

/// How one test went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    /// The test's name.
    pub name: String,
    /// Where it stands in the rule file.
    pub position: Position,
    /// What came out.
    pub outcome: Outcome,
}

impl TestResult {
    /// Whether the rule did what the test expects.
    pub fn passed(&self) -> bool {
        self.outcome == Outcome::Passed
    }
}

/// What came out of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The rule did what the test expects.
    Passed,
    /// The rule matched where it should not, or the other way round.
    Failed {
        /// What the test expects.
        expected_match: bool,
        /// Zero-based number of the first event that came out otherwise.
        event: usize,
    },
    /// A correlation alerted at other events than it should.
    AlertedElsewhere {
        /// The names of the events at which the test expects an alert; none for any event.
        expected: Option<Vec<String>>,
        /// The names of the events at which it alerted.
        actual: Vec<String>,
    },
    /// The test could not be run.
    Broken {
        /// Why, in words.
        reason: String,
    },
}

/// Runs all tests of a rule. `files` gives the text of an event file named in a test, relative to the
/// rule file; its error is shown as it is.
pub fn run(rule: &Rule, files: &dyn Fn(&str) -> Result<String, String>) -> Vec<TestResult> {
    let rules = RuleSet::compile(vec![rule.clone()]);
    rule.tests()
        .iter()
        .map(|test| TestResult {
            name: test.name.clone(),
            position: rule.source().position(test.span.start),
            outcome: match test.rule(rule) {
                Cow::Borrowed(_) => run_test(test, &rules, files),
                Cow::Owned(rule) => run_test(test, &RuleSet::compile(vec![rule]), files),
            },
        })
        .collect()
}

fn run_test(test: &RuleTest, rules: &RuleSet, files: &dyn Fn(&str) -> Result<String, String>) -> Outcome {
    let records = match test.records(files) {
        Ok(records) => records,
        Err(reason) => return Outcome::Broken { reason },
    };
    let mut evaluator = rules.evaluator();
    for (event, record) in records.iter().enumerate() {
        match matches(&mut evaluator, record) {
            Ok(matched) if matched == test.expect_match => {}
            Ok(_) => return Outcome::Failed { expected_match: test.expect_match, event },
            Err(error) => return Outcome::Broken { reason: format!("event {event}: {error}") },
        }
    }
    Outcome::Passed
}

fn matches(evaluator: &mut Evaluator<'_>, record: &str) -> Result<bool, json::Error> {
    let mut reader = Reader::new(record);
    let matched = !evaluator.evaluate(&mut reader)?.is_empty();
    reader.finish()?;
    Ok(matched)
}

/// Reads the value of `tests`. Problems are reported; what can be read is kept.
pub(crate) fn parse(node: &Node, problems: &mut Problems) -> Vec<RuleTest> {
    let Data::List(members) = &node.data else {
        problems.error(Code::InvalidTest, node.span, format!("`tests` must be a list, this is {}", node.kind()));
        return Vec::new();
    };
    members.iter().filter_map(|member| parse_test(member, problems)).collect()
}

pub(crate) const KEYS: [&str; 5] = ["name", "match", "event", "events", "lists"];

fn parse_test(node: &Node, problems: &mut Problems) -> Option<RuleTest> {
    let Data::Map(entries) = &node.data else {
        problems.error(Code::InvalidTest, node.span, format!("a test must be a map, this is {}", node.kind()));
        return None;
    };
    for entry in entries.iter().filter(|entry| !KEYS.contains(&entry.key.as_str())) {
        problems
            .error(Code::InvalidTest, entry.key_span, format!("unknown key `{}` in a test", entry.key))
            .help("a test has `name`, `match`, `event` or `events`, and perhaps `lists`");
    }
    let find = |key: &str| entries.iter().find(|entry| entry.key == key);
    let name = required(find("name"), "name", node, problems).and_then(|entry| name(entry, problems));
    let expect_match = required(find("match"), "match", node, problems).and_then(|entry| verdict(entry, problems));
    let events = match (find("event"), find("events")) {
        (Some(entry), None) => event(&entry.value, problems).map(|event| vec![event]),
        (None, Some(entry)) => events(entry, problems),
        (Some(_), Some(both)) => {
            problems.error(Code::InvalidTest, both.key_span, "a test has either `event` or `events`, not both");
            None
        }
        (None, None) => {
            problems.error(Code::InvalidTest, node.span, "the test has no `event`");
            None
        }
    };
    let lists = lists::read(find("lists"), problems);
    Some(RuleTest {
        name: name?,
        expect_match: expect_match?,
        events: events?,
        lists,
        detection: None,
        span: node.span,
    })
}

fn required<'e>(entry: Option<&'e Entry>, key: &str, node: &Node, problems: &mut Problems) -> Option<&'e Entry> {
    if entry.is_none() {
        problems.error(Code::InvalidTest, node.span, format!("the test has no `{key}`"));
    }
    entry
}

fn name(entry: &Entry, problems: &mut Problems) -> Option<String> {
    match &entry.value.data {
        Data::Scalar(scalar) if !scalar.text.trim().is_empty() => Some(scalar.text.trim().to_owned()),
        _ => {
            problems.error(Code::InvalidTest, entry.value.span, "the `name` of a test must be text");
            None
        }
    }
}

fn verdict(entry: &Entry, problems: &mut Problems) -> Option<bool> {
    if let Data::Scalar(scalar) = &entry.value.data
        && let Typed::Bool(verdict) = scalar.typed()
    {
        return Some(verdict);
    }
    problems.error(Code::InvalidTest, entry.value.span, "`match` must be `true` or `false`");
    None
}

fn events(entry: &Entry, problems: &mut Problems) -> Option<Vec<Event>> {
    match &entry.value.data {
        Data::List(members) if !members.is_empty() => {
            let events: Vec<Option<Event>> = members.iter().map(|member| event(member, problems)).collect();
            events.into_iter().collect()
        }
        _ => {
            problems.error(Code::InvalidTest, entry.value.span, "`events` must be a list of records");
            None
        }
    }
}

fn event(node: &Node, problems: &mut Problems) -> Option<Event> {
    match &node.data {
        Data::Map(_) => Some(Event::Json(yaml_json::to_json(node))),
        Data::Scalar(scalar) if scalar.text.trim_start().starts_with('{') => Some(Event::Json(scalar.text.clone())),
        Data::Scalar(scalar) if matches!(scalar.typed(), Typed::Text(_)) => Some(Event::File(scalar.text.clone())),
        Data::Scalar(_) | Data::List(_) => {
            problems
                .error(Code::InvalidTest, node.span, format!("an event must be a map, this is {}", node.kind()))
                .help("write the record as YAML, or name a JSON file beside the rule");
            None
        }
    }
}
