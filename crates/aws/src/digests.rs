//! Digests from S3, with the signatures beside them, and the keys of CloudTrail.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::Mutex;
use trailhound_cloudtrail::{PublicKeys, StoredDigest};
use trailhound_pipeline::{DigestStore, FetchError, FetchedDigest, KeysError, ObjectRef};

use crate::limits::{KEPT_KEYS, KEY_MARGIN};
use crate::{S3Objects, Trails};

/// What S3 keeps beside a digest: its signature.
const SIGNATURE: &str = "signature";
/// Beside a digest of a backfill: when it was made.
const BACKFILL_MADE: &str = "backfill-generation-timestamp";

/// Fetches digests from S3 and the keys that verify them from CloudTrail, those of a region and day once.
pub struct S3Digests {
    objects: S3Objects,
    trails: Trails,
    /// By region and the day of the digest.
    keys: Mutex<BTreeMap<(String, i64), PublicKeys>>,
}

impl S3Digests {
    /// Digests among these objects, with the keys that CloudTrail gives.
    pub fn new(objects: S3Objects, trails: Trails) -> Self {
        Self { objects, trails, keys: Mutex::default() }
    }
}

#[async_trait]
impl DigestStore for S3Digests {
    async fn digest(&self, object: &ObjectRef) -> Result<FetchedDigest, FetchError> {
        let (bytes, mut metadata) = self.objects.get_with_metadata(object).await?;
        let made = metadata.get(BACKFILL_MADE).and_then(|time| time.parse().ok());
        let digest = StoredDigest { path: object.key.clone(), bytes, signature: metadata.remove(SIGNATURE) };
        Ok(FetchedDigest { digest, made })
    }

    async fn keys(&self, region: &str, time: Timestamp) -> Result<PublicKeys, KeysError> {
        let day = time.as_second().div_euclid(24 * 60 * 60);
        // Held over the call, so that many digests that come together ask once.
        let mut kept = self.keys.lock().await;
        let place = (region.to_owned(), day);
        if let Some(keys) = kept.get(&place) {
            return Ok(keys.clone());
        }
        let moment = |second: i64| Timestamp::from_second(second).unwrap_or(time);
        let (since, until) = (moment(day * 24 * 60 * 60), moment((day + 1) * 24 * 60 * 60));
        let since = since.saturating_sub(KEY_MARGIN).unwrap_or(since);
        let until = until.saturating_add(KEY_MARGIN).unwrap_or(until);
        let listed = self.trails.public_keys(region, since, until).await;
        let listed = listed.map_err(|error| KeysError(format!("{}; {}", error.reason(), error.advice())))?;
        let mut keys = PublicKeys::default();
        for (fingerprint, key) in listed {
            keys.insert(fingerprint, key);
        }
        while kept.len() >= KEPT_KEYS {
            kept.pop_first();
        }
        kept.insert(place, keys.clone());
        Ok(keys)
    }
}

impl fmt::Debug for S3Digests {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("S3Digests").field("objects", &self.objects).finish_non_exhaustive()
    }
}
