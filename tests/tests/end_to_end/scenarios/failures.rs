//! What fails is delivered again, nothing else is, and nothing is told twice.

use std::time::Duration;

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::events::{batch, batch_of_one, object_created};
use crate::logs::{gzip, key, object, trail_stopped, truncated_object};
use crate::servers::faulty_proxy::{Fault, FaultyProxy, first};
use crate::servers::runtime_api::Reply;

/// The answer to a batch of which these messages failed.
fn failed<const N: usize>(messages: [&str; N]) -> Reply {
    let items = messages.map(|id| json!({"itemIdentifier": id})).to_vec();
    Reply::Response(json!({"batchItemFailures": items}))
}

fn error_of(reply: Reply) -> (String, String) {
    let Reply::Error(error) = reply else { panic!("no error: {reply:?}") };
    let text = |name: &str| error[name].as_str().unwrap().to_owned();
    (text("errorType"), text("errorMessage"))
}

fn event_ids(notifications: &[Value], candidates: &[&str]) -> Vec<String> {
    let told = |id: &&&str| notifications.iter().any(|told| told["Message"].as_str().unwrap().contains(**id));
    candidates.iter().filter(told).map(|id| (*id).to_owned()).collect()
}

#[tokio::test]
async fn a_truncated_object_fails_its_own_message_and_its_good_records_notify() {
    let cloud = Cloud::new("truncated").await;
    let mut function = cloud.function();
    cloud.put(&key("bad"), truncated_object("in-the-bad-one")).await;
    cloud.put(&key("good"), object(&[trail_stopped("in-the-good-one")])).await;
    let messages = ["bad", "good"].map(|name| (name, object_created("truncated", &key(name)).to_string()));
    assert_eq!(function.invoke(&batch(messages)), failed(["bad"]));

    let notifications = cloud.notifications().await;
    assert_eq!(notifications.len(), 2);
    let told = event_ids(&notifications, &["in-the-bad-one", "in-the-good-one"]);
    assert_eq!(told, ["in-the-bad-one", "in-the-good-one"]);

    assert_eq!(function.invoke(&batch_of_one("truncated", &key("bad"))), failed(["m1"]));
    assert_eq!(cloud.notifications().await.len(), 0, "told again");
}

#[tokio::test]
async fn a_huge_object_fails_its_own_message_and_not_the_function() {
    let cloud = Cloud::new("huge").await;
    let mut function = cloud.function();
    // A quarter of a gigabyte in a quarter of a megabyte.
    cloud.put(&key("bomb"), gzip(&vec![b' '; 256 << 20])).await;
    cloud.put(&key("good"), object(&[trail_stopped("e1")])).await;
    let messages = ["bomb", "good"].map(|name| (name, object_created("huge", &key(name)).to_string()));
    assert_eq!(function.invoke(&batch(messages)), failed(["bomb"]));
    assert_eq!(cloud.notifications().await.len(), 1);
}

#[tokio::test]
async fn an_object_that_is_gone_holds_nothing_up() {
    let cloud = Cloud::new("gone").await;
    let mut function = cloud.function();
    assert_eq!(function.invoke(&batch_of_one("gone", &key("a"))), failed([]));
    assert_eq!(function.log_line("delivery")["object"], "Missing");
}

#[tokio::test]
async fn a_bucket_that_is_not_there_fails_the_message() {
    let cloud = Cloud::new("no-bucket").await;
    let mut function = cloud.function();
    assert_eq!(function.invoke(&batch_of_one("no-such-bucket", &key("a"))), failed(["m1"]));
}

#[tokio::test]
async fn an_alert_that_sns_refuses_is_told_once_after_the_repair() {
    let cloud = Cloud::without_topic("repaired").await;
    let mut function = cloud.function();
    cloud.put(&key("a"), object(&[trail_stopped("e1")])).await;
    for _ in 0..2 {
        assert_eq!(function.invoke(&batch_of_one("repaired", &key("a"))), failed(["m1"]));
    }

    cloud.create_topic().await;
    for _ in 0..2 {
        assert_eq!(function.invoke(&batch_of_one("repaired", &key("a"))), failed([]));
    }
    assert_eq!(cloud.notifications().await.len(), 1);
}

