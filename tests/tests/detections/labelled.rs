//! Verdicts of other people's rules on their own test records, where ours detect the same.
//!
//! `labelled.json` says for each public rule which of ours detect together what it does, or why none does; and of
//! each case on which ours decide otherwise why.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::{Map, Value};
use trailhound_rule_engine::RuleSet;
use trailhound_tests::detections::{Record, built_in, firings, records_of, speaking};

use crate::{data, fixtures};

/// One record with the verdict of the rule it was written for.
struct Case {
    rule: String,
    name: String,
    expected: bool,
    log: Value,
}

#[test]
fn we_decide_as_others_or_say_why_not() {
    let Some(folder) = fixtures() else { return };
    // Building blocks speak, since other rules alert on each step.
    let rules = speaking(&built_in().unwrap());
    for (file, expectations) in data("labelled.json").as_object().unwrap() {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        let cases: Vec<Case> = text.lines().map(|line| Case::of(&serde_json::from_str(line).unwrap())).collect();
        compare(file, expectations, &cases, &rules);
    }
}

fn compare(file: &str, expectations: &Value, cases: &[Case], rules: &RuleSet) {
    let same = expectations["same"].as_object().unwrap();
    let not_covered = expectations["not_covered"].as_object().unwrap();
    let names: BTreeSet<&str> = cases.iter().map(|case| case.rule.as_str()).collect();
    let accounted: BTreeSet<&str> = same.keys().chain(not_covered.keys()).map(String::as_str).collect();
    assert_eq!(names, accounted, "{file}: rules of the file, and those that are accounted for");
    assert_eq!(same.len() + not_covered.len(), accounted.len(), "{file}: a rule is both covered and not");
    let mut differences = BTreeMap::new();
    for case in cases {
        let Some(ours) = same.get(&case.rule) else { continue };
        let ours: Vec<&str> = ours.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        assert_rules_exist(rules, &ours);
        if case.fires(rules, &ours) != case.expected {
            let said = if case.expected { "they alert, we do not" } else { "we alert, they do not" };
            differences.insert(format!("{}: {}", case.rule, case.name), said);
        }
    }
    let explained = expectations["disagreements"].as_object().unwrap();
    let unexplained: Vec<_> = differences.iter().filter(|(case, _)| !explained.contains_key(*case)).collect();
    assert!(unexplained.is_empty(), "{file}: nobody explained\n{unexplained:#?}");
    let gone: Vec<&String> = explained.keys().filter(|case| !differences.contains_key(*case)).collect();
    assert!(gone.is_empty(), "{file}: we agree by now on\n{gone:#?}");
}

fn assert_rules_exist(rules: &RuleSet, ours: &[&str]) {
    for name in ours {
        assert!(rules.iter().any(|(_, rule)| rule.metadata().handle() == *name), "we have no rule `{name}`");
    }
}

impl Case {
    fn of(line: &Value) -> Self {
        let text = |key: &str| line.get(key).and_then(Value::as_str).map(str::to_owned);
        // StreamAlert names the file of the rule, and the rules that fire; the others a verdict.
        let of_file = text("file").map(|file| file.rsplit('/').next().unwrap_or_default().replace(".json", ""));
        let triggers = line.get("trigger_rules").and_then(Value::as_array).map(|rules| !rules.is_empty());
        // TrailAlerts has no names; the verdict tells the two cases of a rule apart.
        let expected = line.get("expected").and_then(Value::as_bool).or(triggers).unwrap();
        let verdict = if expected { "hit" } else { "miss" };
        Case {
            rule: text("title").or(text("rule_id")).or(of_file).unwrap(),
            name: text("test_name").or(text("desc")).unwrap_or_else(|| verdict.to_owned()),
            expected,
            log: without_placeholders(line["log"].clone()).unwrap(),
        }
    }

    fn fires(&self, rules: &RuleSet, ours: &[&str]) -> bool {
        let records: Vec<Record> = records_of("case", &self.log.to_string()).unwrap();
        let fired = firings(rules, &records).unwrap();
        ours.iter().any(|name| fired.contains_key(*name))
    }
}

/// `...` stands for a text that its author left out; taken as said, it would be the name of a service that calls.
fn without_placeholders(value: Value) -> Option<Value> {
    match value {
        Value::String(text) if text == "..." => None,
        Value::Object(members) => {
            let kept = members.into_iter().filter_map(|(key, value)| Some((key, without_placeholders(value)?)));
            Some(Value::Object(kept.collect::<Map<_, _>>()))
        }
        Value::Array(members) => Some(Value::Array(members.into_iter().filter_map(without_placeholders).collect())),
        other => Some(other),
    }
}
