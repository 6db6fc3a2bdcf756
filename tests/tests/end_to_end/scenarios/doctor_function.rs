//! `trailhound doctor --function` says what is wrong with a function, and finds its queue, topic and table itself.
//! Who keeps the events that it fails on matters where no queue feeds it.

use std::io::{Read, Write};
use std::net::TcpStream;

use aws_config::SdkConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::create_function::builders::CreateFunctionFluentBuilder;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{DestinationConfig, Environment, FunctionCode, FunctionResponseType, OnFailure, Runtime};
use aws_sdk_s3::types::builders::NotificationConfigurationBuilder;
use aws_sdk_s3::types::{Event, LambdaFunctionConfiguration, NotificationConfiguration};

use crate::cloud::{Cloud, REGION, queue_arn, sdk_config};
use crate::servers::command_line::run;
use crate::servers::moto;

const NAME: &str = "doctored-function";
const TABLE: &str = "doctored-function-state";
/// There are none here; their own test has them.
const ALARMS: &str = "alarms problem…no alarm watches";

/// Makes the role that Lambda asks for, in the one form of a request that needs no further SDK.
fn create_role(name: &str) {
    let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal\
                 %22%3A%7B%22Service%22%3A%22lambda.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D";
    let body = format!("Action=CreateRole&Version=2010-05-08&RoleName={name}&AssumeRolePolicyDocument={trust}");
    let host = moto::address().trim_start_matches("http://");
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, \
         Signature=none\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(" 200 "), "{answer}");
}

/// The checks of the deployment that are not ok: name, verdict, and what was seen.
fn complaints(parts: &[&str]) -> Vec<String> {
    let credentials = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    let places = [("AWS_REGION", REGION), ("AWS_ENDPOINT_URL", moto::address())];
    let answer = run(&[&["doctor", "--format", "json"], parts].concat(), &[credentials, places].concat());
    let checks = answer.json()["deployment"].as_array().unwrap().clone();
    let wrong = checks.iter().filter(|check| check["verdict"] != "ok");
    wrong.map(|check| format!("{} {} {}", check["check"], check["verdict"], check["seen"]).replace('"', "")).collect()
}

fn wrong(expected: &[&str]) {
    wrong_of(&["--function", NAME], expected);
}

/// What is expected of these parts, as the beginning and a part of each.
pub(super) fn wrong_of(parts: &[&str], expected: &[&str]) {
    let found = complaints(parts);
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        let (start, end) = expected.split_once('…').unwrap();
        assert!(found.starts_with(start) && found.contains(end), "{found} is not {expected}");
    }
}

/// Makes a function of the only code that nobody runs here, an empty archive; the rest is up to the caller.
pub(super) fn create_function(client: &Client, name: &str, role: &str) -> CreateFunctionFluentBuilder {
    let code = [&b"PK\x05\x06"[..], &[0; 18]].concat();
    let create = client.create_function().function_name(name).role(format!("arn:aws:iam::123456789012:role/{role}"));
    create.handler("bootstrap").code(FunctionCode::builder().zip_file(Blob::new(code)).build())
}

fn variables(pairs: &[(&str, &str)]) -> Environment {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Environment::builder().set_variables(Some(pairs.collect())).build()
}

