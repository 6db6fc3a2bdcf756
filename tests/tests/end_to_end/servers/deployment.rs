//! The template of `infra/`, applied to moto, with the function in front of its queue.

use std::collections::BTreeMap;
use std::process::Command;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use serde::Deserialize;
use serde_json::{Value, json};

use super::bootstrap::Function;
use super::recorder::Recorder;
use super::runtime_api::Reply;
use super::{moto, public_keys, python};
use crate::cloud::sdk_config;
use crate::events::batch;

/// What `tests/python/deploy.py` says of what it has made.
#[derive(Debug, Deserialize)]
pub(crate) struct Deployed {
    /// Name of the function, which is only said and not made.
    pub(crate) function: String,
    /// Variables of the function.
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) bucket: String,
    /// Names by their logical names.
    pub(crate) queues: BTreeMap<String, String>,
    /// By their logical names.
    pub(crate) topics: BTreeMap<String, Topic>,
    pub(crate) log_group: String,
    /// Input of the schedule of canaries, if there is one.
    canary: Option<String>,
    /// Key of the trail; empty if it has none.
    pub(crate) trail_key: String,
    /// All statements of the role of the function.
    pub(crate) policy: Value,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Topic {
    pub(crate) arn: String,
    /// What its messages are encrypted with.
    pub(crate) key: String,
}

/// A deployed stack, whose calls are recorded.
pub(crate) struct Deployment {
    pub(crate) deployed: Deployed,
    recorder: Recorder,
    /// Before what gives public keys.
    key_recorder: Recorder,
    function: Function,
    s3: aws_sdk_s3::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    sqs: aws_sdk_sqs::Client,
    /// As the function's role, which Lambda itself works the queue with.
    poller: aws_sdk_sqs::Client,
}

impl Deployment {
    /// Applies the template with these parameters, starts the function with these further settings, and
    /// has a queue hear every topic.
    pub(crate) async fn new(stack: &str, parameters: &Value, settings: &[(&str, &str)]) -> Self {
        Self::of("template.yaml", stack, parameters, settings).await
    }

    /// As [`Deployment::new`], with another template of `infra/`.
    pub(crate) async fn of(template: &str, stack: &str, parameters: &Value, settings: &[(&str, &str)]) -> Self {
        let deployed = deploy(template, stack, parameters);
        let recorder = Recorder::start(moto::address());
        let address = recorder.address();
        let key_recorder = Recorder::start(&public_keys::serve(&json!({"PublicKeyList": []})));
        let key_address = key_recorder.address();
        let variables = deployed.environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let places = [("AWS_ENDPOINT_URL", address.as_str()), ("AWS_ENDPOINT_URL_CLOUDTRAIL", &key_address)];
        let variables = variables.chain(places).chain(settings.iter().copied());
        let function = Function::start(&variables.collect::<Vec<_>>());
        let shared = sdk_config().await;
        let recorded = aws_sdk_sqs::config::Builder::from(&shared).endpoint_url(&address).build();
        let path_style = aws_sdk_s3::config::Builder::from(&shared).force_path_style(true).build();
        let deployment = Self {
            s3: aws_sdk_s3::Client::from_conf(path_style),
            sns: aws_sdk_sns::Client::new(&shared),
            sqs: aws_sdk_sqs::Client::new(&shared),
            poller: aws_sdk_sqs::Client::from_conf(recorded),
            deployed,
            recorder,
            key_recorder,
            function,
        };
        for topic in deployment.deployed.topics.values() {
            deployment.listen(&topic.arn).await;
        }
        deployment
    }

    /// Has a queue of the same name hear a topic.
    pub(crate) async fn listen(&self, topic: &str) {
        let name = format!("heard-{}", last_part(topic));
        self.sqs.create_queue().queue_name(&name).send().await.unwrap();
        let queue = topic.replace(":sns:", ":sqs:").replace(last_part(topic), &name);
        self.sns.subscribe().topic_arn(topic).protocol("sqs").endpoint(queue).send().await.unwrap();
    }

    /// Delivers a log object as the trail would, under the trail's key if it has one; gives its version.
    pub(crate) async fn put(&self, key: &str, bytes: Vec<u8>) -> String {
        let mut put = self.s3.put_object().bucket(&self.deployed.bucket).key(key).body(ByteStream::from(bytes));
        if !self.deployed.trail_key.is_empty() {
            put = put.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id(&self.deployed.trail_key);
        }
        put.send().await.unwrap().version_id.unwrap()
    }

    /// Removes every version of an object.
    pub(crate) async fn remove(&self, key: &str) {
        let listed = self.s3.list_object_versions().bucket(&self.deployed.bucket).prefix(key).send().await.unwrap();
        for version in listed.versions.unwrap_or_default() {
            let delete = self.s3.delete_object().bucket(&self.deployed.bucket).key(key);
            delete.version_id(version.version_id.unwrap()).send().await.unwrap();
        }
    }

