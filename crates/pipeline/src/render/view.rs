use std::{collections::BTreeMap, sync::Arc};

use trailhound_rule_engine::{Level, Metadata};

use super::Phrase;
use crate::{AlertId, AlertSource, EventSummary, GroupKey, Standing};

/// An alert of any kind as renderers see it: whoever builds one decides what is said, the renderers
/// decide how it looks.
///
/// Texts are as they stand in records, rules and configuration: masking, neutralising and shortening
/// are up to the renderers, so that none of it can be forgotten.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertView {
    /// What kind of alert it is.
    pub kind: AlertKind,
    /// What makes it the same alert when it is rendered again.
    pub id: AlertId,
    /// What alerts of one rule about one actor have in common.
    pub group: GroupKey,
    /// How urgent it is.
    pub level: Level,
    /// What happened, in a few words of the author of the rule.
    pub headline: String,
    /// What happened, in one sentence.
    pub sentence: Phrase,
    /// Who did it.
    pub who: Option<String>,
    /// The account it happened in.
    pub account: Option<Account>,
    /// The region it happened in.
    pub region: Option<String>,
    /// Of an alert about several events: how many, from when to when, which.
    pub extent: Option<Extent>,
    /// What identifies caller and event, one value a row.
    pub identity: Vec<Row>,
    /// The fields that matter.
    pub evidence: Vec<Row>,
    /// Rows of evidence there was no room for.
    pub more_evidence: usize,
    /// What the author of the rule has to say, in the order in which it is shown.
    pub sections: Vec<Section>,
    /// Where to read on.
    pub links: Vec<Link>,
    /// The rule, unless the alert is about the product itself.
    pub rule: Option<Metadata>,
    /// What the record says about itself, in an alert about one record.
    pub event: Option<Arc<EventSummary>>,
    /// Where that record was found.
    pub source: Option<AlertSource>,
    /// What digests say of the object it was found in, where that is looked at.
    pub standing: Option<Standing>,
}

/// The kinds of alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertKind {
    /// A rule matched one event.
    Match,
    /// A correlation over several events fired.
    Correlation,
    /// A group of alerts of which the first was sent has grown.
    GroupUpdate,
    /// Such a group takes no more alerts.
    GroupClosed,
    /// Many alerts in one notification.
    Digest,
    /// Log objects or digests are not as CloudTrail delivered them.
    Integrity,
    /// A record that the function made itself came out.
    Canary,
    /// Something about the product itself: rules refused, a suppression that expires.
    Notice,
}

impl AlertKind {
    /// All kinds.
    pub const ALL: [AlertKind; 8] = [
        AlertKind::Match,
        AlertKind::Correlation,
        AlertKind::GroupUpdate,
        AlertKind::GroupClosed,
        AlertKind::Digest,
        AlertKind::Integrity,
        AlertKind::Canary,
        AlertKind::Notice,
    ];

    /// The word that programs see.
    pub fn as_str(self) -> &'static str {
        match self {
            AlertKind::Match => "match",
            AlertKind::Correlation => "correlation",
            AlertKind::GroupUpdate => "group_update",
            AlertKind::GroupClosed => "group_closed",
            AlertKind::Digest => "digest",
            AlertKind::Integrity => "integrity",
            AlertKind::Canary => "canary",
            AlertKind::Notice => "notice",
        }
    }
}

/// An account, with the name that the configuration gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
}

impl Account {
    /// The name, else the number.
    pub fn short(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    /// `name (number)`, or the number.
    pub fn long(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} ({})", self.id),
            None => self.id.clone(),
        }
    }
}

/// What the number in an alert about several events counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Counted {
    /// Events.
    #[default]
    Events,
    /// Different values of a field.
    Values,
    /// Alerts.
    Alerts,
    /// Notifications.
    Notifications,
}

impl Counted {
    /// The word for it in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Counted::Events => "events",
            Counted::Values => "values",
            Counted::Alerts => "alerts",
            Counted::Notifications => "notifications",
        }
    }

    /// The word behind a number.
    pub(crate) fn noun(self, count: u64) -> &'static str {
        match (self, count) {
            (Counted::Events, 1) => "event",
            (Counted::Events, _) => "events",
            (Counted::Values, 1) => "value",
            (Counted::Values, _) => "different values",
            (Counted::Alerts, 1) => "alert",
            (Counted::Alerts, _) => "alerts",
            (Counted::Notifications, 1) => "notification",
            (Counted::Notifications, _) => "notifications",
        }
    }
}

/// What an alert about several events says of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extent {
    /// How many there are.
    pub count: u64,
    /// Of what.
    pub counted: Counted,
    /// Time of the first, RFC 3339.
    pub first: Option<String>,
    /// Time of the last, RFC 3339.
    pub last: Option<String>,
    /// What the events have in common: fields and values.
    pub group_by: BTreeMap<String, String>,
    /// Some of them, in the order of time.
    pub events: Vec<ExtentEvent>,
}

/// One of several events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExtentEvent {
    /// Its time, RFC 3339.
    pub time: Option<String>,
    /// Its `eventID`.
    pub id: Option<String>,
    /// What it is, in a few words.
    pub what: Option<String>,
}

/// A name with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The field, or what else the values are.
    pub name: String,
    /// At least one value.
    pub values: Vec<String>,
    /// How many more values there are.
    pub more: usize,
}

impl Row {
    /// A row of one value.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Row { name: name.into(), values: vec![value.into()], more: 0 }
    }
}

/// A part of what the author of a rule has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// How its entries belong together.
    pub form: SectionForm,
    /// Its texts.
    pub entries: Vec<String>,
}

/// How the entries of a section belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SectionForm {
    /// Each is a paragraph.
    Prose,
    /// Each stands for itself.
    Bullets,
    /// One is done after the other.
    Steps,
}

impl SectionForm {
    /// The word that templates see.
    pub fn as_str(self) -> &'static str {
        match self {
            SectionForm::Prose => "prose",
            SectionForm::Bullets => "bullets",
            SectionForm::Steps => "steps",
        }
    }
}

/// A link that was made here, out of checked parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it leads to.
    pub target: LinkTarget,
    /// The whole address.
    pub url: String,
}

/// What a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkTarget {
    /// The event in the console.
    Event,
    /// The rule where the team keeps it.
    Rule,
}

impl LinkTarget {
    /// The word that programs and templates see.
    pub fn as_str(self) -> &'static str {
        match self {
            LinkTarget::Event => "event",
            LinkTarget::Rule => "rule",
        }
    }

    /// The words before the link.
    pub(super) fn label(self) -> &'static str {
        match self {
            LinkTarget::Event => "Open in CloudTrail",
            LinkTarget::Rule => "The rule",
        }
    }
}

impl AlertView {
    /// The address of a link, if there is one.
    pub fn link(&self, target: LinkTarget) -> Option<&str> {
        self.links.iter().find(|link| link.target == target).map(|link| link.url.as_str())
    }

    /// From 1 for informational to 5 for critical, so that a filter can say "at least".
    pub fn level_rank(&self) -> usize {
        Level::ALL.iter().filter(|level| **level <= self.level).count()
    }
}
