//! Alerts of one rule and one actor within an hour are one notification, and no rule sends more than
//! so many an hour.

mod group;
mod hour;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Alert, AlertKind, EventSummary, StateKey, TopicName, alert::rule_identity};

pub(crate) use group::{Group, Part};
pub(crate) use hour::{Admission, Hour};

/// How notifications are kept few.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grouping {
    /// Alerts of one rule and actor whose events are in the same stretch of this length become one
    /// notification, with others when there are ten, a hundred and so on, and one with the count when
    /// no more are expected; one hour.
    pub window: Duration,
    /// Notifications that a rule sends one by one in an hour, groups counted once; 20. The rest of the
    /// hour is told in one digest, and that this is so is told at once.
    pub of_a_rule: usize,
    /// Notifications that all rules together send one by one in an hour; 100. The first of each rule is
    /// sent in any case, so that a flood from one rule cannot hide another.
    pub of_all: usize,
}

impl Grouping {
    /// The beginning of the stretch of time whose alerts become one notification with one of this time.
    pub fn since(&self, time: Timestamp) -> Timestamp {
        floor(time, self.window)
    }
}

impl Default for Grouping {
    fn default() -> Self {
        Grouping { window: Duration::from_hours(1), of_a_rule: 20, of_all: 100 }
    }
}

/// What alerts have in common that become one notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    /// Identity of the rule.
    pub(crate) rule: String,
    pub(crate) account: String,
    pub(crate) actor: String,
    pub(crate) region: String,
    /// Where they go: alerts that go elsewhere are told of there.
    pub(crate) topics: Vec<String>,
    /// Beginning of the stretch of time.
    pub(crate) since: Timestamp,
}

impl About {
    /// Of an alert whose event was in a stretch of this length, or is only now known of.
    pub(crate) fn of(alert: &Alert, topics: &[TopicName], window: Duration, now: Timestamp) -> Self {
        let mut topics: Vec<String> = topics.iter().map(ToString::to_string).collect();
        topics.sort();
        let time = alert.event.event_time.as_deref().and_then(|time| time.parse().ok());
        let (time, actor) = match &alert.kind {
            AlertKind::Correlation { group, last, .. } => {
                let values: Vec<&str> = group.iter().map(|(_, value)| value.as_str()).collect();
                (*last, values.join(", "))
            }
            _ => (time.unwrap_or(now), alert.event.actor.clone().unwrap_or_default()),
        };
        About {
            rule: rule_identity(&alert.rule).to_owned(),
            account: alert.account().unwrap_or_default().to_owned(),
            actor,
            region: alert.event.aws_region.clone().unwrap_or_default(),
            topics,
            since: floor(time, window),
        }
    }

    /// The key of the group; regions are not told apart.
    pub(crate) fn key(&self) -> StateKey {
        let (topics, since) = (self.topics.join(","), self.since.to_string());
        StateKey::new("group", [&self.rule, &self.account, &self.actor, &topics, &since].map(String::as_str))
    }

    /// As much of an event as is known of a group.
    pub(crate) fn event(&self) -> Arc<EventSummary> {
        let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Arc::new(EventSummary {
            recipient_account_id: filled(&self.account),
            actor: filled(&self.actor),
            aws_region: filled(&self.region),
            ..EventSummary::default()
        })
    }
}

/// The beginning of the stretch of `length` that a time lies in; stretches are counted from 1970.
pub(crate) fn floor(time: Timestamp, length: Duration) -> Timestamp {
    let length = i64::try_from(length.as_secs()).unwrap_or(i64::MAX).max(1);
    let start = time.as_second().div_euclid(length).saturating_mul(length);
    Timestamp::from_second(start).unwrap_or(time)
}
