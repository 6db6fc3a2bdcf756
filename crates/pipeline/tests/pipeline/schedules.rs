//! Deliveries that are repeated, reordered, split over workers, with ports that fail now and then: the
//! alerts are those of one clean run.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use proptest::prelude::*;
use serde_json::Value;
use trailhound_pipeline::{
    Delivery, DeliveryStatus, Grouping, Notification, PipelineSettings, Ports, State, memory::MemoryState,
};
use trailhound_rule_engine::RuleSet;

use crate::{
    correlating::{self, AT_THE_END, deliver, event, group, pipeline, runtime, told},
    faulty::{Call, Fate, Faulty},
    support::{KEY, LEASE, World, document, object, rules, ungrouped},
};

/// A rule, two more, and a correlation about them that lets them alert as well.
fn ruleset() -> Arc<RuleSet> {
    let rule = |name: &str| {
        format!(
            "title: {name}\nname: {name}\nlevel: high\nlogsource: {{product: aws}}\n\
             detection: {{s: {{eventName: {name}}}, condition: s}}\n"
        )
    };
    let correlation = "title: c\nname: c\nlevel: high\ncorrelation: {type: event_count, rules: [a, b], \
                       group-by: [userIdentity.arn], timespan: 10s, condition: {gte: 3}, generate: true}\n";
    rules(&[&rule("a"), &rule("b"), correlation])
}

/// Batches of events within a timespan; the same event may be in several.
fn deliveries() -> impl Strategy<Value = Vec<Vec<Value>>> {
    let one = (0..10_i64, 0..2_usize, 0..2_usize)
        .prop_map(|(second, rule, user)| event(second, ["a", "b"][rule], ["u1", "u2"][user], "v"));
    let batches = proptest::collection::vec(proptest::collection::vec(one, 1..6), 1..6);
    // Each is delivered twice, in any order.
    batches.prop_flat_map(|batches| Just([batches.clone(), batches].concat()).prop_shuffle())
}

/// Fails one call in six, chosen by `seed`, until `budget` is used up; half of them lose their answer only.
fn failing(seed: u64, budget: usize, spared: &'static [Call]) -> impl Fn(Call) -> Fate + Send + Sync + Clone {
    let (state, left) = (Arc::new(AtomicU64::new(seed)), Arc::new(AtomicUsize::new(budget)));
    move |call| {
        let step = |state: u64| state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let drawn =
            step(state.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |state| Some(step(state))).unwrap()) >> 33;
        let take = || left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if spared.contains(&call) || !drawn.is_multiple_of(6) || !take() {
            return Fate::Done;
        }
        if drawn.is_multiple_of(12) { Fate::LosesItsAnswer } else { Fate::Fails }
    }
}

/// Delivers all at once, and what failed again after the lease, until nothing fails; then looks at what
/// has become due.
fn run(
    deliveries: &[Vec<Value>],
    settings: PipelineSettings,
    fate: impl Fn(Call) -> Fate + Send + Sync + Clone + 'static,
) -> Vec<Notification> {
    let world = World::new();
    let state: Arc<dyn State> = Arc::<MemoryState>::clone(&world.state);
    run_on(&world, &state, deliveries, settings, fate)
}

