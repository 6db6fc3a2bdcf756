//! Properties of correlations: neither order nor repeats matter, and a slow count says the same.

use jiff::Timestamp;
use proptest::prelude::*;
use trailhound_rule_engine::{Correlation, Judging, Limits, Occurrence, RuleSet, Source};

const KINDS: [&str; 9] = [
    "type: event_count, condition: {gte: 3}",
    "type: event_count, condition: {gte: 2, lte: 3}",
    "type: value_count, condition: {field: v, gte: 2}",
    "type: value_sum, condition: {field: v, gt: 4}",
    "type: value_percentile, condition: {field: v, percentile: 75, gte: 2}",
    "type: temporal",
    "type: temporal, condition: a and not b",
    "type: temporal_ordered",
    "type: new_value, learning: 3s, condition: {field: v}",
];

fn correlation(kind: &str) -> Correlation {
    let rule = |name: &str| {
        format!(
            "title: {name}\nname: {name}\nlogsource: {{product: aws}}\ndetection: {{s: {{f: {name}}}, condition: s}}\n"
        )
    };
    let text = format!(
        "{}---\n{}---\ntitle: c\ncorrelation: {{{kind}, rules: [a, b], timespan: 10s}}\n",
        rule("a"),
        rule("b")
    );
    let loaded = RuleSet::load([Source::new("c.yml", text)], &Limits::default());
    assert!(loaded.diagnostics.is_empty(), "{kind}: {:?}", loaded.diagnostics);
    let (_, correlation) = loaded.rules.correlations().next().unwrap();
    correlation.clone()
}

fn occurrence() -> impl Strategy<Value = Occurrence> {
    (0i64..60, 0u8..2, 0u8..4).prop_map(|(second, member, value)| Occurrence {
        time: Timestamp::from_second(1_700_000_000 + second).unwrap(),
        event: format!("{second}-{member}-{value}"),
        member: usize::from(member),
        value: Some(vec![value.to_string()]),
    })
}

/// Counts the distinct events of each window anew, and alerts when the count reaches three unless it has
/// done so since the window was last empty.
fn slow_count(occurrences: &[Occurrence]) -> Vec<String> {
    let mut events: Vec<(Timestamp, String)> =
        occurrences.iter().map(|occurrence| (occurrence.time, occurrence.event.clone())).collect();
    events.sort();
    events.dedup();
    let mut alerts = Vec::new();
    let mut told = false;
    for (position, (time, event)) in events.iter().enumerate() {
        let in_window = |earlier: &Timestamp| time.duration_since(*earlier).as_secs() <= 10;
        if position > 0 && !in_window(&events[position - 1].0) {
            told = false;
        }
        let count = events[..=position].iter().filter(|(earlier, _)| in_window(earlier)).count();
        if count >= 3 && !told {
            told = true;
            alerts.push(event.clone());
        }
    }
    alerts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn order_and_repeats_do_not_matter(
        (occurrences, shuffled) in proptest::collection::vec(occurrence(), 0..40)
            .prop_flat_map(|events| (Just(events.clone()), Just([events.clone(), events].concat()).prop_shuffle()))
    ) {
        for kind in KINDS {
            let correlation = correlation(kind);
            prop_assert_eq!(correlation.judge(&occurrences), correlation.judge(&shuffled), "{}", kind);
        }
    }

    #[test]
    fn a_slow_count_says_the_same(occurrences in proptest::collection::vec(occurrence(), 0..40)) {
        let verdicts = correlation(KINDS[0]).judge(&occurrences);
        let events: Vec<String> = verdicts.iter().map(|verdict| verdict.event.clone()).collect();
        prop_assert_eq!(events, slow_count(&occurrences));
        for verdict in &verdicts {
            prop_assert_eq!(verdict.events.last(), Some(&verdict.event));
            prop_assert_eq!(verdict.count, verdict.events.len());
        }
    }
}

#[test]
fn nothing_comes_of_nothing() {
    for kind in KINDS {
        assert!(correlation(kind).judge(&[]).is_empty());
    }
}

proptest! {
    /// From the beginning it is the first verdict; from later on, a window that a slow search finds as well.
    #[test]
    fn the_first_window_that_holds_is_that_of_the_first_verdict(
        occurrences in proptest::collection::vec(occurrence(), 0..40),
        second in 0i64..60,
    ) {
        for kind in KINDS.iter().filter(|kind| correlation(kind).judging() == Judging::AtEachEvent) {
            let correlation = correlation(kind);
            let first = correlation.first_holding(&occurrences, Timestamp::MIN);
            prop_assert_eq!(first, correlation.judge(&occurrences).into_iter().next(), "{}", kind);
            let from = Timestamp::from_second(1_700_000_000 + second).unwrap();
            let found = correlation.first_holding(&occurrences, from);
            // Only what is as old as the timespan before the time asked about matters.
            let recent: Vec<Occurrence> = occurrences
                .iter()
                .filter(|occurrence| from.duration_since(occurrence.time).as_secs() <= 10)
                .cloned()
                .collect();
            prop_assert_eq!(&found, &correlation.first_holding(&recent, from), "{}", kind);
            prop_assert!(found.is_none_or(|verdict| verdict.time >= from));
        }
    }
}
