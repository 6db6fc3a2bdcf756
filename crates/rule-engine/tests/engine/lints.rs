//! Every lint as people see it: a rule file and its report side by side, under `tests/data/lints`.

use std::{collections::BTreeSet, sync::Arc};

use trailhound_rule_engine::{Code, Diagnostic, RuleSet, Settings, Severity, Source, catalog::Catalog, report};

use crate::corpus;

fn linted(source: Source) -> Vec<Diagnostic> {
    let settings = Settings { catalog: Some(Arc::new(Catalog::built_in())), ..Settings::default() };
    RuleSet::load_with([source], &settings).diagnostics
}

#[test]
fn lints_look_as_recorded() {
    insta::glob!("../data/lints", "*.yml", |path| {
        let diagnostics = linted(corpus::source(path));
        insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => "../data/lints"}, {
            insta::assert_snapshot!(report::text(&diagnostics, report::Color::Never));
        });
    });
}

#[test]
fn every_lint_has_a_recorded_report() {
    let files = corpus::files(&corpus::data("lints"), "yml");
    let found: Vec<Diagnostic> = files.iter().flat_map(|path| linted(corpus::source(path))).collect();
    let seen: BTreeSet<Code> = found.iter().map(Diagnostic::code).collect();
    let missing: Vec<&Code> = Code::ALL.iter().filter(|code| code.is_lint() && !seen.contains(code)).collect();
    assert!(missing.is_empty(), "no recorded report for {missing:?}");
    for diagnostic in found.iter().filter(|found| found.code().is_lint()) {
        assert_eq!(Some(diagnostic.severity()), diagnostic.code().lint_severity(), "{}", diagnostic.code());
        assert!(diagnostic.severity() < Severity::Error, "{}", diagnostic.code());
    }
}

#[test]
fn without_a_catalog_there_are_no_lints() {
    for path in corpus::files(&corpus::data("lints"), "yml") {
        let loaded = RuleSet::load_with([corpus::source(&path)], &Settings::default());
        assert!(!loaded.diagnostics.iter().any(|found| found.code().is_lint()), "{}", path.display());
    }
}

#[test]
fn a_catalog_reads_what_it_prints() {
    let built_in = Catalog::built_in();
    let (events, paths) = built_in.size();
    assert!(events > 15_000 && paths > 2_000, "{events} events, {paths} paths");
    let mut again = Catalog::default();
    again.read(&built_in.to_string()).unwrap();
    assert!(again == built_in);
    assert_eq!(again.without(&built_in).size(), (0, 0));
}

#[test]
fn a_catalog_learns_names_and_no_values() {
    let record = r#"{"eventSource": "new.amazonaws.com", "eventName": "MakeThing20260101", "userAgent": "secret",
        "requestParameters": {"tags": [{"key": "secret", "value": true}, {}], "a b": 1, "size": 1.5, "list": []},
        "responseElements": null}"#;
    let mut catalog = Catalog::default();
    catalog.learn(record).unwrap();
    catalog.learn(record).unwrap();
    let expected = "source new\nevent MakeThing20260101 2\n<list -\n<size f\n<tags -\n<tags.key s\n<tags.value b\n";
    assert_eq!(catalog.to_string(), expected);
    assert!(catalog.learn("{}").is_err());
    assert!(catalog.learn("[").is_err());
}

#[test]
fn a_bad_catalog_names_its_line() {
    for (text, line) in [("names A", 1), ("source a\n\nevent B many", 3), ("source a\nevent B 1\n<c x", 3), ("word", 1)]
    {
        assert_eq!(Catalog::default().read(text).unwrap_err().line, line, "{text}");
    }
}

#[test]
fn what_was_learnt_is_known() {
    let rule = "title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  selection: {eventSource: \
                new.amazonaws.com, eventName: MakeThing}\n  condition: selection\n";
    let codes = |catalog: Catalog| -> BTreeSet<Code> {
        let settings = Settings { catalog: Some(Arc::new(catalog)), ..Settings::default() };
        let loaded = RuleSet::load_with([Source::new("rule.yml", rule)], &settings);
        loaded.diagnostics.iter().map(Diagnostic::code).collect()
    };
    assert!(codes(Catalog::built_in()).contains(&Code::UnknownEventSource));
    let mut catalog = Catalog::built_in();
    catalog.learn(r#"{"eventSource": "new.amazonaws.com", "eventName": "MakeThing"}"#).unwrap();
    assert!(!codes(catalog).contains(&Code::UnknownEventSource));
}
