//! From the environment to adapters that are ready to use.

use std::collections::BTreeMap;
use std::env;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};

use trailhound_pipeline::{TopicArn, TopicName};

use crate::{CallLimits, S3Objects, SnsNotifier};

/// What the adapters need to know besides the environment.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Topics that alerts are published to, by their names in the configuration.
    pub topics: BTreeMap<TopicName, TopicArn>,
    /// Largest object fetched, in bytes as stored.
    pub max_object_bytes: u64,
    /// Timeouts and numbers of attempts.
    pub limits: CallLimits,
}

/// The adapters behind the pipeline's ports.
#[derive(Debug)]
pub struct Adapters {
    /// Log objects.
    pub objects: S3Objects,
    /// Where alerts go.
    pub notifier: SnsNotifier,
    shared: SdkConfig,
    limits: CallLimits,
}

impl Adapters {
    /// A notifier for other topics, after the configuration has changed.
    pub fn notifier_to(&self, topics: &BTreeMap<TopicName, TopicArn>) -> SnsNotifier {
        notifier(&self.shared, topics, &self.limits)
    }
}

/// Builds the adapters from the environment. Makes no call: what is wrong
/// with credentials or permissions shows at the first delivery.
pub async fn connect(settings: Settings) -> Adapters {
    connect_with(aws_config::defaults(BehaviorVersion::latest()), settings).await
}

/// As [`connect`], with a loader that already knows something of its own, such
/// as credentials or an endpoint. The limits of `settings` replace its timeouts and attempts.
pub async fn connect_with(loader: ConfigLoader, settings: Settings) -> Adapters {
    let shared = load(loader, &settings.limits).await;
    let notifier = notifier(&shared, &settings.topics, &settings.limits);
    Adapters { objects: objects(&shared, &settings), notifier, shared, limits: settings.limits }
}

/// What all clients share: whatever the environment says, within our limits.
pub(crate) async fn load(loader: ConfigLoader, limits: &CallLimits) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(limits.connect)
        .read_timeout(limits.attempt)
        .operation_attempt_timeout(limits.attempt)
        .build();
    let retries = RetryConfig::standard().with_max_attempts(limits.attempts);
    loader.timeout_config(timeouts).retry_config(retries).load().await
}

fn objects(shared: &SdkConfig, settings: &Settings) -> S3Objects {
    S3Objects::new(s3_client(shared), settings.max_object_bytes, settings.limits.clone())
}

pub(crate) fn s3_client(shared: &SdkConfig) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(shared).force_path_style(has_own_endpoint(shared)).build();
    aws_sdk_s3::Client::from_conf(config)
}

/// Whether S3 is somewhere else than in AWS. Buckets are then part of the
/// path, because such endpoints seldom answer to names made of bucket and host.
fn has_own_endpoint(shared: &SdkConfig) -> bool {
    shared.endpoint_url().is_some() || env::var_os("AWS_ENDPOINT_URL_S3").is_some_and(|url| !url.is_empty())
}

fn notifier(shared: &SdkConfig, topics: &BTreeMap<TopicName, TopicArn>, limits: &CallLimits) -> SnsNotifier {
    let clients = topics.iter().map(|(name, topic)| {
        // A topic is reachable only in its own region, which need not be the region of the function.
        let region = Region::new(topic.region().to_owned());
        let config = aws_sdk_sns::config::Builder::from(shared).region(region).build();
        (name.clone(), aws_sdk_sns::Client::from_conf(config), topic.clone())
    });
    SnsNotifier::new(clients, limits)
}
