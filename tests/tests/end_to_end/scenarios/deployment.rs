//! Tests and canaries come out where they should, and `trailhound doctor` sees what is wrong with a deployment.

use std::thread;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TimeToLiveSpecification,
};
use aws_sdk_s3::types::{Event, NotificationConfiguration, QueueConfiguration};
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value, json};

use crate::cloud::{Cloud, REGION, queue_arn, sdk_config};
use crate::events::batch;
use crate::servers::command_line::{Answer, run};
use crate::servers::moto;
use crate::servers::runtime_api::Reply;

fn trailhound(arguments: &[&str]) -> Answer {
    let credentials = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    let places = [("AWS_REGION", REGION), ("AWS_ENDPOINT_URL", moto::address())];
    run(arguments, &[credentials, places].concat())
}

/// The one message of a queue, as soon as it is there.
async fn message(cloud: &Cloud, queue: &str) -> Value {
    loop {
        if let Some((id, body)) = cloud.take_messages(queue).await.pop() {
            return batch([(id.as_str(), body)]);
        }
    }
}

#[tokio::test]
async fn a_test_comes_out_as_an_alert_that_says_what_it_is() {
    let cloud = Cloud::new("rehearsed").await;
    let mut function = cloud.function();
    let queue = cloud.create_queue("rehearsed-direct").await;
    let answer = trailhound(&["send-test", &queue, "--level", "high"]);
    assert_eq!((answer.status, answer.messages.as_str()), (0, ""), "{answer:?}");
    function.invoke(&message(&cloud, "rehearsed-direct").await);
    let told = cloud.notifications().await;
    assert_eq!(told.len(), 1);
    let subject = told[0]["Subject"].as_str().unwrap();
    assert!(subject.starts_with("[HIGH] TEST of Trailhound, nothing has happened"), "{subject}");

    // As an object, through the notification of the bucket, and waited for.
    let announced = cloud.announce_objects().await;
    let inbox = cloud.create_queue("rehearsed").await;
    cloud.take_messages(&announced).await;
    let waiting = thread::spawn(move || trailhound(&["send-test", "s3://rehearsed/logs", "--wait", &inbox]));
    function.invoke(&message(&cloud, &announced).await);
    let answer = waiting.join().unwrap();
    assert_eq!((answer.status, answer.messages.as_str()), (0, ""), "{answer:?}");
    assert!(answer.results.contains("s3://rehearsed/logs/AWSLogs/000000000000/CloudTrail/"), "{answer:?}");
    assert!(answer.results.contains("\narrived  after "), "{answer:?}");
    assert!(cloud.notifications().await.is_empty(), "what arrived was taken");
}

#[tokio::test]
async fn a_test_that_cannot_be_sent_or_does_not_arrive_is_told() {
    let cloud = Cloud::without_topic("unrehearsed").await;
    let answer = trailhound(&["send-test", "s3://nowhere-at-all"]);
    assert_eq!(answer.status, 2);
    assert!(
        answer.messages.starts_with("error: the test could not be sent: the object cannot be stored: NoSuchBucket"),
        "{answer:?}"
    );
    let queue = cloud.create_queue("unrehearsed-direct").await;
    let inbox = cloud.create_queue("unrehearsed-inbox").await;
    let answer = trailhound(&["send-test", &queue, "--wait", &inbox, "--within", "1s"]);
    assert_eq!((answer.status, answer.messages.as_str()), (1, "error: no alert of the test has arrived within 1s\n"));
}

#[tokio::test]
async fn a_canary_comes_out_and_is_counted() {
    let cloud = Cloud::new("sung").await;
    let canary = json!({"trailhound": "canary"});
    let mut function = cloud.function_with(&[("TRAILHOUND_CANARIES", "[default]")]);
    assert_eq!(function.invoke(&canary), Reply::Response(Value::Null));
    let told = cloud.notifications().await;
    assert_eq!(told[0]["MessageAttributes"]["kind"]["Value"], "canary", "{told:?}");
    let lines = function.metrics(1);
    assert_eq!((&lines[0]["CanaryAlerts"], &lines[0]["AlertsSent"]), (&json!(1), &json!(0)));

    let mut function = cloud.function();
    assert!(!matches!(function.invoke(&canary), Reply::Response(_)), "without a topic it fails");
    assert_eq!(function.metrics(1)[0]["CanaryAlerts"], 0);
    assert!(cloud.notifications().await.is_empty());
}

const NAME: &str = "doctored-parts";

/// The checks of the deployment that are not ok: name, verdict, and what was seen.
fn complaints(queue: &str, topic: &str) -> Vec<String> {
    let parts = ["--bucket", NAME, "--queue", queue, "--topic", topic, "--table", NAME];
    let answer = trailhound(&[&["doctor", "--format", "json"][..], &parts].concat());
    let checks = answer.json()["deployment"].as_array().unwrap().clone();
    let wrong = checks.iter().filter(|check| check["verdict"] != "ok");
    wrong.map(|check| format!("{} {} {}", check["check"], check["verdict"], check["seen"]).replace('"', "")).collect()
}

