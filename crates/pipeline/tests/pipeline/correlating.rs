//! Correlations over stored state: whatever the order, the batches and the workers, they say what the
//! engine says of all events at once.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use proptest::{prelude::*, test_runner::TestCaseResult};
use serde_json::{Value, json};
use trailhound_pipeline::{
    Delivery, DeliveryOutcome, DeliveryStatus, InspectLimits, Inspector, Notification, Pipeline, PipelineSettings,
    Ports,
};
use trailhound_rule_engine::RuleSet;

use crate::{
    faulty::Faulty,
    support::{World, document, rules, ungrouped},
};

pub(crate) const KINDS: [&str; 4] = [
    "type: event_count, condition: {gte: 3}",
    "type: value_count, condition: {field: requestParameters.v, gte: 2}",
    "type: temporal",
    "type: temporal_ordered",
];

pub(crate) const AT_THE_END: [&str; 3] = [
    "type: event_count, condition: {gte: 2, lte: 3}",
    "type: temporal, condition: a and not b",
    "type: event_count, condition: {eq: 1}",
];

const FIRST_SIGHT: &str = "type: new_value, learning: 30s, condition: {field: requestParameters.v}";

/// Two rules, a correlation about them by user, and one about that correlation.
pub(crate) fn ruleset(kind: &str) -> Arc<RuleSet> {
    let rule = |name: &str| {
        format!(
            "title: {name}\nname: {name}\nlevel: high\nlogsource: {{product: aws, service: cloudtrail}}\n\
             detection:\n  s: {{eventName: {name}}}\n  condition: s\n"
        )
    };
    let correlation = format!(
        "title: c\nname: c\nlevel: high\ncorrelation:\n  {}\n  rules: [a, b]\n  group-by: [userIdentity.arn]\n  timespan: 10s\n",
        kind.replace(", condition", "\n  condition").replace(", learning", "\n  learning")
    );
    rules(&[&rule("a"), &rule("b"), &correlation])
}

/// An event of a rule in a second, by one of two users.
pub(crate) fn event(second: i64, rule: &str, user: &str, value: &str) -> Value {
    let time = jiff::Timestamp::from_second(1_767_225_600 + second).unwrap();
    json!({
        "eventTime": time.to_string(), "eventName": rule, "eventID": format!("{second:04}-{rule}-{user}-{value}"),
        "userIdentity": {"arn": user}, "requestParameters": {"v": value}, "recipientAccountId": "111122223333",
    })
}

pub(crate) fn pipeline(rules: &Arc<RuleSet>, ports: Ports, settings: PipelineSettings) -> Pipeline {
    Pipeline::new(Inspector::new(Arc::clone(rules), InspectLimits::default()), ports, settings)
}

pub(crate) async fn deliver(pipeline: &Pipeline, events: &[Value]) -> DeliveryOutcome {
    pipeline.deliver(&Delivery::Records { origin: "test".to_owned(), bytes: document(events) }).await
}

pub(crate) async fn sweep_after(world: &World, pipeline: &Pipeline, time: Duration) {
    world.clock.advance(time);
    pipeline.sweep().await.unwrap();
}

/// Subject and window of each notification, sorted.
pub(crate) fn told(sent: &[Notification]) -> Vec<String> {
    let alerts: BTreeSet<String> = sent.iter().map(|sent| sent.alert.to_string()).collect();
    assert_eq!(alerts.len(), sent.len(), "nothing is told twice");
    let window = |sent: &Notification| {
        let rule = sent.subject.split(':').next().unwrap_or_default();
        format!("{rule}: {}", what(sent))
    };
    let mut told: Vec<String> = sent.iter().map(window).collect();
    told.sort();
    told
}

/// The group of the alert of a correlation.
pub(crate) fn group(sent: &Notification) -> String {
    what(sent).split(' ').nth(4).unwrap_or_default().to_owned()
}

