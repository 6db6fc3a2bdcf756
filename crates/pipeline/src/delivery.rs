use std::fmt;

use serde::Serialize;
use thiserror::Error;
use trailhound_cloudtrail::{ObjectFamily, ObjectKey};

use crate::{FetchError, KeysError, Measures, NotifyError, QuarantineError, Refusal, StateError, routing::Fate};

/// One thing to inspect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// An object to fetch.
    Object(ObjectRef),
    /// Records that came along with the event itself.
    Records {
        /// What handed them over, in a few words; for logs and alerts.
        origin: String,
        /// A document in any form that records come in.
        bytes: Vec<u8>,
    },
}

impl Delivery {
    /// Bucket and key for log lines; of records that came along, nothing and their origin.
    pub fn place(&self) -> (&str, &str) {
        match self {
            Delivery::Object(object) => (&object.bucket, &object.key),
            Delivery::Records { origin, .. } => ("", origin),
        }
    }

    /// The version of the object that was announced, if one was.
    pub fn version(&self) -> Option<&str> {
        match self {
            Delivery::Object(object) => object.version.as_deref(),
            Delivery::Records { .. } => None,
        }
    }
}

/// Names an object in S3.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct ObjectRef {
    /// Name of the bucket.
    pub bucket: String,
    /// Key, not URL-encoded.
    pub key: String,
    /// The version that was announced, where the bucket keeps versions.
    pub version: Option<String>,
}

impl ObjectRef {
    /// Whether its key is that of a log object, which would be read.
    pub fn is_log(&self) -> bool {
        !self.key.ends_with('/') && ObjectKey::parse(&self.key).family.holds_records()
    }
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryOutcome {
    /// Whether it may be acknowledged.
    pub status: DeliveryStatus,
    /// What became of the object.
    pub object: ObjectResult,
    /// What became of its records.
    pub records: RecordCounts,
    /// What became of the alerts they caused.
    pub alerts: AlertCounts,
    /// What could not be judged, as far as the limits allow to name it.
    pub refusals: Vec<Refusal>,
    /// Why the delivery belongs into quarantine, if it does.
    pub quarantine: Option<String>,
    /// Whether it is in quarantine now.
    pub quarantined: bool,
    /// What metrics want to know beyond the counts.
    #[serde(skip)]
    pub measures: Measures,
}

/// Whether a delivery may be acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum DeliveryStatus {
    /// Everything in it was judged, or is kept in quarantine, and every alert was accepted.
    Done,
    /// It holds nothing for rules.
    Ignored {
        /// What it is instead.
        why: IgnoredWhy,
    },
    /// Something of it would be lost if it were acknowledged.
    Failed {
        /// False when no further attempt can succeed. Also then the delivery is not acknowledged:
        /// the queue it came from moves it to where failed deliveries are kept.
        retry: bool,
        /// What failed.
        error: DeliveryError,
    },
}

/// Why a delivery holds nothing for rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IgnoredWhy {
    /// An empty object whose key ends in a slash: what consoles create for a folder.
    FolderMarker,
    /// Not an object of CloudTrail records.
    Family(ObjectFamily),
    /// A note about another delivery, in the place where such notes are kept.
    Quarantine,
}

impl fmt::Display for IgnoredWhy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            IgnoredWhy::FolderMarker => "a folder marker",
            IgnoredWhy::Quarantine => "an entry of the quarantine",
            IgnoredWhy::Family(ObjectFamily::Digest | ObjectFamily::BackfillDigest) => {
                "a digest, which holds no records"
            }
            IgnoredWhy::Family(ObjectFamily::Aggregated) => "aggregated data events, which no rule reads",
            IgnoredWhy::Family(_) => "no object of CloudTrail records",
        })
    }
}

