use jiff::SignedDuration;

/// What one log object may cost before it is refused. Reaching a limit is a stated error, never a
/// silent truncation.
///
/// Nesting has no entry here: the reader itself refuses more than
/// [`MAX_DEPTH`](trailhound_rule_engine::json::MAX_DEPTH) levels in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one object after decompression; 512 MiB. AWS states at most 50 MB, in one place
    /// before and in another after compression.
    pub inflated_bytes: usize,
    /// Bytes of one record; 1 MiB. AWS states at most 256 KB.
    pub record_bytes: usize,
    /// Bytes of one digest after decompression; 64 MiB, room for more than a hundred thousand objects
    /// in its hour.
    pub digest_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { inflated_bytes: 512 << 20, record_bytes: 1 << 20, digest_bytes: 64 << 20 }
    }
}

/// Bytes of memory that the size stated at the end of a gzip object may reserve before anything has
/// been decompressed; 64 MiB. The statement is unchecked input; more is reserved as data arrives.
pub(crate) const RESERVED_BYTES: usize = 64 << 20;

/// Bytes that one byte of deflate data can expand to; 1032 by the format.
pub(crate) const MAX_EXPANSION: usize = 1032;

/// How often the length of a damaged document may be passed over, in all, in search of the ends of
/// broken records; 4. It keeps the time for hostile input proportional to its size.
pub(crate) const RECOVERY_PASSES: usize = 4;

/// How far before the end of the time that digests cover the name of a log object may put it for certain;
/// 15 minutes. Names carry the minute of the delivery, and one at the edge may be in the next digest.
pub(crate) const COVER_MARGIN: SignedDuration = SignedDuration::from_mins(15);

/// The time that a digest covers; one hour.
pub(crate) const DIGEST_PERIOD: SignedDuration = SignedDuration::from_hours(1);