/// One after the other is mended.
#[tokio::test]
async fn faults_of_a_function_are_found() {
    let shared = sdk_config().await;
    let client = Client::new(&shared);
    wrong(&["function problem…does not exist"]);

    create_role(NAME);
    let create = create_function(&client, NAME, NAME).runtime(Runtime::from("python3.13"));
    let create = create.timeout(3).memory_size(128);
    create.environment(variables(&[("TRAILHOUND_TOPIC_ARM", "x")])).send().await.unwrap();
    wrong(&[
        "function problem…python3.13",
        "environment warning…TRAILHOUND_TOPIC_ARM",
        "event-source problem…no queue",
        "failed-events warning…if `doctored-function` is invoked by a bucket",
        ALARMS,
    ]);

    let update = || client.update_function_configuration().function_name(NAME);
    update().runtime(Runtime::Providedal2023).send().await.unwrap();
    let topic = format!("arn:aws:sns:{REGION}:123456789012:{NAME}");
    let all = [("TRAILHOUND_TOPIC_ARN", topic.as_str()), ("TRAILHOUND_STATE_TABLE", TABLE)];
    update().environment(variables(&all)).send().await.unwrap();
    let cloud = Cloud::without_topic(NAME).await;
    let url = cloud.create_queue(NAME).await;
    let map = client.create_event_source_mapping().function_name(NAME).event_source_arn(queue_arn(NAME));
    let mapping = map.enabled(false).send().await.unwrap();
    let others = ["queue problem…no dead-letter queue", "topic problem…does not exist", "table problem…does not exist"];
    let wrong = |rest: &[&str]| wrong(&[&others[..], rest, &[ALARMS]].concat());
    wrong(&["function problem…after 3 s", "event-source problem…is Disabled"]);

    update().timeout(60).send().await.unwrap();
    let id = mapping.uuid.unwrap();
    let remap = || client.update_event_source_mapping().uuid(&id);
    remap().enabled(true).send().await.unwrap();
    wrong(&["function warning…128 MB", "event-source problem…which messages failed"]);

    update().memory_size(512).send().await.unwrap();
    remap().function_response_types(FunctionResponseType::ReportBatchItemFailures).send().await.unwrap();
    wrong(&["event-source problem…comes back after 30 s"]);

    let sqs = aws_sdk_sqs::Client::new(&shared);
    let visibility = aws_sdk_sqs::types::QueueAttributeName::VisibilityTimeout;
    sqs.set_queue_attributes().queue_url(&url).attributes(visibility, "360").send().await.unwrap();
    let reserve = client.put_function_concurrency().function_name(NAME);
    reserve.reserved_concurrent_executions(0).send().await.unwrap();
    wrong(&["function problem…never runs"]);

    client.delete_function_concurrency().function_name(NAME).send().await.unwrap();
    wrong(&[]);
}

/// One after the other is mended.
#[tokio::test]
async fn what_fails_without_a_queue_has_to_be_kept() {
    const NAME: &str = "doctored-straight";
    let shared = sdk_config().await;
    let client = Client::new(&shared);
    let cloud = Cloud::without_topic(NAME).await;
    create_role(NAME);
    let create = create_function(&client, NAME, NAME).runtime(Runtime::Providedal2023).timeout(60).memory_size(512);
    let arn = create.send().await.unwrap().function_arn.unwrap();
    let wrong = |failed: &[&str]| {
        let before = ["environment warning…topic", "event-source problem…no queue"];
        wrong_of(&["--bucket", NAME, "--function", NAME], &[&before[..], failed, &[ALARMS]].concat());
    };
    let told = LambdaFunctionConfiguration::builder().lambda_function_arn(arn).events(Event::S3ObjectCreated);
    announce(&shared, NotificationConfiguration::builder().lambda_function_configurations(told.build().unwrap())).await;
    wrong(&["failed-events problem…is invoked without a queue"]);

    let queue = format!("{NAME}-failed");
    let failed = OnFailure::builder().destination(queue_arn(&queue)).build();
    let put = client.put_function_event_invoke_config().function_name(NAME);
    put.destination_config(DestinationConfig::builder().on_failure(failed).build()).send().await.unwrap();
    wrong(&["failed-events problem…does not exist"]);

    let url = cloud.create_queue(&queue).await;
    wrong(&[]);
    cloud.send(&url, "{}").await;
    wrong(&["failed-events problem…1 event in"]);
}

async fn announce(shared: &SdkConfig, told: NotificationConfigurationBuilder) {
    let s3 = aws_sdk_s3::config::Builder::from(shared).force_path_style(true).build();
    let request = aws_sdk_s3::Client::from_conf(s3).put_bucket_notification_configuration();
    request.bucket("doctored-straight").notification_configuration(told.build()).send().await.unwrap();
}
