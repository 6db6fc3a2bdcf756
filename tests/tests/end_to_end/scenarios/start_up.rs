//! What the function says when it cannot start, and when it starts all the same.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::cloud::Cloud;
use crate::events::batch_of_one;
use crate::logs::{key, object, trail_stopped};
use crate::servers::bootstrap::Function;
use crate::servers::moto;
use crate::servers::runtime_api::Reply;

const TOPIC: (&str, &str) = ("TRAILHOUND_TOPIC_ARN", "arn:aws:sns:eu-west-1:123456789012:alerts");

/// Type and message of the error with which the function gives up.
fn start_error(settings: &[(&str, &str)]) -> (String, String) {
    let mut function = Function::start(settings);
    let (reply, status) = function.start_error();
    assert!(!status.success());
    let Reply::InitError(error) = reply else { panic!("no start-up error: {reply:?}") };
    let line = function.log_line("the function cannot start");
    assert_eq!(line["error"], error["errorMessage"]);
    (error["errorType"].as_str().unwrap().to_owned(), error["errorMessage"].as_str().unwrap().to_owned())
}

/// A folder that is empty at the start of the test.
fn folder(name: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder.to_str().unwrap().to_owned()
}

#[test]
fn wrong_settings_are_all_told_at_once() {
    let (kind, message) = start_error(&[("TRAILHOUND_MIN_LEVEL", "urgent"), ("TRAILHOUND_MAX_OBJECT_BYTES", "many")]);
    assert_eq!(kind, "WrongSettings");
    for variable in ["TRAILHOUND_TOPIC_ARN", "TRAILHOUND_MIN_LEVEL", "TRAILHOUND_MAX_OBJECT_BYTES"] {
        assert!(message.contains(variable), "{message}");
    }
}

#[test]
fn a_topic_that_is_no_arn_is_refused() {
    let (_, message) = start_error(&[("TRAILHOUND_TOPIC_ARN", "alerts")]);
    assert_eq!(
        message,
        "TRAILHOUND_TOPIC_ARN:1: `alerts` is no ARN (write it like `arn:aws:sns:eu-west-1:111122223333:alerts`)"
    );
}

#[test]
fn a_folder_without_rules_is_refused() {
    let (kind, message) = start_error(&[TOPIC, ("TRAILHOUND_RULES", &folder("no-rules"))]);
    assert_eq!(kind, "NoRules");
    assert!(message.contains(" cannot be used: no rule can be loaded"), "{message}");
}

#[test]
fn a_folder_that_is_not_there_is_refused() {
    let (kind, message) = start_error(&[TOPIC, ("TRAILHOUND_RULES", "no-such-folder")]);
    assert_eq!(kind, "NoRules");
    assert!(message.contains("cannot read rules from `no-such-folder`: "), "{message}");
}

#[tokio::test]
async fn one_broken_rule_is_reported_and_the_others_watch_on() {
    let cloud = Cloud::new("broken-rule").await;
    let rules = folder("broken-rule");
    let good = include_str!("../rules/trail-stopped.yml");
    fs::write(Path::new(&rules).join("good.yml"), good).unwrap();
    fs::write(Path::new(&rules).join("broken.yml"), "title: Broken\nlogsource: {product: aws}\n").unwrap();

    let mut function = Function::start(&[("TRAILHOUND_TOPIC_ARN", &cloud.topic_arn()), ("TRAILHOUND_RULES", &rules)]);
    cloud.put(&key("a"), object(&[trail_stopped("e1")])).await;
    assert!(matches!(function.invoke(&batch_of_one("broken-rule", &key("a"))), Reply::Response(_)));
    assert_eq!(cloud.notifications().await.len(), 1);

    let log = function.log();
    let report = log.iter().find(|line| line["level"] == "ERROR").expect("an error line about the broken rule");
    assert!(report["file"].as_str().unwrap().ends_with("broken.yml"), "{report}");
    assert!(report["message"].as_str().unwrap().starts_with("rule not loaded: "), "{report}");
}

