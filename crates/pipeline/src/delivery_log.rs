//! The log line of a delivery: names, counts and durations, and nothing of what a record holds.

use std::time::Duration;

use crate::{Delivery, DeliveryOutcome, DeliveryStatus};

/// How many refusals of one delivery get a log line of their own; the counts cover all.
const LOGGED_REFUSALS: usize = 10;

/// Writes one line about what became of a delivery, and one for each of the first records refused.
pub(crate) fn write(delivery: &Delivery, outcome: &DeliveryOutcome) {
    let (bucket, key) = delivery.place();
    let (status, why) = match &outcome.status {
        DeliveryStatus::Done => ("done", String::new()),
        DeliveryStatus::Ignored { why } => ("ignored", why.to_string()),
        DeliveryStatus::Failed { error, .. } => ("failed", error.to_string()),
    };
    let (records, alerts, measures) = (&outcome.records, &outcome.alerts, &outcome.measures);
    tracing::info!(
        bucket,
        key,
        version = delivery.version(),
        status,
        why,
        object = ?outcome.object,
        records = records.records,
        matched = records.matched,
        unmatched = records.unmatched,
        refused = records.refused,
        suppressed = measures.suppressed,
        sent = alerts.sent,
        grouped = alerts.grouped,
        digested = alerts.digested,
        duplicate = alerts.duplicate,
        held = alerts.held,
        below_level = alerts.below_level,
        unrouted = alerts.unrouted,
        failed = alerts.failed,
        quarantined = outcome.quarantined,
        quarantine = outcome.quarantine,
        fetch_ms = measures.fetch.map(milliseconds),
        inspect_ms = measures.inspect.map(milliseconds),
        notify_ms = measures.notify.map(milliseconds),
        "delivery"
    );
    for refusal in outcome.refusals.iter().take(LOGGED_REFUSALS) {
        tracing::warn!(bucket, key, index = refusal.index, offset = refusal.offset, reason = refusal.reason, "refused");
    }
}

/// With three decimals: an ordinary object is inspected in less than one.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
