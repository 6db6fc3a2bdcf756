//! From outcomes to values.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use trailhound_pipeline::{DeliveryOutcome, DeliveryStatus, ObjectResult, Place};

use super::catalogue::{self, Metric};
use super::document::{Document, representative};
use trailhound_trigger::Sender;
use trailhound_trigger::{UnitOutcome, WorkOutcome};

/// What an invocation adds up to.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    counts: BTreeMap<&'static str, u64>,
    /// Seconds and how many records are so late.
    lateness: BTreeMap<i64, u64>,
    fetch: Vec<Duration>,
    inspect: Vec<Duration>,
    notify: Vec<Duration>,
    /// Seconds since the newest event, by account and region.
    pub(crate) ages: BTreeMap<Place, i64>,
}

/// Adds everything up. Of what was there long before (a job of S3 Batch Operations, records handed over
/// by hand) nobody wants to know how late it is.
pub(crate) fn gather(done: Option<(&Sender, &[UnitOutcome])>, now: Timestamp) -> Gathered {
    let mut gathered = Gathered::default();
    let Some((sender, outcomes)) = done else {
        gathered.add(catalogue::EVENTS_REFUSED, 1);
        return gathered;
    };
    let is_news = !matches!(sender, Sender::BatchOperations { .. } | Sender::Person);
    for unit in outcomes {
        match &unit.work {
            Ok(work) => work.iter().for_each(|work| gathered.add_work(work, is_news.then_some(now))),
            Err(_) => gathered.add(catalogue::EVENTS_REFUSED, 1),
        }
    }
    gathered
}

impl Gathered {
    fn add(&mut self, metric: Metric, count: u64) {
        *self.counts.entry(metric.name).or_default() += count;
    }

    fn add_work(&mut self, work: &WorkOutcome, now: Option<Timestamp>) {
        match work {
            WorkOutcome::Nothing | WorkOutcome::NotSwept(_) | WorkOutcome::NoCanary(_) => {}
            WorkOutcome::Canary => self.add(catalogue::CANARY_ALERTS, 1),
            WorkOutcome::Delivered(outcome) => {
                self.add_delivery(outcome);
                if let Some(now) = now {
                    self.add_times(outcome, now);
                }
            }
            WorkOutcome::NotBegun | WorkOutcome::CutOff => {
                for metric in [catalogue::OBJECTS, catalogue::OBJECTS_FAILED, catalogue::OUT_OF_TIME] {
                    self.add(metric, 1);
                }
            }
        }
    }

    fn add_delivery(&mut self, outcome: &DeliveryOutcome) {
        let DeliveryOutcome { records, alerts, measures, .. } = outcome;
        self.add(catalogue::OBJECTS, 1);
        match (&outcome.status, outcome.object) {
            (DeliveryStatus::Failed { .. }, _) => self.add(catalogue::OBJECTS_FAILED, 1),
            (DeliveryStatus::Ignored { .. }, _) => self.add(catalogue::OBJECTS_IGNORED, 1),
            (DeliveryStatus::Done, ObjectResult::Missing) => self.add(catalogue::OBJECTS_MISSING, 1),
            (DeliveryStatus::Done, _) => {}
        }
        for (metric, count) in [
            (catalogue::QUARANTINED, u64::from(outcome.quarantined)),
            (catalogue::RECORDS, records.records),
            (catalogue::RECORDS_REFUSED, records.refused),
            (catalogue::DIGESTS_CHECKED, u64::from(measures.digest.is_some())),
            (catalogue::INTEGRITY_BROKEN, measures.digest.map_or(0, |digest| digest.broken)),
            (catalogue::LOGS_UNCHECKED, measures.digest.map_or(0, |digest| digest.unchecked)),
            (catalogue::SUPPRESSED, measures.suppressed),
            (catalogue::ALERTS_SENT, alerts.sent),
            (catalogue::ALERTS_GROUPED, alerts.grouped),
            (catalogue::ALERTS_DIGESTED, alerts.digested),
            (catalogue::ALERTS_UNROUTED, alerts.unrouted),
            (catalogue::ALERTS_DUPLICATE, alerts.duplicate),
            (catalogue::ALERTS_HELD, alerts.held),
            (catalogue::ALERTS_BELOW_LEVEL, alerts.below_level),
            (catalogue::ALERTS_FAILED, alerts.failed),
        ] {
            self.add(metric, count);
        }
        for (level, metric) in catalogue::matches() {
            self.add(metric, measures.matches.get(&level).copied().unwrap_or(0));
        }
        self.fetch.extend(measures.fetch);
        self.inspect.extend(measures.inspect);
        self.notify.extend(measures.notify);
    }