/// One after the other is mended.
#[tokio::test]
async fn ten_faults_of_a_deployment_are_found() {
    let shared = sdk_config().await;
    let sqs = aws_sdk_sqs::Client::new(&shared);
    let topic = format!("arn:aws:sns:{REGION}:123456789012:{NAME}");
    let url = format!("{}/123456789012/{NAME}", moto::address());
    let wrong = |expected: &[&str]| {
        let found = complaints(&url, &topic);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            let (start, end) = expected.split_once('…').unwrap();
            assert!(found.starts_with(start) && found.contains(end), "{found} is not {expected}");
        }
    };
    wrong(&[
        "notification problem…does not exist",
        "queue problem…does not exist",
        "topic problem…does not exist",
        "table problem…does not exist",
    ]);

    let cloud = Cloud::without_topic(NAME).await;
    cloud.create_queue(NAME).await;
    aws_sdk_sns::Client::new(&shared).create_topic().name(NAME).send().await.unwrap();
    let tables = aws_sdk_dynamodb::Client::new(&shared);
    create_table(&tables, &["id"]).await;
    // Where nothing at all is announced, moto gives a document that S3 does not.
    announce(&shared, Event::S3ObjectRemoved, NAME).await;
    wrong(&[
        "notification problem…tells nobody",
        "queue problem…no dead-letter queue",
        "topic problem…nobody is subscribed",
        "table problem…the keys of `doctored-parts` are id",
        "alarms problem…no alarm watches",
    ]);

    let dead = cloud.create_queue("doctored-parts-dead").await;
    cloud.create_queue("doctored-parts-other").await;
    sqs.send_message().queue_url(&dead).message_body("given up").send().await.unwrap();
    announce(&shared, Event::S3ObjectCreated, "doctored-parts-other").await;
    let redrive = json!({"deadLetterTargetArn": queue_arn("doctored-parts-dead"), "maxReceiveCount": 5});
    set(&sqs, &url, QueueAttributeName::RedrivePolicy, &redrive.to_string()).await;
    let subscribe = aws_sdk_sns::Client::new(&shared).subscribe().topic_arn(&topic).protocol("sqs");
    subscribe.endpoint(queue_arn("doctored-parts-other")).send().await.unwrap();
    tables.delete_table().table_name(NAME).send().await.unwrap();
    create_table(&tables, &["pk", "sk"]).await;
    wrong(&[
        "notification problem…not the queue",
        "queue problem…no service may send",
        "dead-letters problem…1 message",
        "table problem…grows for ever",
        "alarms problem…no alarm watches",
    ]);

    announce(&shared, Event::S3ObjectCreated, NAME).await;
    sqs.purge_queue().queue_url(&dead).send().await.unwrap();
    set(&sqs, &dead, QueueAttributeName::MessageRetentionPeriod, "1209600").await;
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*",
    }]});
    set(&sqs, &url, QueueAttributeName::Policy, &policy.to_string()).await;
    let_items_end(&tables).await;
    wrong(&["queue problem…comes back after 30 s", "alarms problem…no alarm watches"]);

    set(&sqs, &url, QueueAttributeName::VisibilityTimeout, "360").await;
    // moto forgets the policy when anything else is set.
    set(&sqs, &url, QueueAttributeName::Policy, &policy.to_string()).await;
    wrong(&["alarms problem…no alarm watches"]);
}

async fn set(sqs: &aws_sdk_sqs::Client, url: &str, name: QueueAttributeName, value: &str) {
    sqs.set_queue_attributes().queue_url(url).attributes(name, value).send().await.unwrap();
}

async fn announce(shared: &aws_config::SdkConfig, event: Event, queue: &str) {
    let s3 = aws_sdk_s3::config::Builder::from(shared).force_path_style(true).build();
    let told = QueueConfiguration::builder().queue_arn(queue_arn(queue)).events(event).build();
    let told = NotificationConfiguration::builder().queue_configurations(told.unwrap()).build();
    let request = aws_sdk_s3::Client::from_conf(s3).put_bucket_notification_configuration().bucket(NAME);
    request.notification_configuration(told).send().await.unwrap();
}

async fn let_items_end(tables: &aws_sdk_dynamodb::Client) {
    let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name("ttl").build().unwrap();
    tables.update_time_to_live().table_name(NAME).time_to_live_specification(ttl).send().await.unwrap();
}

async fn create_table(tables: &aws_sdk_dynamodb::Client, keys: &[&str]) {
    let mut create = tables.create_table().table_name(NAME).billing_mode(BillingMode::PayPerRequest);
    for (key, kind) in keys.iter().zip([KeyType::Hash, KeyType::Range]) {
        let attribute = AttributeDefinition::builder().attribute_name(*key).attribute_type(ScalarAttributeType::S);
        create = create
            .attribute_definitions(attribute.build().unwrap())
            .key_schema(KeySchemaElement::builder().attribute_name(*key).key_type(kind).build().unwrap());
    }
    create.send().await.unwrap();
}

#[test]
fn the_rights_come_as_a_policy() {
    let answer = run(&["doctor", "--policy"], &[]);
    let actions = answer.json()["Statement"][0]["Action"].as_array().unwrap().clone();
    let reads = |action: &Value| {
        let (_, name) = action.as_str().unwrap().split_once(':').unwrap();
        ["Describe", "Get", "List"].iter().any(|verb| name.starts_with(verb))
    };
    assert!((answer.status, actions.is_empty()) == (0, false) && actions.iter().all(reads), "{answer:?}");
}