/// Count, group and window of the alert of a correlation, whatever it counts.
fn what(sent: &Notification) -> String {
    let line = sent.body.lines().find_map(|line| line.strip_prefix("A count of ")).unwrap_or_default();
    let line = line.replace(" different values was", " was").replace(" value was", " was");
    line.split(", in account").next().unwrap_or_default().trim_end_matches('.').to_owned()
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// What the engine says of all events at once, by group.
fn clean(rules: &Arc<RuleSet>, events: &[Value]) -> Vec<trailhound_rule_engine::Firing> {
    let inspector = Inspector::new(Arc::clone(rules), InspectLimits::default());
    let mut correlator = trailhound_rule_engine::Correlator::default();
    for observed in inspector.inspect(&document(events)).observations {
        correlator.add(observed.observation);
    }
    correlator.finish(rules)
}

/// Seconds, rules, users and values of events.
fn events(seconds: std::ops::Range<i64>) -> impl Strategy<Value = Vec<Value>> {
    let one =
        (seconds, 0..2_usize, 0..2_usize, 0..3_u8).prop_map(|(second, rule, user, value): (i64, usize, usize, u8)| {
            event(second, ["a", "b"][rule], ["u1", "u2"][user], &value.to_string())
        });
    proptest::collection::vec(one, 1..25)
}

/// In the order of time and in batches, each delivered twice: exactly what the engine says.
fn in_order(kind: &str, mut events: Vec<Value>, batch: usize) -> TestCaseResult {
    let rules = ruleset(kind);
    events.sort_by_key(|event| event["eventID"].as_str().unwrap().to_owned());
    events.dedup();
    let mut expected: Vec<_> = clean(&rules, &events)
        .into_iter()
        .map(|firing| {
            format!(
                "[HIGH] c: {} was reached for {} from {} to {}",
                firing.verdict.count, firing.group[0].1, firing.verdict.first, firing.verdict.last
            )
        })
        .collect();
    let found = runtime().block_on(async {
        let world = World::new();
        let pipeline = pipeline(&rules, world.ports(), ungrouped());
        for batch in events.chunks(batch) {
            for _ in 0..2 {
                assert_eq!(deliver(&pipeline, batch).await.status, DeliveryStatus::Done);
            }
        }
        sweep_after(&world, &pipeline, Duration::from_hours(1)).await;
        sweep_after(&world, &pipeline, Duration::from_hours(1)).await;
        assert_eq!(pipeline.sweep().await, Ok(0), "nothing is due any more");
        told(&world.notifier.sent())
    });
    expected.sort();
    prop_assert_eq!(found, expected, "{}", kind);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn in_order_the_stored_state_says_what_the_engine_says(events in events(0..90), batch in 1_usize..8) {
        for kind in KINDS.iter().chain(&AT_THE_END).chain([&FIRST_SIGHT]) {
            in_order(kind, events.clone(), batch)?;
        }
    }

    /// Split over workers that take turns at every step, in any order: one alert for each run of events
    /// that lie within a timespan.
    #[test]
    fn any_interleaving_alerts_once(events in events(0..10), order in any::<u64>()) {
        for kind in KINDS {
            let rules = ruleset(kind);
            let expected: BTreeSet<String> = clean(&rules, &events).into_iter().map(|firing| firing.group[0].1.clone()).collect();
            let found = interleaved(&rules, &events, order);
            prop_assert_eq!(&found.iter().cloned().collect::<BTreeSet<_>>(), &expected, "{}", kind);
            prop_assert_eq!(found.len(), expected.len(), "{}: {:?}", kind, found);
        }
    }

    /// Conditions judged at the end do not depend on the order at all, as long as events are in time.
    #[test]
    fn what_is_judged_at_the_end_does_not_depend_on_the_order(events in events(0..60), order in any::<u64>()) {
        for kind in AT_THE_END {
            let rules = ruleset(kind);
            let mut expected: Vec<String> = clean(&rules, &events).into_iter().map(|firing| firing.group[0].1.clone()).collect();
            expected.sort();
            let mut found = interleaved(&rules, &events, order);
            found.sort();
            prop_assert_eq!(found, expected, "{}", kind);
        }
    }
}

/// The groups of the alerts after every event was delivered by a worker of its own, all at once.
fn interleaved(rules: &Arc<RuleSet>, events: &[Value], order: u64) -> Vec<String> {
    let step = Arc::new(AtomicU64::new(order | 1));
    runtime().block_on(async {
        let world = World::new();
        // Never fails; takes turns.
        let state = Arc::new(Faulty::new(Arc::clone(&world.state), |_| false));
        let ports = Ports { state, ..world.ports() };
        let pipeline = Arc::new(pipeline(rules, ports, ungrouped()));
        let mut shuffled = events.to_vec();
        shuffled.sort_by_cached_key(|_| {
            step.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |seed| {
                Some(seed.wrapping_mul(6_364_136_223_846_793_005).rotate_left(17))
            })
        });
        let workers: Vec<_> = shuffled
            .into_iter()
            .map(|event| {
                let pipeline = Arc::clone(&pipeline);
                tokio::spawn(async move {
                    while deliver(&pipeline, std::slice::from_ref(&event)).await.status != DeliveryStatus::Done {}
                })
            })
            .collect();
        for worker in workers {
            worker.await.unwrap();
        }
        for _ in 0..3 {
            sweep_after(&world, &pipeline, Duration::from_hours(1)).await;
        }
        world.notifier.sent().iter().map(group).collect()
    })
}

