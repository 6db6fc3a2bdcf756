mod alerts;
mod judging;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use trailhound_rule_engine::Occurrence;

use crate::{AgendaEntry, AlertId, Cell, ClaimToken, Clock, StateKey};

/// All state in memory. What has ended is forgotten, the rest is remembered as long as it lives.
#[derive(Debug)]
pub struct MemoryState {
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    alerts: BTreeMap<AlertId, Entry>,
    occurrences: BTreeMap<StateKey, BTreeMap<Occurrence, Timestamp>>,
    cells: BTreeMap<StateKey, (Cell, Timestamp)>,
    agenda: BTreeSet<AgendaEntry>,
    /// Tokens and versions given out so far.
    given: u64,
    writes: u64,
}

#[derive(Debug)]
enum Entry {
    Claimed { token: ClaimToken, until: Timestamp },
    Completed { until: Timestamp },
}

/// Writes between two rounds of forgetting.
const ROUND: u64 = 1_000;

impl MemoryState {
    /// A state that knows nothing yet. Leases and ends are on `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        MemoryState { clock, inner: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock for a write, with what has ended forgotten now and then.
    fn lock_to_write(&self, now: Timestamp) -> MutexGuard<'_, Inner> {
        let mut inner = self.lock();
        inner.writes = inner.writes.wrapping_add(1);
        if inner.writes.is_multiple_of(ROUND) {
            inner.forget(now);
        }
        inner
    }
}

impl Inner {
    fn next_token(&mut self) -> String {
        self.given = self.given.wrapping_add(1);
        self.given.to_string()
    }

    fn forget(&mut self, now: Timestamp) {
        self.alerts.retain(|_, entry| !entry.is_over(now));
        self.cells.retain(|_, (_, until)| now < *until);
        for known in self.occurrences.values_mut() {
            known.retain(|_, until| now < *until);
        }
        self.occurrences.retain(|_, known| !known.is_empty());
    }
}

impl Entry {
    fn is_held_by(&self, token: &ClaimToken) -> bool {
        match self {
            Entry::Claimed { token: holder, .. } => holder == token,
            Entry::Completed { .. } => false,
        }
    }

    /// Whether it can be forgotten. A claim that ran out can still be completed by its holder, so it is
    /// kept for a while.
    fn is_over(&self, now: Timestamp) -> bool {
        match self {
            Entry::Claimed { until, .. } => later(*until, Duration::from_hours(24)) <= now,
            Entry::Completed { until } => *until <= now,
        }
    }
}

fn later(time: Timestamp, by: Duration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::MemoryState;
    use crate::{ManualClock, State, contract};

    #[tokio::test(flavor = "multi_thread")]
    async fn keeps_every_promise_of_the_ports() {
        let clock = Arc::new(ManualClock::default());
        let state: Arc<dyn State> = Arc::new(MemoryState::new(Arc::<ManualClock>::clone(&clock)));
        for run in ["first", "second"] {
            contract::state(&[Arc::clone(&state)], &clock, run).await;
        }
    }
}
