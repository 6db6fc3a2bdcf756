//! From the environment to adapters that are ready to use.

use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::sync::Arc;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};

use trailhound_pipeline::{Quarantine, TopicArn, TopicName};

use crate::{
    CallLimits, QuarantinePlace, Queue, S3Digests, S3Objects, S3Quarantine, SnsNotifier, SqsQuarantine, Trails,
};

/// What the adapters need to know besides the environment.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Topics that alerts are published to, by their names in the configuration.
    pub topics: BTreeMap<TopicName, TopicArn>,
    /// Largest object fetched, in bytes as stored.
    pub max_object_bytes: u64,
    /// Where notes of what cannot be read are kept, if anywhere.
    pub quarantine: Option<QuarantinePlace>,
    /// Timeouts and numbers of attempts.
    pub limits: CallLimits,
}

/// The adapters behind the pipeline's ports.
pub struct Adapters {
    /// Log objects.
    pub objects: S3Objects,
    /// Where alerts go.
    pub notifier: SnsNotifier,
    /// Where notes of what cannot be read are kept.
    pub quarantine: Option<Arc<dyn Quarantine>>,
    shared: SdkConfig,
    limits: CallLimits,
}

impl Adapters {
    /// A notifier for other topics, after the configuration has changed.
    pub fn notifier_to(&self, topics: &BTreeMap<TopicName, TopicArn>) -> SnsNotifier {
        notifier(&self.shared, topics, &self.limits)
    }

    /// A quarantine elsewhere, after the configuration has changed.
    pub fn quarantine_at(&self, place: QuarantinePlace) -> Arc<dyn Quarantine> {
        quarantine(&self.shared, place)
    }

    /// A queue to poll.
    pub fn queue(&self, url: &str) -> Queue {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(self.limits.connect)
            .read_timeout(self.limits.poll)
            .operation_attempt_timeout(self.limits.poll)
            .build();
        let config = sqs_config(&self.shared, url).timeout_config(timeouts).build();
        Queue::new(aws_sdk_sqs::Client::from_conf(config), url.to_owned())
    }

    /// Digests, and the keys that verify them.
    pub fn digests_up_to(&self, max_object_bytes: u64) -> S3Digests {
        S3Digests::new(self.objects_up_to(max_object_bytes), Trails::new(self.shared.clone()))
    }

    /// Log objects up to another size, after the configuration has changed.
    pub fn objects_up_to(&self, max_object_bytes: u64) -> S3Objects {
        S3Objects::new(s3_client(&self.shared), max_object_bytes, self.limits.clone())
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
    let quarantine = settings.quarantine.clone().map(|place| quarantine(&shared, place));
    let notifier = notifier(&shared, &settings.topics, &settings.limits);
    Adapters { objects: objects(&shared, &settings), notifier, quarantine, shared, limits: settings.limits }
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

fn quarantine(shared: &SdkConfig, place: QuarantinePlace) -> Arc<dyn Quarantine> {
    match place {
        QuarantinePlace::Bucket { bucket, prefix } => Arc::new(S3Quarantine::new(s3_client(shared), bucket, prefix)),
        QuarantinePlace::Queue { url } => {
            let config = sqs_config(shared, &url).build();
            Arc::new(SqsQuarantine::new(aws_sdk_sqs::Client::from_conf(config), url))
        }
    }
}

/// A queue is reachable only in its own region, which need not be the region of the function.
pub(crate) fn sqs_config(shared: &SdkConfig, url: &str) -> aws_sdk_sqs::config::Builder {
    let region = region_of_queue(url).map(|region| Region::new(region.to_owned()));
    aws_sdk_sqs::config::Builder::from(shared).region(region.or_else(|| shared.region().cloned()))
}

/// The region in `https://sqs.eu-west-1.amazonaws.com/…`; elsewhere than in AWS there is none.
pub(crate) fn region_of_queue(url: &str) -> Option<&str> {
    let (region, domain) = url.split_once("://sqs.")?.1.split_once('.')?;
    domain.starts_with("amazonaws.").then_some(region)
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

impl fmt::Debug for Adapters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { objects, notifier, quarantine, shared: _, limits: _ } = self;
        formatter
            .debug_struct("Adapters")
            .field("objects", objects)
            .field("notifier", notifier)
            .field("quarantine", &quarantine.is_some())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::region_of_queue;

    #[test]
    fn the_region_of_a_queue_is_in_its_url() {
        for (url, region) in [
            ("https://sqs.eu-west-1.amazonaws.com/111122223333/q", Some("eu-west-1")),
            ("https://sqs.cn-north-1.amazonaws.com.cn/111122223333/q", Some("cn-north-1")),
            ("http://127.0.0.1:5000/111122223333/q", None),
            ("https://sqs.example.com/111122223333/q", None),
        ] {
            assert_eq!(region_of_queue(url), region, "{url}");
        }
    }
}
