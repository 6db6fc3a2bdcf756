//! What every implementation of a port has to do, as functions that its tests call.
//!
//! Each function panics with the promise that is broken. They use keys of their own, so that they
//! can run against a state that holds others; pass a different `run` for every call.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken promise has to fail the test that called"
)]

mod alerts;
mod judging;

use std::{future::Future, sync::Arc};

use crate::{ManualClock, State};

pub use alerts::*;
pub use judging::*;

/// Every promise of [`State`], by one handle and by several at once. All handles lead to the same store
/// and take the time from `clock`.
pub async fn state(handles: &[Arc<dyn State>], clock: &ManualClock, run: &str) {
    let state = handles.first().expect("a handle");
    alert_state(&**state, clock, run).await;
    of_many_workers_one_is_granted(handles, run).await;
    occurrences(&**state, clock, run).await;
    of_many_workers_all_are_recorded(handles, clock, run).await;
    cells(&**state, clock, run).await;
    no_write_is_lost(handles, clock, run).await;
    agenda(&**state, clock, run).await;
}

/// Runs `work` in so many tasks at once, spread over the handles, and collects the results.
async fn together<T, F>(handles: &[Arc<dyn State>], workers: usize, work: impl Fn(Arc<dyn State>, usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let states = handles.iter().cycle().take(workers).enumerate();
    let tasks: Vec<_> = states.map(|(worker, state)| tokio::spawn(work(Arc::clone(state), worker))).collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.expect("a worker does not panic"));
    }
    results
}
