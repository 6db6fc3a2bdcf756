use jiff::Timestamp;

/// Something that is not as CloudTrail delivered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Breach {
    /// The digest itself is not authentic.
    Digest { reason: String },
    /// It says that it was delivered to another bucket.
    OtherBucket { bucket: String },
    /// The digest before it is gone.
    PreviousMissing { key: String },
    /// The digest before it was something else when this one was made.
    PreviousChanged { key: String, reason: String },
    /// A time that no digest covers, because the chain was begun anew or the digests do not meet.
    Hole { cause: HoleCause, from: Timestamp, until: Timestamp },
    /// A log object that it lists is gone.
    LogMissing { key: String },
    /// A log object that it lists is not what was delivered.
    LogChanged { key: String, reason: String },
}

/// Why no digest covers a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HoleCause {
    /// Digests are missing.
    Missing,
    /// Logging or the making of digests was switched off and on again.
    Restart,
    /// The digests are linked, their times do not meet.
    Times,
}

impl Breach {
    /// What it is, in a few words.
    pub(super) fn what(&self) -> &'static str {
        match self {
            Breach::Digest { .. } => "digest not authentic",
            Breach::OtherBucket { .. } => "digest of another bucket",
            Breach::PreviousMissing { .. } => "digest missing",
            Breach::PreviousChanged { .. } => "digest changed",
            Breach::Hole { cause: HoleCause::Missing, .. } => "time without digests",
            Breach::Hole { cause: HoleCause::Restart, .. } => "time before the chain began anew",
            Breach::Hole { cause: HoleCause::Times, .. } => "time between linked digests",
            Breach::LogMissing { .. } => "log missing",
            Breach::LogChanged { .. } => "log changed",
        }
    }

    /// Which one, and what is known of it.
    pub(super) fn which(&self) -> String {
        match self {
            Breach::Digest { reason } => reason.clone(),
            Breach::OtherBucket { bucket } => format!("delivered to {bucket}"),
            Breach::PreviousMissing { key } | Breach::LogMissing { key } => key.clone(),
            Breach::PreviousChanged { key, reason } | Breach::LogChanged { key, reason } => {
                format!("{key}: {reason}")
            }
            Breach::Hole { from, until, .. } => format!("{from} to {until}"),
        }
    }

    /// Whether it is found again when the digest is checked again: how long a hole is, is not, since the chain has
    /// gone on.
    pub(super) fn is_lasting(&self) -> bool {
        !matches!(self, Breach::Hole { cause: HoleCause::Missing, .. })
    }

    /// Whether somebody with the right to do so may have meant it.
    pub(super) fn may_be_meant(&self) -> bool {
        matches!(self, Breach::Hole { cause: HoleCause::Restart, .. })
    }
}
