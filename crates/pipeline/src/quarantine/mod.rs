//! Where what no rule can judge is kept, so that it can be acknowledged without being lost.

mod entry;
mod folder;
mod settle;

use async_trait::async_trait;
use thiserror::Error;

pub use entry::QuarantineEntry;
pub use folder::FolderQuarantine;
pub(crate) use settle::settle;

use crate::ObjectRef;

/// Keeps a note of every delivery of which something could not be judged for good.
#[async_trait]
pub trait Quarantine: Send + Sync {
    /// Keeps an entry; success means that it outlasts this process. An entry of the same name is the
    /// same entry, and takes its place.
    async fn keep(&self, entry: &QuarantineEntry) -> Result<(), QuarantineError>;

    /// Whether an object is one of the entries kept here: it is then no log, and reading it would put
    /// a note about the note beside it, without end.
    fn holds(&self, _object: &ObjectRef) -> bool {
        false
    }
}

/// Why an entry could not be kept.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QuarantineError {
    /// It is larger than the place allows; only records that came along with an event can be.
    #[error("the quarantine takes entries of at most {limit} bytes, and this one has {bytes}")]
    TooLarge {
        /// Bytes of the entry.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The place does not take it: no permission, no such bucket, queue or folder.
    #[error("the quarantine refused the entry: {0}")]
    Rejected(String),
    /// A further attempt may succeed.
    #[error("the quarantine could not be reached: {0}")]
    Transient(String),
}
