//! Digests: when a rule has sent so much in an hour that the rest is counted.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use trailhound_rule_engine::Metadata;

use super::{DIGEST, Sending, from_state, later};
use crate::{
    AgendaEntry, Alert, AlertError, AlertId, AlertKind, Grouping, StateError, StateKey,
    alert::rule_identity,
    grouping::{Admission, Hour, floor},
    limits::ALERT_MEMORY,
    state::Change,
};

const HOUR: Duration = Duration::from_hours(1);
/// How long a digest waits for alerts that were counted in the last moment of its hour; five minutes.
const DIGEST_DELAY: Duration = Duration::from_mins(5);

/// What is done about the first alert of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// It is sent.
    Alone,
    /// A digest will count it.
    Digest,
    /// A digest will count it, and another worker is saying so, or crashed while doing so.
    Held,
}

impl Sending<'_> {
    /// Whether the rule, or all rules, have sent so much in this hour that the alert is left to a digest.
    pub(super) async fn way(&self, alert: &Alert, grouping: Grouping) -> Result<Way, AlertError> {
        let hour = floor(self.now, HOUR);
        let (rule, all) = (hour_key(rule_identity(&alert.rule), hour), hour_key("", hour));
        let admitted = match self.admit(&rule, &alert.id, grouping.of_a_rule).await? {
            // Counted, and let pass in any case.
            Admission::First => {
                self.admit(&all, &alert.id, grouping.of_all).await?;
                true
            }
            Admission::Within => self.admit(&all, &alert.id, grouping.of_all).await? != Admission::Beyond,
            Admission::Beyond => false,
        };
        if admitted {
            return Ok(Way::Alone);
        }
        let entry = AgendaEntry {
            due: later(hour, HOUR.saturating_add(DIGEST_DELAY)),
            key: digest_key(rule_identity(&alert.rule), hour),
            note: serde_json::to_string(&(rule_identity(&alert.rule), hour)).unwrap_or_default(),
        };
        self.ports.state.schedule(&entry).await?;
        let digest = |hour: &mut Hour| {
            hour.digest(&alert.id);
            hour.make_room();
            Change::Write((), self.after(ALERT_MEMORY))
        };
        self.documents().update(&rule, digest).await?;
        let kind = AlertKind::DigestNotice { since: hour };
        let notice = Alert { id: digest_id(rule_identity(&alert.rule), hour, "notice"), kind, ..alert.clone() };
        Ok(if self.send_once(&notice).await? { Way::Digest } else { Way::Held })
    }

    async fn admit(&self, key: &StateKey, alert: &AlertId, limit: usize) -> Result<Admission, StateError> {
        let until = self.after(HOUR.saturating_mul(24));
        let admit = |hour: &mut Hour| {
            let before = hour.clone();
            let admission = hour.admit(alert, limit);
            if *hour == before { Change::Keep(admission) } else { Change::Write(admission, until) }
        };
        self.documents().update(key, admit).await
    }

    /// Tells how many alerts of a rule were left out in an hour; done if nobody else is doing so.
    pub(crate) async fn digest(&self, rule: &Metadata, since: Timestamp) -> Result<bool, AlertError> {
        let hour: Hour = self.documents().read(&hour_key(rule_identity(rule), since)).await?;
        if hour.digested == 0 {
            return Ok(true);
        }
        let alert = Alert {
            id: digest_id(rule_identity(rule), since, "digest"),
            rule: rule.clone(),
            event: Arc::default(),
            source: from_state(),
            record: Arc::from(""),
            kind: AlertKind::Digest { count: hour.digested, since },
            standing: None,
        };
        self.send_once(&alert).await
    }
}

fn digest_id(rule: &str, hour: Timestamp, what: &str) -> AlertId {
    AlertId::new(rule, Some(what), Some(&hour.to_string()), "")
}

fn hour_key(rule: &str, hour: Timestamp) -> StateKey {
    StateKey::new("hour", [rule, &hour.to_string()])
}

fn digest_key(rule: &str, hour: Timestamp) -> StateKey {
    StateKey::new(DIGEST, [rule, &hour.to_string()])
}
