//! What the state of alerts has to do.

use std::{sync::Arc, time::Duration};

use super::together;
use crate::{ALERT_MEMORY, AlertId, AlertState, Claim, ClaimToken, ManualClock, State, StateError};

const LEASE: Duration = Duration::from_mins(15);

/// Every promise of [`AlertState`]; `state` has to take the time of its leases from `clock`.
pub async fn alert_state(state: &dyn AlertState, clock: &ManualClock, run: &str) {
    a_claim_is_granted_once(state, run).await;
    a_completed_alert_is_never_granted_again(state, clock, run).await;
    a_released_claim_is_granted_again(state, run).await;
    a_claim_ends_with_its_lease(state, clock, run).await;
    a_worker_that_lost_its_claim_changes_nothing(state, clock, run).await;
    alerts_do_not_touch_each_other(state, run).await;
    completion_is_remembered_for_ninety_days(state, clock, run).await;
}

/// Of many workers that claim at the same moment one is granted the claim; `handles` all lead to the
/// same store.
pub async fn of_many_workers_one_is_granted(handles: &[Arc<dyn State>], run: &str) {
    for round in 0..5 {
        let alert = alert(run, &format!("many {round}"));
        let claims = together(handles, 16, move |state, _| {
            let alert = alert.clone();
            async move { claim(&*state, &alert).await }
        })
        .await;
        let granted = claims.iter().filter(|claim| matches!(claim, Claim::Granted(_))).count();
        let held = claims.iter().filter(|claim| matches!(claim, Claim::Held)).count();
        assert_eq!((granted, held), (1, 15), "of 16 workers one is granted the claim: {claims:?}");
    }
}

/// Completion holds for 90 days, and is gone soon after, whether or not the store has cleaned up.
pub async fn completion_is_remembered_for_ninety_days(state: &dyn AlertState, clock: &ManualClock, run: &str) {
    let alert = alert(run, "ninety days");
    let token = grant(state, &alert).await;
    state.complete(&alert, &token).await.expect("the holder completes");
    clock.advance(ALERT_MEMORY.checked_sub(Duration::from_secs(2)).expect("more than two seconds"));
    assert_eq!(claim(state, &alert).await, Claim::Completed, "completion is remembered for 90 days");
    clock.advance(Duration::from_secs(4));
    grant(state, &alert).await;
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
