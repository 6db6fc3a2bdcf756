//! The settings of the function, read once from its environment.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `TRAILHOUND_TOPIC_ARN` | none, required | SNS topic that alerts are published to |
//! | `TRAILHOUND_MIN_LEVEL` | `medium` | least level of a rule whose matches notify |
//! | `TRAILHOUND_LOG` | `info` | log filter, such as `info` or `warn,trailhound_pipeline=debug` |
//! | `TRAILHOUND_MAX_OBJECT_BYTES` | 67 108 864 (64 MiB) | largest object fetched, in bytes as stored |
//! | `TRAILHOUND_MAX_INFLATED_BYTES` | 134 217 728 (128 MiB) | largest object inspected, in bytes once inflated |
//! | `TRAILHOUND_CONCURRENCY` | 4 | objects worked on at the same time, 1 to 64 |
//! | `TRAILHOUND_QUARANTINE` | none | where notes of what cannot be read are kept: `s3://bucket/prefix`, the URL of a queue, or a folder |
//! | `TRAILHOUND_METRICS` | `on` | `off`: no metrics are written |
//! | `TRAILHOUND_METRICS_NAMESPACE` | `Trailhound` | namespace of the metrics in CloudWatch |
//! | `TRAILHOUND_METRICS_PLACES` | 50 | pairs of account and region with metrics of their own; 0 for none |
//! | `TRAILHOUND_RULES` | the rules built in | folder of rules, relative to the root of the package |
//! | `TRAILHOUND_STATE_TABLE` | none: state in memory | DynamoDB table for state, with the keys `pk` and `sk` |
//!
//! A variable set to nothing counts as not set.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;
use tracing_subscriber::EnvFilter;
use trailhound_aws::{QuarantinePlace, QuarantinePlaceError, TopicArn, TopicArnError};
use trailhound_rule_engine::Level;

use crate::limits::{CONCURRENT_OBJECTS, MAX_CONCURRENT_OBJECTS, METRIC_PLACES};
use crate::metrics::MetricsSettings;

/// SNS topic that alerts are published to.
const TOPIC_ARN: &str = "TRAILHOUND_TOPIC_ARN";
/// Least level of a rule whose matches notify.
const MIN_LEVEL: &str = "TRAILHOUND_MIN_LEVEL";
/// Filter of log lines.
const LOG: &str = "TRAILHOUND_LOG";
/// Largest object fetched, in bytes as stored.
const MAX_OBJECT_BYTES: &str = "TRAILHOUND_MAX_OBJECT_BYTES";
/// Largest object inspected, in bytes once inflated.
const MAX_INFLATED_BYTES: &str = "TRAILHOUND_MAX_INFLATED_BYTES";
/// Objects worked on at the same time.
const CONCURRENCY: &str = "TRAILHOUND_CONCURRENCY";
/// Where notes of what cannot be read are kept.
const QUARANTINE: &str = "TRAILHOUND_QUARANTINE";
/// Whether there are metrics.
const METRICS: &str = "TRAILHOUND_METRICS";
/// Namespace of the metrics.
const METRICS_NAMESPACE: &str = "TRAILHOUND_METRICS_NAMESPACE";
/// Pairs of account and region with metrics of their own.
const METRICS_PLACES: &str = "TRAILHOUND_METRICS_PLACES";
/// Folder of rules inside the package.
const RULES: &str = "TRAILHOUND_RULES";
/// DynamoDB table for what is remembered between deliveries.
const STATE_TABLE: &str = "TRAILHOUND_STATE_TABLE";

const DEFAULT_MIN_LEVEL: Level = Level::Medium;
const DEFAULT_LOG: &str = "info";
const DEFAULT_NAMESPACE: &str = "Trailhound";
/// CloudTrail states 50 MB for an object; the rest is room for it to change its mind.
const DEFAULT_MAX_OBJECT_BYTES: u64 = 64 * 1024 * 1024;
/// More than twice of what CloudTrail writes, and little enough for the memory
/// of the function: running out of it would fail the whole batch, for ever.
const DEFAULT_MAX_INFLATED_BYTES: usize = 128 * 1024 * 1024;

/// Settings that have been checked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    /// Topic that alerts are published to.
    pub(crate) topic: TopicArn,
    /// Matches of rules below this level do not notify.
    pub(crate) minimum_level: Level,
    /// Larger objects are refused before they are read.
    pub(crate) max_object_bytes: u64,
    /// Larger objects are damaged ones.
    pub(crate) max_inflated_bytes: usize,
    /// Objects worked on at the same time.
    pub(crate) concurrency: usize,
    /// Where notes of what cannot be read are kept.
    pub(crate) quarantine: Option<QuarantineSetting>,
    /// What is told to CloudWatch, if anything.
    pub(crate) metrics: Option<MetricsSettings>,
    /// Where the rules come from.
    pub(crate) rules: RuleOrigin,
    /// DynamoDB table for what is remembered between deliveries; in memory without one.
    pub(crate) state_table: Option<String>,
}

