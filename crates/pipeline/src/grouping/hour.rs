use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::AlertId;

/// The notifications of a rule, or of all rules, in an hour.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hour {
    /// Those sent one by one; as many as the limit allows at most.
    admitted: BTreeSet<AlertId>,
    /// How many were not.
    pub(crate) digested: u64,
    /// Those of them that may come again.
    open: BTreeSet<AlertId>,
}

/// Whether a notification is sent on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It is the first of the hour.
    First,
    /// It is within the limit.
    Within,
    /// It is one for the digest.
    Beyond,
}

/// Alerts for a digest that are remembered by name; beyond that, some make room for others. Only an
/// alert whose worker ended in the moment between counting and completing comes again.
const OPEN: usize = 200;

impl Hour {
    /// Admits a notification, or one that was admitted before.
    pub(crate) fn admit(&mut self, alert: &AlertId, limit: usize) -> Admission {
        let is_first = self.admitted.is_empty() || self.admitted.iter().eq([alert]);
        if self.admitted.contains(alert) || self.admitted.len() < limit {
            self.admitted.insert(alert.clone());
            return if is_first { Admission::First } else { Admission::Within };
        }
        Admission::Beyond
    }

    /// Counts it for the digest, once.
    pub(crate) fn digest(&mut self, alert: &AlertId) {
        self.admitted.remove(alert);
        if self.open.insert(alert.clone()) {
            self.digested = self.digested.saturating_add(1);
        }
    }

    /// Keeps the document small.
    pub(crate) fn make_room(&mut self) {
        while self.open.len() > OPEN {
            self.open.pop_first();
        }
    }
}
