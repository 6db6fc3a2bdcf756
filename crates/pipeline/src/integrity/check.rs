//! One digest: its signature, its link to the digest before it, and the log objects that it lists.

use std::time::Instant;

use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture, stream};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use trailhound_cloudtrail::{
    Chain, Digest, DigestReference, DigestState, Limits, ListedLog, LogFingerprint, ObjectFamily, ObjectKey, inflate,
    judge_digests,
};

use super::{
    Depth, FetchedDigest, Integrity,
    breach::{Breach, HoleCause},
    standing::{Standing, Standings},
};
use crate::{
    DeliveryError, FetchError, ObjectRef, ObjectStore, StateError, StateKey,
    limits::{ALERT_MEMORY, CHECK_RESERVE, CHECKED_TOGETHER},
    state::{Change, Documents},
};

/// What a check needs of the world.
pub(super) struct Check<'p> {
    pub(super) integrity: &'p Integrity,
    pub(super) objects: &'p dyn ObjectStore,
    pub(super) documents: &'p Documents<'p>,
    pub(super) now: Timestamp,
}

/// What a digest came to.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) breaches: Vec<Breach>,
    /// Log objects for which there was no time.
    pub(super) unchecked: u64,
    /// How far the chain has come with it; to be remembered once people know what is broken, because a check that
    /// is repeated has to see the same.
    pub(super) mark: Option<(StateKey, Timestamp)>,
}

/// Remembers how far a chain has come. Digests may arrive in any order.
pub(super) async fn remember(
    documents: &Documents<'_>,
    (key, end): &(StateKey, Timestamp),
    now: Timestamp,
) -> Result<(), StateError> {
    let until = now.saturating_add(ALERT_MEMORY).unwrap_or(Timestamp::MAX);
    let advance = |mark: &mut Mark| {
        if mark.end.is_some_and(|known| known >= *end) {
            return Change::Keep(());
        }
        mark.end = Some(*end);
        Change::Write((), until)
    };
    documents.update(key, advance).await
}

/// The latest digest of a chain that was found valid.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Mark {
    end: Option<Timestamp>,
}

