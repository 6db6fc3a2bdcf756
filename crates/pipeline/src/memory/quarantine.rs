use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use crate::{ObjectRef, Quarantine, QuarantineEntry, QuarantineError};

/// Keeps entries by name.
#[derive(Debug, Default)]
pub struct MemoryQuarantine {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    entries: BTreeMap<String, QuarantineEntry>,
    failures: VecDeque<QuarantineError>,
}

impl MemoryQuarantine {
    /// The bucket that [`Quarantine::holds`] is true for.
    pub const BUCKET: &str = "quarantine";

    /// What is kept, by name.
    pub fn entries(&self) -> Vec<QuarantineEntry> {
        self.lock().entries.values().cloned().collect()
    }

    /// Lets one entry fail; several failures are used up in the order in which they came.
    pub fn fail_next(&self, error: QuarantineError) {
        self.lock().failures.push_back(error);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Quarantine for MemoryQuarantine {
    async fn keep(&self, entry: &QuarantineEntry) -> Result<(), QuarantineError> {
        let mut inner = self.lock();
        if let Some(error) = inner.failures.pop_front() {
            return Err(error);
        }
        inner.entries.insert(entry.name().to_owned(), entry.clone());
        Ok(())
    }

    fn holds(&self, object: &ObjectRef) -> bool {
        object.bucket == Self::BUCKET
    }
}
