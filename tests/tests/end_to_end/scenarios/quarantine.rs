//! What cannot be read is kept where the settings say, and holds nothing up.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::events::{batch, batch_of_one, log_subscription, object_created};
use crate::logs::{gzip, harmless, key, object, trail_stopped, truncated_object};
use crate::servers::bootstrap::Function;
use crate::servers::runtime_api::Reply;

fn failed<const N: usize>(identifiers: [&str; N]) -> Reply {
    let items = identifiers.map(|id| json!({"itemIdentifier": id})).to_vec();
    Reply::Response(json!({"batchItemFailures": items}))
}

/// An object with one broken record between two good ones.
fn one_broken() -> Vec<u8> {
    gzip(format!("{{\"Records\":[{},{{\"a\":b}},{}]}}", trail_stopped("e1"), harmless("e2")).as_bytes())
}

/// Puts all kinds of poison into the bucket and hands it over; the reply, and how many alerts went out.
async fn poison(cloud: &Cloud, bucket: &str, function: &mut Function) -> (Reply, usize) {
    let objects = [
        ("cut-off", truncated_object("e0")),
        ("bomb", gzip(&vec![b' '; 256 << 20])),
        ("garbage", b"no log at all".to_vec()),
        ("empty", Vec::new()),
        ("one-broken", one_broken()),
        ("good", object(&[trail_stopped("e3")])),
    ];
    let names = objects.each_ref().map(|(name, _)| *name);
    for (name, bytes) in objects {
        cloud.put(&key(name), bytes).await;
    }
    let messages = names.map(|name| (name, object_created(bucket, &key(name)).to_string()));
    (function.invoke(&batch(messages)), cloud.notifications().await.len())
}

/// The objects that notes are about, by the unique part of their names, and the start of the reasons.
fn about(notes: &[Value]) -> Vec<(String, String)> {
    let mut about: Vec<_> = notes
        .iter()
        .map(|note| {
            let key = note["object"]["key"].as_str().unwrap().strip_suffix(".json.gz").unwrap();
            let words: Vec<&str> = note["reason"].as_str().unwrap().split(' ').take(4).collect();
            (key.rsplit('_').next().unwrap().to_owned(), words.join(" "))
        })
        .collect();
    about.sort();
    about
}

fn expected() -> Vec<(String, String)> {
    [
        ("bomb", "the object holds more"),
        ("cut-off", "the gzip data end"),
        ("empty", "the document is empty"),
        ("garbage", "the document cannot be"),
        ("one-broken", "1 of 3 records"),
    ]
    .map(|(name, reason)| (name.to_owned(), reason.to_owned()))
    .to_vec()
}

#[tokio::test]
async fn a_bucket_keeps_notes_even_the_watched_one() {
    let cloud = Cloud::new("kept-in-bucket").await;
    let mut function = cloud.function_with(&[("TRAILHOUND_QUARANTINE", "s3://kept-in-bucket/notes")]);
    assert_eq!(poison(&cloud, "kept-in-bucket", &mut function).await, (failed([]), 3));
    let kept = cloud.objects("notes/").await;
    let notes: Vec<Value> = kept.iter().map(|(_, bytes)| serde_json::from_slice(bytes).unwrap()).collect();
    assert_eq!(about(&notes), expected());
    let broken = notes.iter().find(|note| note["records"]["records"] == 3).unwrap();
    assert_eq!(broken["records"], json!({"records": 3, "matched": 1, "unmatched": 1, "refused": 1}));
    assert_eq!(broken["refused"][0]["index"], 1);
    assert!(!broken.to_string().contains("alice"), "{broken}");

    assert_eq!(poison(&cloud, "kept-in-bucket", &mut function).await, (failed([]), 0), "told again");
    assert_eq!(cloud.objects("notes/").await, kept, "a repeat changes nothing");

    let before = function.log_lines("delivery", 12).len();
    assert_eq!(function.invoke(&batch_of_one("kept-in-bucket", &kept[0].0)), failed([]));
    let line = function.log_lines("delivery", before + 1).pop().unwrap();
    assert_eq!((&line["status"], &line["why"]), (&json!("ignored"), &json!("an entry of the quarantine")));
    assert_eq!(cloud.objects("notes/").await.len(), kept.len(), "a note about a note");
}

#[tokio::test]
async fn a_queue_keeps_notes() {
    let cloud = Cloud::new("kept-in-queue").await;
    let url = cloud.create_queue("kept-in-queue-notes").await;
    let mut function = cloud.function_with(&[("TRAILHOUND_QUARANTINE", &url)]);
    assert_eq!(poison(&cloud, "kept-in-queue", &mut function).await, (failed([]), 3));
    let messages = cloud.take_messages("kept-in-queue-notes").await;
    let notes: Vec<Value> = messages.iter().map(|(_, body)| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(about(&notes), expected());
}

#[tokio::test]
async fn a_folder_keeps_notes() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kept-in-folder");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    let cloud = Cloud::new("kept-in-folder").await;
    let mut function = cloud.function_with(&[("TRAILHOUND_QUARANTINE", folder.to_str().unwrap())]);
    assert_eq!(poison(&cloud, "kept-in-folder", &mut function).await, (failed([]), 3));
    let files = fs::read_dir(&folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    let notes: Vec<Value> = files.map(|file| serde_json::from_slice(&file).unwrap()).collect();
    assert_eq!(about(&notes), expected());
}

#[tokio::test]
async fn records_that_came_along_are_kept_themselves() {
    let cloud = Cloud::new("kept-inline").await;
    let mut function = cloud.function_with(&[("TRAILHOUND_QUARANTINE", "s3://kept-inline/notes")]);
    let packed = one_broken();
    assert_eq!(function.invoke(&log_subscription(&packed)), Reply::Response(Value::Null));
    let kept = cloud.objects("notes/").await;
    let note: Value = serde_json::from_slice(&kept[0].1).unwrap();
    assert_eq!(note["origin"], "CloudWatch Logs");
    let content = log_subscription(&packed)["awslogs"]["data"].take();
    assert_eq!((kept.len(), &note["content"]), (1, &content));
}

#[tokio::test]
async fn what_cannot_be_kept_comes_again() {
    let cloud = Cloud::new("not-kept").await;
    let mut function = cloud.function_with(&[("TRAILHOUND_QUARANTINE", "s3://no-such-bucket-for-notes/x")]);
    cloud.put(&key("bad"), truncated_object("e0")).await;
    assert_eq!(function.invoke(&batch_of_one("not-kept", &key("bad"))), failed(["m1"]));
    assert_eq!(cloud.notifications().await.len(), 1);
    let line = function.log_line("delivery");
    assert!(line["why"].as_str().unwrap().starts_with("the quarantine refused the entry"), "{line}");
}
