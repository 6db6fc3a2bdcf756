//! Every metric by name. The table in `docs/operations.md` is this one.

use trailhound_rule_engine::Level;

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Metric {
    /// Its name in CloudWatch.
    pub(crate) name: &'static str,
    /// What it counts or measures.
    pub(crate) unit: Unit,
    /// What it says, for the documentation.
    pub(crate) meaning: &'static str,
}

/// The units that are used, as CloudWatch calls them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unit {
    /// How many.
    Count,
    /// Durations of days.
    Seconds,
    /// Durations of stages.
    Milliseconds,
}

impl Unit {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Seconds => "Seconds",
            Self::Milliseconds => "Milliseconds",
        }
    }
}

const fn count(name: &'static str, meaning: &'static str) -> Metric {
    Metric { name, unit: Unit::Count, meaning }
}

const fn milliseconds(name: &'static str, meaning: &'static str) -> Metric {
    Metric { name, unit: Unit::Milliseconds, meaning }
}

pub(crate) const OBJECTS: Metric = count("Objects", "objects, and documents that came along with an event");
pub(crate) const OBJECTS_IGNORED: Metric = count("ObjectsIgnored", "of these, those that hold nothing for rules");
pub(crate) const OBJECTS_MISSING: Metric = count("ObjectsMissing", "of these, those that were gone");
pub(crate) const OBJECTS_FAILED: Metric =
    count("ObjectsFailed", "of these, those that come again, out of time included");
pub(crate) const OUT_OF_TIME: Metric = count("OutOfTime", "of these, those not begun or given up for lack of time");
pub(crate) const QUARANTINED: Metric = count("Quarantined", "of these, those put into quarantine");
pub(crate) const EVENTS_REFUSED: Metric = count("EventsRefused", "events and messages of no known shape");
pub(crate) const RECORDS: Metric = count("Records", "records, read or refused");
pub(crate) const RECORDS_REFUSED: Metric = count("RecordsRefused", "of these, those that no rule could judge");
pub(crate) const DIGESTS_CHECKED: Metric = count("DigestsChecked", "digests whose signature and chain were checked");
pub(crate) const INTEGRITY_BROKEN: Metric =
    count("IntegrityBroken", "digests, logs and times that are not as CloudTrail delivered them");
pub(crate) const LOGS_UNCHECKED: Metric = count("LogsUnchecked", "logs of digests for which there was no time");
pub(crate) const SUPPRESSED: Metric = count("Suppressed", "matches that a filter kept from being one");
pub(crate) const ALERTS_SENT: Metric = count("AlertsSent", "alerts that SNS accepted");
pub(crate) const ALERTS_GROUPED: Metric =
    count("AlertsGrouped", "alerts not sent one by one since another of their rule and actor was");
pub(crate) const ALERTS_DIGESTED: Metric = count("AlertsDigested", "notifications left to a digest");
pub(crate) const ALERTS_UNROUTED: Metric = count("AlertsUnrouted", "alerts that no route takes");
pub(crate) const ALERTS_DUPLICATE: Metric = count("AlertsDuplicate", "alerts not sent since they were sent before");
pub(crate) const ALERTS_HELD: Metric = count("AlertsHeld", "alerts not sent since another worker is sending them");
pub(crate) const ALERTS_BELOW_LEVEL: Metric = count("AlertsBelowLevel", "alerts not sent since their level is too low");
pub(crate) const ALERTS_FAILED: Metric = count("AlertsFailed", "alerts not sent since that failed; they come again");
pub(crate) const CANARY_ALERTS: Metric = count("CanaryAlerts", "canaries that came out");
pub(crate) const COLD_STARTS: Metric = count("ColdStarts", "1 for the first invocation of an environment, else 0");
pub(crate) const RULE_ERRORS: Metric =
    count("RuleErrors", "errors in the rules in use; what they are about watches nothing");
pub(crate) const VERSIONS_REFUSED: Metric =
    count("VersionsRefused", "new versions of configuration or rules that were refused");
pub(crate) const RECORD_LATENESS: Metric = Metric {
    name: "RecordLateness",
    unit: Unit::Seconds,
    meaning: "from the time of an event to its inspection; up to 100 values that stand for all",
};
pub(crate) const FETCH_TIME: Metric = milliseconds("FetchTime", "to fetch an object");
pub(crate) const INSPECT_TIME: Metric = milliseconds("InspectTime", "to decompress an object and judge its records");
pub(crate) const NOTIFY_TIME: Metric =
    milliseconds("NotifyTime", "to claim, publish and complete the alerts of an object");
/// By account and region.
pub(crate) const NEWEST_RECORD_AGE: Metric = Metric {
    name: "NewestRecordAge",
    unit: Unit::Seconds,
    meaning: "by account and region: from the newest event seen to now",
};

const MATCHES: [(Level, Metric); 5] = [
    (Level::Informational, count("MatchesInformational", "matches of rules of level informational")),
    (Level::Low, count("MatchesLow", "matches of rules of level low")),
    (Level::Medium, count("MatchesMedium", "matches of rules of level medium")),
    (Level::High, count("MatchesHigh", "matches of rules of level high")),
    (Level::Critical, count("MatchesCritical", "matches of rules of level critical")),
];

/// The metric of the matches of each level.
pub(crate) fn matches() -> impl Iterator<Item = (Level, Metric)> {
    MATCHES.into_iter()
}

/// All, in the order of the documentation.
#[cfg(test)]
pub(crate) fn all() -> Vec<Metric> {
    let before = [
        OBJECTS,
        OBJECTS_IGNORED,
        OBJECTS_MISSING,
        OBJECTS_FAILED,
        OUT_OF_TIME,
        QUARANTINED,
        EVENTS_REFUSED,
        RECORDS,
        RECORDS_REFUSED,
    ];
    let after = [
        DIGESTS_CHECKED,
        INTEGRITY_BROKEN,
        LOGS_UNCHECKED,
        SUPPRESSED,
        ALERTS_SENT,
        ALERTS_GROUPED,
        ALERTS_DIGESTED,
        ALERTS_UNROUTED,
        ALERTS_DUPLICATE,
        ALERTS_HELD,
        ALERTS_BELOW_LEVEL,
        ALERTS_FAILED,
        CANARY_ALERTS,
        COLD_STARTS,
        RULE_ERRORS,
        VERSIONS_REFUSED,
        RECORD_LATENESS,
        FETCH_TIME,
        INSPECT_TIME,
        NOTIFY_TIME,
        NEWEST_RECORD_AGE,
    ];
    before.into_iter().chain(MATCHES.map(|(_, metric)| metric)).chain(after).collect()
}
