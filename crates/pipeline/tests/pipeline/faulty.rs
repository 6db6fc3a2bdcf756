//! A state and a notifier of which some calls fail.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use trailhound_pipeline::{
    Agenda, AgendaEntry, AlertId, AlertState, Cell, CellState, Claim, ClaimToken, Notification, Notifier, NotifyError,
    OccurrenceState, Receipt, StateError, StateKey,
    memory::{MemoryNotifier, MemoryState},
};
use trailhound_rule_engine::Occurrence;

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Claim,
    Complete,
    Release,
    Record,
    Window,
    Load,
    Swap,
    Schedule,
    Due,
    Unschedule,
    Notify,
}

/// Wraps a port; a call fails when `fails` says so, before anything is done.
pub(crate) struct Faulty<P> {
    inner: Arc<P>,
    fails: Box<dyn Fn(Call) -> bool + Send + Sync>,
}

impl<P> Faulty<P> {
    pub(crate) fn new(inner: Arc<P>, fails: impl Fn(Call) -> bool + Send + Sync + 'static) -> Self {
        Faulty { inner, fails: Box::new(fails) }
    }

    fn check(&self, call: Call) -> Result<&P, StateError> {
        if (self.fails)(call) { Err(StateError::Transient(format!("{call:?}"))) } else { Ok(&self.inner) }
    }
}

#[async_trait]
impl AlertState for Faulty<MemoryState> {
    async fn claim(&self, alert: &AlertId, lease: Duration) -> Result<Claim, StateError> {
        self.check(Call::Claim)?.claim(alert, lease).await
    }

    async fn complete(&self, alert: &AlertId, token: &ClaimToken) -> Result<(), StateError> {
        self.check(Call::Complete)?.complete(alert, token).await
    }

    async fn release(&self, alert: &AlertId, token: &ClaimToken) -> Result<(), StateError> {
        self.check(Call::Release)?.release(alert, token).await
    }
}

#[async_trait]
impl OccurrenceState for Faulty<MemoryState> {
    async fn record(&self, group: &StateKey, occurrences: &[Occurrence], until: Timestamp) -> Result<(), StateError> {
        self.check(Call::Record)?.record(group, occurrences, until).await
    }

    async fn window(&self, group: &StateKey, from: Timestamp, to: Timestamp) -> Result<Vec<Occurrence>, StateError> {
        self.check(Call::Window)?.window(group, from, to).await
    }
}

#[async_trait]
impl CellState for Faulty<MemoryState> {
    async fn load(&self, key: &StateKey) -> Result<Option<Cell>, StateError> {
        let cell = self.check(Call::Load)?.load(key).await;
        // Others get their turn between reading and writing.
        tokio::task::yield_now().await;
        cell
    }

    async fn swap(
        &self,
        key: &StateKey,
        seen: Option<&str>,
        document: &str,
        until: Timestamp,
    ) -> Result<bool, StateError> {
        self.check(Call::Swap)?.swap(key, seen, document, until).await
    }
}

#[async_trait]
impl Agenda for Faulty<MemoryState> {
    async fn schedule(&self, entry: &AgendaEntry) -> Result<(), StateError> {
        self.check(Call::Schedule)?.schedule(entry).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<AgendaEntry>, StateError> {
        self.check(Call::Due)?.due(now, limit).await
    }

    async fn unschedule(&self, entry: &AgendaEntry) -> Result<(), StateError> {
        self.check(Call::Unschedule)?.unschedule(entry).await
    }
}

#[async_trait]
impl Notifier for Faulty<MemoryNotifier> {
    async fn notify(&self, notification: &Notification) -> Result<Receipt, NotifyError> {
        let inner = self.check(Call::Notify).map_err(|_| NotifyError::Transient("throttled".to_owned()))?;
        tokio::task::yield_now().await;
        inner.notify(notification).await
    }
}
