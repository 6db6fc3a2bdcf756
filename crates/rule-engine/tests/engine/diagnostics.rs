//! Every diagnostic as people see it: a broken rule file and its report side by side, under
//! `tests/data/diagnostics`.

use std::{collections::BTreeSet, fs};

use trailhound_rule_engine::{Code, Diagnostic, Limits, RuleSet, Settings, Source, report};

use crate::corpus;

/// Codes that need more than a file: tighter limits, or a day.
fn with_settings() -> Vec<(&'static str, Vec<Diagnostic>)> {
    let mut tight = Limits::default();
    tight.source_bytes = 40;
    let mut short = Limits::default();
    short.condition_bytes = 10;
    let rule = "title: t\nlogsource: {product: aws}\ndetection: {one: {a: b}, two: {c: d}, condition: one and two}\n";
    let filter = corpus::source(&corpus::data("filters").join("suppression.yml"));
    let on = |day: &str| Settings { today: Some(day.parse().unwrap()), ..Settings::default() };
    let source = Source::new("rule.yml", rule);
    vec![
        ("a_large_file", RuleSet::load([source.clone()], &tight).diagnostics),
        ("a_long_condition", RuleSet::load([source], &short).diagnostics),
        ("an_expired_filter", RuleSet::load_with([filter.clone()], &on("2026-07-01")).diagnostics),
        ("a_filter_that_expires_soon", RuleSet::load_with([filter], &on("2026-06-25")).diagnostics),
    ]
}

#[test]
fn reports_that_need_settings_look_as_recorded() {
    for (name, diagnostics) in with_settings() {
        insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => "../data/diagnostics"}, {
            insta::assert_snapshot!(name, report::text(&diagnostics, report::Color::Never));
        });
    }
}

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
    let mut seen: BTreeSet<Code> =
        with_settings().iter().flat_map(|(_, diagnostics)| diagnostics.iter().map(Diagnostic::code)).collect();
    for path in corpus::files(&corpus::data("diagnostics"), "yml") {
        let loaded = RuleSet::load([corpus::source(&path)], &Limits::default());
        seen.extend(loaded.diagnostics.iter().map(Diagnostic::code));
    }
    // Those of the configuration are recorded with the pipeline, which reads it, and lints with their own.
    let of_rules = Code::ALL.iter().copied().filter(|code| !code.as_str().starts_with("TH08") && !code.is_lint());
    let missing: Vec<Code> = of_rules.filter(|code| !seen.contains(code)).collect();
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
