//! What every implementation of a port has to do, as functions that its tests call.
//!
//! Each function panics with the promise that is broken. They use alerts of their own, so that they
//! can run against a state that holds others; pass a different `run` for every call.

#![allow(clippy::expect_used, clippy::panic, reason = "a broken promise has to fail the test that called")]

use std::time::Duration;

use crate::{AlertId, AlertState, Claim, ClaimToken, ManualClock, StateError};

const LEASE: Duration = Duration::from_mins(15);

/// Every promise of [`AlertState`]; `state` has to take the time of its leases from `clock`.
pub async fn alert_state(state: &dyn AlertState, clock: &ManualClock, run: &str) {
    a_claim_is_granted_once(state, run).await;
    a_completed_alert_is_never_granted_again(state, clock, run).await;
    a_released_claim_is_granted_again(state, run).await;
    a_claim_ends_with_its_lease(state, clock, run).await;
    a_worker_that_lost_its_claim_changes_nothing(state, clock, run).await;
    alerts_do_not_touch_each_other(state, run).await;
}

/// Of two workers one is granted the claim.
pub async fn a_claim_is_granted_once(state: &dyn AlertState, run: &str) {
    let alert = alert(run, "once");
    grant(state, &alert).await;
    assert_eq!(claim(state, &alert).await, Claim::Held, "a claim is granted once");
}

/// Completion outlasts every lease, and can be repeated.
pub async fn a_completed_alert_is_never_granted_again(state: &dyn AlertState, clock: &ManualClock, run: &str) {
    let alert = alert(run, "completed");
    let token = grant(state, &alert).await;
    state.complete(&alert, &token).await.expect("the holder completes");
    state.complete(&alert, &token).await.expect("completing twice does no harm");
    assert_eq!(claim(state, &alert).await, Claim::Completed, "a completed alert stays completed");
    clock.advance(LEASE * 10);
    assert_eq!(claim(state, &alert).await, Claim::Completed, "completion outlasts the lease");
    state.release(&alert, &token).await.expect("releasing too late does no harm");
    assert_eq!(claim(state, &alert).await, Claim::Completed, "completion cannot be released");
}

/// A claim that is given back can be claimed at once, with another token.
pub async fn a_released_claim_is_granted_again(state: &dyn AlertState, run: &str) {
    let alert = alert(run, "released");
    let first = grant(state, &alert).await;
    state.release(&alert, &first).await.expect("the holder releases");
    let second = grant(state, &alert).await;
    assert_ne!(first, second, "tokens differ");
    state.release(&alert, &first).await.expect("releasing twice does no harm");
    assert_eq!(claim(state, &alert).await, Claim::Held, "an old token releases nothing");
}

/// A claim holds up to the end of its lease, and no longer.
pub async fn a_claim_ends_with_its_lease(state: &dyn AlertState, clock: &ManualClock, run: &str) {
    let alert = alert(run, "lease");
    let first = grant(state, &alert).await;
    clock.advance(LEASE.checked_sub(Duration::from_secs(1)).expect("the lease is longer than a second"));
    assert_eq!(claim(state, &alert).await, Claim::Held, "a claim holds during its lease");
    clock.advance(Duration::from_secs(1));
    let second = grant(state, &alert).await;
    assert_ne!(first, second, "tokens differ");
    assert_eq!(claim(state, &alert).await, Claim::Held, "a claim that was taken over holds for a lease of its own");
}

/// After a takeover the first holder can neither complete nor release; a claim that ran out without
/// being taken over can still be completed.
pub async fn a_worker_that_lost_its_claim_changes_nothing(state: &dyn AlertState, clock: &ManualClock, run: &str) {
    let taken = alert(run, "taken over");
    let first = grant(state, &taken).await;
    clock.advance(LEASE);
    let second = grant(state, &taken).await;
    assert_eq!(state.complete(&taken, &first).await, Err(StateError::ClaimLost), "a lost claim is not completed");
    state.release(&taken, &first).await.expect("releasing a lost claim does no harm");
    assert_eq!(claim(state, &taken).await, Claim::Held, "a lost claim is not released");
    state.complete(&taken, &second).await.expect("the second holder completes");

    let slow = alert(run, "slow");
    let token = grant(state, &slow).await;
    clock.advance(LEASE * 2);
    state.complete(&slow, &token).await.expect("a claim nobody took over is completed late");
    assert_eq!(claim(state, &slow).await, Claim::Completed, "late completion counts");
}

/// Alerts are independent, and completing what was never claimed is refused.
pub async fn alerts_do_not_touch_each_other(state: &dyn AlertState, run: &str) {
    let (one, other) = (alert(run, "one"), alert(run, "other"));
    let token = grant(state, &one).await;
    let unknown = state.complete(&other, &token).await;
    assert_eq!(unknown, Err(StateError::ClaimLost), "an alert that nobody claimed is not completed");
    grant(state, &other).await;
    state.complete(&one, &token).await.expect("the holder completes");
    assert_eq!(claim(state, &other).await, Claim::Held, "completing one alert leaves the other");
}

fn alert(run: &str, case: &str) -> AlertId {
    AlertId::new(run, Some("111122223333"), Some(case), "")
}

async fn claim(state: &dyn AlertState, alert: &AlertId) -> Claim {
    state.claim(alert, LEASE).await.expect("the state can be reached")
}

async fn grant(state: &dyn AlertState, alert: &AlertId) -> ClaimToken {
    match claim(state, alert).await {
        Claim::Granted(token) => token,
        other => panic!("a free alert is granted, and this one was {other:?}"),
    }
}
