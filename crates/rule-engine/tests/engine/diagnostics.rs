//! Every diagnostic as people see it: a broken rule file and its report side by side, under
//! `tests/data/diagnostics`.

use std::{collections::BTreeSet, fs};

use trailhound_rule_engine::{Code, Limits, RuleSet, report};

use crate::corpus;

/// Codes that a small file cannot show; `hostile` and `semantics` test them.
const SHOWN_ELSEWHERE: [Code; 4] =
    [Code::FileTooLarge, Code::ConditionTooComplex, Code::FilterExpired, Code::FilterExpiresSoon];

#[test]
fn reports_look_as_recorded() {
    insta::glob!("../data/diagnostics", "*.yml", |path| {
        let loaded = RuleSet::load([corpus::source(path)], &Limits::default());
        insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => "../data/diagnostics"}, {
            insta::assert_snapshot!(report::text(&loaded.diagnostics, report::Color::Never));
        });
    });
}

#[test]
fn every_code_has_a_recorded_report() {
    let mut seen: BTreeSet<Code> = SHOWN_ELSEWHERE.into_iter().collect();
    for path in corpus::files(&corpus::data("diagnostics"), "yml") {
        let loaded = RuleSet::load([corpus::source(&path)], &Limits::default());
        seen.extend(loaded.diagnostics.iter().map(trailhound_rule_engine::Diagnostic::code));
    }
    let missing: Vec<Code> = Code::ALL.iter().copied().filter(|code| !seen.contains(code)).collect();
    assert!(missing.is_empty(), "no recorded report for {missing:?}");
}

#[test]
fn codes_are_unique_and_ascending() {
    let names: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert!(names.is_sorted_by(|left, right| left < right), "{names:?}");
}

#[test]
fn a_diagnostic_is_data() {
    let path = corpus::data("diagnostics").join("modifiers.yml");
    let loaded = RuleSet::load([corpus::source(&path)], &Limits::default());
    let first = loaded.diagnostics.first().unwrap();
    let json = serde_json::to_value(first).unwrap();
    assert_eq!(json["code"], first.code().as_str());
    assert_eq!(json["file"], "modifiers.yml");
    assert_eq!(json["line"], first.position().line);
    assert!(json["end_column"].as_u64() > json["column"].as_u64());
    assert!(fs::read_to_string(&path).unwrap().lines().count() > first.position().line);
}
