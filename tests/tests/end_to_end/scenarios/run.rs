//! `trailhound run` polls a queue as well as the function is invoked by one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::soak::event_in;
use crate::cloud::{Cloud, REGION};
use crate::events::object_created;
use crate::logs::{harmless, key, object, trail_stopped, truncated_object};
use crate::servers::command_line::{Answer, run, start};
use crate::servers::faulty_proxy::{Fault, FaultyProxy};
use crate::servers::moto;
use crate::servers::process::wait_for;

/// A folder of this test, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("trailhound-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left of it is small and in a place for such things.
        let _ = fs::remove_dir_all(&self.0);
    }
}

const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/rules");

/// What a run has to know of its place, with something else in the place of AWS.
fn environment(address: &str) -> [(&str, &str); 4] {
    [
        ("AWS_REGION", REGION),
        ("AWS_ENDPOINT_URL", address),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ]
}

/// Everything that waits in a queue, with alerts to a file and the topic.
fn poll(cloud: &Cloud, url: &str, folder: &Folder) -> Answer {
    let (state, file, topic) = (folder.path("state.sqlite"), folder.path("alerts.ndjson"), cloud.topic_arn());
    let arguments = ["--queue", url, "--rules", RULES, "--state", &state, "--to-file", &file, "--to-topic", &topic];
    run(&[&["run", "--once"][..], &arguments].concat(), &environment(moto::address()))
}

/// The events in the file of alerts, sorted.
fn filed(folder: &Folder) -> Vec<String> {
    let text = fs::read_to_string(Path::new(&folder.path("alerts.ndjson"))).unwrap();
    let event = |line: &str| -> String {
        let alert: Value = serde_json::from_str(line).unwrap();
        alert["event"]["eventID"].as_str().unwrap().to_owned()
    };
    let mut events: Vec<String> = text.lines().map(event).collect();
    events.sort();
    events
}

#[tokio::test]
async fn what_a_bucket_announces_to_a_queue_is_delivered_by_a_run() {
    let (cloud, folder) = (Cloud::new("polled").await, Folder::new("polled"));
    let queue = cloud.announce_objects().await;
    let url = cloud.create_queue(&queue).await;
    for number in 0..12 {
        let unique = format!("event-{number:02}");
        // Each holds the event of the one before it again, as CloudTrail repeats records.
        let before = format!("event-{:02}", if number == 0 { 0 } else { number - 1 });
        cloud.put(&key(&unique), object(&[trail_stopped(&unique), harmless("e"), trail_stopped(&before)])).await;
    }
    let answer = poll(&cloud, &url, &folder);
    assert_eq!(answer.status, 0, "{answer:?}");
    assert!(answer.messages.contains("12 sent"), "{answer:?}");
    let expected: Vec<String> = (0..12).map(|number| format!("event-{number:02}")).collect();
    assert_eq!(filed(&folder), expected);
    assert_eq!(cloud.notifications().await.len(), 12);
    assert_eq!(cloud.take_messages(&queue).await, []);
    let again = poll(&cloud, &url, &folder);
    assert!(again.messages.contains("objects: 0 read"), "{again:?}");
}

#[tokio::test]
async fn messages_that_fail_stay_in_the_queue_alone() {
    let (cloud, folder) = (Cloud::new("polled-poison").await, Folder::new("polled-poison"));
    let url = cloud.create_queue("polled-poison-logs").await;
    cloud.put(&key("good"), object(&[trail_stopped("good")])).await;
    cloud.put(&key("cut-off"), truncated_object("cut-off")).await;
    for body in [
        object_created("polled-poison", &key("good")).to_string(),
        object_created("polled-poison", &key("cut-off")).to_string(),
        "{\"neither\": \"here nor there\"}".to_owned(),
    ] {
        cloud.send(&url, &body).await;
    }
    let answer = poll(&cloud, &url, &folder);
    assert_eq!(answer.status, 2, "{answer:?}");
    assert!(answer.messages.contains("the event has no known shape"), "{answer:?}");
    assert!(answer.messages.contains("the object is damaged: the gzip data end"), "{answer:?}");
    // The good records of the damaged object are alerted all the same.
    assert_eq!(filed(&folder), ["cut-off", "good"]);
    // What failed is still there, though nobody gets it for a while.
    assert_eq!(cloud.count_messages(&url).await, 2);
}

#[tokio::test]
async fn a_queue_that_is_missing_is_named() {
    let (cloud, folder) = (Cloud::new("polled-missing").await, Folder::new("polled-missing"));
    let url = format!("{}/123456789012/polled-missing-logs", moto::address());
    let answer = poll(&cloud, &url, &folder);
    assert_eq!(answer.status, 2, "{answer:?}");
    assert!(answer.messages.starts_with(&format!("error: {url}: there is no such queue\n")), "{answer:?}");
}

