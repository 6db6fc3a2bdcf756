//! Mutants: which there are, and which the tests beside a rule notice.

use trailhound_rule_engine::{
    Limits, RuleSet, Source,
    mutation::{self, Names, Score},
};

use crate::corpus;

fn load(text: &str) -> RuleSet {
    let loaded = RuleSet::load([Source::new("rule.yml", text)], &Limits::default());
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    loaded.rules
}

fn none(_: &str) -> Result<String, String> {
    Err("no files here".to_owned())
}

fn score(detection: &str, tests: &str) -> Score {
    let rules = load(&format!("title: t\nlogsource: {{product: aws}}\ndetection:\n{detection}tests:\n{tests}"));
    let (_, rule) = rules.iter().next().unwrap();
    let mut names = Names::default();
    names.add_rule(rule, &none);
    mutation::of_rule(rule, &names, &none)
}

fn survived(score: &Score) -> Vec<String> {
    score.survived.iter().map(ToString::to_string).collect()
}

#[test]
fn what_no_test_asks_survives() {
    let detection = "  s:\n    eventName: [PutX, PutY]\n    n|gte: 3\n  f: {user: z}\n  condition: s and not f\n";
    let weak = "  - {name: m, match: true, event: {eventName: PutX, n: 4}}\n";
    let score = score(detection, weak);
    assert_eq!(
        survived(&score),
        [
            "without `s`",
            "without `not f`",
            "without `eventName: [PutX, PutY]`",
            "without the value `PutY`",
            "without `n|gte: 3`",
            "with the bound of `3` on the other side",
            "with whatever starts with `z`",
            "with whatever contains `z`",
        ]
    );
    assert_eq!((score.noticed, score.equivalent), (3, 4), "names of events are as AWS gives them");
}

#[test]
fn good_tests_notice_everything() {
    let detection = "  s:\n    eventName: [PutX, PutY]\n    n|gte: 3\n  f: {user: z}\n  condition: s and not f\n";
    let tests = "
  - {name: x, match: true, event: {eventName: PutX, n: 3}}
  - {name: y, match: true, event: {eventName: PutY, n: 3}}
  - {name: few, match: false, event: {eventName: PutY, n: 2}}
  - {name: name, match: false, event: {eventName: PutZ, n: 3}}
  - {name: f, match: false, event: {eventName: PutX, n: 3, user: z}}
  - {name: g, match: true, event: {eventName: PutX, n: 3, user: zz}}
";
    let score = score(detection, tests);
    assert_eq!(survived(&score), Vec::<String>::new());
    assert_eq!(score.mutants(), 11);
}

#[test]
fn a_test_that_fails_notices_nothing() {
    let score = score("  s: {a: 1}\n  condition: s\n", "  - {name: m, match: false, event: {a: 1}}\n");
    assert_eq!(survived(&score), ["with `s` turned into its opposite"]);
}

#[test]
fn what_nothing_could_tell_apart_is_left_out() {
    let test = "  - {name: m, match: true, event: {eventName: X}}\n";
    for (detection, equivalent) in [
        ("  s: {trailhound.outcome: success}\n  condition: s\n", 2),
        // `Role` is part of `AssumedRole`, and nothing else starts with it.
        ("  s: {userIdentity.type: Role}\n  condition: s\n", 1),
        ("  s: {a|contains: [x, x]}\n  condition: s\n", 0),
        ("  s: {a: [xy, 'x*']}\n  condition: s\n", 1),
        ("  s: {eventName: X}\n  condition: s\n", 2),
    ] {
        assert_eq!(score(detection, test).equivalent, equivalent, "{detection}");
    }
}

#[test]
fn a_test_with_lists_tries_the_mutants_of_its_own_rule() {
    let text = "
lists: {own: []}
---
title: t
logsource: {product: aws}
detection: {s: {eventName: X}, f: {account|expand: '%own%'}, condition: s and not f}
tests:
  - {name: m, match: true, event: {eventName: X, account: 1}}
  - {name: n, match: false, lists: {own: ['1']}, event: {eventName: X, account: 1}}
  - {name: o, match: false, event: {eventName: Y}}
";
    let rules = load(text);
    let (_, rule) = rules.iter().next().unwrap();
    assert_eq!(survived(&mutation::of_rule(rule, &Names::default(), &none)), Vec::<String>::new());
}

#[test]
fn thresholds_and_times_of_correlations() {
    let text = "
title: r
name: r
logsource: {product: aws}
detection: {s: {eventName: X}, condition: s}
---
title: c
correlation: {type: event_count, rules: [r], group-by: [user], timespan: 10m, condition: {gte: 2}}
tests:
  - name: two
    match: ['1']
    events:
      - {eventName: X, user: a, eventTime: '2026-01-02T00:00:00Z'}
      - {eventName: X, user: a, eventTime: '2026-01-02T00:09:00Z'}
";
    let (more, fewer) = (
        "  - {name: late, match: false, events: [{eventName: X, user: a, eventTime: '2026-01-02T00:00:00Z'}, {eventName: X, user: a, eventTime: '2026-01-02T00:11:00Z'}]}\n",
        "  - {name: others, match: false, events: [{eventName: X, user: a, eventTime: '2026-01-02T00:00:00Z'}, {eventName: X, user: b, eventTime: '2026-01-02T00:01:00Z'}]}\n",
    );
    let survivors = |text: &str| {
        let rules = load(text);
        let (index, _) = rules.correlations().next().unwrap();
        survived(&mutation::of_correlation(&rules, index, &none))
    };
    assert_eq!(survivors(text), ["without `user` in `group-by`", "with twice the timespan of 600 s"]);
    assert_eq!(survivors(&format!("{text}{more}{fewer}")), Vec::<String>::new());
}

#[test]
fn the_tests_of_the_project_notice_nine_in_ten_mutants_of_its_rules() {
    let rules = corpus::load(&corpus::files(&corpus::project_rules(), "yml"));
    let mut names = Names::default();
    for (_, rule) in rules.iter() {
        names.add_rule(rule, &none);
    }
    let scores = rules.iter().map(|(_, rule)| mutation::of_rule(rule, &names, &none));
    let scores = scores.chain(rules.correlations().map(|(index, _)| mutation::of_correlation(&rules, index, &none)));
    let (noticed, mutants) =
        scores.fold((0, 0), |(noticed, mutants), score| (noticed + score.noticed, mutants + score.mutants()));
    assert!(noticed * 10 > mutants * 9, "{noticed} of {mutants}");
}
