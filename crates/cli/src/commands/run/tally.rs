use std::fmt;

use trailhound_pipeline::{AlertCounts, DeliveryOutcome, DeliveryStatus, RecordCounts};
use trailhound_trigger::{UnitOutcome, WorkOutcome};

/// What a run has done.
#[derive(Debug, Default)]
pub(super) struct Tally {
    read: u64,
    ignored: u64,
    quarantined: u64,
    failed: u64,
    records: RecordCounts,
    alerts: AlertCounts,
}

impl Tally {
    pub(super) fn add(&mut self, unit: &UnitOutcome) {
        match &unit.work {
            Ok(work) => work.iter().for_each(|work| self.add_work(work)),
            Err(_) => self.failed += 1,
        }
    }

    fn add_work(&mut self, work: &WorkOutcome) {
        match work {
            WorkOutcome::Delivered(outcome) => self.add_outcome(outcome),
            WorkOutcome::CutOff | WorkOutcome::NotSwept(_) | WorkOutcome::NoCanary(_) => self.failed += 1,
            WorkOutcome::Nothing | WorkOutcome::Canary | WorkOutcome::NotBegun => {}
        }
    }

    fn add_outcome(&mut self, outcome: &DeliveryOutcome) {
        match &outcome.status {
            DeliveryStatus::Done => self.read += 1,
            DeliveryStatus::Ignored { .. } => self.ignored += 1,
            DeliveryStatus::Failed { .. } => self.failed += 1,
        }
        self.quarantined += u64::from(outcome.quarantined);
        let (records, alerts) = (&outcome.records, &outcome.alerts);
        self.records.records += records.records;
        self.records.matched += records.matched;
        self.records.refused += records.refused;
        self.alerts.sent += alerts.sent;
        self.alerts.grouped += alerts.grouped;
        self.alerts.digested += alerts.digested;
        self.alerts.duplicate += alerts.duplicate;
        self.alerts.failed += alerts.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { read, ignored, quarantined, failed, records, alerts } = self;
        write!(
            formatter,
            "objects: {read} read, {ignored} passed over, {quarantined} in quarantine, {failed} failures; "
        )?;
        write!(formatter, "records: {}, {} matched, {} refused; ", records.records, records.matched, records.refused)?;
        write!(
            formatter,
            "alerts: {} sent, {} grouped, {} in digests, {} sent before, {} failed",
            alerts.sent, alerts.grouped, alerts.digested, alerts.duplicate, alerts.failed
        )
    }
}
