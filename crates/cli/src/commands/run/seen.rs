//! Which files are done, remembered in the state.

use std::{fs::Metadata, sync::Arc, time::UNIX_EPOCH};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use trailhound_pipeline::{ALERT_MEMORY, Cell, State, StateError, StateKey};

/// What tells a file from what it was before: its size and the time of its last change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    bytes: u64,
    /// Nanoseconds since 1970; before that, zero.
    changed: u128,
}

/// What is remembered of a file that is done.
#[derive(Serialize, Deserialize)]
struct Note {
    stamp: Stamp,
    /// When it is forgotten.
    until: Timestamp,
}

/// The memory of files. A file is remembered for as long as the alerts that were sent are, counted anew for as
/// long as it is there; so a file that stays is never read twice.
pub(super) struct Seen {
    state: Arc<dyn State>,
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Stamp { bytes: metadata.len(), changed: changed.map_or(0, |since| since.as_nanos()) }
    }
}

impl Seen {
    pub(super) fn new(state: Arc<dyn State>) -> Self {
        Seen { state }
    }

    /// Whether a file is done as it is now.
    pub(super) async fn is_done(&self, path: &str, stamp: Stamp, now: Timestamp) -> Result<bool, StateError> {
        let Some(cell) = self.state.load(&key(path)).await? else { return Ok(false) };
        let Ok(note) = serde_json::from_str::<Note>(&cell.document) else { return Ok(false) };
        if note.stamp != stamp {
            return Ok(false);
        }
        if note.until < end(now, ALERT_MEMORY / 2) {
            self.write(path, stamp, now, Some(&cell)).await?;
        }
        Ok(true)
    }

    /// Notes that a file is done.
    pub(super) async fn note(&self, path: &str, stamp: Stamp, now: Timestamp) -> Result<(), StateError> {
        let known = self.state.load(&key(path)).await?;
        self.write(path, stamp, now, known.as_ref()).await
    }

    async fn write(&self, path: &str, stamp: Stamp, now: Timestamp, known: Option<&Cell>) -> Result<(), StateError> {
        let note = Note { stamp, until: end(now, ALERT_MEMORY) };
        let document = serde_json::to_string(&note).map_err(|error| StateError::Transient(error.to_string()))?;
        let version = known.map(|cell| cell.version.as_str());
        // Nobody else has the state: what was loaded is what is there.
        self.state.swap(&key(path), version, &document, note.until).await.map(|_| ())
    }
}

fn key(path: &str) -> StateKey {
    StateKey::new("file", [path])
}

fn end(now: Timestamp, memory: std::time::Duration) -> Timestamp {
    now.saturating_add(memory).unwrap_or(Timestamp::MAX)
}
