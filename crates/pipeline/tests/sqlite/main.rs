//! The state in a file: the promises of the ports, and what is left of it after a kill.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use trailhound_pipeline::{
    AlertId, AlertState, CellState, Claim, Clock, Delivery, DeliveryStatus, InspectLimits, Inspector, ManualClock,
    Pipeline, PipelineSettings, Ports, State, StateKey, SystemClock, contract,
    memory::{MemoryNotifier, MemoryObjects},
    sqlite::{SqliteError, SqliteState},
};
use trailhound_rule_engine::{Limits, RuleSet, Source};

fn open(file: &Path, clock: &Arc<ManualClock>) -> Arc<dyn State> {
    let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(clock);
    Arc::new(SqliteState::open(file, clock).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_keeps_every_promise_of_the_ports() {
    let folder = tempfile::tempdir().unwrap();
    let (file, clock) = (folder.path().join("state.db"), Arc::new(ManualClock::default()));
    let handles: Vec<Arc<dyn State>> = (0..3).map(|_| open(&file, &clock)).collect();
    contract::state(&handles, &clock, "first").await;
    drop(handles);
    contract::state(&[open(&file, &clock)], &clock, "second").await;
}

#[tokio::test]
async fn a_file_of_another_layout_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let error = SqliteState::open(&file, Arc::clone(&clock)).unwrap_err();
    assert!(matches!(error, SqliteError::Layout { found: 99, known: 1 }), "{error}");
    std::fs::write(&file, "no database, only text that is long enough to be taken for one".repeat(20)).unwrap();
    assert!(matches!(SqliteState::open(&file, clock), Err(SqliteError::Open(_))));
}

#[tokio::test]
async fn one_process_alone_does_not_wait_for_those_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (done, open) = (alert(1), alert(2));
    let first = SqliteState::open_alone(&file, Arc::clone(&clock)).unwrap();
    for id in [&done, &open] {
        let Claim::Granted(token) = first.claim(id, Duration::from_hours(1)).await.unwrap() else { panic!("claimed") };
        if id == &done {
            first.complete(id, &token).await.unwrap();
        }
    }
    let second = SqliteState::open_alone(&file, Arc::clone(&clock)).unwrap_err();
    assert!(matches!(second, SqliteError::InUse), "{second}");
    drop(first);
    let next = SqliteState::open_alone(&file, clock).unwrap();
    assert_eq!(next.claim(&done, Duration::from_hours(1)).await.unwrap(), Claim::Completed);
    assert!(matches!(next.claim(&open, Duration::from_hours(1)).await.unwrap(), Claim::Granted(_)));
}

const FILE: &str = "TESTED_TRAILHOUND_STATE_FILE";

fn alert(number: u64) -> AlertId {
    AlertId::new("killed", Some("111122223333"), Some(&number.to_string()), "")
}

fn counter() -> StateKey {
    StateKey::new("killed", ["counter"])
}

/// The process that is killed: completes alerts, and says so after each. Without the variable it is not
/// meant.
#[tokio::test]
async fn the_process_that_is_killed() {
    let Some(file) = env::var_os(FILE) else { return };
    let state = SqliteState::open(Path::new(&file), Arc::new(SystemClock)).unwrap();
    let mut out = std::io::stdout();
    for number in 0.. {
        let Claim::Granted(token) = state.claim(&alert(number), Duration::from_mins(15)).await.unwrap() else {
            panic!("nobody else is there")
        };
        state.complete(&alert(number), &token).await.unwrap();
        let cell = state.load(&counter()).await.unwrap();
        let until = jiff::Timestamp::MAX;
        let seen = cell.as_ref().map(|cell| cell.version.as_str());
        assert!(state.swap(&counter(), seen, &number.to_string(), until).await.unwrap());
        writeln!(out, "completed {number}").unwrap();
    }
}

#[tokio::test]
async fn what_was_answered_outlives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "the_process_that_is_killed", "--nocapture"])
        .env(FILE, &file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let completed = |line: std::io::Result<String>| line.unwrap().strip_prefix("completed ")?.parse::<u64>().ok();
    let mut last = lines.by_ref().filter_map(completed).nth(50).unwrap();
    // The signal that no process can catch.
    child.kill().unwrap();
    child.wait().unwrap();
    last = lines.filter_map(completed).last().unwrap_or(last);

    let state = SqliteState::open(&file, Arc::new(SystemClock)).unwrap();
    for number in 0..=last {
        let claim = state.claim(&alert(number), Duration::from_mins(15)).await.unwrap();
        assert_eq!(claim, Claim::Completed, "{number} of {last}");
    }
    let count: u64 = state.load(&counter()).await.unwrap().unwrap().document.parse().unwrap();
    assert!(count >= last, "{count} of {last}");
}

const RULES: &str = "
title: a
name: a
level: high
logsource: {product: aws}
detection: {s: {eventName: a}, condition: s}
---
title: c
name: c
level: high
correlation: {type: event_count, rules: [a], group-by: [recipientAccountId], timespan: 1h, condition: {gte: 20}, generate: true}
";

/// Eight workers with connections of their own deliver overlapping parts of the same events.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_workers_at_once_send_each_alert_once() {
    let folder = tempfile::tempdir().unwrap();
    let (file, clock) = (folder.path().join("state.db"), Arc::new(ManualClock::default()));
    let rules = Arc::new(RuleSet::load([Source::new("rules.yml", RULES)], &Limits::default()).rules);
    let notifier = Arc::new(MemoryNotifier::default());
    let workers = (0..8).map(|worker: usize| {
        let ports = Ports {
            objects: Arc::new(MemoryObjects::default()),
            state: open(&file, &clock),
            notifier: Arc::<MemoryNotifier>::clone(&notifier),
            clock: Arc::<ManualClock>::clone(&clock),
            quarantine: None,
        };
        let settings = PipelineSettings { grouping: None, ..PipelineSettings::default() };
        let inspector = Inspector::new(Arc::clone(&rules), InspectLimits::default());
        let pipeline = Pipeline::new(inspector, ports, settings);
        tokio::spawn(async move {
            let records: Vec<_> = (worker * 3..worker * 3 + 9)
                .map(|second| {
                    serde_json::json!({
                        "eventID": format!("e{second}"), "eventName": "a", "recipientAccountId": "111122223333",
                        "eventTime": format!("2026-01-01T00:00:{second:02}Z"),
                    })
                })
                .collect();
            let bytes = serde_json::json!({"Records": records}).to_string().into_bytes();
            let delivery = Delivery::Records { origin: "test".to_owned(), bytes };
            // What another worker is sending is asked for again, as a queue does.
            while pipeline.deliver(&delivery).await.status != DeliveryStatus::Done {}
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    let sent = notifier.sent();
    let correlations = sent.iter().filter(|sent| sent.subject.starts_with("[HIGH] c:")).count();
    assert_eq!((sent.len() - correlations, correlations), (30, 1));
}