/// The same on another state, whose clock is that of the world.
fn run_on(
    world: &World,
    state: &Arc<dyn State>,
    deliveries: &[Vec<Value>],
    settings: PipelineSettings,
    fate: impl Fn(Call) -> Fate + Send + Sync + Clone + 'static,
) -> Vec<Notification> {
    let rules = ruleset();
    runtime().block_on(async {
        let ports = Ports {
            objects: Arc::new(Faulty::new(Arc::clone(&world.objects), fate.clone())),
            state: Arc::new(Faulty::new(Arc::clone(state), fate.clone())),
            notifier: Arc::new(Faulty::new(Arc::clone(&world.notifier), fate)),
            ..world.ports()
        };
        // Two workers, each a process of its own.
        let workers = [0, 1].map(|_| Arc::new(pipeline(&rules, ports.clone(), settings)));
        let mut waiting: Vec<Delivery> =
            (0_usize..).zip(deliveries).map(|(place, events)| put(world, place, events)).collect();
        for _ in 0..100 {
            let tasks: Vec<_> = waiting
                .iter()
                .cloned()
                .zip(workers.iter().cycle())
                .map(|(delivery, worker)| {
                    let worker = Arc::clone(worker);
                    tokio::spawn(async move { (worker.deliver(&delivery).await.status, delivery) })
                })
                .collect();
            waiting.clear();
            for task in tasks {
                let (status, delivery) = task.await.unwrap();
                if status != DeliveryStatus::Done {
                    waiting.push(delivery);
                }
            }
            world.clock.advance(LEASE);
            if waiting.is_empty() {
                break;
            }
        }
        assert!(waiting.is_empty(), "every delivery comes to an end");
        for _ in 0..10 {
            world.clock.advance(LEASE * 4);
            // What fails stays due.
            let _ = workers[0].sweep().await;
        }
        world.clock.advance(LEASE * 4);
        let sound = pipeline(&rules, Ports { state: Arc::clone(state), ..world.ports() }, settings);
        sound.sweep().await.unwrap();
        assert_eq!(sound.sweep().await, Ok(0), "nothing stays due for ever");
        world.notifier.sent()
    })
}

/// Every other batch is an object, which has to be fetched; the rest come with what delivers them.
fn put(world: &World, place: usize, events: &[Value]) -> Delivery {
    let bytes = document(events);
    if !place.is_multiple_of(2) {
        return Delivery::Records { origin: "test".to_owned(), bytes };
    }
    let object = object(&KEY.replace("AbCdEfGhIjKlMnOp", &format!("{place:016}")));
    world.objects.put(object.clone(), bytes);
    Delivery::Object(object)
}

/// The event or group of each alert.
fn alerts(sent: &[Notification]) -> Vec<String> {
    let name = |sent: &Notification| {
        let event = sent.body.lines().find_map(|line| line.strip_prefix("  event ")).unwrap_or_default().trim();
        if sent.subject.starts_with("[HIGH] c") {
            format!("c {}", group(sent))
        } else {
            format!("{} {event}", sent.subject)
        }
    };
    let mut alerts: Vec<String> = sent.iter().map(name).collect();
    alerts.sort();
    alerts
}

