//! A corner of the cloud for one test: a bucket, a topic, and a queue that hears the topic.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::Credentials;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Event, NotificationConfiguration, QueueConfiguration, TopicConfiguration};
use serde_json::Value;

use crate::servers::bootstrap::Function;
use crate::servers::moto;

pub(crate) const REGION: &str = "eu-west-1";
/// The account that moto plays.
const ACCOUNT: &str = "123456789012";

/// Bucket, topic and queue have the name of their test, so that tests do not meet.
pub(crate) struct Cloud {
    name: &'static str,
    s3: aws_sdk_s3::Client,
    sns: aws_sdk_sns::Client,
    sqs: aws_sdk_sqs::Client,
}

/// A message that was received and not yet deleted.
pub(crate) struct Received {
    pub(crate) id: String,
    pub(crate) body: String,
    handle: String,
}

impl Cloud {
    /// A bucket, and a topic with a queue that gets its messages.
    pub(crate) async fn new(name: &'static str) -> Self {
        let cloud = Self::without_topic(name).await;
        cloud.create_topic().await;
        cloud
    }

    /// The same, but the topic is missing.
    pub(crate) async fn without_topic(name: &'static str) -> Self {
        Self::at(moto::address(), name).await
    }

    /// The same on a server of its own.
    pub(crate) async fn at(address: &str, name: &'static str) -> Self {
        let shared = sdk_config_at(address).await;
        let s3 = aws_sdk_s3::config::Builder::from(&shared).force_path_style(true).build();
        let cloud = Self {
            name,
            s3: aws_sdk_s3::Client::from_conf(s3),
            sns: aws_sdk_sns::Client::new(&shared),
            sqs: aws_sdk_sqs::Client::new(&shared),
        };
        cloud.create_bucket().await;
        cloud
    }

    pub(crate) fn topic_arn(&self) -> String {
        format!("arn:aws:sns:{REGION}:{ACCOUNT}:{}", self.name)
    }

    /// The function with this topic and the rules of these tests.
    pub(crate) fn function(&self) -> Function {
        self.function_with(&[])
    }

    /// The same with further settings.
    pub(crate) fn function_with(&self, more: &[(&str, &str)]) -> Function {
        let settings = self.settings();
        let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
        Function::start(&settings.chain(more.iter().copied()).collect::<Vec<_>>())
    }

