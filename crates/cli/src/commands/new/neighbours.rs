//! What the built-in rules know of an event.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::Value;
use trailhound_rule_engine::{
    Level, Loaded, Rule, RuleIndex,
    catalog::Catalog,
    explain::{Explanation, Part, PartKind, Wanted},
    oracle::{self, Json},
};

/// Built-in rules about an event, and what they ask of it.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    /// Handles and levels of those that match it, the most urgent first.
    pub(super) matching: Vec<(String, Level)>,
    /// Paths that rules about the event ask for, without what they ask of lists.
    pub(super) fields: BTreeSet<String>,
    /// Values of the event that built-in rules name, which therefore tell of nobody.
    pub(super) values: BTreeSet<String>,
    /// Tags of ATT&CK of the rules that match it, else of all about it.
    pub(super) tags: Vec<String>,
    /// Documentation of the call that they name.
    pub(super) references: Vec<String>,
}

/// The built-in rules by the events of their tests, and the built-in names.
#[derive(Debug)]
pub(super) struct BuiltIn<'l> {
    pub(super) catalog: Arc<Catalog>,
    loaded: &'l Loaded,
    /// By event source and event name.
    about: BTreeMap<(String, String), BTreeSet<RuleIndex>>,
}

impl<'l> BuiltIn<'l> {
    /// Of rules that were loaded with their tests.
    pub(super) fn new(loaded: &'l Loaded) -> Self {
        let mut about: BTreeMap<(String, String), BTreeSet<RuleIndex>> = BTreeMap::new();
        for (index, rule) in loaded.rules.iter() {
            for event in matching_events(rule) {
                about.entry(call(&event)).or_default().insert(index);
            }
        }
        BuiltIn { catalog: Arc::new(Catalog::built_in()), loaded, about }
    }

    /// What the rules say about the record.
    pub(super) fn neighbours(&self, record: &Value) -> Neighbours {
        let Ok(json) = Json::record(&record.to_string()) else { return Neighbours::default() };
        let rules = &self.loaded.rules;
        let indices = self.about.get(&call(record)).into_iter().flatten();
        let mut about: Vec<(RuleIndex, &Rule, bool)> = indices
            .filter_map(|&index| Some((index, rules.get(index)?)))
            .map(|(index, rule)| (index, rule, oracle::matches(rule, &json)))
            .collect();
        about.sort_by_key(|(_, rule, matches)| (!matches, Reverse(rule.metadata().level)));
        let mut found = Neighbours::default();
        for (index, rule, matches) in &about {
            if let Some(explanation) = Explanation::within(rules, *index, &json) {
                found.learn(&explanation.rule);
            }
            if *matches {
                found.matching.push((rule.metadata().handle().to_owned(), rule.metadata().level));
            }
        }
        let any_matches = !found.matching.is_empty();
        for (_, rule, _) in about.iter().filter(|(_, _, matches)| *matches || !any_matches) {
            found.take_words(rule, record);
        }
        found
    }
}

impl Neighbours {
    fn learn(&mut self, part: &Part) {
        if let PartKind::Test(test) = &part.kind
            && let Some(field) = &test.field
        {
            self.fields.insert(without_selectors(field));
            if let (true, Wanted::AnyOf(written)) = (part.held, &test.wanted) {
                let is_named = |seen: &&String| written.iter().any(|value| value.written.eq_ignore_ascii_case(seen));
                self.values.extend(test.seen.iter().filter(is_named).cloned());
            }
        }
        part.parts.iter().for_each(|part| self.learn(part));
    }

    fn take_words(&mut self, rule: &Rule, record: &Value) {
        let call = format!("/API_{}.html", record.get("eventName").and_then(Value::as_str).unwrap_or_default());
        let metadata = rule.metadata();
        for tag in metadata.tags.iter().filter(|tag| tag.starts_with("attack.")) {
            if !self.tags.contains(tag) {
                self.tags.push(tag.clone());
            }
        }
        for page in metadata.references.iter().filter(|page| page.ends_with(&call)) {
            if !self.references.contains(page) {
                self.references.push(page.clone());
            }
        }
    }
}

/// The events that the rule matches by its tests.
pub(super) fn matching_events(rule: &Rule) -> Vec<Value> {
    let none = |_: &str| Err(String::new());
    let tests = rule.tests().iter().filter(|test| test.expects_match());
    let records = tests.flat_map(|test| test.records(&none).unwrap_or_default());
    records.filter_map(|record| serde_json::from_str(&record).ok()).collect()
}

/// Event source and event name.
fn call(record: &Value) -> (String, String) {
    let text = |key: &str| record.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    (text("eventSource"), text("eventName"))
}

/// `items[any].cidrIp` is `items.cidrIp`.
fn without_selectors(field: &str) -> String {
    let mut path = String::new();
    let mut depth = 0_u32;
    for letter in field.chars() {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => path.push(letter),
            _ => {}
        }
    }
    path
}