/// Objects of the test of kills, and alerts in each.
const OBJECTS: usize = 40;
const ALERTS: usize = 3;

/// Objects that a run works on at the same time: what is published for them and not noted may come again.
const UNDER_WAY: usize = 4;

/// The calls at which a run is killed: which of those of this name since it began, and before or after the
/// server does what is asked.
const KILLED_AT: [(&str, usize, Fault); 14] = [
    ("ReceiveMessage", 0, Fault::Silence),
    ("ReceiveMessage", 0, Fault::SilenceAfter),
    ("GET", 0, Fault::SilenceAfter),
    ("PublishBatch", 0, Fault::Silence),
    ("PublishBatch", 0, Fault::SilenceAfter),
    ("GET", 7, Fault::Silence),
    ("PublishBatch", 1, Fault::SilenceAfter),
    ("DeleteMessageBatch", 0, Fault::Silence),
    ("DeleteMessageBatch", 0, Fault::SilenceAfter),
    ("PublishBatch", 2, Fault::SilenceAfter),
    ("ReceiveMessage", 1, Fault::SilenceAfter),
    ("PublishBatch", 3, Fault::Silence),
    ("DeleteMessageBatch", 1, Fault::SilenceAfter),
    ("PublishBatch", 0, Fault::SilenceAfter),
];

/// Spoils one call of a name.
fn nth(name: &'static str, number: usize, fault: Fault) -> FaultyProxy {
    let seen = std::sync::atomic::AtomicUsize::new(0);
    FaultyProxy::start(move |call| {
        let is_it =
            call.operation.starts_with(name) && seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == number;
        is_it.then_some(fault)
    })
}

#[tokio::test]
async fn a_run_that_polls_a_queue_loses_nothing_when_it_is_killed() {
    let (cloud, folder) = (Cloud::new("polled-killed").await, Folder::new("polled-killed"));
    for number in 0..OBJECTS {
        let records: Vec<Value> = (0..ALERTS).map(|alert| trail_stopped(&format!("{number}-{alert}"))).collect();
        cloud.put(&key(&number.to_string()), object(&records)).await;
    }
    let (state, topic) = (folder.path("state.sqlite"), cloud.topic_arn());
    let arguments = ["run", "--once", "--rules", RULES, "--state", &state, "--to-topic", &topic, "--queue"];
    let many = [("TRAILHOUND_DIGEST_RULE_RATE", "5000"), ("TRAILHOUND_DIGEST_OVERALL_RATE", "5000")];
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for (round, (name, number, fault)) in KILLED_AT.into_iter().enumerate() {
        let url = announce_all(&cloud, round).await;
        let proxy = nth(name, number, fault);
        let mut killed =
            start(&[&arguments[..], &[url.as_str()]].concat(), &[&environment(&proxy.address())[..], &many].concat());
        wait_for("a kill", || {
            assert!(!killed.has_ended(), "it ended before {name} {number}");
            proxy.is_silent().then_some(())
        });
        drop(killed);
        let deleted = OBJECTS - cloud.count_messages(&url).await;
        count(&cloud, &mut told).await;
        assert!(told.len() >= deleted * ALERTS, "{name} {number}: {deleted} deleted, {} alerts told", told.len());
    }
    let url = announce_all(&cloud, KILLED_AT.len()).await;
    let answer = run(&[&arguments[..], &[url.as_str()]].concat(), &[&environment(moto::address())[..], &many].concat());
    assert_eq!(answer.status, 0, "{answer:?}");
    assert_eq!(cloud.count_messages(&url).await, 0);
    count(&cloud, &mut told).await;
    let repeats: usize = told.values().map(|times| times - 1).sum();
    eprintln!("killed {} times: {} alerts told, {repeats} of them again", KILLED_AT.len(), told.len());
    assert_eq!(told.len(), OBJECTS * ALERTS);
    // Killed at other calls than those to the topic it may have been at work on others at the same time.
    assert!(repeats <= KILLED_AT.len() * UNDER_WAY * ALERTS, "{repeats} repeats");
}

/// A queue with all messages, and its URL. What a killed run has taken is hidden for two minutes, which nobody waits
/// for here: everything comes again, as it may at any time.
async fn announce_all(cloud: &Cloud, round: usize) -> String {
    let url = cloud.create_queue(&format!("polled-killed-{round}")).await;
    for number in 0..OBJECTS {
        cloud.send(&url, &object_created("polled-killed", &key(&number.to_string())).to_string()).await;
    }
    url
}

async fn count(cloud: &Cloud, told: &mut BTreeMap<String, usize>) {
    for notification in cloud.notifications().await {
        *told.entry(event_in(&notification)).or_default() += 1;
    }
}
