//! What rules mean: the cases are rule files with their own tests, under `tests/data/semantics`.

use std::fs;

use trailhound_rule_engine::{
    Code, RuleSet, Settings, Source, Tests,
    json::Reader,
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
                    let matched = oracle::matches(&test.rule(rule), &Json::record(&record).unwrap());
                    let case = format!("{}: {}: {}", path.display(), rule.metadata().title, test.name());
                    assert_eq!(matched, test.expects_match(), "{case}\n{record}");
                }
            }
        }
    }
}

#[test]
fn correlations_alert_at_the_events_their_tests_name() {
    let none = |_: &str| Err("no files here".to_owned());
    let mut count = 0;
    for path in corpus::files(&corpus::data("correlations"), "yml") {
        let rules = corpus::load(std::slice::from_ref(&path));
        for (index, correlation) in rules.correlations() {
            assert!(!correlation.tests().is_empty(), "{}", correlation.metadata().title);
            for result in suite::run_correlation(&rules, index, &none) {
                let place = format!("{}:{}", path.display(), result.position.line);
                assert_eq!(
                    result.outcome,
                    Outcome::Passed,
                    "{place}: {}: {}",
                    correlation.metadata().title,
                    result.name
                );
                count += 1;
            }
        }
    }
    assert!(count > 50, "only {count} cases were found");
}