fn distinct(deliveries: &[Vec<Value>]) -> BTreeSet<String> {
    deliveries.iter().flatten().map(|event| event["eventID"].as_str().unwrap().to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// Everything may fail but the note that an alert was sent.
    #[test]
    fn any_schedule_gives_the_alerts_of_a_clean_run(deliveries in deliveries(), seed in any::<u64>()) {
        let clean = run(&[deliveries.concat()], ungrouped(), |_| Fate::Done);
        let found = run(&deliveries, ungrouped(), failing(seed, 60, &[Call::Complete]));
        prop_assert_eq!(alerts(&found), alerts(&clean));
    }

    /// The one point where a repeat is possible: an alert is out, and noting it fails twice.
    #[test]
    fn a_note_that_fails_loses_nothing(deliveries in deliveries(), seed in any::<u64>()) {
        let clean: BTreeSet<String> = alerts(&run(&[deliveries.concat()], ungrouped(), |_| Fate::Done)).into_iter().collect();
        let found = run(&deliveries, ungrouped(), failing(seed, 60, &[]));
        let set: BTreeSet<String> = alerts(&found).into_iter().collect();
        prop_assert_eq!(set, clean);
    }

    /// Of alerts that belong together one is sent, and none is counted twice or left out.
    #[test]
    fn any_schedule_counts_each_alert_once(deliveries in deliveries(), seed in any::<u64>()) {
        let settings = PipelineSettings { grouping: Some(Grouping::default()), ..PipelineSettings::default() };
        let found = run(&deliveries, settings, failing(seed, 60, &[Call::Complete]));
        let mut expected: BTreeMap<String, usize> = BTreeMap::new();
        for id in distinct(&deliveries) {
            let mut parts = id.split('-').skip(1);
            *expected.entry(format!("{}: {}", parts.next().unwrap(), parts.next().unwrap())).or_default() += 1;
        }
        for (group, count) in expected {
            let (rule, user) = group.split_once(": ").unwrap();
            let single = found.iter().filter(|sent| sent.subject.starts_with(&format!("[HIGH] {rule}: ")) && sent.body.contains(&format!("identity  {user}")));
            prop_assert_eq!(single.count(), 1, "{}", group);
            let told = found.iter().filter(|sent| sent.subject.starts_with(&format!("[HIGH] {rule}, in all: ")) && sent.subject.contains(&format!(" {user} in ")));
            let last = told.filter_map(|sent| sent.subject.split(' ').nth(4)?.parse::<usize>().ok()).max();
            prop_assert_eq!(last, (count > 1).then_some(count), "{}", group);
        }
    }

    /// Windows that are over are judged once, however often looking at them fails half-way.
    #[test]
    fn sweeps_that_fail_tell_each_window_once(deliveries in deliveries(), seed in any::<u64>()) {
        for kind in AT_THE_END {
            let rules = correlating::ruleset(kind);
            let clean = swept(&rules, &deliveries, |_| Fate::Done);
            let found = swept(&rules, &deliveries, failing(seed, 40, &[Call::Complete]));
            prop_assert_eq!(found, clean, "{}", kind);
        }
    }
}

/// What is told after deliveries that succeed and sweeps that may fail.
fn swept(
    rules: &Arc<RuleSet>,
    deliveries: &[Vec<Value>],
    fate: impl Fn(Call) -> Fate + Send + Sync + Clone + 'static,
) -> Vec<String> {
    runtime().block_on(async {
        let world = World::new();
        let sound = pipeline(rules, world.ports(), ungrouped());
        for events in deliveries {
            assert_eq!(deliver(&sound, events).await.status, DeliveryStatus::Done);
        }
        let ports = Ports {
            state: Arc::new(Faulty::new(Arc::clone(&world.state), fate.clone())),
            notifier: Arc::new(Faulty::new(Arc::clone(&world.notifier), fate)),
            ..world.ports()
        };
        let faulty = pipeline(rules, ports, ungrouped());
        for _ in 0..10 {
            world.clock.advance(LEASE * 2);
            // Two at once, as two functions would.
            let _ = tokio::join!(faulty.sweep(), faulty.sweep());
        }
        world.clock.advance(LEASE * 2);
        sound.sweep().await.unwrap();
        assert_eq!(sound.sweep().await, Ok(0), "nothing stays due for ever");
        told(&world.notifier.sent())
    })
}

#[cfg(feature = "sqlite")]
proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    /// As in memory; a file is slower.
    #[test]
    fn any_schedule_gives_the_alerts_of_a_clean_run_in_a_file(deliveries in deliveries(), seed in any::<u64>()) {
        use trailhound_pipeline::{Clock, sqlite::SqliteState};

        let clean = run(&[deliveries.concat()], ungrouped(), |_| Fate::Done);
        let (world, folder) = (World::new(), tempfile::tempdir().unwrap());
        let clock: Arc<dyn Clock> = Arc::<trailhound_pipeline::ManualClock>::clone(&world.clock);
        let state: Arc<dyn State> = Arc::new(SqliteState::open(&folder.path().join("state.db"), clock).unwrap());
        let found = run_on(&world, &state, &deliveries, ungrouped(), failing(seed, 60, &[Call::Complete]));
        prop_assert_eq!(alerts(&found), alerts(&clean));
    }
}