/// What became of the object of a delivery. Records that came along with an event count as read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectResult {
    /// It was inspected, to its end or up to its damage.
    Read,
    /// It does not exist.
    Missing,
    /// It was not fetched since it holds nothing for rules.
    Ignored,
    /// It could not be fetched.
    Unreadable,
}

/// What became of records; `records == matched + unmatched + refused`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct RecordCounts {
    /// All.
    pub records: u64,
    /// Those that match a rule.
    pub matched: u64,
    /// Those that match none.
    pub unmatched: u64,
    /// Those that could not be judged.
    pub refused: u64,
}

/// What became of alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct AlertCounts {
    /// Accepted by the channel.
    pub sent: u64,
    /// Not sent since another alert of the same rule and actor was sent for them.
    pub grouped: u64,
    /// Not sent since a digest tells of them.
    pub digested: u64,
    /// Not sent since they were sent before.
    pub duplicate: u64,
    /// Not sent since another worker is sending them.
    pub held: u64,
    /// Not sent since their level is too low.
    pub below_level: u64,
    /// Not sent since no route takes them, such as those of experimental rules.
    pub unrouted: u64,
    /// Not sent since that failed.
    pub failed: u64,
}

/// What failed in a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DeliveryError {
    /// The object could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The object is damaged; its good records were judged.
    #[error("the object is damaged: {reason}")]
    Damaged {
        /// What is wrong with it.
        reason: String,
    },
    /// What could not be judged could not be kept either.
    #[error(transparent)]
    Quarantine(#[from] QuarantineError),
    /// Alerts were not sent.
    #[error("{failed} alerts could not be sent, the first because: {first}")]
    Alerts {
        /// How many.
        failed: u64,
        /// Why the first of them was not.
        first: AlertError,
    },
    /// What correlations have to know of the records could not be stored or read.
    #[error("correlations could not be judged: {0}")]
    Correlations(StateError),
    /// What has to be known of a chain of digests could not be stored or read.
    #[error("a digest could not be checked: {0}")]
    Digest(StateError),
    /// The keys of CloudTrail could not be had.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Another worker holds alerts; whether it sends them is not known before its lease ends.
    #[error("{held} alerts are being sent by another worker")]
    Held {
        /// How many.
        held: u64,
    },
}

/// Errors are told in words: programs decide by the status.
impl Serialize for DeliveryError {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl DeliveryError {
    /// Whether a further attempt can succeed. A damaged object stays damaged, but is tried again all
    /// the same: that is how its message reaches the queue for failed deliveries.
    pub fn retry(&self) -> bool {
        !matches!(self, DeliveryError::Fetch(FetchError::TooLarge { .. }))
    }
}

/// Why an alert was not sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AlertError {
    /// It could not be claimed.
    #[error(transparent)]
    State(#[from] StateError),
    /// It was not accepted.
    #[error(transparent)]
    Notify(#[from] NotifyError),
}

impl AlertCounts {
    /// One more with this fate.
    pub(crate) fn add(&mut self, fate: Fate) {
        let count = match fate {
            Fate::Sent => &mut self.sent,
            Fate::Duplicate => &mut self.duplicate,
            Fate::Held => &mut self.held,
            Fate::BelowLevel => &mut self.below_level,
            Fate::Unrouted => &mut self.unrouted,
        };
        *count += 1;
    }
}

impl DeliveryOutcome {
    /// An outcome in which nothing was counted.
    pub fn new(status: DeliveryStatus, object: ObjectResult) -> Self {
        DeliveryOutcome {
            status,
            object,
            records: RecordCounts::default(),
            alerts: AlertCounts::default(),
            refusals: Vec::new(),
            quarantine: None,
            quarantined: false,
            measures: Measures::default(),
        }
    }

    pub(crate) fn unreadable(error: FetchError) -> Self {
        let error = DeliveryError::from(error);
        let status = DeliveryStatus::Failed { retry: error.retry(), error };
        DeliveryOutcome::new(status, ObjectResult::Unreadable)
    }
}
