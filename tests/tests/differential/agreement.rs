//! Every rule of the project, and every case of the rule language, by both engines over every record.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::Value;
use trailhound_rule_engine::{Rule, RuleSet, json::Reader};

use crate::{
    corpus::{self, Record, RuleFile},
    differences::{DIFFERENCES, Difference, ONLY_OURS, REFUSED, RuleName, Who},
    rsigma,
};

#[test]
fn on_our_own_records() {
    let files = compared_files();
    let mut tested = files.clone();
    tested.retain(|file| !file.name.starts_with("rules/"));
    // The records of all rules of the project, also of those that are not compared.
    let records = corpus::own_records(&[corpus::project_rules(), tested].concat());
    assert!(records.len() > 3_000, "only {} records", records.len());
    let comparison = Comparison::of(&files, &records);
    comparison.assert_nothing_unknown();
    comparison.assert_table_is_true();
}

#[test]
fn on_public_records() {
    let records = corpus::public_records();
    let files = compared_files();
    Comparison::of(&files, &records).assert_nothing_unknown();
}

fn compared_files() -> Vec<RuleFile> {
    let mut files = [corpus::project_rules(), corpus::semantics()].concat();
    files.retain(|file| !ONLY_OURS.iter().any(|ours| file.name.ends_with(ours)) && !uses_derived_fields(file));
    files
}

/// To another engine a derived field is an ordinary name that no record has.
fn uses_derived_fields(file: &RuleFile) -> bool {
    let rule = file.text.split("\ntests:").next().unwrap_or_default();
    rule.contains("trailhound.")
}

/// What came of asking both engines.
#[derive(Default)]
struct Comparison {
    compared: usize,
    /// Disagreements that no row explains: rule, record, both answers.
    unknown: Vec<String>,
    /// What rows of the table happened, by difference and rule.
    seen: BTreeSet<(&'static str, RuleName)>,
    refused: BTreeSet<(String, String)>,
}

impl Comparison {
    fn of(files: &[RuleFile], records: &[Record]) -> Self {
        let records: Vec<(&Record, Value)> =
            records.iter().map(|record| (record, serde_json::from_str(&record.text).unwrap())).collect();
        let mut comparison = Comparison::default();
        for file in files {
            let theirs = rsigma::Rules::read(&file.text);
            for rule in &file.rules {
                comparison.compare(file, rule, &theirs, &records);
            }
        }
        comparison
    }

    fn compare(&mut self, file: &RuleFile, rule: &Rule, theirs: &rsigma::Rules, records: &[(&Record, Value)]) {
        let title = rule.metadata().title.as_str();
        let engine = match theirs.get(title) {
            Ok(engine) => engine,
            Err(reason) => {
                if !REFUSED.iter().any(|(name, _)| is(*name, file, title)) {
                    self.unknown.push(format!("{}: `{title}` is refused by rsigma: {reason}\n", file.name));
                }
                self.refused.insert((file.name.clone(), title.to_owned()));
                return;
            }
        };
        let ours = RuleSet::compile(vec![rule.clone()]);
        let mut evaluator = ours.evaluator();
        for (record, value) in records {
            let we_match = !evaluator.evaluate(&mut Reader::new(&record.text)).unwrap().is_empty();
            let they_match = rsigma::matches(engine, value);
            self.compared += 1;
            if we_match != they_match {
                self.explain(file, title, (record, value), we_match);
            }
        }
    }

    fn explain(&mut self, file: &RuleFile, title: &str, (record, value): (&Record, &Value), we_match: bool) {
        let mut explained = false;
        for difference in DIFFERENCES.iter().filter(|difference| difference.allows(we_match)) {
            for (name, when) in difference.shows_in.iter().filter(|(name, _)| is(*name, file, title)) {
                if when(record, value) {
                    explained = true;
                    self.seen.insert((difference.what, *name));
                }
            }
        }
        if !explained {
            let mut report = String::new();
            writeln!(report, "{}: `{title}`", file.name).unwrap();
            writeln!(report, "  record {}: {}", record.place, record.text).unwrap();
            writeln!(report, "  we: {}, rsigma: {}", answer(we_match), answer(!we_match)).unwrap();
            self.unknown.push(report);
        }
    }

    fn assert_nothing_unknown(&self) {
        let shown = self.unknown.iter().take(200).cloned().collect::<String>();
        assert!(self.unknown.is_empty(), "{} disagreements that nobody explained:\n{shown}", self.unknown.len());
    }

    /// What the table claims has to happen.
    fn assert_table_is_true(&self) {
        assert!(self.compared > 80_000, "only {} comparisons", self.compared);
        for difference in DIFFERENCES {
            for (name, _) in difference.shows_in {
                let row = format!("{} ({}) in {name:?}", difference.what, difference.why);
                assert!(self.seen.contains(&(difference.what, *name)), "rsigma agrees by now: {row}");
            }
        }
        for ((file, title), why) in REFUSED {
            let refused = self.refused.iter().any(|(name, found)| name.ends_with(file) && found == title);
            assert!(refused, "rsigma loads `{title}` of {file} by now: {why}");
        }
    }
}

impl Difference {
    fn allows(&self, we_match: bool) -> bool {
        match self.who_matches {
            Who::We => we_match,
            Who::They => !we_match,
            Who::Either => true,
        }
    }
}

fn is((file, title): RuleName, found: &RuleFile, found_title: &str) -> bool {
    found.name.ends_with(&format!("/{file}")) && found_title == title
}

fn answer(matches: bool) -> &'static str {
    if matches { "match" } else { "no match" }
}