/// Twelve hours of events of which each is near the next: a run that never pauses says so once, though
/// its first event is long forgotten.
#[tokio::test]
async fn a_run_that_never_pauses_alerts_once() {
    let rules = ruleset(KINDS[0]);
    let world = World::new();
    let pipeline = pipeline(&rules, world.ports(), ungrouped());
    for minute in 0..200 {
        let events: Vec<Value> = (0..15).map(|step| event(minute * 60 + step * 4, "a", "u1", "v")).collect();
        deliver(&pipeline, &events).await;
    }
    assert_eq!(world.notifier.sent().len(), 1);
}

#[tokio::test]
async fn a_chain_is_judged_on_stored_firings() {
    let one = "title: a\nname: a\nlogsource: {product: aws}\ndetection: {s: {eventName: a}, condition: s}\n";
    let many = "title: many\nname: many\nlevel: high\ncorrelation: {type: event_count, rules: [a], group-by: [userIdentity.arn], timespan: 10s, condition: {gte: 2}}\n";
    let users = "title: users\nname: users\nlevel: critical\ncorrelation: {type: value_count, rules: [many], timespan: 60s, condition: {field: userIdentity.arn, gte: 2}}\n";
    let world = World::new();
    let pipeline = pipeline(&rules(&[one, many, users]), world.ports(), ungrouped());
    for (second, user) in [(0, "u1"), (20, "u2"), (1, "u1"), (21, "u2"), (22, "u2")] {
        let outcome = deliver(&pipeline, &[event(second, "a", user, "v")]).await;
        assert_eq!(outcome.status, DeliveryStatus::Done);
    }
    let subjects: Vec<String> = world.notifier.sent().into_iter().map(|sent| sent.subject).collect();
    assert_eq!(
        subjects,
        ["[CRITICAL] users: 2 different values in 111122223333/unknown"],
        "only the last of the chain speaks"
    );
}

#[tokio::test]
async fn a_level_that_is_too_low_is_counted() {
    let rules = ruleset(KINDS[0]);
    let world = World::new();
    let settings = PipelineSettings { minimum_level: trailhound_rule_engine::Level::Critical, ..ungrouped() };
    let events: Vec<Value> = (0..3).map(|second| event(second, "a", "u1", "v")).collect();
    let outcome = deliver(&pipeline(&rules, world.ports(), settings), &events).await;
    assert_eq!((outcome.alerts.below_level, world.notifier.sent().len()), (1, 0));
}

#[tokio::test]
async fn the_text_says_what_has_come_together() {
    let rules = ruleset(KINDS[0]);
    let world = World::new();
    let events: Vec<Value> =
        (0..3).map(|second| event(second, "a", "arn:aws:iam::111122223333:user/mallory", "v")).collect();
    deliver(&pipeline(&rules, world.ports(), ungrouped()), &events).await;
    let sent = world.notifier.sent();
    insta::assert_snapshot!(format!("{}\n\n{}", sent[0].subject, sent[0].body));
}
