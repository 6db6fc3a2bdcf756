//! What the function tells CloudWatch about itself.

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::events::{batch, object_created};
use crate::logs::{ACCESS_KEY, buckets_listed, harmless, key, object, trail_stopped, truncated_object};
use crate::servers::runtime_api::TRACE_ID;

/// The values of these metrics in a line.
fn values<const N: usize>(line: &Value, names: [&str; N]) -> [Value; N] {
    names.map(|name| line[name].clone())
}

#[tokio::test]
async fn every_invocation_is_counted_on_standard_output() {
    let cloud = Cloud::new("counted").await;
    let mut function = cloud.function();
    cloud.put(&key("a"), object(&[harmless("e1"), trail_stopped("e2"), buckets_listed("e3")])).await;
    cloud.put(&key("b"), truncated_object("e4")).await;
    let messages = ["a", "b", "gone"].map(|name| (name, object_created("counted", &key(name)).to_string()));
    let event = batch(messages.into_iter().chain([("nonsense", "{}".to_owned())]));
    function.invoke(&event);
    function.invoke(&event);

    let lines = function.metrics(4);
    assert_eq!(lines.len(), 4, "one line an invocation, and one for the account and region: {lines:?}");
    let directive = json!({"Namespace": "Trailhound", "Dimensions": [["FunctionName"]]});
    for (name, value) in directive.as_object().unwrap() {
        assert_eq!(&lines[0]["_aws"]["CloudWatchMetrics"][0][name], value);
    }
    assert_eq!(values(&lines[0], ["FunctionName", "requestId", "traceId"]), ["trailhound", "request-1", TRACE_ID]);
    let counts = ["Objects", "ObjectsMissing", "ObjectsFailed", "EventsRefused", "RecordsRefused", "ColdStarts"];
    assert_eq!(values(&lines[0], counts), [3, 1, 1, 1, 1, 1]);
    assert_eq!(values(&lines[2], counts), [3, 1, 1, 1, 1, 0]);
    let alerts = ["MatchesHigh", "MatchesLow", "AlertsSent", "AlertsDuplicate", "AlertsBelowLevel"];
    assert_eq!(values(&lines[0], alerts), [2, 1, 2, 0, 1]);
    assert_eq!(values(&lines[2], alerts), [2, 1, 0, 2, 1]);
    assert_eq!(lines[0]["FetchTime"].as_array().unwrap().len(), 3, "{}", lines[0]);
    assert!(lines[0]["RecordLateness"].as_array().unwrap().len() <= 100, "{}", lines[0]);
    assert_eq!(values(&lines[1], ["AccountId", "Region"]), ["111122223333", "eu-west-1"]);
    assert!(lines[1]["NewestRecordAge"].is_u64(), "{}", lines[1]);
    for line in lines {
        let text = line.to_string();
        assert!(!text.contains(ACCESS_KEY) && !text.contains("alice"), "a record in the metrics: {text}");
    }
}

#[tokio::test]
async fn metrics_can_be_renamed_and_turned_off() {
    let cloud = Cloud::new("renamed").await;
    cloud.put(&key("a"), object(&[harmless("e1")])).await;
    let event = batch([("m", object_created("renamed", &key("a")).to_string())]);
    let renamed = [("TRAILHOUND_METRICS_NAMESPACE", "Security/Trails"), ("TRAILHOUND_METRICS_PLACES", "0")];
    let mut function = cloud.function_with(&renamed);
    function.invoke(&event);
    function.invoke(&event);
    let lines = function.metrics(2);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["_aws"]["CloudWatchMetrics"][0]["Namespace"], "Security/Trails");

    let mut function = cloud.function_with(&[("TRAILHOUND_METRICS", "off")]);
    function.invoke(&event);
    // The line of the second invocation's object comes after all that the first one wrote.
    function.invoke(&event);
    function.log_lines("delivery", 2);
    assert_eq!(function.metrics(0), Vec::<Value>::new());
}
