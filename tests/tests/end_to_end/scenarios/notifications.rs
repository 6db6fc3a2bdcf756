//! From a log object to a notification, once.

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::events::{batch, batch_of_one, object_created, s3_test};
use crate::logs::{ACCESS_KEY, buckets_listed, harmless, key, object, trail_stopped};
use crate::servers::runtime_api::{Reply, TRACE_ID};

/// The answer to a batch of which nothing failed.
fn all_done() -> Reply {
    Reply::Response(json!({"batchItemFailures": []}))
}

fn texts(notifications: &[Value]) -> Vec<&str> {
    notifications.iter().map(|notification| notification["Message"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_object_that_s3_announces_through_a_queue_notifies() {
    let cloud = Cloud::new("announced").await;
    let queue = cloud.announce_objects().await;
    let mut function = cloud.function();
    cloud.put(&key("a"), object(&[harmless("e1"), trail_stopped("e2"), buckets_listed("e3")])).await;

    let messages = cloud.take_messages(&queue).await;
    assert!(!messages.is_empty(), "S3 announced nothing");
    let event = batch(messages.iter().map(|(id, body)| (id.as_str(), body.clone())));
    assert_eq!(function.invoke(&event), all_done());

    let notifications = cloud.notifications().await;
    let [notification] = notifications.as_slice() else { panic!("not one notification: {notifications:?}") };
    assert_eq!(notification["Subject"], "[HIGH] Trail stopped: alice-e2 in 111122223333/eu-west-1");
    let text = notification["Message"].as_str().unwrap();
    for part in ["Trail stopped", "StopLogging", "alice", "192.0.2.10", "111122223333", "eu-west-1", "e2"] {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
    let attributes = &notification["MessageAttributes"];
    assert_eq!(attributes["level"], json!({"Type": "String", "Value": "high"}));
    assert_eq!(attributes["level_rank"], json!({"Type": "Number", "Value": "4"}));
    assert_eq!(attributes["account_id"], json!({"Type": "String", "Value": "111122223333"}));
}

#[tokio::test]
async fn the_log_names_request_object_and_counts_and_no_record() {
    let cloud = Cloud::new("logged").await;
    let mut function = cloud.function();
    cloud.put(&key("a"), object(&[harmless("e1"), trail_stopped("e2"), buckets_listed("e3")])).await;
    assert_eq!(function.invoke(&batch_of_one("logged", &key("a"))), all_done());

    let line = function.log_line("delivery");
    assert_eq!(line["span"]["request_id"], "request-1", "{line}");
    assert_eq!(line["span"]["trace_id"], TRACE_ID, "{line}");
    for stage in ["fetch_ms", "inspect_ms", "notify_ms"] {
        assert!(line[stage].as_f64().is_some_and(|duration| duration > 0.0), "{stage}: {line}");
    }
    assert_eq!((&line["level"], &line["bucket"], &line["key"]), (&json!("INFO"), &json!("logged"), &json!(key("a"))));
    let counts = ["records", "matched", "sent", "below_level", "failed"].map(|name| line[name].as_u64().unwrap());
    assert_eq!(counts, [3, 2, 1, 1, 0], "{line}");
    for line in function.log() {
        let text = line.to_string();
        assert!(!text.contains(ACCESS_KEY) && !text.contains("alice"), "a record in the log: {text}");
    }
}

#[tokio::test]
async fn a_redelivered_event_notifies_once() {
    let cloud = Cloud::new("redelivered").await;
    let mut function = cloud.function();
    cloud.put(&key("a"), object(&[trail_stopped("e1")])).await;
    for _ in 0..3 {
        assert_eq!(function.invoke(&batch_of_one("redelivered", &key("a"))), all_done());
    }
    assert_eq!(cloud.notifications().await.len(), 1);
}

#[tokio::test]
async fn the_same_record_in_two_objects_notifies_once() {
    let cloud = Cloud::new("second-trail").await;
    let mut function = cloud.function();
    cloud.put(&key("a"), object(&[trail_stopped("e1")])).await;
    cloud.put(&key("b"), object(&[harmless("e0"), trail_stopped("e1"), trail_stopped("e2")])).await;
    let messages = ["a", "b"].map(|name| (name, object_created("second-trail", &key(name)).to_string()));
    assert_eq!(function.invoke(&batch(messages)), all_done());
    assert_eq!(cloud.notifications().await.len(), 2);
}

#[tokio::test]
async fn s3_may_invoke_the_function_itself() {
    let cloud = Cloud::new("direct").await;
    let mut function = cloud.function();
    cloud.put(&key("a"), object(&[trail_stopped("e1")])).await;
    assert_eq!(function.invoke(&object_created("direct", &key("a"))), Reply::Response(Value::Null));
    assert_eq!(cloud.notifications().await.len(), 1);
}

#[tokio::test]
async fn keys_with_plus_equals_and_blank_are_found() {
    let cloud = Cloud::new("odd-keys").await;
    let mut function = cloud.function();
    let odd = format!("my logs/a+b=c/{}", key("ü"));
    cloud.put(&odd, object(&[trail_stopped("e1")])).await;
    let event = object_created("odd-keys", &odd);
    let on_the_wire = event["Records"][0]["s3"]["object"]["key"].as_str().unwrap();
    assert!(on_the_wire.starts_with("my+logs/a%2Bb%3Dc/"), "{on_the_wire}");
    assert_eq!(function.invoke(&batch([("m1", event.to_string())])), all_done());
    assert_eq!(cloud.notifications().await.len(), 1);
}

#[tokio::test]
async fn test_events_succeed_and_notify_nobody() {
    let cloud = Cloud::new("probed").await;
    let mut function = cloud.function();
    let confirmation = json!({"Type": "SubscriptionConfirmation", "Token": "t", "Message": "m"});
    let messages = [("m1", s3_test("probed").to_string()), ("m2", confirmation.to_string())];
    assert_eq!(function.invoke(&batch(messages)), all_done());
    assert_eq!(function.invoke(&s3_test("probed")), Reply::Response(Value::Null));
    assert_eq!(texts(&cloud.notifications().await), Vec::<&str>::new());
}

#[tokio::test]
async fn objects_that_hold_no_records_are_ignored() {
    let cloud = Cloud::new("ignored").await;
    let mut function = cloud.function();
    let digest = "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/05/01/\
                  111122223333_CloudTrail-Digest_eu-west-1_main_eu-west-1_20260501T100500Z.json.gz";
    let messages = [digest, "AWSLogs/", "report.pdf"].map(|key| ("m", object_created("ignored", key).to_string()));
    assert_eq!(function.invoke(&batch(messages)), all_done());
}
