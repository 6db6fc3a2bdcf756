//! Few notifications for many alerts.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use serde_json::{Value, json};
use trailhound_pipeline::{
    AlertCounts, DeliveryStatus, Grouping, NotifyError, Pipeline, PipelineSettings, Ports, memory::MemoryNotifier,
};

use crate::{
    correlating::{deliver, pipeline},
    faulty::{Call, Faulty},
    support::{LEASE, World, rules, stop_logging},
};

const RULE: &str = "title: t\nname: t\nlevel: high\nlogsource: {product: aws}\n\
                    detection: {s: {eventSource: cloudtrail.amazonaws.com}, condition: s}\n";

const HOUR: Duration = Duration::from_hours(1);

fn by(user: &str, event: &str) -> Value {
    let mut record = stop_logging(event);
    record["userIdentity"] = json!({"type": "IAMUser", "userName": user, "accountId": "111122223333"});
    record["eventTime"] = json!("2026-01-01T00:10:00Z");
    record
}

fn grouped(world: &World, grouping: Grouping) -> Pipeline {
    let settings = PipelineSettings { grouping: Some(grouping), ..PipelineSettings::default() };
    pipeline(&rules(&[RULE]), world.ports(), settings)
}

fn subjects(notifier: &Arc<MemoryNotifier>) -> Vec<String> {
    notifier.sent().into_iter().map(|sent| sent.subject).collect()
}

#[tokio::test]
async fn a_group_is_told_once_then_at_ten_and_a_hundred_and_at_its_end() {
    let world = World::new();
    let pipeline = grouped(&world, Grouping::default());
    let outcome = deliver(&pipeline, &[by("mallory", "1"), by("mallory", "2"), by("alice", "3")]).await;
    assert_eq!(outcome.alerts, AlertCounts { sent: 2, grouped: 1, ..AlertCounts::default() });
    for event in 10..120 {
        deliver(&pipeline, &[by("mallory", &event.to_string())]).await;
        deliver(&pipeline, &[by("mallory", &event.to_string())]).await;
    }
    world.clock.advance(HOUR * 2);
    pipeline.sweep().await.unwrap();
    pipeline.sweep().await.unwrap();
    assert_eq!(
        subjects(&world.notifier),
        [
            "[HIGH] t: mallory in 111122223333/eu-west-1",
            "[HIGH] t: alice in 111122223333/eu-west-1",
            "[HIGH] t, again: 10 alerts, mallory in 111122223333/eu-west-1",
            "[HIGH] t, again: 100 alerts, mallory in 111122223333/eu-west-1",
            "[HIGH] t, in all: 112 alerts, mallory in 111122223333/eu-west-1",
        ]
    );
    let late = deliver(&pipeline, &[by("mallory", "late")]).await;
    assert_eq!(late.alerts, AlertCounts { grouped: 1, ..AlertCounts::default() });
    world.clock.advance(HOUR);
    pipeline.sweep().await.unwrap();
    assert_eq!(
        subjects(&world.notifier).last().unwrap(),
        "[HIGH] t, in all: 113 alerts, mallory in 111122223333/eu-west-1"
    );
}

#[tokio::test]
async fn nobody_follows_an_alert_that_was_not_sent() {
    let world = World::new();
    let pipeline = grouped(&world, Grouping::default());
    world.notifier.fail_next(NotifyError::Transient("throttled".to_owned()));
    let outcome = deliver(&pipeline, &[by("mallory", "1"), by("mallory", "2")]).await;
    assert_eq!(outcome.alerts, AlertCounts { failed: 2, ..AlertCounts::default() });
    assert!(matches!(outcome.status, DeliveryStatus::Failed { retry: true, .. }));
    // Another alert of the group is sent in its place.
    let other = deliver(&pipeline, &[by("mallory", "3")]).await;
    assert_eq!(other.alerts, AlertCounts { sent: 1, ..AlertCounts::default() });
    let again = deliver(&pipeline, &[by("mallory", "1"), by("mallory", "2")]).await;
    assert_eq!((again.status, again.alerts.grouped), (DeliveryStatus::Done, 2));
    assert_eq!(world.notifier.sent().len(), 1);
}

/// A worker that ends once topics have its alert, before it noted that anywhere else.
#[tokio::test]
async fn nobody_repeats_an_alert_whose_worker_ended_before_it_told_the_group() {
    for completed in [0, 1] {
        let world = World::new();
        let (left, is_dead) = (AtomicUsize::new(completed), AtomicBool::new(false));
        let ends = move |call| {
            if call == Call::Complete && left.fetch_update(SeqCst, SeqCst, |left: usize| left.checked_sub(1)).is_err() {
                is_dead.store(true, SeqCst);
            }
            is_dead.load(SeqCst)
        };
        let settings = PipelineSettings { grouping: Some(Grouping::default()), ..PipelineSettings::default() };
        let ports = Ports { state: Arc::new(Faulty::new(Arc::clone(&world.state), ends)), ..world.ports() };
        deliver(&pipeline(&rules(&[RULE]), ports, settings), &[by("mallory", "1")]).await;
        world.clock.advance(LEASE);
        let sound = grouped(&world, Grouping::default());
        let other = deliver(&sound, &[by("mallory", "2")]).await;
        let again = deliver(&sound, &[by("mallory", "1")]).await;
        let sent = usize::from(completed == 0);
        // Without a note that a topic has it, nobody can know: another alert is sent, none is lost.
        assert_eq!((other.alerts.sent, other.alerts.grouped), (sent as u64, 1 - sent as u64), "{completed}");
        assert_eq!((other.status, again.status), (DeliveryStatus::Done, DeliveryStatus::Done), "{completed}");
        assert_eq!(world.notifier.sent().len(), 1 + sent, "{completed}");
    }
}

