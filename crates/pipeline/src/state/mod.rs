//! What has to be remembered between deliveries, behind ports that a file, a table or the memory of a
//! test can implement.
//!
//! There are four kinds of memory, each idempotent, so that a delivery can be repeated at any time:
//! alerts that were sent ([`AlertState`]), occurrences that correlations look at ([`OccurrenceState`]),
//! small documents that several workers change ([`CellState`]), and what is due at a later time
//! ([`Agenda`]). Everything ends: what is older than its `until` counts as gone, whether or not the
//! store has removed it yet.

mod document;
mod key;
mod token;

use async_trait::async_trait;
use jiff::Timestamp;
use trailhound_rule_engine::Occurrence;

use crate::{AlertState, StateError};

pub(crate) use document::{Change, Documents};
pub use key::StateKey;
pub use token::unique_token;

/// Remembers occurrences of events, for correlations.
///
/// An occurrence is one item under its group, sorted by the time of its event: any number of workers
/// can add to a group at once, and nobody has to read before writing.
#[async_trait]
pub trait OccurrenceState: Send + Sync {
    /// Remembers occurrences of a group until `until`. One that is known already stays as it is, and
    /// gets this end.
    async fn record(&self, group: &StateKey, occurrences: &[Occurrence], until: Timestamp) -> Result<(), StateError>;

    /// The occurrences of a group from one time to another, both included, sorted. Sees everything that
    /// was recorded before it was asked, by whomever.
    async fn window(&self, group: &StateKey, from: Timestamp, to: Timestamp) -> Result<Vec<Occurrence>, StateError>;
}

/// Keeps small documents, of up to a few tens of kilobytes, that several workers change at once.
///
/// A writer names the version it has read. Of several writers that have read the same version one
/// succeeds; the others read again.
#[async_trait]
pub trait CellState: Send + Sync {
    /// The document under a key, as it was last written by anybody.
    async fn load(&self, key: &StateKey) -> Result<Option<Cell>, StateError>;

    /// Replaces the document that has the version `seen`, or writes the first one where none was seen,
    /// to be kept until `until`. False if it is not what was seen any more, and nothing is changed then.
    ///
    /// A write that took place while its answer was lost, and is then repeated, is true; but where
    /// another writer has already built on it, the answer may be false. So a change has to be one that
    /// can be made twice.
    async fn swap(
        &self,
        key: &StateKey,
        seen: Option<&str>,
        document: &str,
        until: Timestamp,
    ) -> Result<bool, StateError>;
}

/// A document and its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Unlike that of every other version of this document, ever.
    pub version: String,
    /// What was written.
    pub document: String,
}

/// Keeps what has to be looked at once a time has come.
#[async_trait]
pub trait Agenda: Send + Sync {
    /// Notes an entry; the same one twice is there once.
    async fn schedule(&self, entry: &AgendaEntry) -> Result<(), StateError>;

    /// Up to `limit` entries that are due, the longest due first.
    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<AgendaEntry>, StateError>;

    /// Removes an entry; one that is not there is no error.
    async fn unschedule(&self, entry: &AgendaEntry) -> Result<(), StateError>;
}

/// Something to look at once its time has come. Time and key tell entries apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AgendaEntry {
    /// When it is due, in whole seconds.
    pub due: Timestamp,
    /// What it is about.
    pub key: StateKey,
    /// What has to be known to look at it; less than a kilobyte or so.
    pub note: String,
}

/// All memory of a pipeline.
pub trait State: AlertState + OccurrenceState + CellState + Agenda {}

impl<S: AlertState + OccurrenceState + CellState + Agenda> State for S {}