    /// The settings of [`Cloud::function`].
    pub(crate) fn settings(&self) -> [(&'static str, String); 2] {
        let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/rules");
        [("TRAILHOUND_TOPIC_ARN", self.topic_arn()), ("TRAILHOUND_RULES", rules.to_owned())]
    }

    pub(crate) async fn create_topic(&self) {
        self.sns.create_topic().name(self.name).send().await.unwrap();
        self.sqs.create_queue().queue_name(self.name).send().await.unwrap();
        self.sns
            .subscribe()
            .topic_arn(self.topic_arn())
            .protocol("sqs")
            .endpoint(queue_arn(self.name))
            .send()
            .await
            .unwrap();
    }

    /// Lets S3 announce new objects to a queue of its own, and gives that queue's name.
    pub(crate) async fn announce_objects(&self) -> String {
        let queue = format!("{}-logs", self.name);
        self.sqs.create_queue().queue_name(&queue).send().await.unwrap();
        let configuration =
            QueueConfiguration::builder().queue_arn(queue_arn(&queue)).events(Event::S3ObjectCreated).build().unwrap();
        self.notify(NotificationConfiguration::builder().queue_configurations(configuration).build()).await;
        queue
    }

    /// Lets S3 announce new objects to a topic, and that topic to a queue; gives that queue's name.
    pub(crate) async fn announce_objects_through_a_topic(&self, raw: bool) -> String {
        let name = format!("{}-logs", self.name);
        let topic = self.sns.create_topic().name(&name).send().await.unwrap().topic_arn.unwrap();
        self.sqs.create_queue().queue_name(&name).send().await.unwrap();
        let subscribe = self.sns.subscribe().topic_arn(&topic).protocol("sqs").endpoint(queue_arn(&name));
        subscribe.attributes("RawMessageDelivery", raw.to_string()).send().await.unwrap();
        let configuration =
            TopicConfiguration::builder().topic_arn(topic).events(Event::S3ObjectCreated).build().unwrap();
        self.notify(NotificationConfiguration::builder().topic_configurations(configuration).build()).await;
        name
    }

    async fn notify(&self, configuration: NotificationConfiguration) {
        let request = self.s3.put_bucket_notification_configuration().bucket(self.name);
        request.notification_configuration(configuration).send().await.unwrap();
    }

    pub(crate) async fn put(&self, key: &str, bytes: Vec<u8>) {
        self.s3.put_object().bucket(self.name).key(key).body(ByteStream::from(bytes)).send().await.unwrap();
    }

    /// Delivers a digest, with its signature beside it.
    pub(crate) async fn put_digest(&self, key: &str, bytes: Vec<u8>, signature: &str) {
        let put = self.s3.put_object().bucket(self.name).key(key).body(ByteStream::from(bytes));
        put.metadata("signature", signature).send().await.unwrap();
    }

    /// Keys and contents of all objects whose keys begin like this.
    pub(crate) async fn objects(&self, prefix: &str) -> Vec<(String, Vec<u8>)> {
        let listed = self.s3.list_objects_v2().bucket(self.name).prefix(prefix).send().await.unwrap();
        let mut objects = Vec::new();
        for key in listed.contents.unwrap_or_default().into_iter().map(|object| object.key.unwrap()) {
            let body = self.s3.get_object().bucket(self.name).key(&key).send().await.unwrap().body;
            objects.push((key, body.collect().await.unwrap().to_vec()));
        }
        objects
    }

    /// Makes a queue, and gives its URL.
    pub(crate) async fn create_queue(&self, queue: &str) -> String {
        self.sqs.create_queue().queue_name(queue).send().await.unwrap().queue_url.unwrap()
    }

    /// Puts a message into a queue.
    pub(crate) async fn send(&self, url: &str, body: &str) {
        self.sqs.send_message().queue_url(url).message_body(body).send().await.unwrap();
    }

    /// How many messages a queue holds that anybody may get now, or that somebody has got and not deleted.
    pub(crate) async fn count_messages(&self, url: &str) -> usize {
        use aws_sdk_sqs::types::QueueAttributeName::{
            ApproximateNumberOfMessages as Waiting, ApproximateNumberOfMessagesNotVisible as Taken,
        };
        let request = self.sqs.get_queue_attributes().queue_url(url).attribute_names(Waiting).attribute_names(Taken);
        let attributes = request.send().await.unwrap().attributes.unwrap();
        attributes.values().map(|count| count.parse::<usize>().unwrap()).sum()
    }

    /// The notifications that have arrived since the last call. SNS hands
    /// them to the queue before it accepts them, so there is nothing to wait for.
    pub(crate) async fn notifications(&self) -> Vec<Value> {
        let bodies = self.take_messages(self.name).await;
        bodies.iter().map(|(_, body)| serde_json::from_str(body).unwrap()).collect()
    }

    /// Takes all messages out of a queue: identifiers and bodies.
    pub(crate) async fn take_messages(&self, queue: &str) -> Vec<(String, String)> {
        let url = self.queue_url(queue).await;
        let mut taken = Vec::new();
        loop {
            let answer = self.sqs.receive_message().queue_url(&url).max_number_of_messages(10).send().await.unwrap();
            let messages = answer.messages.unwrap_or_default();
            if messages.is_empty() {
                return taken;
            }
            for message in messages {
                let handle = message.receipt_handle.unwrap();
                self.sqs.delete_message().queue_url(&url).receipt_handle(handle).send().await.unwrap();
                taken.push((message.message_id.unwrap(), message.body.unwrap()));
            }
        }
    }

    /// Up to ten messages, which stay in the queue; if there is none, a second is waited for one.
    pub(crate) async fn receive(&self, queue: &str) -> Vec<Received> {
        let url = self.queue_url(queue).await;
        let request = self.sqs.receive_message().queue_url(&url).max_number_of_messages(10).wait_time_seconds(1);
        let answer = request.send().await.unwrap();
        let received = answer.messages.unwrap_or_default().into_iter().map(|message| Received {
            id: message.message_id.unwrap(),
            body: message.body.unwrap(),
            handle: message.receipt_handle.unwrap(),
        });
        received.collect()
    }

    pub(crate) async fn delete(&self, queue: &str, message: &Received) {
        let url = self.queue_url(queue).await;
        self.sqs.delete_message().queue_url(url).receipt_handle(&message.handle).send().await.unwrap();
    }

    /// Lets a message come again after so many seconds.
    pub(crate) async fn return_after(&self, queue: &str, message: &Received, seconds: i32) {
        let request = self.sqs.change_message_visibility().queue_url(self.queue_url(queue).await);
        request.receipt_handle(&message.handle).visibility_timeout(seconds).send().await.unwrap();
    }

    async fn queue_url(&self, queue: &str) -> String {
        self.sqs.get_queue_url().queue_name(queue).send().await.unwrap().queue_url.unwrap()
    }

    async fn create_bucket(&self) {
        use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
        let place = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::EuWest1).build();
        self.s3.create_bucket().bucket(self.name).create_bucket_configuration(place).send().await.unwrap();
    }
}

pub(crate) fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}

pub(crate) async fn sdk_config() -> SdkConfig {
    sdk_config_at(moto::address()).await
}

pub(crate) async fn sdk_config_at(address: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(address)
        .load()
        .await
}
