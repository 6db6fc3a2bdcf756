//! `trailhound run` polls a queue as well as the function is invoked by one.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cloud::{Cloud, REGION};
use crate::events::object_created;
use crate::logs::{harmless, key, object, trail_stopped, truncated_object};
use crate::servers::command_line::{Answer, run};
use crate::servers::moto;

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

/// Everything that waits in a queue, with alerts to a file and the topic.
fn poll(cloud: &Cloud, url: &str, folder: &Folder) -> Answer {
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/rules");
    let (state, file, topic) = (folder.path("state.sqlite"), folder.path("alerts.ndjson"), cloud.topic_arn());
    let arguments = ["--queue", url, "--rules", rules, "--state", &state, "--to-file", &file, "--to-topic", &topic];
    let places = [("AWS_REGION", REGION), ("AWS_ENDPOINT_URL", moto::address())];
    let credentials = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    run(&[&["run", "--once"][..], &arguments].concat(), &[places, credentials].concat())
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
