//! What rules mean: the cases are rule files with their own tests, under `tests/data/semantics`.

use std::fs;

use trailhound_rule_engine::{
    oracle::{self, Json},
    suite::{self, Outcome},
};

use crate::corpus;

#[test]
fn every_case_comes_out_as_written() {
    let folder = corpus::data("semantics");
    let read = |path: &str| fs::read_to_string(folder.join(path)).map_err(|error| error.to_string());
    let mut count = 0;
    for path in corpus::files(&folder, "yml") {
        for (_, rule) in corpus::load(std::slice::from_ref(&path)).iter() {
            assert!(!rule.tests().is_empty(), "{}: `{}` has no test", path.display(), rule.metadata().title);
            for result in suite::run(rule, &read) {
                let place = format!("{}:{}", path.display(), result.position.line);
                assert_eq!(result.outcome, Outcome::Passed, "{place}: {}: {}", rule.metadata().title, result.name);
                count += 1;
            }
        }
    }
    assert!(count > 200, "only {count} cases were found");
}

#[test]
fn the_oracle_agrees_on_every_case() {
    let folder = corpus::data("semantics");
    let read = |path: &str| fs::read_to_string(folder.join(path)).map_err(|error| error.to_string());
    for path in corpus::files(&folder, "yml") {
        for (_, rule) in corpus::load(std::slice::from_ref(&path)).iter() {
            for test in rule.tests() {
                for record in test.records(&read).unwrap() {
                    let matched = oracle::matches(rule, &Json::record(&record).unwrap());
                    let case = format!("{}: {}: {}", path.display(), rule.metadata().title, test.name());
                    assert_eq!(matched, test.expects_match(), "{case}\n{record}");
                }
            }
        }
    }
}
