//! Digests as they arrive: whether they and the log objects they list are what CloudTrail delivered.
//!
//! A digest comes within an hour or so after the objects it lists, so an alert is mostly sent before anybody can
//! say whether its object is sound. What a digest proves or breaks is remembered for alerts that come later, as
//! from a replay; and what is broken is an alert of its own ([`notice`]).

mod breach;
mod check;
mod notice;
mod standing;

use std::{fmt, sync::Arc, time::Instant};

use async_trait::async_trait;
use jiff::Timestamp;
use thiserror::Error;
use trailhound_cloudtrail::{PublicKeys, StoredDigest};

use self::{
    check::{Check, Checked},
    standing::Standings,
};
use crate::{
    Alert, AlertSource, DeliveryError, DeliveryOutcome, DeliveryStatus, FetchError, ObjectRef, ObjectResult, Pipeline,
    StateError, measures::DigestMeasures, state::Documents,
};

pub use standing::Standing;

/// What is done about digests, and how they are reached.
#[derive(Clone)]
pub struct Integrity {
    digests: Arc<dyn DigestStore>,
    depth: Depth,
}

/// How far a digest is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Depth {
    /// Its signature and its link to the digest before it: two objects fetched for each digest, which is some
    /// 1,500 a month for each trail and region.
    Digests,
    /// The log objects that it lists as well: every log object is fetched and decompressed a second time.
    Logs,
}

/// Gives digests and the keys that verify them.
#[async_trait]
pub trait DigestStore: Send + Sync {
    /// A digest with the signature that is kept beside it.
    async fn digest(&self, object: &ObjectRef) -> Result<FetchedDigest, FetchError>;

    /// The public keys that the region signed with around a time.
    async fn keys(&self, region: &str, time: Timestamp) -> Result<PublicKeys, KeysError>;
}

/// A digest as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedDigest {
    /// The object and its signature.
    pub digest: StoredDigest,
    /// Of a backfill: when it was made, which is the time of its key.
    pub made: Option<Timestamp>,
}

/// Why there are no public keys. A further attempt may succeed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the public keys of CloudTrail cannot be had: {0}")]
pub struct KeysError(pub String);

impl Integrity {
    /// Follows digests so far.
    pub fn new(digests: Arc<dyn DigestStore>, depth: Depth) -> Self {
        Integrity { digests, depth }
    }
}

impl fmt::Debug for Integrity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Integrity").field("depth", &self.depth).finish_non_exhaustive()
    }
}

impl Pipeline {
    /// Checks a digest, remembers what it says, and tells people what is broken.
    pub(crate) async fn deliver_digest(
        &self,
        integrity: &Integrity,
        object: &ObjectRef,
        end: Instant,
    ) -> DeliveryOutcome {
        let now = self.ports().clock.now();
        let documents = Documents::new(&*self.ports().state);
        let check = Check { integrity, objects: &*self.ports().objects, documents: &documents, now };
        match check.check(object, end).await {
            Ok(Some(checked)) => self.tell(object, &checked).await.unwrap_or_else(failed),
            // Deleted since it was announced. The digest after it tells.
            Ok(None) => DeliveryOutcome::new(DeliveryStatus::Done, ObjectResult::Missing),
            Err(DeliveryError::Fetch(error)) => DeliveryOutcome::unreadable(error),
            Err(error) => failed(error),
        }
    }

    async fn tell(&self, object: &ObjectRef, checked: &Checked) -> Result<DeliveryOutcome, DeliveryError> {
        let mut outcome = DeliveryOutcome::new(DeliveryStatus::Done, ObjectResult::Read);
        let broken = u64::try_from(checked.breaches.len()).unwrap_or(u64::MAX);
        outcome.measures.digest = Some(DigestMeasures { broken, unchecked: checked.unchecked });
        if checked.unchecked > 0 {
            let (bucket, key, logs) = (&object.bucket, &object.key, checked.unchecked);
            tracing::warn!(bucket, key, logs, "no time to look at all log objects of a digest");
        }
        if let Some(view) = notice::view(object, checked, |id| self.dispatcher().account(id)) {
            outcome.alerts =
                self.announce(&[view]).await.map_err(|first| DeliveryError::Alerts { failed: 1, first })?;
            if outcome.alerts.held > 0 {
                return Err(DeliveryError::Held { held: outcome.alerts.held });
            }
        }
        if let Some(mark) = &checked.mark {
            let documents = Documents::new(&*self.ports().state);
            check::remember(&documents, mark, self.ports().clock.now()).await.map_err(DeliveryError::Digest)?;
        }
        Ok(outcome)
    }

    /// Says of each alert from this object what is known of the object.
    pub(crate) async fn vouch(&self, object: &ObjectRef, alerts: &mut [Alert]) -> Result<(), StateError> {
        if self.integrity().is_none() || alerts.is_empty() {
            return Ok(());
        }
        let documents = Documents::new(&*self.ports().state);
        let standing = Standings::of(&documents, object).await?;
        for alert in alerts {
            if matches!(&alert.source, AlertSource::Object { object: source, .. } if source == object) {
                alert.standing = Some(standing);
            }
        }
        Ok(())
    }
}

fn failed(error: DeliveryError) -> DeliveryOutcome {
    let status = DeliveryStatus::Failed { retry: error.retry(), error };
    DeliveryOutcome::new(status, ObjectResult::Read)
}