    fn add_times(&mut self, outcome: &DeliveryOutcome, now: Timestamp) {
        // A clock that is ahead of ours makes no record early.
        let since = |time: Timestamp| now.as_second().saturating_sub(time.as_second()).max(0);
        for (time, count) in outcome.measures.times.counts() {
            *self.lateness.entry(since(time)).or_default() += count;
        }
        if let (Some(place), Some(newest)) = (&outcome.measures.place, outcome.measures.times.newest()) {
            let age = self.ages.entry(place.clone()).or_insert(i64::MAX);
            *age = since(newest).min(*age);
        }
    }

    /// Everything but the ages.
    pub(crate) fn document(&self) -> Document {
        let counts = [
            catalogue::OBJECTS,
            catalogue::OBJECTS_IGNORED,
            catalogue::OBJECTS_MISSING,
            catalogue::OBJECTS_FAILED,
            catalogue::OUT_OF_TIME,
            catalogue::QUARANTINED,
            catalogue::EVENTS_REFUSED,
            catalogue::RECORDS,
            catalogue::RECORDS_REFUSED,
            catalogue::DIGESTS_CHECKED,
            catalogue::INTEGRITY_BROKEN,
            catalogue::LOGS_UNCHECKED,
            catalogue::SUPPRESSED,
            catalogue::ALERTS_SENT,
            catalogue::ALERTS_GROUPED,
            catalogue::ALERTS_DIGESTED,
            catalogue::ALERTS_UNROUTED,
            catalogue::ALERTS_DUPLICATE,
            catalogue::ALERTS_HELD,
            catalogue::ALERTS_BELOW_LEVEL,
            catalogue::ALERTS_FAILED,
            catalogue::CANARY_ALERTS,
        ];
        let counts = counts.into_iter().chain(catalogue::matches().map(|(_, metric)| metric));
        // Zero is a value: an alarm on a sum of nothing would have no data instead.
        let mut metrics: Vec<(Metric, Vec<f64>)> = counts
            .map(|metric| (metric, vec![as_number(self.counts.get(metric.name).copied().unwrap_or(0))]))
            .collect();
        let lateness: Vec<(f64, u64)> =
            self.lateness.iter().map(|(seconds, count)| (as_number(seconds.unsigned_abs()), *count)).collect();
        metrics.push((catalogue::RECORD_LATENESS, representative(&lateness)));
        metrics.push((catalogue::FETCH_TIME, durations(&self.fetch)));
        metrics.push((catalogue::INSPECT_TIME, durations(&self.inspect)));
        metrics.push((catalogue::NOTIFY_TIME, durations(&self.notify)));
        Document { dimensions: Vec::new(), metrics, properties: Vec::new() }
    }
}

/// The age of the newest record of one place.
pub(crate) fn of_place(place: Place, age: i64) -> Document {
    Document {
        dimensions: vec![("AccountId", place.account), ("Region", place.region)],
        metrics: vec![(catalogue::NEWEST_RECORD_AGE, vec![as_number(age.unsigned_abs())])],
        properties: Vec::new(),
    }
}

/// Milliseconds with three decimals, in order.
fn durations(durations: &[Duration]) -> Vec<f64> {
    let mut durations = durations.to_vec();
    durations.sort_unstable();
    let rounded = durations.iter().map(|duration| ((duration.as_secs_f64() * 1e6).round() / 1e3, 1));
    representative(&rounded.collect::<Vec<_>>())
}

#[expect(clippy::cast_precision_loss, reason = "counts of one invocation and seconds of years are exact in a double")]
pub(crate) fn as_number(count: u64) -> f64 {
    count as f64
}