/// What else there is to say about alerts that are grouped or left to a digest is not taken for said while the claim
/// of a worker that failed on it lasts.
#[tokio::test]
async fn what_a_group_or_digest_has_to_say_waits_for_the_claim_of_who_failed_on_it() {
    for (told, grouping, before, last) in [
        ("[HIGH] t, again: 10 alerts, mallory in 111122223333/eu-west-1", Grouping::default(), 9, "mallory"),
        (
            "[HIGH] t (too many, a digest follows) in 111122223333/eu-west-1",
            Grouping { of_a_rule: 1, ..Grouping::default() },
            1,
            "alice",
        ),
    ] {
        let world = World::new();
        let sound = grouped(&world, grouping);
        for event in 0..before {
            deliver(&sound, &[by("mallory", &event.to_string())]).await;
        }
        // Claimed are the alert, what there is to say, and that at its topic, which fails; as does giving back the
        // second of these.
        let (claims, releases) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let fails = move |call| match call {
            Call::Claim => claims.fetch_add(1, SeqCst) == 2,
            Call::Release => releases.fetch_add(1, SeqCst) == 0,
            _ => false,
        };
        let settings = PipelineSettings { grouping: Some(grouping), ..PipelineSettings::default() };
        let ports = Ports { state: Arc::new(Faulty::new(Arc::clone(&world.state), fails)), ..world.ports() };
        let record = [by(last, "last")];
        let failed = deliver(&pipeline(&rules(&[RULE]), ports, settings), &record).await;
        let early = deliver(&sound, &record).await;
        for outcome in [failed, early] {
            assert!(matches!(outcome.status, DeliveryStatus::Failed { retry: true, .. }), "{told}: {outcome:?}");
        }
        assert!(!subjects(&world.notifier).iter().any(|subject| subject == told), "{told}");
        world.clock.advance(LEASE);
        assert_eq!(deliver(&sound, &record).await.status, DeliveryStatus::Done, "{told}");
        let times = subjects(&world.notifier).iter().filter(|subject| *subject == told).count();
        assert_eq!(times, 1, "{told}");
    }
}

#[tokio::test]
async fn past_its_limit_a_rule_goes_to_a_digest_and_says_so() {
    let world = World::new();
    let pipeline = grouped(&world, Grouping { of_a_rule: 3, ..Grouping::default() });
    for user in 0..10 {
        let records = [by(&user.to_string(), &format!("{user}-1")), by(&user.to_string(), &format!("{user}-2"))];
        for _ in 0..2 {
            let outcome = deliver(&pipeline, &records).await;
            assert_eq!(outcome.status, DeliveryStatus::Done);
        }
    }
    let sent = subjects(&world.notifier);
    assert_eq!(sent.len(), 4, "{sent:?}");
    assert_eq!(sent[3], "[HIGH] t (too many, a digest follows) in 111122223333/eu-west-1");
    world.clock.advance(HOUR * 2);
    for _ in 0..3 {
        pipeline.sweep().await.unwrap();
    }
    let sent = subjects(&world.notifier);
    let closed = sent.iter().filter(|subject| subject.contains("in all: 2 alerts, ")).count();
    assert_eq!((closed, sent.len()), (3, 8), "{sent:?}");
    assert!(sent.contains(&"[HIGH] t (held back): 7 notifications".to_owned()), "{sent:?}");
}

#[tokio::test]
async fn a_flood_from_one_rule_does_not_hide_another() {
    let world = World::new();
    let other = RULE.replace(": t\n", ": other\n").replace("cloudtrail.amazonaws", "iam.amazonaws");
    let settings = PipelineSettings {
        grouping: Some(Grouping { of_all: 2, ..Grouping::default() }),
        ..PipelineSettings::default()
    };
    let pipeline = pipeline(&rules(&[RULE, &other]), world.ports(), settings);
    for user in 0..4 {
        deliver(&pipeline, &[by(&user.to_string(), &user.to_string())]).await;
    }
    let mut record = by("5", "5");
    record["eventSource"] = json!("iam.amazonaws.com");
    deliver(&pipeline, &[record]).await;
    assert_eq!(
        subjects(&world.notifier),
        [
            "[HIGH] t: 0 in 111122223333/eu-west-1",
            "[HIGH] t: 1 in 111122223333/eu-west-1",
            "[HIGH] t (too many, a digest follows) in 111122223333/eu-west-1",
            "[HIGH] other: 5 in 111122223333/eu-west-1",
        ]
    );
}
