//! Nothing is lost, and nothing is sent twice.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use trailhound_pipeline::{
    AlertCounts, AlertId, AlertState, Claim, Delivery, DeliveryError, DeliveryStatus, FetchError, IgnoredWhy,
    Notification, Notifier, NotifyError, ObjectResult, Pipeline, PipelineSettings, Ports, Receipt, TopicName,
    memory::MemoryState,
};
use trailhound_rule_engine::Level;

use crate::faulty::{Call, Faulty};
use crate::support::{
    KEY, LEASE, World, assume_role, document, gzip, inspector, list_users, object, overlapping_inspector, stop_logging,
    ungrouped,
};

fn sound() -> Vec<u8> {
    gzip(&document(&[assume_role(), stop_logging("one"), list_users(), stop_logging("two")]))
}

fn sent(count: u64) -> AlertCounts {
    AlertCounts { sent: count, ..AlertCounts::default() }
}

#[tokio::test]
async fn an_object_is_judged_and_its_alerts_are_sent() {
    let world = World::with_object(sound());
    let outcome = world.deliver().await;
    assert_eq!(outcome.status, DeliveryStatus::Done);
    assert_eq!(outcome.object, ObjectResult::Read);
    assert_eq!(outcome.alerts, AlertCounts { below_level: 1, ..sent(2) });
    let counts = outcome.records;
    assert_eq!((counts.records, counts.matched, counts.unmatched, counts.refused), (4, 3, 1, 0));
    let bodies: Vec<String> = world.notifier.sent().into_iter().map(|notification| notification.body).collect();
    assert!(bodies[0].contains(" one\n") && bodies[1].contains(" two\n"), "{bodies:?}");
}

#[tokio::test]
async fn the_lowest_level_that_alerts_is_a_setting() {
    let world = World::with_object(sound());
    let settings = PipelineSettings { minimum_level: Level::Low, ..ungrouped() };
    let outcome = Pipeline::new(inspector(), world.ports(), settings).deliver(&Delivery::Object(object(KEY))).await;
    assert_eq!(outcome.alerts, sent(3));
}

#[tokio::test]
async fn every_rule_that_matches_alerts() {
    let world = World::with_object(sound());
    let pipeline = Pipeline::new(overlapping_inspector(), world.ports(), ungrouped());
    let outcome = pipeline.deliver(&Delivery::Object(object(KEY))).await;
    assert_eq!(outcome.alerts, AlertCounts { below_level: 1, ..sent(4) });
    assert_eq!(outcome.records.matched, 3);
}

#[tokio::test]
async fn a_redelivery_sends_nothing_twice() {
    let world = World::with_object(sound());
    world.deliver().await;
    world.clock.advance(LEASE * 100);
    let outcome = world.deliver().await;
    assert_eq!(outcome.status, DeliveryStatus::Done);
    assert_eq!(outcome.alerts, AlertCounts { duplicate: 2, below_level: 1, ..AlertCounts::default() });
    assert_eq!(world.notifier.sent().len(), 2);
}

#[tokio::test]
async fn the_same_event_by_another_way_is_the_same_alert() {
    let world = World::with_object(gzip(&document(&[stop_logging("one"), stop_logging("one")])));
    assert_eq!(world.deliver().await.alerts, AlertCounts { duplicate: 1, ..sent(1) });
    let inline = Delivery::Records {
        origin: "event bus".to_owned(),
        bytes: serde_json::json!({"detail-type": "AWS API Call via CloudTrail", "detail": stop_logging("one")})
            .to_string()
            .into_bytes(),
    };
    let outcome = world.pipeline().deliver(&inline).await;
    assert_eq!((outcome.status, outcome.alerts.duplicate), (DeliveryStatus::Done, 1));
    assert_eq!(world.notifier.sent().len(), 1);
}

#[tokio::test]
async fn a_failed_publication_is_made_up_for_once() {
    let world = World::with_object(sound());
    let error = NotifyError::Transient("timeout".to_owned());
    world.notifier.fail_next(error.clone());
    let outcome = world.deliver().await;
    assert_eq!(outcome.alerts, AlertCounts { failed: 1, below_level: 1, ..sent(1) });
    let expected = DeliveryError::Alerts { failed: 1, first: error.into() };
    assert_eq!(
        expected.to_string(),
        "1 alerts could not be sent, the first because: the notification could not be handed over: timeout"
    );
    assert_eq!(outcome.status, DeliveryStatus::Failed { retry: true, error: expected });
    let outcome = world.deliver().await;
    assert_eq!(outcome.status, DeliveryStatus::Done);
    assert_eq!(outcome.alerts, AlertCounts { duplicate: 1, below_level: 1, ..sent(1) });
    assert_eq!(world.notifier.sent().len(), 2);
}

/// Accepts a notification and never returns, like a function that is stopped at that moment.
#[derive(Debug, Default)]
struct CrashAfterPublishing(trailhound_pipeline::memory::MemoryNotifier);

