//! `trailhound doctor --function` says what is wrong with a function, and finds its queue, topic and table itself.

use std::io::{Read, Write};
use std::net::TcpStream;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Environment, FunctionCode, FunctionResponseType, Runtime};

use crate::cloud::{Cloud, REGION, queue_arn, sdk_config};
use crate::servers::command_line::run;
use crate::servers::moto;

const NAME: &str = "doctored-function";
const TABLE: &str = "doctored-function-state";

/// Makes the role that Lambda asks for, in the one form of a request that needs no further SDK.
fn create_role() {
    let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal\
                 %22%3A%7B%22Service%22%3A%22lambda.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D";
    let body = format!("Action=CreateRole&Version=2010-05-08&RoleName={NAME}&AssumeRolePolicyDocument={trust}");
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
fn complaints() -> Vec<String> {
    let credentials = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    let places = [("AWS_REGION", REGION), ("AWS_ENDPOINT_URL", moto::address())];
    let answer = run(&["doctor", "--format", "json", "--function", NAME], &[credentials, places].concat());
    let checks = answer.json()["deployment"].as_array().unwrap().clone();
    let wrong = checks.iter().filter(|check| check["verdict"] != "ok");
    wrong.map(|check| format!("{} {} {}", check["check"], check["verdict"], check["seen"]).replace('"', "")).collect()
}

/// What is expected, as the beginning and a part of each.
fn wrong(expected: &[&str]) {
    let found = complaints();
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        let (start, end) = expected.split_once('…').unwrap();
        assert!(found.starts_with(start) && found.contains(end), "{found} is not {expected}");
    }
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

    create_role();
    let create = client.create_function().function_name(NAME).role(format!("arn:aws:iam::123456789012:role/{NAME}"));
    let create = create.runtime(Runtime::from("python3.13")).handler("bootstrap").timeout(3).memory_size(128);
    // An empty archive.
    let code = [&b"PK\x05\x06"[..], &[0; 18]].concat();
    let create = create.code(FunctionCode::builder().zip_file(Blob::new(code)).build());
    create.environment(variables(&[("TRAILHOUND_TOPIC_ARM", "x")])).send().await.unwrap();
    wrong(&[
        "function problem…python3.13",
        "environment warning…TRAILHOUND_TOPIC_ARM",
        "event-source problem…no queue",
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
    wrong(&[&others[..], &["function problem…after 3 s", "event-source problem…is Disabled"]].concat());

    update().timeout(60).send().await.unwrap();
    let id = mapping.uuid.unwrap();
    let remap = || client.update_event_source_mapping().uuid(&id);
    remap().enabled(true).send().await.unwrap();
    wrong(&[&others[..], &["function warning…128 MB", "event-source problem…which messages failed"]].concat());

    update().memory_size(512).send().await.unwrap();
    remap().function_response_types(FunctionResponseType::ReportBatchItemFailures).send().await.unwrap();
    wrong(&[&others[..], &["event-source problem…comes back after 30 s"]].concat());

    let sqs = aws_sdk_sqs::Client::new(&shared);
    let visibility = aws_sdk_sqs::types::QueueAttributeName::VisibilityTimeout;
    sqs.set_queue_attributes().queue_url(&url).attributes(visibility, "360").send().await.unwrap();
    let reserve = client.put_function_concurrency().function_name(NAME);
    reserve.reserved_concurrent_executions(0).send().await.unwrap();
    wrong(&[&others[..], &["function problem…never runs"]].concat());

    client.delete_function_concurrency().function_name(NAME).send().await.unwrap();
    wrong(&others);
}