#[tokio::test]
async fn without_a_queue_a_failure_is_an_error_that_names_the_cause() {
    let cloud = Cloud::without_topic("direct-failure").await;
    let mut function = cloud.function();
    cloud.put(&key("a"), object(&[trail_stopped("e1")])).await;
    let (kind, message) = error_of(function.invoke(&object_created("direct-failure", &key("a"))));
    assert_eq!(kind, "ObjectsFailed");
    assert!(message.starts_with("1 of 1 objects failed; the first: ") && message.contains("NotFound"), "{message}");
}

#[tokio::test]
async fn what_is_not_understood_is_never_acknowledged() {
    let cloud = Cloud::new("not-understood").await;
    let mut function = cloud.function();
    let foreign = json!({"source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification", "detail": {}});
    let (kind, message) = error_of(function.invoke(&foreign));
    assert_eq!(kind, "UnusableEvent");
    assert!(message.starts_with("the event has no known shape"), "{message}");

    let messages = [("m1", foreign.to_string()), ("m2", "{".to_owned()), ("m3", "{}".to_owned())];
    assert_eq!(function.invoke(&batch(messages)), failed(["m1", "m2", "m3"]));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_fetched_again_and_the_log_says_so() {
    let cloud = Cloud::new("broken-off").await;
    let proxy = FaultyProxy::start(first(1, Fault::BrokenOff, |call| call.operation.contains("broken")));
    let mut function = cloud.function_with(&[("AWS_ENDPOINT_URL_S3", &proxy.address())]);
    cloud.put(&key("broken"), object(&[trail_stopped("e1")])).await;
    assert_eq!(function.invoke(&batch_of_one("broken-off", &key("broken"))), failed([]));
    assert_eq!(cloud.notifications().await.len(), 1);
    let line = function.log_line("object broke off, fetching it again");
    assert_eq!((&line["level"], &line["key"], &line["attempt"]), (&json!("WARN"), &json!(key("broken")), &json!(1)));
    assert_eq!(line["span"]["request_id"], "request-1");
}

#[tokio::test]
async fn an_object_that_does_not_come_is_given_up_alone() {
    let cloud = Cloud::new("silent").await;
    let proxy = FaultyProxy::start(first(usize::MAX, Fault::Silence, |call| call.operation.contains("slow")));
    let mut function = cloud.function_with(&[("AWS_ENDPOINT_URL_S3", &proxy.address())]);
    for name in ["slow", "good"] {
        cloud.put(&key(name), object(&[trail_stopped(&format!("e-{name}"))])).await;
    }
    let messages = ["slow", "good"].map(|name| (name, object_created("silent", &key(name)).to_string()));
    // Enough to begin with, and not enough for the patience of the client.
    assert_eq!(function.invoke_within(&batch(messages), Duration::from_secs(6)), failed(["slow"]));
    let notifications = cloud.notifications().await;
    assert_eq!(event_ids(&notifications, &["e-slow", "e-good"]), ["e-good"]);
    let line = function.log_line("given up, for the time of this invocation ends");
    assert_eq!((&line["level"], &line["key"]), (&json!("ERROR"), &json!(key("slow"))));
    assert_eq!(function.metrics(1)[0]["OutOfTime"], 1);
}

#[tokio::test]
async fn without_time_messages_go_back_to_the_queue() {
    let cloud = Cloud::new("out-of-time").await;
    let mut function = cloud.function();
    cloud.put(&key("a"), object(&[trail_stopped("e1")])).await;
    let event = batch_of_one("out-of-time", &key("a"));
    assert_eq!(function.invoke_within(&event, Duration::from_secs(1)), failed(["m1"]));
    assert_eq!(cloud.notifications().await.len(), 0);
    assert_eq!(function.invoke(&event), failed([]));
    assert_eq!(cloud.notifications().await.len(), 1);
}
