//! Objects, a state and a notifier of which some calls fail.

use std::{future::Future, sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use trailhound_pipeline::{
    Agenda, AgendaEntry, AlertId, AlertState, Cell, CellState, Claim, ClaimToken, FetchError, Notification, Notifier,
    NotifyError, ObjectRef, ObjectStore, OccurrenceState, Receipt, State, StateError, StateKey,
    memory::{MemoryNotifier, MemoryObjects},
};
use trailhound_rule_engine::Occurrence;

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Fetch,
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

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Done,
    /// It fails, and nothing is done.
    Fails,
    /// What it asks is done, and it fails all the same: its answer is lost.
    LosesItsAnswer,
}

impl From<bool> for Fate {
    fn from(fails: bool) -> Self {
        if fails { Fate::Fails } else { Fate::Done }
    }
}

/// Wraps a port; `fate` says what becomes of a call.
pub(crate) struct Faulty<P: ?Sized> {
    inner: Arc<P>,
    fate: Box<dyn Fn(Call) -> Fate + Send + Sync>,
}

impl<P: ?Sized> Faulty<P> {
    pub(crate) fn new<F: Into<Fate>>(inner: Arc<P>, fate: impl Fn(Call) -> F + Send + Sync + 'static) -> Self {
        Faulty { inner, fate: Box::new(move |call| fate(call).into()) }
    }

    async fn pass<T>(&self, call: Call, work: impl Future<Output = Result<T, StateError>>) -> Result<T, StateError> {
        match (self.fate)(call) {
            Fate::Done => work.await,
            Fate::Fails => Err(StateError::Transient(format!("{call:?}"))),
            Fate::LosesItsAnswer => {
                work.await?;
                Err(StateError::Transient(format!("{call:?}: answer lost")))
            }
        }
    }
}

#[async_trait]
impl<S: State + ?Sized> AlertState for Faulty<S> {
    async fn claim(&self, alert: &AlertId, lease: Duration) -> Result<Claim, StateError> {
        self.pass(Call::Claim, self.inner.claim(alert, lease)).await
    }

    async fn complete(&self, alert: &AlertId, token: &ClaimToken) -> Result<(), StateError> {
        self.pass(Call::Complete, self.inner.complete(alert, token)).await
    }

    async fn release(&self, alert: &AlertId, token: &ClaimToken) -> Result<(), StateError> {
        self.pass(Call::Release, self.inner.release(alert, token)).await
    }
}

#[async_trait]
impl<S: State + ?Sized> OccurrenceState for Faulty<S> {
    async fn record(&self, group: &StateKey, occurrences: &[Occurrence], until: Timestamp) -> Result<(), StateError> {
        self.pass(Call::Record, self.inner.record(group, occurrences, until)).await
    }

    async fn window(&self, group: &StateKey, from: Timestamp, to: Timestamp) -> Result<Vec<Occurrence>, StateError> {
        self.pass(Call::Window, self.inner.window(group, from, to)).await
    }
}

#[async_trait]
impl<S: State + ?Sized> CellState for Faulty<S> {
    async fn load(&self, key: &StateKey) -> Result<Option<Cell>, StateError> {
        let cell = self.pass(Call::Load, self.inner.load(key)).await;
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
        self.pass(Call::Swap, self.inner.swap(key, seen, document, until)).await
    }
}

#[async_trait]
impl<S: State + ?Sized> Agenda for Faulty<S> {
    async fn schedule(&self, entry: &AgendaEntry) -> Result<(), StateError> {
        self.pass(Call::Schedule, self.inner.schedule(entry)).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<AgendaEntry>, StateError> {
        self.pass(Call::Due, self.inner.due(now, limit)).await
    }

    async fn unschedule(&self, entry: &AgendaEntry) -> Result<(), StateError> {
        self.pass(Call::Unschedule, self.inner.unschedule(entry)).await
    }
}

#[async_trait]
impl Notifier for Faulty<MemoryNotifier> {
    async fn notify(&self, notifications: &[Notification]) -> Vec<Result<Receipt, NotifyError>> {
        let mut answers = Vec::new();
        for notification in notifications {
            // Losing this answer would be the one point where a repeat is possible.
            if (self.fate)(Call::Notify) != Fate::Done {
                answers.push(Err(NotifyError::Transient("throttled".to_owned())));
                continue;
            }
            tokio::task::yield_now().await;
            answers.extend(self.inner.notify(std::slice::from_ref(notification)).await);
        }
        answers
    }
}

#[async_trait]
impl ObjectStore for Faulty<MemoryObjects> {
    async fn get(&self, object: &ObjectRef) -> Result<Vec<u8>, FetchError> {
        if (self.fate)(Call::Fetch) != Fate::Done {
            return Err(FetchError::Transient("throttled".to_owned()));
        }
        self.inner.get(object).await
    }
}