    /// Puts a message into the queue, as somebody else than the bucket does.
    pub(crate) async fn tell(&self, message: &Value) {
        let url = self.url(&self.deployed.queues["LogQueue"]).await;
        self.sqs.send_message().queue_url(url).message_body(message.to_string()).send().await.unwrap();
    }

    /// Makes what failed visible again at once.
    pub(crate) async fn forgive(&self, failed: &[Message]) {
        let url = self.url(&self.deployed.queues["LogQueue"]).await;
        for message in failed {
            let change = self.sqs.change_message_visibility().queue_url(&url).visibility_timeout(0);
            change.receipt_handle(message.receipt_handle.as_ref().unwrap()).send().await.unwrap();
        }
    }

    /// Hands an event to the function, as another trigger than the queue does.
    pub(crate) fn invoke(&mut self, event: &Value) -> Value {
        let answer = self.function.invoke(event);
        let Reply::Response(answer) = answer else { panic!("no response: {answer:?}") };
        answer
    }

    /// Hands the function what the schedule of canaries sends.
    pub(crate) fn sing(&mut self) {
        let input = serde_json::from_str(self.deployed.canary.as_deref().unwrap()).unwrap();
        assert_eq!(self.invoke(&input), Value::Null);
    }

    /// All calls to AWS so far, as [`Recorder::calls`] gives them.
    pub(crate) fn calls(&self) -> Vec<Value> {
        [self.recorder.calls(), self.key_recorder.calls()].concat()
    }

    /// Works off what is in the queue, as Lambda does: hands batches to the function, deletes what did
    /// not fail, and leaves the rest. Gives what failed.
    pub(crate) async fn poll(&mut self) -> Vec<Message> {
        let url = self.url(&self.deployed.queues["LogQueue"]).await;
        let attributes = self.poller.get_queue_attributes().queue_url(&url);
        attributes.attribute_names(QueueAttributeName::All).send().await.unwrap();
        let mut failed = Vec::new();
        loop {
            let receive = self.poller.receive_message().queue_url(&url).max_number_of_messages(10);
            let messages = receive.send().await.unwrap().messages.unwrap_or_default();
            if messages.is_empty() {
                return failed;
            }
            let bodies = messages.iter().map(|one| (one.message_id.as_deref().unwrap(), one.body.clone().unwrap()));
            let answer = self.invoke(&batch(bodies));
            for message in messages {
                if has_failed(&answer, &message) {
                    failed.push(message);
                } else {
                    let handle = message.receipt_handle.unwrap();
                    self.poller.delete_message().queue_url(&url).receipt_handle(handle).send().await.unwrap();
                }
            }
        }
    }

    /// What a topic has sent since the last call.
    pub(crate) async fn heard(&self, topic: &str) -> Vec<Value> {
        let url = self.url(&format!("heard-{}", last_part(topic))).await;
        let mut heard = Vec::new();
        loop {
            let receive = self.sqs.receive_message().queue_url(&url).max_number_of_messages(10);
            let messages = receive.send().await.unwrap().messages.unwrap_or_default();
            if messages.is_empty() {
                return heard;
            }
            for message in messages {
                heard.push(serde_json::from_str(message.body.as_deref().unwrap()).unwrap());
                let handle = message.receipt_handle.unwrap();
                self.sqs.delete_message().queue_url(&url).receipt_handle(handle).send().await.unwrap();
            }
        }
    }

    /// How many messages the dead-letter queue holds.
    pub(crate) async fn dead_letters(&self) -> usize {
        let url = self.url(&self.deployed.queues["DeadLetterQueue"]).await;
        let receive = self.sqs.receive_message().queue_url(url).max_number_of_messages(10);
        receive.send().await.unwrap().messages.unwrap_or_default().len()
    }

    async fn url(&self, queue: &str) -> String {
        self.sqs.get_queue_url().queue_name(queue).send().await.unwrap().queue_url.unwrap()
    }
}

/// Applies a template without starting its function.
pub(crate) fn deploy(template: &str, stack: &str, parameters: &Value) -> Deployed {
    let output = Command::new(python::venv().join("bin/python"))
        .arg(python::script("deploy.py"))
        .args([moto::address(), template, stack, &parameters.to_string()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn has_failed(answer: &Value, message: &Message) -> bool {
    let failures = answer["batchItemFailures"].as_array().unwrap();
    failures.contains(&json!({"itemIdentifier": message.message_id.as_deref().unwrap()}))
}

/// The name in an ARN.
fn last_part(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap()
}
