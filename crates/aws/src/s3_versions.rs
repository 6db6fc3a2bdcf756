//! Objects that are looked at for new versions: configuration and rules.

use std::fmt;

use async_trait::async_trait;
use aws_config::BehaviorVersion;
use aws_sdk_s3::Client;
use tokio::time::timeout;
use trailhound_pipeline::watching::{Versioned, VersionedObjects};
use trailhound_pipeline::{FetchError, ObjectRef};

use crate::CallLimits;
use crate::connect;
use crate::s3::{BodyError, collect, fetch_error};

/// Largest object that is fetched, in bytes as stored; 16 MiB.
const MAX_BYTES: u64 = 16 << 20;

/// Status of an answer that holds nothing, because the version is known.
const NOT_MODIFIED: u16 = 304;

/// Asks S3 for objects unless they are still of the version that is known, by their `ETag`.
pub struct S3Versions {
    client: Client,
    limits: CallLimits,
}

impl S3Versions {
    /// An adapter over this client.
    pub fn new(client: Client, limits: CallLimits) -> Self {
        Self { client, limits }
    }

    /// An adapter from the environment, as [`connect`](crate::connect) builds the others.
    pub async fn connect(limits: CallLimits) -> Self {
        let shared = connect::load(aws_config::defaults(BehaviorVersion::latest()), &limits).await;
        Self::new(connect::s3_client(&shared), limits)
    }
}

#[async_trait]
impl VersionedObjects for S3Versions {
    async fn get_newer(&self, object: &ObjectRef, known: Option<&str>) -> Result<Option<Versioned>, FetchError> {
        let call = self.client.get_object().bucket(&object.bucket).key(&object.key);
        let answer = match call.set_if_none_match(known.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) if error.raw_response().is_some_and(|answer| answer.status().as_u16() == NOT_MODIFIED) => {
                return Ok(None);
            }
            Err(error) => return Err(fetch_error(&error)),
        };
        let version = answer.e_tag().unwrap_or_default().to_owned();
        let body = timeout(self.limits.body, collect(answer.body, 0, MAX_BYTES)).await;
        match body.unwrap_or_else(|_| Err(BodyError::Interrupted("not read in time".to_owned()))) {
            Ok(bytes) => Ok(Some(Versioned { bytes, version })),
            Err(BodyError::TooLarge) => Err(FetchError::TooLarge { limit: MAX_BYTES }),
            // The next look is another try.
            Err(BodyError::Interrupted(reason)) => Err(FetchError::Transient(reason)),
        }
    }
}

impl fmt::Debug for S3Versions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("S3Versions").field("limits", &self.limits).finish_non_exhaustive()
    }
}
