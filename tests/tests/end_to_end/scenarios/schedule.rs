//! A schedule of the event bus has the function look at what has become due.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use trailhound_pipeline::memory::{MemoryNotifier, MemoryObjects};
use trailhound_pipeline::{
    Delivery, DeliveryStatus, InspectLimits, Inspector, ManualClock, Pipeline, PipelineSettings, Ports,
};
use trailhound_rule_engine::{Limits, RuleSet, Source};

use super::state::{state, table};
use crate::cloud::Cloud;
use crate::events::scheduled;
use crate::logs::trail_stopped;
use crate::servers::moto;
use crate::servers::runtime_api::Reply;

pub(super) const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/windows");

/// A worker of two hours ago sees two events of one actor, and nothing follows.
pub(super) async fn two_hours_ago(table: &str) {
    let file = Path::new(RULES).join("stopped-once.yml");
    let source = Source::new("stopped-once.yml", std::fs::read_to_string(file).unwrap());
    let rules = Arc::new(RuleSet::load([source], &Limits::default()).rules);
    let then = Timestamp::now() - Duration::from_hours(2);
    let clock = Arc::new(ManualClock::new(then));
    let ports = Ports {
        objects: Arc::new(MemoryObjects::default()),
        state: Arc::new(state(moto::serial_address(), table, &clock).await),
        notifier: Arc::new(MemoryNotifier::default()),
        clock,
        quarantine: None,
    };
    let pipeline = Pipeline::new(Inspector::new(rules, InspectLimits::default()), ports, PipelineSettings::default());
    let records = ["e1", "e2"].map(|id| {
        let mut record = trail_stopped(id);
        record["eventTime"] = then.to_string().into();
        record["userIdentity"]["userName"] = "alice".into();
        record
    });
    let bytes = json!({"Records": records}).to_string().into_bytes();
    let outcome = pipeline.deliver(&Delivery::Records { origin: "test".to_owned(), bytes }).await;
    assert_eq!(outcome.status, DeliveryStatus::Done);
}

#[tokio::test]
async fn a_schedule_closes_windows_and_groups_that_are_over() {
    table("schedule").await;
    two_hours_ago("schedule").await;
    let cloud = Cloud::new("schedule").await;
    let settings = [
        ("TRAILHOUND_STATE_TABLE", "schedule"),
        ("AWS_ENDPOINT_URL_DYNAMODB", moto::serial_address()),
        ("TRAILHOUND_RULES", RULES),
    ];
    let mut function = cloud.function_with(&settings);
    // The second finds nothing left to do.
    for expected in [2, 0] {
        let reply = function.invoke(&scheduled());
        assert!(matches!(reply, Reply::Response(_)), "{reply:?}");
        let notifications = cloud.notifications().await;
        let mut subjects: Vec<&str> = notifications.iter().map(|told| told["Subject"].as_str().unwrap()).collect();
        subjects.sort_unstable();
        let all = [
            "[HIGH] Trail stopped once or twice: 2 events, 111122223333 in 111122223333/eu-west-1",
            "[HIGH] Trail stopped, in all: 2 alerts, alice in 111122223333/eu-west-1",
        ];
        assert_eq!(subjects, all[..expected]);
    }
}
