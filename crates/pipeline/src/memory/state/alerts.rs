use std::time::Duration;

use async_trait::async_trait;

use super::{Entry, MemoryState, later};
use crate::{AlertId, AlertState, Claim, ClaimToken, StateError, limits::ALERT_MEMORY};

#[async_trait]
impl AlertState for MemoryState {
    async fn claim(&self, alert: &AlertId, lease: Duration) -> Result<Claim, StateError> {
        let now = self.clock.now();
        let mut inner = self.lock_to_write(now);
        match inner.alerts.get(alert) {
            Some(Entry::Completed { until }) if now < *until => return Ok(Claim::Completed),
            Some(Entry::Claimed { until, .. }) if now < *until => return Ok(Claim::Held),
            Some(_) | None => {}
        }
        let token = ClaimToken::new(inner.next_token());
        inner.alerts.insert(alert.clone(), Entry::Claimed { token: token.clone(), until: later(now, lease) });
        Ok(Claim::Granted(token))
    }

    async fn complete(&self, alert: &AlertId, token: &ClaimToken) -> Result<(), StateError> {
        let now = self.clock.now();
        match self.lock_to_write(now).alerts.get_mut(alert) {
            Some(Entry::Completed { .. }) => Ok(()),
            Some(entry) if entry.is_held_by(token) => {
                *entry = Entry::Completed { until: later(now, ALERT_MEMORY) };
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
