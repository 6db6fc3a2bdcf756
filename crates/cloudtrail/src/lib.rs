//! CloudTrail log objects: bounded inflate, record reading, object keys, record families.
//!
//! A pure library: the bytes of an object go in, its records come out one at a time, and whatever
//! cannot be read is named with its index and byte offset. No input or output, no clock, no AWS.
//!
//! ```
//! use trailhound_cloudtrail::{Limits, RecordRefusal, RecordSink, inflate, read_records};
//! use trailhound_rule_engine::json;
//!
//! #[derive(Default)]
//! struct Count {
//!     read: u64,
//!     refused: u64,
//! }
//!
//! impl RecordSink for Count {
//!     fn record(&mut self, _index: u64, reader: &mut json::Reader<'_>) -> Result<(), json::Error> {
//!         reader.skip()?;
//!         self.read += 1;
//!         Ok(())
//!     }
//!
//!     fn refused(&mut self, _index: u64, _refusal: RecordRefusal) {
//!         self.refused += 1;
//!     }
//! }
//!
//! let limits = Limits::default();
//! let object = inflate(br#"{"Records": [{"eventName": "StopLogging"}, {"eventName": oops}]}"#, limits.inflated_bytes);
//! let mut count = Count::default();
//! let problems = read_records(&object.bytes, &limits, &mut count);
//! assert!(problems.is_empty());
//! assert_eq!((count.read, count.refused), (1, 1));
//! ```

#![deny(clippy::disallowed_methods)]

mod gzip;
mod inflate;
mod integrity;
mod limits;
mod needed_events;
mod object_key;
mod record_family;
mod records;

pub use gzip::Damage;
pub use inflate::{InflateError, Inflated, Inflater, inflate};
pub use integrity::{
    Chain, ChainKind, ChainName, Cover, Digest, DigestFault, DigestFormatError, DigestReference, DigestState, Found,
    Hole, HoleCause, InvalidKey, InvalidKeyFile, JudgedDigest, ListedLog, LogFault, LogFingerprint, Paths, PublicKey,
    PublicKeys, Range, Sha256, StoredDigest, judge_digests,
};
pub use limits::Limits;
pub use needed_events::{EventCategory, EventFiles, EventProfile, NeededEvents};
pub use object_key::{DigestName, ObjectFamily, ObjectKey};
pub use record_family::RecordFamily;
pub use records::{DocumentProblem, RecordRefusal, RecordSink, read_records};
