use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// How urgent a match is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth recording; does not alert by itself.
    Informational,
    /// Notable, seldom an incident.
    Low,
    /// Relevant; review soon.
    Medium,
    /// Should be looked at at once.
    High,
    /// Wakes somebody up.
    Critical,
}

impl Level {
    /// All levels, the least urgent first.
    pub const ALL: [Level; 5] = [Level::Informational, Level::Low, Level::Medium, Level::High, Level::Critical];

    /// The word as Sigma writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Informational => "informational",
            Level::Low => "low",
            Level::Medium => "medium",
            Level::High => "high",
            Level::Critical => "critical",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// A word that is none of the levels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no level; the levels are informational, low, medium, high, critical")]
pub struct UnknownLevel(pub String);

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Level::ALL.into_iter().find(|level| level.as_str() == text).ok_or_else(|| UnknownLevel(text.to_owned()))
    }
}

/// How far a rule has matured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Fit for production.
    Stable,
    /// Tried, few false positives expected.
    Test,
    /// May be noisy.
    Experimental,
    /// Replaced by another rule.
    Deprecated,
    /// Cannot be used as it is.
    Unsupported,
}

impl Status {
    /// All statuses in the order of the specification.
    pub const ALL: [Status; 5] =
        [Status::Stable, Status::Test, Status::Experimental, Status::Deprecated, Status::Unsupported];

    /// The word as Sigma writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Stable => "stable",
            Status::Test => "test",
            Status::Experimental => "experimental",
            Status::Deprecated => "deprecated",
            Status::Unsupported => "unsupported",
        }
    }
}

/// Which logs a rule is written for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct LogSource {
    /// For example `aws`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// For example `cloudtrail`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// For example `process_creation`; CloudTrail has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}

impl LogSource {
    /// Whether a rule with this log source is meant for CloudTrail records: every key it sets has to
    /// equal `product: aws`, `service: cloudtrail`; a category never does.
    pub fn covers_cloudtrail(&self) -> bool {
        let is_or_absent = |value: &Option<String>, wanted: &str| value.as_deref().is_none_or(|text| text == wanted);
        is_or_absent(&self.product, "aws") && is_or_absent(&self.service, "cloudtrail") && self.category.is_none()
    }
}

/// What a rule says about itself: everything but its logic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Metadata {
    /// What is detected, in a few words; at most 256 characters.
    pub title: String,
    /// Global identifier, normally a UUID.
    pub id: Option<String>,
    /// Handle that people and correlations use.
    pub name: Option<String>,
    /// How urgent a match is; `medium` where the rule does not say.
    pub level: Level,
    /// How far the rule has matured.
    pub status: Option<Status>,
    /// What happens and why it matters.
    pub description: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Day of creation, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Day of the last change, `YYYY-MM-DD`.
    pub modified: Option<String>,
    /// Where to read more.
    pub references: Vec<String>,
    /// ATT&CK and other tags, in lower case.
    pub tags: Vec<String>,
    /// Fields worth showing to whoever reads the alert.
    pub fields: Vec<String>,
    /// Harmless causes and what to do about each.
    pub falsepositives: Vec<String>,
    /// First steps for whoever is woken; the custom key `response`.
    pub response: Vec<String>,
    /// The logs it is written for.
    pub logsource: LogSource,
}

impl Metadata {
    /// The shortest stable handle: the name, else the id, else the title.
    pub fn handle(&self) -> &str {
        self.name.as_deref().or(self.id.as_deref()).unwrap_or(&self.title)
    }
}