/// Where notes of what cannot be read are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum QuarantineSetting {
    /// In AWS.
    Place(QuarantinePlace),
    /// In a folder of this machine.
    Folder(PathBuf),
}

/// Where the rules come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RuleOrigin {
    /// The rules in this binary.
    BuiltIn,
    /// All `.yml` and `.yaml` files below a folder of the package.
    Folder(PathBuf),
}

/// All that is wrong with the environment, so that one deployment repairs it.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("wrong settings: {}", list(.0))]
pub(crate) struct SettingsError(Vec<Problem>);

/// One thing that is wrong.
#[derive(Debug, PartialEq, Eq, Error)]
enum Problem {
    #[error("`{TOPIC_ARN}` is not set: give the ARN of the SNS topic for alerts")]
    NoTopic,
    #[error("`{TOPIC_ARN}` is `{value}`: {source}")]
    Topic { value: String, source: TopicArnError },
    #[error("`{MIN_LEVEL}` is `{0}`: give one of informational, low, medium, high, critical")]
    Level(String),
    #[error("`{LOG}` is `{0}`: give a level such as `info`, or a list such as `warn,trailhound_pipeline=debug`")]
    Log(String),
    #[error("`{name}` is `{value}`: give a whole number of bytes above 0")]
    Bytes { name: &'static str, value: String },
    #[error("`{CONCURRENCY}` is `{0}`: give a whole number from 1 to {MAX_CONCURRENT_OBJECTS}")]
    Concurrency(String),
    #[error("`{METRICS}` is `{0}`: give `on` or `off`")]
    Metrics(String),
    #[error("`{METRICS_NAMESPACE}` is `{0}`: give 1 to 255 letters, digits and `.-_/#:`, not beginning with `AWS/`")]
    MetricsNamespace(String),
    #[error("`{METRICS_PLACES}` is `{0}`: give a whole number")]
    MetricsPlaces(String),
    #[error("`{QUARANTINE}` is `{value}`: {source}")]
    Quarantine { value: String, source: QuarantinePlaceError },
    #[error("`{QUARANTINE}` is `{0}`: a note with such a key would be taken for a log object; give another prefix")]
    QuarantineAmongLogs(String),
    #[error("`{QUARANTINE}` is `{0}`: give `s3://bucket/prefix`, the URL of a queue, or a path with `/` in it")]
    QuarantineUnknown(String),
}

impl Settings {
    /// Reads the settings; `environment` gives the value of a variable that is set.
    pub(crate) fn read(environment: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let mut problems = Vec::new();
        let value = &|name: &str| environment(name).filter(|value| !value.trim().is_empty());

        let topic = keep(topic(value(TOPIC_ARN)), &mut problems);
        let minimum_level = keep(level(value(MIN_LEVEL)), &mut problems);
        let max_object_bytes = keep(bytes(MAX_OBJECT_BYTES, value, DEFAULT_MAX_OBJECT_BYTES), &mut problems);
        let max_inflated_bytes = keep(bytes(MAX_INFLATED_BYTES, value, DEFAULT_MAX_INFLATED_BYTES), &mut problems);
        let concurrency = keep(concurrency(value(CONCURRENCY)), &mut problems);
        let quarantine = keep(quarantine(value(QUARANTINE)), &mut problems);
        let metrics = metrics(value, &mut problems);
        keep(log_filter(value(LOG)), &mut problems);
        let rules = value(RULES).map_or(RuleOrigin::BuiltIn, |folder| RuleOrigin::Folder(folder.into()));
        let state_table = value(STATE_TABLE);

        let read = || {
            Some(Self {
                topic: topic?,
                minimum_level: minimum_level?,
                max_object_bytes: max_object_bytes?,
                max_inflated_bytes: max_inflated_bytes?,
                concurrency: concurrency?,
                quarantine: quarantine?,
                metrics,
                rules,
                state_table,
            })
        };
        match read() {
            Some(settings) if problems.is_empty() => Ok(settings),
            _ => Err(SettingsError(problems)),
        }
    }
}

fn concurrency(value: Option<String>) -> Result<usize, Problem> {
    let Some(value) = value else { return Ok(CONCURRENT_OBJECTS) };
    let number = value.parse().ok().filter(|number| (1..=MAX_CONCURRENT_OBJECTS).contains(number));
    number.ok_or(Problem::Concurrency(value))
}

/// The filter of log lines. It is needed before anything can be reported, so
/// a wrong one becomes the default here and a problem in [`Settings::read`].
pub(crate) fn log_filter_or_default(environment: impl Fn(&str) -> Option<String>) -> EnvFilter {
    log_filter(environment(LOG)).unwrap_or_else(|_| EnvFilter::new(DEFAULT_LOG))
}

fn log_filter(value: Option<String>) -> Result<EnvFilter, Problem> {
    let text = value.filter(|value| !value.trim().is_empty()).unwrap_or_else(|| DEFAULT_LOG.to_owned());
    EnvFilter::builder().parse(&text).map_err(|_| Problem::Log(text))
}

fn topic(value: Option<String>) -> Result<TopicArn, Problem> {
    let value = value.ok_or(Problem::NoTopic)?;
    value.parse().map_err(|source| Problem::Topic { value, source })
}

fn level(value: Option<String>) -> Result<Level, Problem> {
    value.map_or(Ok(DEFAULT_MIN_LEVEL), |value| value.parse().map_err(|_| Problem::Level(value)))
}

fn bytes<T>(name: &'static str, value: impl Fn(&str) -> Option<String>, default: T) -> Result<T, Problem>
where
    T: FromStr + Default + PartialOrd,
{
    let Some(value) = value(name) else { return Ok(default) };
    value.parse().ok().filter(|bytes| *bytes > T::default()).ok_or(Problem::Bytes { name, value })
}

fn metrics(value: impl Fn(&str) -> Option<String>, problems: &mut Vec<Problem>) -> Option<MetricsSettings> {
    let namespace = value(METRICS_NAMESPACE).unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned());
    let namespace = keep(
        if is_namespace(&namespace) { Ok(namespace) } else { Err(Problem::MetricsNamespace(namespace)) },
        problems,
    );
    let places = value(METRICS_PLACES)
        .map_or(Ok(METRIC_PLACES), |number| number.parse().map_err(|_| Problem::MetricsPlaces(number)));
    let places = keep(places, problems);
    match value(METRICS).as_deref() {
        None | Some("on") => Some(MetricsSettings { namespace: namespace?, places: places? }),
        Some("off") => None,
        Some(other) => {
            problems.push(Problem::Metrics(other.to_owned()));
            None
        }
    }
}

/// What CloudWatch allows; what begins with `AWS/` is its own.
fn is_namespace(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/#:".contains(&byte);
    (1..=255).contains(&text.len()) && text.bytes().all(is_allowed) && !text.starts_with("AWS/")
}

fn quarantine(value: Option<String>) -> Result<Option<QuarantineSetting>, Problem> {
    let Some(value) = value else { return Ok(None) };
    match value.parse::<QuarantinePlace>() {
        Ok(place) if place.object(&"0".repeat(64)).is_some_and(|note| note.is_log()) => {
            Err(Problem::QuarantineAmongLogs(value))
        }
        Ok(place) => Ok(Some(QuarantineSetting::Place(place))),
        // A word alone is rather a slip than a folder beside the executable, which cannot be written.
        Err(QuarantinePlaceError::Unknown) if !value.contains('/') => Err(Problem::QuarantineUnknown(value)),
        Err(QuarantinePlaceError::Unknown) => Ok(Some(QuarantineSetting::Folder(value.into()))),
        Err(source) => Err(Problem::Quarantine { value, source }),
    }
}

fn keep<T>(result: Result<T, Problem>, problems: &mut Vec<Problem>) -> Option<T> {
    result.map_err(|problem| problems.push(problem)).ok()
}

fn list(problems: &[Problem]) -> String {
    let mut text = String::new();
    for (index, problem) in problems.iter().enumerate() {
        let separator = if index == 0 { "" } else { "; " };
        // Writing to a string cannot fail.
        let _ = write!(text, "{separator}{problem}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

    fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
        Settings::read(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_topic_is_enough() {
        let settings = read(&[(TOPIC_ARN, TOPIC), (MIN_LEVEL, " "), (RULES, "")]).expect("valid settings");
        assert_eq!(settings.topic.to_string(), TOPIC);
        assert_eq!(settings.minimum_level, Level::Medium);
        assert_eq!(settings.max_object_bytes, 67_108_864);
        assert_eq!(settings.max_inflated_bytes, 134_217_728);
        assert_eq!(settings.concurrency, 4);
        let metrics = MetricsSettings { namespace: "Trailhound".to_owned(), places: 50 };
        assert_eq!(settings.metrics, Some(metrics));
        assert_eq!(settings.rules, RuleOrigin::BuiltIn);
        assert_eq!(settings.state_table, None);
    }

    #[test]
    fn every_setting_is_read() {
        let settings = read(&[
            (TOPIC_ARN, TOPIC),
            (MIN_LEVEL, "critical"),
            (LOG, "warn,trailhound_pipeline=debug"),
            (MAX_OBJECT_BYTES, "1024"),
            (MAX_INFLATED_BYTES, "2048"),
            (CONCURRENCY, "8"),
            (QUARANTINE, "s3://notes/a"),
            (METRICS_NAMESPACE, "Security/Trailhound"),
            (METRICS_PLACES, "0"),
            (RULES, "my-rules"),
            (STATE_TABLE, "trailhound"),
        ])
        .expect("valid settings");
        assert_eq!(settings.minimum_level, Level::Critical);
        assert_eq!(settings.max_object_bytes, 1024);
        assert_eq!(settings.max_inflated_bytes, 2048);
        assert_eq!(settings.concurrency, 8);
        let metrics = MetricsSettings { namespace: "Security/Trailhound".to_owned(), places: 0 };
        assert_eq!(settings.metrics, Some(metrics));
        let place = "s3://notes/a".parse().expect("a place");
        assert_eq!(settings.quarantine, Some(QuarantineSetting::Place(place)));
        assert_eq!(settings.rules, RuleOrigin::Folder("my-rules".into()));
        assert_eq!(settings.state_table.as_deref(), Some("trailhound"));
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let error =
            read(&[(MIN_LEVEL, "urgent"), (LOG, "a=b=c"), (MAX_OBJECT_BYTES, "-1")]).expect_err("wrong settings");
        assert_eq!(
            error,
            "wrong settings: `TRAILHOUND_TOPIC_ARN` is not set: give the ARN of the SNS topic for alerts; \
             `TRAILHOUND_MIN_LEVEL` is `urgent`: give one of informational, low, medium, high, critical; \
             `TRAILHOUND_MAX_OBJECT_BYTES` is `-1`: give a whole number of bytes above 0; \
             `TRAILHOUND_LOG` is `a=b=c`: give a level such as `info`, or a list such as `warn,trailhound_pipeline=debug`"
        );
    }

    #[test]
    fn metrics_can_be_turned_off_and_named() {
        let settings = read(&[(TOPIC_ARN, TOPIC), (METRICS, "off")]).expect("valid settings");
        assert_eq!(settings.metrics, None);
        for (name, value, reason) in [
            (METRICS, "no", "give `on` or `off`"),
            (METRICS_PLACES, "-1", "give a whole number"),
            (METRICS_NAMESPACE, "AWS/Trail", "not beginning with `AWS/`"),
            (METRICS_NAMESPACE, "a b", "not beginning with `AWS/`"),
        ] {
            let error = read(&[(TOPIC_ARN, TOPIC), (name, value)]).expect_err(value);
            assert!(error.starts_with(&format!("wrong settings: `{name}` is `{value}`: ")), "{error}");
            assert!(error.ends_with(reason), "{error}");
        }
    }

    #[test]
    fn a_quarantine_is_a_bucket_a_queue_or_a_folder_and_no_place_for_logs() {
        let read = |value: &str| read(&[(TOPIC_ARN, TOPIC), (QUARANTINE, value)]).map(|settings| settings.quarantine);
        assert_eq!(read(" "), Ok(None));
        assert_eq!(read("/tmp/notes"), Ok(Some(QuarantineSetting::Folder("/tmp/notes".into()))));
        assert_eq!(read("s3://trail/notes").map(|place| place.is_some()), Ok(true));
        assert_eq!(read("https://sqs.eu-west-1.amazonaws.com/1/q").map(|place| place.is_some()), Ok(true));
        for (value, reason) in [
            ("notes", "give `s3://bucket/prefix`, the URL of a queue, or a path with `/` in it"),
            ("s3://", "no bucket is named: give `s3://bucket/prefix`"),
            (
                "s3://trail/AWSLogs/111122223333/CloudTrail/eu-west-1",
                "a note with such a key would be taken for a log object; give another prefix",
            ),
        ] {
            let error = read(value).expect_err(value);
            assert_eq!(error, format!("wrong settings: `TRAILHOUND_QUARANTINE` is `{value}`: {reason}"));
        }
    }

    #[test]
    fn a_limit_of_nothing_is_refused() {
        for name in [MAX_OBJECT_BYTES, MAX_INFLATED_BYTES] {
            assert!(read(&[(TOPIC_ARN, TOPIC), (name, "0")]).is_err(), "{name}");
        }
        for number in ["0", "65", "-1", "some"] {
            let error = read(&[(TOPIC_ARN, TOPIC), (CONCURRENCY, number)]).expect_err(number);
            assert!(error.ends_with("give a whole number from 1 to 64"), "{error}");
        }
    }
}
