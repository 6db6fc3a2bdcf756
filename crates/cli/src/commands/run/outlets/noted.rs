use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{Mutex, MutexGuard};
use trailhound_pipeline::{ALERT_MEMORY, AlertId, NotifyError, State, StateKey};

/// Remembers of each alert that it was handed over, at once and one after the other.
///
/// The pipeline completes alerts in tens. For an outlet that cannot be asked afterwards what it got, this
/// leaves a single alert that a crash can repeat: the one that was being handed over.
pub(in crate::commands::run) struct Noted {
    state: Arc<dyn State>,
    outlet: &'static str,
    gate: Mutex<()>,
}

impl Noted {
    pub(in crate::commands::run) fn new(state: Arc<dyn State>, outlet: &'static str) -> Self {
        Noted { state, outlet, gate: Mutex::new(()) }
    }

    /// The right to hand something over, which nobody else has meanwhile.
    pub(super) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.gate.lock().await
    }

    pub(super) async fn is_noted(&self, alert: &AlertId) -> Result<bool, NotifyError> {
        let cell = self.state.load(&self.key(alert)).await;
        cell.map(|cell| cell.is_some()).map_err(|error| NotifyError::Transient(error.to_string()))
    }

    /// Where this fails the alert may come again, but is not lost.
    pub(super) async fn note(&self, alert: &AlertId) {
        let until = Timestamp::now().saturating_add(ALERT_MEMORY).unwrap_or(Timestamp::MAX);
        if let Err(error) = self.state.swap(&self.key(alert), None, "", until).await {
            tracing::warn!(%alert, %error, "alert handed over but not noted");
        }
    }

    fn key(&self, alert: &AlertId) -> StateKey {
        StateKey::new("handed", [self.outlet, alert.as_str()])
    }
}
