use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{AlertId, AlertState, Claim, ClaimToken, Clock, StateError};

/// The state of alerts in memory. Completed alerts are remembered as long as it lives.
#[derive(Debug)]
pub struct MemoryState {
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    alerts: HashMap<AlertId, Entry>,
    granted: u64,
}

#[derive(Debug)]
enum Entry {
    Claimed { token: ClaimToken, until: Timestamp },
    Completed,
}

impl MemoryState {
    /// A state that knows no alert yet. Leases are on `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        MemoryState { clock, inner: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl AlertState for MemoryState {
    async fn claim(&self, alert: &AlertId, lease: Duration) -> Result<Claim, StateError> {
        let now = self.clock.now();
        let mut inner = self.lock();
        match inner.alerts.get(alert) {
            Some(Entry::Completed) => return Ok(Claim::Completed),
            Some(Entry::Claimed { until, .. }) if now < *until => return Ok(Claim::Held),
            Some(Entry::Claimed { .. }) | None => {}
        }
        inner.granted += 1;
        let token = ClaimToken::new(inner.granted.to_string());
        let until = now.saturating_add(lease).unwrap_or(Timestamp::MAX);
        inner.alerts.insert(alert.clone(), Entry::Claimed { token: token.clone(), until });
        Ok(Claim::Granted(token))
    }

    async fn complete(&self, alert: &AlertId, token: &ClaimToken) -> Result<(), StateError> {
        match self.lock().alerts.get_mut(alert) {
            Some(Entry::Completed) => Ok(()),
            Some(entry) if entry.is_held_by(token) => {
                *entry = Entry::Completed;
                Ok(())
            }
            Some(Entry::Claimed { .. }) | None => Err(StateError::ClaimLost),
        }
    }

    async fn release(&self, alert: &AlertId, token: &ClaimToken) -> Result<(), StateError> {
        let mut inner = self.lock();
        if inner.alerts.get(alert).is_some_and(|entry| entry.is_held_by(token)) {
            inner.alerts.remove(alert);
        }
        Ok(())
    }
}

impl Entry {
    fn is_held_by(&self, token: &ClaimToken) -> bool {
        match self {
            Entry::Claimed { token: holder, .. } => holder == token,
            Entry::Completed => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::MemoryState;
    use crate::{ManualClock, contract};

    #[tokio::test]
    async fn keeps_every_promise_of_the_port() {
        let clock = Arc::new(ManualClock::default());
        let state = MemoryState::new(Arc::<ManualClock>::clone(&clock));
        contract::alert_state(&state, &clock, "first").await;
        contract::alert_state(&state, &clock, "second").await;
    }
}
