//! Explanations: the nearest miss in words, and what was decisive.

use trailhound_rule_engine::{
    Limits, RuleSet, Source,
    explain::{Coverage, Explanation, PointKind},
    oracle::Json,
};

fn load(detection: &str) -> RuleSet {
    let rule = format!("title: t\nsigma-version: 3\nlogsource: {{product: aws}}\ndetection:\n{detection}");
    let loaded = RuleSet::load([Source::new("rule.yml", rule)], &Limits::default());
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    loaded.rules
}

fn explain(rules: &RuleSet, record: &str) -> Explanation {
    let (index, _) = rules.iter().next().unwrap();
    Explanation::within(rules, index, &Json::record(record).unwrap()).unwrap()
}

#[test]
fn the_nearest_miss_in_words() {
    let plain = "  s: {eventName: [A, B], errorCode: null}\n  f: {user|startswith: ops-}\n  condition: s and not f\n";
    let block = "  s:\n    items[any]: {cidr: 0.0.0.0/0, port|gte: 22}\n  condition: s\n";
    let each = "  s: {'tags[all]|contains': x}\n  condition: s\n";
    let none = "  s: {'items[none].cidr': 0.0.0.0/0}\n  condition: s\n";
    let many =
        "  s: {a|contains|all: [x, y], b|exists: true, c|neq: 1, d|fieldref: a, ip|cidr: 10.0.0.0/8}\n  condition: s\n";
    let twice = "  s: {a: 1}\n  condition: s and not s\n";
    let keyword = "  k: [secret]\n  condition: k\n";
    for (detection, record, wanted) in [
        (plain, r#"{"eventName": "C"}"#, "it would match if `eventName` were one of `A`, `B` (it is `C`)"),
        (plain, "{}", "it would match if `eventName` were one of `A`, `B` (it is absent)"),
        (plain, r#"{"eventName": "a"}"#, "it would not match if `user` started with `ops-` (it is absent)"),
        (
            plain,
            r#"{"eventName": "A", "errorCode": "x"}"#,
            "it would match if `errorCode` were absent or null (it is `x`)",
        ),
        (
            plain,
            r#"{"eventName": "A", "user": "ops-1"}"#,
            "it would match if `user` did not start with `ops-` (it is `ops-1`)",
        ),
        (
            plain,
            r#"{"eventName": "C", "errorCode": "x", "user": "ops-1"}"#,
            "it would match if `eventName` were one of `A`, `B` (it is `C`) and `errorCode` were absent or null \
             (it is `x`) and `user` did not start with `ops-` (it is `ops-1`)",
        ),
        (
            block,
            r#"{"items": [{"cidr": "10.0.0.0/8", "port": 1}, {"cidr": "0.0.0.0/0", "port": 21}]}"#,
            "it would match if `items[any].port` were at least `22` (it is `21`)",
        ),
        (block, "{}", "it would match if `items[any]` had an element that fits (it has none)"),
        (block, r#"{"items": [1]}"#, "it would match if `items[any]` had other elements"),
        (
            each,
            r#"{"tags": ["ax", "b", "c"]}"#,
            "it would match if `tags[all]` contained `x` (it is `b`) and `tags[all]` contained `x` (it is `c`)",
        ),
        (
            none,
            r#"{"items": {"cidr": "0.0.0.0/0"}}"#,
            "it would match if `items[none].cidr` were not `0.0.0.0/0` (it is `0.0.0.0/0`)",
        ),
        (none, "{}", "it would not match if `items[none]` had other elements"),
        (
            many,
            r#"{"a": "x", "c": 1, "d": "e", "ip": "192.0.2.1"}"#,
            "it would match if `a` contained all of `x`, `y` (it is `x`) and `b` were there (it is absent) and \
             `c` were not `1` (it is `1`) and `d` equalled the field `a` (it is `e`) and 1 more",
        ),
        (keyword, r#"{"a": "b"}"#, "it would match if the record contained `secret`"),
    ] {
        let rules = load(detection);
        let miss = explain(&rules, record).nearest_miss().unwrap();
        assert_eq!(miss.to_string(), wanted, "{record}");
    }
    assert!(explain(&load(twice), "{}").nearest_miss().is_none(), "nothing can turn a contradiction");
}

#[test]
fn decisive_is_what_alone_would_turn_the_verdict() {
    let rules = load(
        "  selection: {eventName: [A, B, C]}\n  either:\n    - {x: 1}\n    - {y: 1}\n  filter: {user: z}\n  condition: selection and either and (not filter or filter and selection)\n",
    );
    let (_, rule) = rules.iter().next().unwrap();
    let mut coverage = Coverage::of(rule);
    let covered = |coverage: &Coverage| -> Vec<String> {
        let points = coverage.points();
        let covered = points.iter().filter(|point| point.is_covered());
        covered
            .map(|point| match &point.kind {
                PointKind::Search(name) => name.clone(),
                PointKind::Branch(text) => format!("branch {text}"),
                PointKind::Value(text) => format!("value {text}"),
            })
            .collect()
    };
    assert!(covered(&coverage).is_empty());
    coverage.add(&explain(&rules, r#"{"eventName": "A", "x": 1}"#));
    assert_eq!(covered(&coverage), ["value A", "branch x: 1", "branch not filter"]);
    coverage.add(&explain(&rules, r#"{"eventName": "A", "x": 1, "y": 1}"#));
    coverage.add(&explain(&rules, r#"{"eventName": "D", "y": 1}"#));
    assert_eq!(covered(&coverage), ["selection", "value A", "branch x: 1", "branch not filter"]);
    coverage.add(&explain(&rules, r#"{"eventName": "B", "y": 1}"#));
    coverage.add(&explain(&rules, r#"{"eventName": "A"}"#));
    assert_eq!(
        covered(&coverage),
        ["selection", "value A", "value B", "either", "branch x: 1", "branch y: 1", "branch not filter"]
    );
}

#[test]
fn a_filter_that_suppresses_is_part_of_the_explanation() {
    let rules = "
title: Trail stopped
logsource: {product: aws}
detection: {s: {eventName: StopLogging}, condition: s}
---
title: Deployments
logsource: {product: aws}
filter: {rules: any, s: {user: deploy}, condition: not s}
";
    let loaded = RuleSet::load([Source::new("rule.yml", rules)], &Limits::default());
    let explanation = explain(&loaded.rules, r#"{"eventName": "StopLogging", "user": "deploy"}"#);
    assert!(explanation.rule.held && !explanation.matches());
    let [(_, filter)] = explanation.filters.as_slice() else { panic!("one filter") };
    assert!(!filter.held);
    assert_eq!(
        explanation.nearest_miss().unwrap().to_string(),
        "it would match if `user` were not `deploy` (it is `deploy`)"
    );
}
