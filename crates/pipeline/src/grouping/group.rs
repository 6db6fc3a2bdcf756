use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::AlertId;

/// What is stored about alerts that become one notification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Group {
    leader: Option<Leader>,
    /// How many alerts there are, each counted once.
    pub(crate) count: u64,
    /// Alerts that are counted and perhaps not completed: when they come again, they are not counted again.
    open: BTreeSet<AlertId>,
    /// The count at the last notification about it.
    told: u64,
    /// The count when it was told that no more are expected.
    pub(crate) closed: u64,
    /// Whether a digest tells of it, and nothing else.
    pub(crate) is_digested: bool,
    /// When to look whether it is closed.
    pub(crate) due: Option<Timestamp>,
}

/// The alert that is sent for the group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Leader {
    alert: AlertId,
    is_sent: bool,
}

/// What a worker has to do about the alerts with which it joined a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// Send this one for the group.
    Lead(AlertId),
    /// Nothing: the group has been notified.
    Follow,
    /// Ask what became of this one, which was to be sent by another worker.
    Ask(AlertId),
}

/// More open alerts than this are cleared once they are completed.
const OPEN: usize = 100;

impl Group {
    /// Counts alerts that this worker has claimed.
    pub(crate) fn join(&mut self, alerts: &[AlertId]) -> Part {
        for alert in alerts {
            if self.open.insert(alert.clone()) {
                self.count = self.count.saturating_add(1);
            }
        }
        match &self.leader {
            Some(leader) if leader.is_sent => Part::Follow,
            // Claimed by this worker, so nobody else is sending it.
            Some(leader) if alerts.contains(&leader.alert) => Part::Lead(leader.alert.clone()),
            Some(leader) => Part::Ask(leader.alert.clone()),
            None => self.take_lead(alerts),
        }
    }

    /// Sends one of these in the place of one that nobody is sending.
    pub(crate) fn replace(&mut self, unsent: &AlertId, alerts: &[AlertId]) -> Part {
        match &self.leader {
            Some(leader) if leader.alert == *unsent && !leader.is_sent => self.take_lead(alerts),
            _ => self.join(alerts),
        }
    }

    fn take_lead(&mut self, alerts: &[AlertId]) -> Part {
        let Some(first) = alerts.first() else { return Part::Follow };
        self.leader = Some(Leader { alert: first.clone(), is_sent: false });
        self.told = self.told.max(1);
        Part::Lead(first.clone())
    }

    /// The leader was sent, or counted for a digest.
    pub(crate) fn lead(&mut self, alert: &AlertId) {
        if let Some(leader) = self.leader.as_mut().filter(|leader| leader.alert == *alert) {
            leader.is_sent = true;
        }
    }

    /// The count to tell of: the highest power of ten that is reached and was not told.
    pub(crate) fn reached(&self) -> Option<u64> {
        let reached = 10_u64.pow(self.count.checked_ilog10()?);
        (reached >= 10 && reached > self.told && !self.is_digested).then_some(reached)
    }

    pub(crate) fn tell(&mut self, count: u64) {
        self.told = self.told.max(count);
    }

    /// Whether completed alerts should be [cleared](Group::clear).
    pub(crate) fn is_crowded(&self) -> bool {
        self.open.len() > OPEN
    }

    /// These are completed and do not come again.
    pub(crate) fn clear(&mut self, completed: &[AlertId]) {
        self.open.retain(|alert| !completed.contains(alert));
    }

    /// The count to tell when no more are expected.
    pub(crate) fn closing(&self) -> Option<u64> {
        (self.count > 1 && self.count > self.closed && !self.is_digested).then_some(self.count)
    }

    /// It was told that there are so many; whether that is all. Whoever joins from here on has to see to it
    /// that somebody looks again, by another entry of the agenda than the one that is now done.
    pub(crate) fn close(&mut self, count: u64) -> bool {
        self.closed = self.closed.max(count);
        let is_all = self.count <= count;
        if is_all {
            self.due = None;
        }
        is_all
    }
}
