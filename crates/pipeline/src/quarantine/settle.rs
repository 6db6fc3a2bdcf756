use super::{Quarantine, QuarantineEntry};
use crate::{Delivery, DeliveryError, DeliveryOutcome, DeliveryStatus, FetchError};

/// Puts a delivery into quarantine if it belongs there, and then calls it done: all that could be
/// judged was, its alerts are out, and the rest is kept. When that fails, the delivery fails.
pub(crate) async fn settle(
    quarantine: &dyn Quarantine,
    delivery: &Delivery,
    mut outcome: DeliveryOutcome,
) -> DeliveryOutcome {
    let Some(reason) = reason(&outcome) else { return outcome };
    match quarantine.keep(&QuarantineEntry::new(delivery, &reason, &outcome)).await {
        Ok(()) => {
            outcome.status = DeliveryStatus::Done;
            outcome.quarantined = true;
        }
        Err(error) => {
            outcome.status = DeliveryStatus::Failed { retry: true, error: DeliveryError::Quarantine(error) };
        }
    }
    outcome.quarantine.get_or_insert(reason);
    outcome
}

/// Why a delivery belongs into quarantine: something of it will never be judged. What may still change,
/// such as a missing permission or an alert that was not sent, is tried again first.
fn reason(outcome: &DeliveryOutcome) -> Option<String> {
    let counts = outcome.records;
    match &outcome.status {
        DeliveryStatus::Failed { error: DeliveryError::Damaged { reason }, .. } => Some(reason.clone()),
        DeliveryStatus::Failed { error: DeliveryError::Fetch(error @ FetchError::TooLarge { .. }), .. } => {
            Some(error.to_string())
        }
        DeliveryStatus::Done if counts.refused > 0 => {
            Some(format!("{} of {} records could not be read", counts.refused, counts.records))
        }
        DeliveryStatus::Done | DeliveryStatus::Ignored { .. } | DeliveryStatus::Failed { .. } => None,
    }
}