#[async_trait]
impl Notifier for CrashAfterPublishing {
    async fn notify(&self, notifications: &[Notification]) -> Vec<Result<Receipt, NotifyError>> {
        self.0.notify(notifications).await;
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_crash_after_publishing_repeats_at_most_once() {
    let world = World::with_object(gzip(&document(&[stop_logging("one")])));
    let crashing = Arc::new(CrashAfterPublishing::default());
    let ports = Ports { notifier: Arc::<CrashAfterPublishing>::clone(&crashing), ..world.ports() };
    let pipeline = Pipeline::new(inspector(), ports, ungrouped());
    let delivery = Delivery::Object(object(KEY));
    tokio::time::timeout(Duration::from_millis(20), pipeline.deliver(&delivery)).await.unwrap_err();
    assert_eq!(crashing.0.sent().len(), 1);

    let outcome = world.deliver().await;
    assert_eq!(outcome.alerts.held, 1);
    let held = DeliveryError::Held { held: 1 };
    assert_eq!(outcome.status, DeliveryStatus::Failed { retry: true, error: held }, "held is not done");
    assert_eq!(world.notifier.sent().len(), 0);

    world.clock.advance(LEASE);
    assert_eq!(world.deliver().await.alerts, sent(1));
    world.clock.advance(LEASE * 10);
    assert_eq!(world.deliver().await.alerts.duplicate, 1);
    assert_eq!(world.notifier.sent().len(), 1);
}

#[tokio::test]
async fn a_crash_before_publishing_swallows_nothing() {
    let world = World::with_object(gzip(&document(&[stop_logging("one")])));
    let rule = "4db60cc0-36fb-42b7-9b58-a5b53019fb74";
    let alert = AlertId::new(rule, Some("111122223333"), Some("one"), "").to_topic(&TopicName::default());
    assert!(matches!(world.state.claim(&alert, LEASE).await, Ok(Claim::Granted(_))));
    assert_eq!(world.deliver().await.alerts.held, 1);
    world.clock.advance(LEASE);
    assert_eq!(world.deliver().await.alerts, sent(1));
}

#[tokio::test]
async fn a_denied_object_fails_the_delivery() {
    let world = World::new();
    for (error, retry) in [
        (FetchError::Denied, true),
        (FetchError::Transient("503".to_owned()), true),
        (FetchError::TooLarge { limit: 10 }, false),
    ] {
        world.objects.fail(object(KEY), error.clone());
        let outcome = world.deliver().await;
        assert_eq!(outcome.status, DeliveryStatus::Failed { retry, error: error.into() });
        assert_eq!(outcome.object, ObjectResult::Unreadable);
    }
}

#[tokio::test]
async fn a_missing_object_is_done_and_counted() {
    let outcome = World::new().deliver().await;
    assert_eq!((outcome.status, outcome.object), (DeliveryStatus::Done, ObjectResult::Missing));
}

#[tokio::test]
async fn a_truncated_object_alerts_and_goes_to_quarantine() {
    let records = [stop_logging("one"), list_users(), stop_logging("two")];
    let packed = gzip(&document(&records));
    let world = World::with_object(packed[..packed.len() - 60].to_vec());
    let outcome = world.deliver().await;
    assert_eq!(outcome.alerts.sent, 1, "{outcome:?}");
    let reason = outcome.quarantine.clone().unwrap();
    assert!(reason.starts_with("the gzip data end too early, at byte"), "{reason}");
    assert_eq!(outcome.status, DeliveryStatus::Failed { retry: true, error: DeliveryError::Damaged { reason } });
    let counts = outcome.records;
    assert_eq!(counts.records, counts.matched + counts.unmatched + counts.refused);
    assert_eq!((counts.refused, outcome.refusals[0].index), (1, Some(counts.records - 1)));

    let again = world.deliver().await;
    assert_eq!((again.alerts.sent, again.alerts.duplicate), (0, 1));
    assert!(matches!(again.status, DeliveryStatus::Failed { retry: true, error: DeliveryError::Damaged { .. } }));
    assert_eq!(world.notifier.sent().len(), 1);
}

#[tokio::test]
async fn a_refused_record_in_a_sound_object_is_named_and_fails_nothing() {
    let text = format!("{{\"Records\":[{},{{\"eventName\":oops}},{}]}}", stop_logging("one"), stop_logging("two"));
    let world = World::with_object(gzip(text.as_bytes()));
    let outcome = world.deliver().await;
    assert_eq!((outcome.status, outcome.alerts), (DeliveryStatus::Done, sent(2)));
    assert_eq!((outcome.records.refused, outcome.refusals[0].index, outcome.quarantine), (1, Some(1), None));
}

#[tokio::test]
async fn an_object_without_readable_records_goes_to_quarantine() {
    for (bytes, reason) in [
        (gzip(b"{\"Records\":[{\"a\":b}]}"), "none of the 1 records could be read"),
        (gzip(b"{\"Records\":null}"), "`Records` at byte 11 is null, not a list"),
        (b"\x1f\x8b\x08".to_vec(), "the gzip data end too early, at byte 3 in member 0"),
        (Vec::new(), "the document is empty"),
    ] {
        let outcome = World::with_object(bytes).deliver().await;
        assert_eq!(outcome.quarantine.as_deref(), Some(reason));
        assert_eq!((outcome.records.records, outcome.records.refused), (1, 1));
        assert!(matches!(outcome.status, DeliveryStatus::Failed { .. }));
    }
}

#[tokio::test]
async fn objects_that_hold_no_records_are_ignored_by_name() {
    let folder = "AWSLogs/111122223333/CloudTrail";
    for (key, why) in [
        (format!("{folder}/eu-west-1/"), "a folder marker"),
        (format!("{folder}-Digest/eu-west-1/x.json.gz"), "a digest, which holds no records"),
        (format!("{folder}-Aggregated/eu-west-1/x.json.gz"), "aggregated data events, which no rule reads"),
        ("notes.txt".to_owned(), "no object of CloudTrail records"),
    ] {
        let outcome = World::new().pipeline().deliver(&Delivery::Object(object(&key))).await;
        assert_eq!(outcome.object, ObjectResult::Ignored);
        match outcome.status {
            DeliveryStatus::Ignored { why: found } => assert_eq!(found.to_string(), why),
            status => panic!("{status:?}"),
        }
    }
    assert_eq!(serde_json::to_value(IgnoredWhy::FolderMarker).unwrap(), "folder-marker");
}

#[tokio::test]
async fn an_empty_list_of_records_is_done() {
    let outcome = World::with_object(gzip(b"{\"Records\":[]}")).deliver().await;
    assert_eq!((outcome.status, outcome.records.records), (DeliveryStatus::Done, 0));
}

async fn deliver_with(world: &World, claim: bool, complete: bool) -> (DeliveryStatus, AlertCounts) {
    let fails = move |call| (call == Call::Claim && !claim) || (call == Call::Complete && !complete);
    let state = Faulty::new(Arc::<MemoryState>::clone(&world.state), fails);
    let ports = Ports { state: Arc::new(state), ..world.ports() };
    let pipeline = Pipeline::new(inspector(), ports, ungrouped());
    let outcome = pipeline.deliver(&Delivery::Object(object(KEY))).await;
    (outcome.status, outcome.alerts)
}

#[tokio::test]
async fn without_state_nothing_is_sent_and_the_delivery_fails() {
    let world = World::with_object(gzip(&document(&[stop_logging("one")])));
    let (status, alerts) = deliver_with(&world, false, true).await;
    assert_eq!(alerts, AlertCounts { failed: 1, ..AlertCounts::default() });
    assert!(matches!(status, DeliveryStatus::Failed { retry: true, .. }));
    assert!(world.notifier.sent().is_empty());
}

#[tokio::test]
async fn an_alert_that_is_out_does_not_fail_the_delivery() {
    let world = World::with_object(gzip(&document(&[stop_logging("one")])));
    assert_eq!(deliver_with(&world, true, false).await, (DeliveryStatus::Done, sent(1)));
}

#[tokio::test]
async fn an_outcome_serialises_without_content_of_records() {
    let world = World::with_object(sound());
    let outcome = serde_json::to_value(world.deliver().await).unwrap();
    assert_eq!(
        outcome,
        serde_json::json!({
            "status": {"status": "done"},
            "object": "read",
            "records": {"records": 4, "matched": 3, "unmatched": 1, "refused": 0},
            "alerts": {"sent": 2, "grouped": 0, "digested": 0, "duplicate": 0, "held": 0, "unrouted": 0, "below_level": 1, "failed": 0},
            "refusals": [],
            "quarantine": null,
            "quarantined": false,
        })
    );
}

/// Lambda repeats asynchronous invocations after one and two minutes, and then no more.
#[tokio::test]
async fn what_a_worker_held_when_it_ended_is_free_soon_after_its_time() {
    let time = Duration::from_secs(30);
    for settings in [ungrouped(), PipelineSettings::default()] {
        let world = World::with_object(gzip(&document(&[stop_logging("one")])));
        let ports = Ports { notifier: Arc::new(CrashAfterPublishing::default()), ..world.ports() };
        let crashing = Pipeline::new(inspector(), ports, settings);
        let delivery = Delivery::Object(object(KEY));
        let ended = tokio::time::timeout(Duration::from_millis(20), crashing.deliver_within(&delivery, time)).await;
        ended.unwrap_err();

        let next = Pipeline::new(inspector(), world.ports(), settings);
        assert_eq!(next.deliver_within(&delivery, time).await.alerts.held, 1);
        world.clock.advance(Duration::from_mins(1));
        let outcome = next.deliver_within(&delivery, time).await;
        assert_eq!((outcome.status, outcome.alerts.sent), (DeliveryStatus::Done, 1));
    }
}
