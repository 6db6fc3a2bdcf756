use std::{fmt, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use trailhound_rule_engine::{Correlation, Firing, Metadata, Verdict};

use crate::{EventSummary, Match, ObjectRef, Standing, StateKey, TopicName, pipeline::AlertPlace, render::Counted};

/// What people are told: a rule matched an event.
#[derive(Debug, Clone)]
pub struct Alert {
    /// What makes it the same alert when it is found again.
    pub id: AlertId,
    /// The rule that matched.
    pub rule: Metadata,
    /// What the record says about itself.
    pub event: Arc<EventSummary>,
    /// Where the record was found.
    pub source: AlertSource,
    /// The record as it was found; without text where none was at hand.
    pub record: Arc<str>,
    /// What the alert is about.
    pub kind: AlertKind,
    /// What digests say of the object it is from, where that is looked at.
    pub standing: Option<Standing>,
}

/// What an alert is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertKind {
    /// An event that a rule matches.
    Match,
    /// A record that the function made itself, to see that it comes out.
    Canary,
    /// A correlation has come to hold; the event is the one that made it hold.
    Correlation {
        /// The names in its `group-by` with their values, in their order.
        group: Vec<(String, String)>,
        /// How many there were in the window.
        count: usize,
        /// Of what.
        counted: Counted,
        /// Time of the first event in the window.
        first: Timestamp,
        /// Time of the last event in the window.
        last: Timestamp,
        /// The identifiers of up to a hundred events in the window, oldest first.
        events: Vec<String>,
    },
    /// Alerts of the same rule and actor, of which one was sent.
    GroupUpdate {
        /// How many there are.
        count: u64,
        /// Beginning of the hour they are in.
        since: Timestamp,
        /// Whether no more are expected.
        closed: bool,
    },
    /// The alerts of a rule are not sent one by one for the rest of an hour.
    DigestNotice {
        /// Beginning of that hour.
        since: Timestamp,
    },
    /// How many notifications of a rule were held back.
    Digest {
        /// How many; each would have been about a group of alerts.
        count: u64,
        /// Beginning of the hour they were held back in.
        since: Timestamp,
    },
}

/// Identity of an alert: a hash of the rule, the account the record is for, and the event.
///
/// The same event found in another object, through another trail or by another route gives the same
/// identity. A record without `eventID` is identified by its text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertId(String);

/// What alerts have in common that are grouped: the rule, the account, and who did it.
///
/// Chat shows what has the same key as one thread, and a FIFO topic keeps it in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct GroupKey(String);

/// Where the record of an alert was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertSource {
    /// In an object.
    Object {
        /// The object.
        object: ObjectRef,
        /// Zero-based position in it.
        index: u64,
    },
    /// In the event that invoked the function.
    Inline {
        /// What handed it over, in a few words.
        origin: String,
        /// Zero-based position in it.
        index: u64,
    },
}

impl Alert {
    /// The alert that a match gives rise to.
    pub fn new(rule: &Metadata, found: &Match, source: AlertSource) -> Self {
        let event = &found.event;
        let id = AlertId::new(
            rule_identity(rule),
            event.recipient_account_id.as_deref(),
            event.event_id.as_deref(),
            &found.record,
        );
        let (event, record) = (Arc::clone(event), Arc::clone(&found.record));
        Alert { id, rule: rule.clone(), event, source, record, kind: AlertKind::Match, standing: None }
    }

    /// The alert of a firing; `event` and `record` are those of the event that made it hold, as far as they
    /// are at hand.
    ///
    /// A run of events makes one alert: its identity is the rule, the group, and what was said of the
    /// run first.
    pub(crate) fn of_firing(correlation: &Correlation, firing: Firing, at: AlertPlace) -> Self {
        let rule = correlation.metadata();
        let Firing { correlation: _, group, verdict } = firing;
        let key = StateKey::new("group", group.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]));
        let said = format!("{} {}", verdict.time, verdict.event);
        let id = AlertId::new(rule_identity(rule), Some(key.as_str()), Some(&said), "");
        let (event, record, source) = at;
        let Verdict { event: _, time: _, count, first, last, events } = verdict;
        let counted = if correlation.counts_values() { Counted::Values } else { Counted::Events };
        let kind = AlertKind::Correlation { group, count, counted, first, last, events };
        Alert { id, rule: rule.clone(), event, source, record, kind, standing: None }
    }

    /// What this alert has in common with others of the same rule about the same actor.
    pub fn group_key(&self) -> GroupKey {
        let rule = self.rule.id.as_deref().unwrap_or_else(|| self.rule.handle());
        GroupKey::new(rule, self.account(), self.event.actor.as_deref())
    }

    /// The account that the record is for, else the caller's.
    pub fn account(&self) -> Option<&str> {
        let candidates = [&self.event.recipient_account_id, &self.event.identity_account];
        candidates.into_iter().flatten().map(|account| account.trim()).find(|account| !account.is_empty())
    }
}

impl AlertId {
    /// The identity that these four give: the rule's identifier or handle, `recipientAccountId`,
    /// `eventID`, and, only used without an `eventID`, the text of the record.
    pub fn new(rule: &str, account: Option<&str>, event: Option<&str>, record: &str) -> Self {
        let event = event.filter(|event| !event.is_empty());
        let last = (u8::from(event.is_some()) + 2, event.unwrap_or(record));
        AlertId(hash([(0, rule), (1, account.unwrap_or_default()), last]))
    }

    /// The identity of the notification of this alert to one topic: what is claimed, so that a topic that
    /// has accepted it does not get it again when another has not.
    #[must_use]
    pub fn to_topic(&self, topic: &TopicName) -> AlertId {
        AlertId(hash([(4, self.as_str()), (5, topic.as_str())]))
    }

    /// 64 hexadecimal digits in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What tells a rule from others, across releases of it.
pub(crate) fn rule_identity(rule: &Metadata) -> &str {
    rule.id.as_deref().unwrap_or_else(|| rule.handle())
}

impl GroupKey {
    /// The key that these give: the rule's identifier or handle, the account, and who did it.
    pub fn new(rule: &str, account: Option<&str>, actor: Option<&str>) -> Self {
        GroupKey(hash([(6, rule), (7, account.unwrap_or_default()), (8, actor.unwrap_or_default())]))
    }

    /// 64 hexadecimal digits in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Each part is preceded by its length and kind, so that no two lists of parts look alike.
fn hash<const N: usize>(parts: [(u8, &str); N]) -> String {
    let mut hash = Sha256::new();
    for (kind, part) in parts {
        hash.update([kind]);
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

impl fmt::Display for AlertId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AlertSource {
    /// Zero-based position of the record where it was found.
    pub fn index(&self) -> u64 {
        match self {
            AlertSource::Object { index, .. } | AlertSource::Inline { index, .. } => *index,
        }
    }
}