#[test]
fn a_wrong_configuration_file_is_refused_with_its_place() {
    let file = Path::new(&folder("wrong-configuration")).join("trailhound.yml");
    fs::write(&file, "topics: {mail: arn:aws:sns:eu-west-1:123456789012:mail}\nroutes: [{to: mial}]\n").unwrap();
    let file = file.to_str().unwrap();
    let (kind, message) = start_error(&[("TRAILHOUND_CONFIG", file)]);
    assert_eq!(kind, "WrongSettings");
    assert_eq!(message, format!("{file}:2: there is no topic `mial` (did you mean `mail`?)"));
    let (_, message) = start_error(&[("TRAILHOUND_CONFIG", "no-such-file.yml")]);
    assert!(message.contains("`no-such-file.yml`, which cannot be read"), "{message}");
}

#[tokio::test]
async fn configuration_and_rules_come_from_s3() {
    let cloud = Cloud::new("configured").await;
    let rules = include_str!("../rules/trail-stopped.yml").replace("Trail stopped", "Trail stopped, says S3");
    let pin = "0".repeat(64);
    let configuration = format!(
        "topics: {{data: {{arn: {}, format: json}}}}\naccounts: {{'111122223333': production}}\n\
         rules: {{from: 's3://configured/rules.yml', sha256: {pin}}}\n",
        cloud.topic_arn()
    );
    cloud.put("rules.yml", rules.clone().into_bytes()).await;
    cloud.put("trailhound.yml", configuration.clone().into_bytes()).await;
    let settings = [("TRAILHOUND_CONFIG", "s3://configured/trailhound.yml")];
    let (kind, message) = start_error(&settings);
    assert_eq!(kind, "NoRules");
    let found = message.split("its SHA-256 is ").nth(1).and_then(|rest| rest.get(..64)).unwrap().to_owned();

    cloud.put("trailhound.yml", configuration.replace(&pin, &found).into_bytes()).await;
    let mut function = Function::start(&settings);
    cloud.put(&key("a"), object(&[trail_stopped("e1")])).await;
    assert!(matches!(function.invoke(&batch_of_one("configured", &key("a"))), Reply::Response(_)));
    let notifications = cloud.notifications().await;
    let [notification] = notifications.as_slice() else { panic!("not one notification: {notifications:?}") };
    let alert: serde_json::Value = serde_json::from_str(notification["Message"].as_str().unwrap()).unwrap();
    assert_eq!((&alert["title"], &alert["account"]["name"]), (&json!("Trail stopped, says S3"), &json!("production")));
}

#[tokio::test]
async fn endpoints_can_be_given_for_each_service() {
    let cloud = Cloud::new("endpoints").await;
    // A name, for which buckets would become part of the host if that were not prevented.
    let endpoint = moto::address().replace("127.0.0.1", "localhost");
    let mut function = Function::start(&[
        ("TRAILHOUND_TOPIC_ARN", &cloud.topic_arn()),
        ("AWS_ENDPOINT_URL", ""),
        ("AWS_ENDPOINT_URL_S3", &endpoint),
        ("AWS_ENDPOINT_URL_SNS", &endpoint),
    ]);
    cloud.put(&key("a"), object(&[trail_stopped("e1")])).await;
    assert_eq!(
        function.invoke(&batch_of_one("endpoints", &key("a"))),
        Reply::Response(json!({"batchItemFailures": []}))
    );
    assert_eq!(cloud.notifications().await.len(), 1);
}

#[tokio::test]
async fn the_rules_built_in_are_used_by_default() {
    let cloud = Cloud::new("built-in").await;
    let mut function = Function::start(&[("TRAILHOUND_TOPIC_ARN", &cloud.topic_arn())]);
    cloud.put(&key("a"), object(&[trail_stopped("e1")])).await;
    assert!(matches!(function.invoke(&batch_of_one("built-in", &key("a"))), Reply::Response(_)));
    assert!(!cloud.notifications().await.is_empty(), "no built-in rule minds that a trail is stopped");
}
