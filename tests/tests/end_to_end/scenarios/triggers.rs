//! Everything that AWS may hand to the function notifies, and is answered in the form of its sender.

use std::slice;

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::events::{
    batch, envelope, invocation_by_topic, job, log_subscription, logged, object_created, on_the_bus, record_on_the_bus,
    s3_test, stream, told_by_trail,
};
use crate::logs::{harmless, key, object, trail_stopped, truncated_object};
use crate::servers::runtime_api::Reply;

/// The answer to a batch of which these failed.
fn failed<const N: usize>(identifiers: [&str; N]) -> Reply {
    let items = identifiers.map(|id| json!({"itemIdentifier": id})).to_vec();
    Reply::Response(json!({"batchItemFailures": items}))
}

fn nothing() -> Reply {
    Reply::Response(Value::Null)
}

/// Name, the event made of a key and of S3's notification about it, and the answer.
type Announcement = (&'static str, fn(&str, &str) -> Value, Reply);

/// Name, the event made of a record, and the answer.
type Inline = (&'static str, fn(&Value) -> Value, Reply);

/// The event identifiers that were told of.
async fn told(cloud: &Cloud) -> Vec<String> {
    let of = |notification: &Value| {
        let text = notification["Message"].as_str().unwrap();
        let id = text.split_whitespace().find(|word| word.starts_with("event-")).unwrap_or_else(|| panic!("{text}"));
        id.to_owned()
    };
    cloud.notifications().await.iter().map(of).collect()
}

#[tokio::test]
async fn every_announcement_of_an_object_notifies() {
    let cloud = Cloud::new("announcements").await;
    let mut function = cloud.function();
    let bucket = "announcements";
    let created = |key: &str| object_created(bucket, key).to_string();
    let cases: [Announcement; 9] = [
        ("s3", |_, message| message.parse().unwrap(), nothing()),
        ("topic", |_, message| invocation_by_topic(message), nothing()),
        ("queue", |_, message| batch([("m", message.to_owned())]), failed([])),
        ("topic-queue", |_, message| batch([("m", envelope(message).to_string())]), failed([])),
        ("trail", |key, _| invocation_by_topic(&told_by_trail("announcements", &[key]).to_string()), nothing()),
        ("trail-queue", |key, _| batch([("m", told_by_trail("announcements", &[key]).to_string())]), failed([])),
        ("bus", |key, _| on_the_bus("announcements", key), nothing()),
        ("bus-queue", |key, _| batch([("m", on_the_bus("announcements", key).to_string())]), failed([])),
        ("stream", |key, _| stream(&[on_the_bus("announcements", key).to_string().as_bytes()]), failed([])),
    ];
    for (name, event, expected) in cases {
        let (key, event_id) = (key(name), format!("event-{name}"));
        cloud.put(&key, object(&[harmless("e"), trail_stopped(&event_id)])).await;
        assert_eq!(function.invoke(&event(&key, &created(&key))), expected, "{name}");
        assert_eq!(told(&cloud).await, [event_id], "{name}");
    }
}

#[tokio::test]
async fn records_that_come_along_notify() {
    let cloud = Cloud::new("inline").await;
    let mut function = cloud.function();
    let counts = json!({"records": 1, "matched": 1, "unmatched": 0, "refused": 0});
    let alerts = json!({
        "sent": 1, "grouped": 0, "digested": 0, "duplicate": 0, "held": 0, "unrouted": 0, "below_level": 0, "failed": 0
    });
    let summary = Reply::Response(json!({"records": counts, "alerts": alerts}));
    let cases: [Inline; 7] = [
        ("bus", record_on_the_bus, nothing()),
        ("bus-queue", |record| batch([("m", record_on_the_bus(record).to_string())]), failed([])),
        ("logs", |record| log_subscription(&logged(slice::from_ref(record))), nothing()),
        ("logs-stream", |record| stream(&[&logged(slice::from_ref(record))]), failed([])),
        ("stream", |record| stream(&[record.to_string().as_bytes()]), failed([])),
        ("document", |record| json!({"Records": [record]}), summary.clone()),
        ("record", Value::clone, summary),
    ];
    for (name, event, expected) in cases {
        let event_id = format!("event-{name}");
        let event = event(&trail_stopped(&event_id));
        assert_eq!(function.invoke(&event), expected, "{name}");
        assert_eq!(told(&cloud).await, [event_id], "{name}");
    }
}

#[tokio::test]
async fn the_fast_way_and_the_complete_way_notify_once() {
    let cloud = Cloud::new("two-ways").await;
    let mut function = cloud.function();
    let record = trail_stopped("event-once");
    cloud.put(&key("a"), object(slice::from_ref(&record))).await;
    assert_eq!(function.invoke(&record_on_the_bus(&record)), nothing());
    assert_eq!(function.invoke(&object_created("two-ways", &key("a"))), nothing());
    assert_eq!(function.invoke(&log_subscription(&logged(&[record]))), nothing());
    assert_eq!(told(&cloud).await, ["event-once"]);
}

#[tokio::test]
async fn s3_may_announce_objects_through_a_topic() {
    for (name, raw) in [("through-topic", false), ("through-topic-raw", true)] {
        let cloud = Cloud::new(name).await;
        let queue = cloud.announce_objects_through_a_topic(raw).await;
        let mut function = cloud.function();
        cloud.put(&key("a"), object(&[trail_stopped("event-a")])).await;
        let messages = cloud.take_messages(&queue).await;
        assert!(!messages.is_empty(), "S3 announced nothing");
        let event = batch(messages.iter().map(|(id, body)| (id.as_str(), body.clone())));
        assert_eq!(function.invoke(&event), failed([]));
        assert_eq!(told(&cloud).await, ["event-a"]);
    }
}

#[tokio::test]
async fn keys_that_may_be_encoded_are_found_either_way() {
    let cloud = Cloud::new("either-way").await;
    let mut function = cloud.function();
    let plain = format!("a+b %41/{}", key("plain"));
    cloud.put(&plain, object(&[trail_stopped("event-plain")])).await;
    assert_eq!(function.invoke(&on_the_bus("either-way", &plain)), nothing());
    assert_eq!(told(&cloud).await, ["event-plain"]);

    let encoded = format!("a+b%2Bc/{}", key("encoded"));
    cloud.put(&format!("a b+c/{}", key("encoded")), object(&[trail_stopped("event-encoded")])).await;
    assert_eq!(function.invoke(&on_the_bus("either-way", &encoded)), nothing());
    assert_eq!(told(&cloud).await, ["event-encoded"]);
}

#[tokio::test]
async fn nobody_hides_from_the_event_bus_behind_odd_text() {
    let cloud = Cloud::new("odd-text").await;
    let mut function = cloud.function();
    let event = record_on_the_bus(&trail_stopped("event-odd")).to_string();
    // Half a character and a number that no double holds; each is an error to most parsers.
    let event =
        event.replace("aws-cli/2.0", r"\ud800").replace("\"responseElements\":null", "\"responseElements\":1e999");
    assert!(event.contains(r"\ud800") && event.contains("1e999"), "{event}");
    assert_eq!(function.invoke_with_text(event), nothing());
    assert_eq!(told(&cloud).await, ["event-odd"]);
}

#[tokio::test]
async fn a_stream_goes_on_behind_what_is_done() {
    let cloud = Cloud::new("stream").await;
    let mut function = cloud.function();
    let (one, two) = (logged(&[trail_stopped("event-1")]), logged(&[trail_stopped("event-2")]));
    assert_eq!(function.invoke(&stream(&[&one, b"no log", &two])), failed(["2"]));
    let mut told_of = told(&cloud).await;
    told_of.sort();
    assert_eq!(told_of, ["event-1", "event-2"]);
    // What Lambda hands over next begins with the record that failed.
    assert_eq!(function.invoke(&stream(&[&two])), failed([]));
    assert_eq!(told(&cloud).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_ordered_queue_gets_all_back_from_the_first_failure_on() {
    let cloud = Cloud::new("ordered").await;
    let mut function = cloud.function();
    for name in ["one", "three"] {
        cloud.put(&key(name), object(&[trail_stopped(&format!("event-{name}"))])).await;
    }
    cloud.put(&key("two"), truncated_object("event-two")).await;
    let messages = ["one", "two", "three"].map(|name| (name, object_created("ordered", &key(name)).to_string()));
    let mut event = batch(messages);
    for record in event["Records"].as_array_mut().unwrap() {
        record["eventSourceARN"] = json!("arn:aws:sqs:eu-west-1:111122223333:logs.fifo");
    }
    assert_eq!(function.invoke(&event), failed(["two", "three"]));
    assert_eq!(told(&cloud).await, ["event-one", "event-two"]);
}

#[tokio::test]
async fn a_job_gets_the_result_of_every_object() {
    let cloud = Cloud::new("backfill").await;
    let mut function = cloud.function();
    let digest = "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/05/01/d.json.gz";
    let (good, damaged, gone) = (format!("my logs/a+b/{}", key("good")), key("damaged"), key("gone"));
    cloud.put(&good, object(&[harmless("e0"), trail_stopped("event-good")])).await;
    cloud.put(&damaged, truncated_object("event-damaged")).await;
    let Reply::Response(answer) = function.invoke(&job("backfill", &[&good, digest, &damaged, &gone])) else {
        panic!("an error")
    };
    assert_eq!(
        (&answer["invocationSchemaVersion"], &answer["invocationId"], &answer["treatMissingKeysAs"]),
        (&json!("1.0"), &json!("YXNkZg"), &json!("TemporaryFailure"))
    );
    let results: Vec<[&str; 3]> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| ["taskId", "resultCode", "resultString"].map(|name| result[name].as_str().unwrap()))
        .collect();
    let [[_, _, damage]] = results[2..3] else { panic!("{results:?}") };
    assert!(damage.starts_with("the object is damaged: the gzip data end too early"), "{damage}");
    assert_eq!(
        results,
        [
            [&good, "Succeeded", "2 records: 1 matched, 0 refused; alerts: 1 sent, 0 sent before"],
            [digest, "Succeeded", "ignored: a digest, which holds no records"],
            [&damaged, "PermanentFailure", damage],
            [&gone, "PermanentFailure", "the object does not exist"],
        ]
    );
    let mut told_of = told(&cloud).await;
    told_of.sort();
    assert_eq!(told_of, ["event-damaged", "event-good"]);
}

#[tokio::test]
async fn an_object_of_every_family_is_handled_or_named() {
    let cloud = Cloud::new("families").await;
    let mut function = cloud.function();
    let folder = |family: &str| format!("AWSLogs/111122223333/{family}/eu-west-1/2026/05/01");
    let insight = json!({"eventVersion": "1.07", "eventType": "AwsCloudTrailInsight", "eventCategory": "Insight"});
    let cases = [
        (folder("CloudTrail"), "a.json.gz", "done", "", 1),
        (folder("CloudTrail-Insight"), "a.json.gz", "done", "", 1),
        (folder("CloudTrail-NetworkActivity"), "a.json.gz", "done", "", 1),
        (folder("CloudTrail-Aggregated"), "a.json.gz", "ignored", "aggregated data events, which no rule reads", 0),
        (folder("CloudTrail-Digest"), "a.json.gz", "ignored", "a digest, which holds no records", 0),
        (
            folder("CloudTrail-Digest"),
            "111122223333_CloudTrail-Digest_eu-west-1_main_eu-west-1_20260501T100500Z_backfill.json.gz",
            "ignored",
            "a digest, which holds no records",
            0,
        ),
        (folder("CloudTrail"), "", "ignored", "a folder marker", 0),
        (folder("vpcflowlogs"), "a.log.gz", "ignored", "no object of CloudTrail records", 0),
    ];
    for (count, (folder, name, status, why, records)) in (1..).zip(cases) {
        let key = format!("{folder}/{name}");
        cloud.put(&key, object(slice::from_ref(&insight))).await;
        assert_eq!(function.invoke(&batch([("m", object_created("families", &key).to_string())])), failed([]));
        let line = function.log_lines("delivery", count).pop().unwrap();
        assert_eq!((&line["key"], &line["status"], &line["why"]), (&json!(key), &json!(status), &json!(why)));
        assert_eq!(line["records"], json!(records), "{line}");
    }
}

#[tokio::test]
async fn tests_and_confirmations_of_all_ways_succeed() {
    let cloud = Cloud::new("tests").await;
    let mut function = cloud.function();
    let test = s3_test("tests").to_string();
    let trail = "CloudTrail validation message.";
    for event in [s3_test("tests"), invocation_by_topic(&test), invocation_by_topic(trail)] {
        assert_eq!(function.invoke(&event), nothing());
    }
    let in_queues = [test.clone(), trail.to_owned(), envelope(&test).to_string(), envelope(trail).to_string()];
    for body in in_queues {
        assert_eq!(function.invoke(&batch([("m", body)])), failed([]));
    }
    let probe = json!({"messageType": "CONTROL_MESSAGE", "owner": "CloudwatchLogs", "logEvents": [
        {"id": "", "timestamp": 1, "message": "CWL CONTROL MESSAGE: Checking health of destination."}]});
    let probe = crate::logs::gzip(probe.to_string().as_bytes());
    assert_eq!(function.invoke(&log_subscription(&probe)), nothing());
    assert_eq!(function.invoke(&stream(&[&probe])), failed([]));
    assert_eq!(told(&cloud).await, Vec::<String>::new());
}
