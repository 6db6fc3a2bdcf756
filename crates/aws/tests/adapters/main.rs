//! The adapters against a server on loopback that answers as AWS does when
//! something is wrong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

#[cfg(feature = "function")]
mod alarms;
mod digests;
mod dynamodb;
mod quarantine;
mod s3;
mod s3_versions;
mod sns;
mod stub_server;
mod trails;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::{BehaviorVersion, ConfigLoader, Region};
use aws_sdk_s3::config::Credentials;
use trailhound_aws::{Adapters, CallLimits, QuarantinePlace, Settings, connect_with};
use trailhound_pipeline::TopicName;

use self::stub_server::StubServer;

const MAX_OBJECT_BYTES: u64 = 1000;

/// Adapters that talk to the server and lose patience quickly.
async fn adapters(server: &StubServer, topic: &str) -> Adapters {
    adapters_with(server, topic, None).await
}

async fn adapters_with(server: &StubServer, topic: &str, quarantine: Option<QuarantinePlace>) -> Adapters {
    let settings = Settings {
        topics: BTreeMap::from([(TopicName::default(), topic.parse().unwrap())]),
        quarantine,
        max_object_bytes: MAX_OBJECT_BYTES,
        limits: CallLimits {
            attempt: Duration::from_millis(500),
            body: Duration::from_secs(1),
            body_pause: Duration::from_millis(1),
            entry_pause: Duration::from_millis(1),
            ..CallLimits::default()
        },
    };
    connect_with(loader(server), settings).await
}

fn loader(server: &StubServer) -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
        .endpoint_url(server.address())
}