#[test]
fn a_rule_of_a_correlation_is_silent_unless_it_generates() {
    let rule = "title: r\nname: r\nlogsource: {product: aws}\ndetection: {s: {eventName: A}, condition: s}\n---\n";
    let correlation = "title: c\ncorrelation: {type: event_count, rules: [r], timespan: 5m, condition: {gte: 1}}\n";
    for (more, matches) in [("", 0), ("generate: true\n", 1)] {
        let source = Source::new("c.yml", format!("{rule}{correlation}{more}"));
        let loaded = RuleSet::load([source], &trailhound_rule_engine::Limits::default());
        assert!(!loaded.has_errors());
        let mut evaluator = loaded.rules.evaluator();
        let record = r#"{"eventName": "A", "eventTime": "2026-01-02T03:04:05Z"}"#;
        assert_eq!(evaluator.evaluate(&mut Reader::new(record)).unwrap().len(), matches, "{more}");
        let observations: Vec<_> = evaluator.observations("logs#7").collect();
        assert_eq!(observations.len(), 1);
        assert_eq!(observations[0].occurrence.event, "logs#7");
        evaluator.evaluate(&mut Reader::new(r#"{"eventName": "A"}"#)).unwrap();
        assert_eq!((evaluator.observations("").count(), evaluator.unplaced()), (0, 1));
    }
}

/// Unlike the other cases, these are about rules and filters of one file together.
#[test]
fn filters_and_collections_come_out_as_written() {
    let none = |_: &str| Err("no files here".to_owned());
    for path in corpus::files(&corpus::data("filters"), "yml") {
        let rules = corpus::load(std::slice::from_ref(&path));
        for (index, rule) in rules.iter() {
            for test in rule.tests() {
                for record in test.records(&none).unwrap() {
                    let case = format!("{}: {}: {}", path.display(), rule.metadata().title, test.name());
                    let mut evaluator = rules.evaluator();
                    let matched = evaluator.evaluate(&mut Reader::new(&record)).unwrap().contains(&index);
                    assert_eq!(matched, test.expects_match(), "{case}");
                    let slow = oracle::matches_within(&rules, rule, &Json::record(&record).unwrap());
                    assert_eq!(slow, matched, "the oracle: {case}");
                }
            }
        }
    }
}

#[test]
fn a_suppressed_match_names_its_filter() {
    let path = corpus::data("filters").join("suppression.yml");
    let rules = corpus::load(&[path]);
    let mut evaluator = rules.evaluator();
    let record = r#"{"eventName": "StopLogging", "user": "deploy"}"#;
    assert!(evaluator.evaluate(&mut Reader::new(record)).unwrap().is_empty());
    let [(rule, filter)] = evaluator.suppressed() else { panic!("{:?}", evaluator.suppressed()) };
    assert_eq!(rules.get(*rule).unwrap().metadata().title, "Trail stopped");
    let (_, filter) = rules.filters().find(|(index, _)| index == filter).unwrap();
    assert_eq!(filter.suppression().owner.as_deref(), Some("platform team"));
    evaluator.evaluate(&mut Reader::new("{}")).unwrap();
    assert!(evaluator.suppressed().is_empty());
}

#[test]
fn filters_expire() {
    let source = corpus::source(&corpus::data("filters").join("suppression.yml"));
    let cases = [
        (None, None),
        (Some("2026-06-20"), None),
        (Some("2026-06-23"), Some(Code::FilterExpiresSoon)),
        (Some("2026-06-30"), Some(Code::FilterExpiresSoon)),
        (Some("2026-07-01"), Some(Code::FilterExpired)),
    ];
    for (today, code) in cases {
        let today = today.map(|day| day.parse().unwrap());
        let loaded = RuleSet::load_with([source.clone()], &Settings { today, ..Settings::default() });
        let codes: Vec<Code> = loaded.diagnostics.iter().map(trailhound_rule_engine::Diagnostic::code).collect();
        assert_eq!(codes, code.into_iter().collect::<Vec<_>>(), "{today:?}");
        let expired = code == Some(Code::FilterExpired);
        assert_eq!(loaded.rules.filters().count(), usize::from(!expired), "{today:?}");
    }
}

#[test]
fn lists_come_from_a_file_and_a_rule_for_other_logs_needs_none() {
    let rule = "title: t\nlogsource: {product: P}\ndetection: {s: {a|expand: '%own%'}, condition: s}\n";
    let aws = Source::new("aws.yml", rule.replace('P', "aws"));
    let windows = Source::new("windows.yml", rule.replace('P', "windows"));
    let mut settings = Settings::default();
    assert!(RuleSet::load_with([aws.clone()], &settings).has_errors());
    let other = RuleSet::load_with([windows], &settings);
    assert_eq!((other.has_errors(), other.skipped.len(), other.rules.len()), (false, 1, 0));
    for text in ["own: [x]", "lists: {own: [x]}", r#"{"own": ["x"]}"#] {
        let problems = settings.lists.read(&Source::new("lists", text), &settings.limits);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(settings.lists.get("own"), Some(["x".to_owned()].as_slice()));
    }
    // What a rule file fills is a default: the configuration comes first.
    let defaults = Source::new("defaults.yml", "lists: {own: [y]}");
    let loaded = RuleSet::load_with([aws, defaults], &settings);
    assert!(!loaded.has_errors());
    let matches = |record: &str| loaded.rules.evaluator().evaluate(&mut Reader::new(record)).unwrap().len();
    assert_eq!((matches(r#"{"a": "x"}"#), matches(r#"{"a": "y"}"#)), (1, 0));
    assert_eq!(settings.lists.read(&Source::new("lists", "[x]"), &settings.limits).len(), 1);
}

#[test]
fn tests_can_be_passed_over() {
    let rule = "title: T\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s: {a: 1}\n  condition: s\n";
    let load = |text: String, tests| {
        let settings = Settings { tests, ..Settings::default() };
        RuleSet::load_with([Source::new("rule.yml", text)], &settings)
    };
    let good = "tests:\n- {name: n, match: true, event: {a: 1}}\n\n# the end\n";
    let bad = "tests:\n  - {name: n, match: perhaps\n";
    let counted = |tests, rest: &str| {
        let loaded = load(format!("{rule}{rest}"), tests);
        (loaded.rules.iter().map(|(_, rule)| rule.tests().len()).sum::<usize>(), loaded.diagnostics.len())
    };
    assert_eq!(counted(Tests::Read, good), (1, 0));
    assert_eq!(counted(Tests::PassOver, good), (0, 0));
    assert_eq!(counted(Tests::PassOver, bad), (0, 0), "tests that are wrong are passed over as well");
    assert!(counted(Tests::Read, bad).1 > 0);
    // Not the last key, there twice, before another document, in a quoted text: read as they stand.
    for whole in [
        format!("{good}level: high\n"),
        format!("{good}{good}"),
        format!("{good}---\n{rule}"),
        "description: \"text\ntests: nothing\"\n".to_owned(),
    ] {
        assert_eq!(counted(Tests::PassOver, &whole), counted(Tests::Read, &whole), "{whole}");
    }
}
