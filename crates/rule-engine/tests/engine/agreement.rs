//! The fast evaluator against the oracle, over all rules and records at hand.

use std::{borrow::Cow, collections::BTreeMap, fs};

use trailhound_rule_engine::{
    RuleSet,
    explain::{Coverage, Explanation},
    json::{Kind, Progress, Reader},
    oracle::{self, Json},
};

use crate::corpus;

/// Asserts that both evaluators say the same of every rule for one record; gives the matches.
pub(crate) fn assert_agreement(rules: &RuleSet, record: &str) -> usize {
    let tree = Json::record(record).unwrap();
    let slow: Vec<_> =
        rules.iter().filter(|(_, rule)| oracle::matches_within(rules, rule, &tree)).map(|(index, _)| index).collect();
    let mut evaluator = rules.evaluator();
    let fast = evaluator.evaluate(&mut Reader::new(record)).unwrap();
    assert_eq!(fast, slow, "{record}");
    // The buffers that a record leaves behind must not show in the next.
    let again = evaluator.evaluate(&mut Reader::new(record)).unwrap();
    assert_eq!(again, slow, "a second time: {record}");
    slow.len()
}

/// Asserts that explanations come to the same verdicts, and that what they call the nearest miss turns them.
pub(crate) fn assert_explained(rules: &RuleSet, record: &str) {
    let record = &Json::record(record).unwrap();
    for (index, rule) in rules.iter() {
        let explanation = Explanation::within(rules, index, record).unwrap();
        assert_eq!(explanation.matches(), oracle::matches_within(rules, rule, record), "{record:?}");
        assert_eq!(explanation.rule.held, oracle::matches(rule, record));
        if let Some(miss) = explanation.nearest_miss() {
            assert_ne!(miss.would_match, explanation.matches(), "{miss}");
            assert!(!miss.changes.is_empty());
        }
        Coverage::of(rule).add(&explanation);
    }
}

/// The same rules without correlations, for which some of them are silent; the oracle knows no silence.
fn speaking(rules: &RuleSet) -> RuleSet {
    RuleSet::compile(rules.iter().map(|(_, rule)| rule.clone()).collect())
}

#[test]
fn on_the_tests_of_every_rule_of_the_project() {
    let paths = [corpus::files(&corpus::project_rules(), "yml"), corpus::files(&corpus::data("semantics"), "yml")];
    let rules = speaking(&corpus::load(&paths.concat()));
    let folder = corpus::data("semantics");
    let read = |path: &str| fs::read_to_string(folder.join(path)).map_err(|error| error.to_string());
    let mut matches = 0;
    for (_, rule) in rules.iter() {
        for test in rule.tests() {
            for record in test.records(&read).unwrap() {
                matches += assert_agreement(&rules, &record);
                assert_explained(&RuleSet::compile(vec![test.rule(rule).into_owned()]), &record);
                if let Cow::Owned(with_lists) = test.rule(rule) {
                    assert_agreement(&RuleSet::compile(vec![with_lists]), &record);
                }
            }
        }
    }
    assert!(matches > 200, "only {matches} matches");
}

#[test]
fn on_real_records() {
    let Some(folder) = corpus::fixtures() else { return };
    let paths = [corpus::files(&corpus::project_rules(), "yml"), corpus::files(&corpus::data("semantics"), "yml")];
    let rules = speaking(&corpus::load(&paths.concat()));
    let mut matched: BTreeMap<String, usize> = BTreeMap::new();
    let mut records = 0;
    for extension in ["json", "jsonl", "ndjson"] {
        for path in corpus::files(&folder, extension) {
            let text = fs::read_to_string(&path).unwrap();
            each_object(&text, &mut |record| {
                records += 1;
                *matched.entry(path.display().to_string()).or_default() += assert_agreement(&rules, record);
            });
        }
    }
    println!("{records} records, matches by file: {matched:#?}");
    assert!(records > 1500, "only {records} records");
}

/// Shows every object of a text of JSON values, the ones inside arrays and known wrappers included.
fn each_object(text: &str, visit: &mut dyn FnMut(&str)) {
    let mut reader = Reader::new(text);
    while !reader.at_end() {
        each_within(&mut reader, visit);
    }
}

fn each_within(reader: &mut Reader<'_>, visit: &mut dyn FnMut(&str)) {
    let mut progress = Progress::default();
    match reader.peek().unwrap() {
        Kind::Array => {
            reader.enter_array().unwrap();
            while reader.next_element(&mut progress).unwrap() {
                each_within(reader, visit);
            }
        }
        Kind::Object => {
            let mark = reader.mark();
            visit(reader.skip().unwrap());
            reader.rewind(mark);
            reader.enter_object().unwrap();
            while let Some(key) = reader.next_key(&mut progress).unwrap() {
                match key.raw() {
                    "Records" | "log" | "detail" => each_within(reader, visit),
                    _ => drop(reader.skip().unwrap()),
                }
            }
        }
        _ => drop(reader.skip().unwrap()),
    }
}