impl Check<'_> {
    /// `None` if the digest is gone.
    pub(super) async fn check(&self, object: &ObjectRef, end: Instant) -> Result<Option<Checked>, DeliveryError> {
        let fetched = match self.integrity.digests.digest(object).await {
            Ok(fetched) => fetched,
            Err(FetchError::Missing) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let digest = match self.authentic(object, fetched).await? {
            Ok(digest) => digest,
            Err(breach) => return Ok(Some(Checked { breaches: vec![breach], ..Checked::default() })),
        };
        let mut checked = Checked::default();
        checked.mark = Some(self.link(object, &digest, &mut checked.breaches).await?);
        if self.integrity.depth == Depth::Logs {
            self.logs(&digest, end, &mut checked).await?;
        }
        Ok(Some(checked))
    }

    /// The digest, if CloudTrail signed it for this place.
    async fn authentic(
        &self,
        object: &ObjectRef,
        fetched: FetchedDigest,
    ) -> Result<Result<Digest, Breach>, DeliveryError> {
        let key = ObjectKey::parse(&object.key);
        let time = fetched.made.or(key.delivered).unwrap_or(self.now);
        let keys = self.integrity.digests.keys(key.region.unwrap_or_default(), time).await?;
        let chains = judge_digests(vec![fetched.digest], &keys, &Limits::default());
        let judged = chains.into_iter().flat_map(|Chain { digests, .. }| digests).next();
        let not = |reason: String| Ok(Err(Breach::Digest { reason }));
        match judged.map(|judged| (judged.state, judged.digest)) {
            Some((DigestState::Valid, Some(digest))) if digest.bucket == object.bucket => Ok(Ok(digest)),
            Some((DigestState::Valid, Some(digest))) => Ok(Err(Breach::OtherBucket { bucket: digest.bucket })),
            Some((DigestState::Invalid(fault), _)) => not(fault.to_string()),
            _ => not("it carries no signature".to_owned()),
        }
    }

    /// Whether the digest before it is there and unchanged, and their times meet. How far the chain has come then.
    async fn link(
        &self,
        object: &ObjectRef,
        digest: &Digest,
        breaches: &mut Vec<Breach>,
    ) -> Result<(StateKey, Timestamp), DeliveryError> {
        let key = ObjectKey::parse(&object.key);
        let is_regular = key.family == ObjectFamily::Digest;
        let (trail, home) = key.digest.map_or(("", ""), |name| (name.trail, name.home_region));
        let kind = key.family.as_str();
        let parts = [object.bucket.as_str(), key.account.unwrap_or_default(), key.region.unwrap_or_default()];
        let mark_key = StateKey::new("chain", parts.into_iter().chain([trail, home, kind]));
        let seen = self.documents.read::<Mark>(&mark_key).await.map_err(from_state)?.end;
        let older = seen.filter(|seen| *seen <= digest.start);
        let hole = |cause, from: Option<Timestamp>| {
            let from = from.filter(|from| is_regular && *from < digest.start)?;
            Some(Breach::Hole { cause, from, until: digest.start })
        };
        match &digest.previous {
            None => breaches.extend(hole(HoleCause::Restart, older)),
            Some(previous) => match self.previous(previous).await? {
                Previous::Sound { end } => breaches.extend(hole(HoleCause::Times, end)),
                Previous::Changed { reason } => {
                    breaches.push(Breach::PreviousChanged { key: previous.key.clone(), reason });
                }
                Previous::Missing => {
                    breaches.push(Breach::PreviousMissing { key: previous.key.clone() });
                    breaches.extend(hole(HoleCause::Missing, older));
                }
            },
        }
        Ok((mark_key, digest.end))
    }

    async fn previous(&self, reference: &DigestReference) -> Result<Previous, DeliveryError> {
        let DigestReference { bucket, key, hash, signature: _ } = reference;
        let place = ObjectRef { bucket: bucket.clone(), key: key.clone(), version: None };
        let bytes = match self.integrity.digests.digest(&place).await {
            Ok(fetched) => fetched.digest.bytes,
            Err(FetchError::Missing) => return Ok(Previous::Missing),
            Err(error) => return Err(error.into()),
        };
        let listed = ListedLog { bucket: bucket.clone(), key: key.clone(), hash: *hash };
        let content = inflate(&bytes, Limits::default().digest_bytes);
        Ok(match LogFingerprint::of(&content).compare(&listed) {
            Ok(()) => Previous::Sound { end: Digest::parse(&content.bytes).ok().map(|digest| digest.end) },
            Err(fault) => Previous::Changed { reason: fault.to_string() },
        })
    }

    /// Compares the log objects with the digest, as far as there is time, and remembers what came out.
    async fn logs(&self, digest: &Digest, end: Instant, checked: &mut Checked) -> Result<(), DeliveryError> {
        // Boxed, because the compiler loses sight of what borrowing closures in a stream can be sent.
        let looks: Vec<BoxFuture<'_, _>> = digest.logs.iter().map(|listed| self.look(listed, end).boxed()).collect();
        let mut found = Vec::new();
        let mut looks = stream::iter(looks).buffered(CHECKED_TOGETHER);
        let mut listed = digest.logs.iter();
        while let (Some(look), Some(ListedLog { bucket, key, .. })) = (looks.next().await, listed.next()) {
            let object = ObjectRef { bucket: bucket.clone(), key: key.clone(), version: None };
            match look? {
                Some(None) => found.push((object, Standing::Verified)),
                Some(Some(breach)) => {
                    checked.breaches.push(breach);
                    found.push((object, Standing::Broken));
                }
                None => checked.unchecked += 1,
            }
        }
        Standings::remember(self.documents, &found, self.now).await.map_err(from_state)
    }

    /// `None` where there is no time left.
    async fn look(&self, listed: &ListedLog, end: Instant) -> Result<Option<Option<Breach>>, DeliveryError> {
        let left = end.saturating_duration_since(Instant::now());
        if left < CHECK_RESERVE { Ok(None) } else { self.log(listed).await.map(Some) }
    }

    async fn log(&self, listed: &ListedLog) -> Result<Option<Breach>, DeliveryError> {
        let ListedLog { bucket, key, .. } = listed;
        let object = ObjectRef { bucket: bucket.clone(), key: key.clone(), version: None };
        let bytes = match self.objects.get(&object).await {
            Ok(bytes) => bytes,
            Err(FetchError::Missing) => return Ok(Some(Breach::LogMissing { key: key.clone() })),
            Err(error) => return Err(error.into()),
        };
        let fingerprint = LogFingerprint::of(&inflate(&bytes, Limits::default().inflated_bytes));
        let fault = fingerprint.compare(listed).err();
        Ok(fault.map(|fault| Breach::LogChanged { key: key.clone(), reason: fault.to_string() }))
    }
}

/// What became of the digest before.
enum Previous {
    Sound { end: Option<Timestamp> },
    Changed { reason: String },
    Missing,
}

fn from_state(error: StateError) -> DeliveryError {
    DeliveryError::Digest(error)
}
