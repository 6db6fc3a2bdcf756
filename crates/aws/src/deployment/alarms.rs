//! Alarms: one call, `DescribeAlarms`, for as many pages as there are.

use std::collections::BTreeMap;

use aws_config::Region;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    AlarmType, ComparisonOperator, CompositeAlarm, Dimension, Metric, MetricAlarm, StateValue,
};
use jiff::Timestamp;

use super::{AskError, Deployment, ask_error};
use crate::trails::timestamp;

/// Alarms in one answer; 100, the most that CloudWatch gives.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>
const PAGE: i32 = 100;

/// An alarm of CloudWatch, on metrics or on other alarms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlarmFacts {
    /// Its name.
    pub name: String,
    /// What it looks at; nothing for an alarm on other alarms.
    pub metrics: Vec<MetricFacts>,
    /// When it rings, for an alarm on metrics.
    pub rings: Option<Rings>,
    /// What a period without data counts as.
    pub missing: Missing,
    /// Which other alarms it is about, as an expression; for an alarm on other alarms.
    pub rule: Option<String>,
    /// Whether it does anything at all when its state changes.
    pub acts: bool,
    /// ARNs of what it does when it rings.
    pub actions: Vec<String>,
    /// How it is.
    pub state: AlarmState,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// A metric that an alarm looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetricFacts {
    /// Its namespace, such as `AWS/SQS`.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its dimensions.
    pub dimensions: BTreeMap<String, String>,
}

/// On which side of its threshold an alarm rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rings {
    /// Above it.
    Above,
    /// Below it.
    Below,
    /// On both.
    Outside,
}

/// What a period without data counts as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Missing {
    /// As bad.
    Breaching,
    /// As good.
    NotBreaching,
    /// As the one before.
    Ignore,
    /// As nothing: where all periods are like that, the alarm has not enough data.
    #[default]
    Missing,
}

/// How an alarm is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AlarmState {
    /// It does not ring.
    #[default]
    Ok,
    /// It rings.
    Alarm,
    /// It cannot tell.
    InsufficientData,
}

impl Deployment {
    /// All alarms of a region, which is that of CloudTrail's calls unless one is given.
    pub async fn alarms(&self, region: Option<&str>) -> Result<Vec<AlarmFacts>, AskError> {
        let region = region.map(|region| Region::new(region.to_owned()));
        let region = region.or_else(|| self.shared.region().cloned());
        let client = Client::from_conf(aws_sdk_cloudwatch::config::Builder::from(&self.shared).region(region).build());
        let (mut alarms, mut next) = (Vec::new(), None);
        loop {
            // Without the types, alarms on other alarms are left out.
            let call = client.describe_alarms().alarm_types(AlarmType::MetricAlarm);
            let call = call.alarm_types(AlarmType::CompositeAlarm).max_records(PAGE).set_next_token(next);
            let answer = call.send().await.map_err(|error| ask_error("cloudwatch:DescribeAlarms", &error))?;
            alarms.extend(answer.metric_alarms.unwrap_or_default().into_iter().map(on_metrics));
            alarms.extend(answer.composite_alarms.unwrap_or_default().into_iter().map(on_alarms));
            next = answer.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(alarms);
            }
        }
    }
}

fn on_metrics(alarm: MetricAlarm) -> AlarmFacts {
    let one = alarm.metric_name.map(|name| MetricFacts {
        namespace: alarm.namespace.unwrap_or_default(),
        name,
        dimensions: dimensions(alarm.dimensions.unwrap_or_default()),
    });
    // Those of an expression.
    let several = alarm.metrics.unwrap_or_default().into_iter().filter_map(|query| query.metric_stat?.metric);
    AlarmFacts {
        name: alarm.alarm_name.unwrap_or_default(),
        metrics: one.into_iter().chain(several.map(metric)).collect(),
        rings: alarm.comparison_operator.map(|operator| rings(&operator)),
        missing: missing(alarm.treat_missing_data.as_deref()),
        rule: None,
        acts: acts(alarm.actions_enabled),
        actions: alarm.alarm_actions.unwrap_or_default(),
        state: state(alarm.state_value.as_ref()),
        since: since(alarm.state_transitioned_timestamp, alarm.state_updated_timestamp),
    }
}

fn on_alarms(alarm: CompositeAlarm) -> AlarmFacts {
    AlarmFacts {
        name: alarm.alarm_name.unwrap_or_default(),
        metrics: Vec::new(),
        rings: None,
        missing: Missing::default(),
        rule: alarm.alarm_rule,
        acts: acts(alarm.actions_enabled),
        actions: alarm.alarm_actions.unwrap_or_default(),
        state: state(alarm.state_value.as_ref()),
        since: since(alarm.state_transitioned_timestamp, alarm.state_updated_timestamp),
    }
}

fn metric(metric: Metric) -> MetricFacts {
    MetricFacts {
        namespace: metric.namespace.unwrap_or_default(),
        name: metric.metric_name.unwrap_or_default(),
        dimensions: dimensions(metric.dimensions.unwrap_or_default()),
    }
}

fn dimensions(all: Vec<Dimension>) -> BTreeMap<String, String> {
    all.into_iter().filter_map(|one| Some((one.name?, one.value?))).collect()
}

/// What is above or below a band that CloudWatch has learned counts like what is above or below a number.
fn rings(operator: &ComparisonOperator) -> Rings {
    match operator {
        ComparisonOperator::LessThanLowerThreshold
        | ComparisonOperator::LessThanOrEqualToThreshold
        | ComparisonOperator::LessThanThreshold => Rings::Below,
        ComparisonOperator::LessThanLowerOrGreaterThanUpperThreshold => Rings::Outside,
        _ => Rings::Above,
    }
}

fn missing(word: Option<&str>) -> Missing {
    match word {
        Some("breaching") => Missing::Breaching,
        Some("notBreaching") => Missing::NotBreaching,
        Some("ignore") => Missing::Ignore,
        _ => Missing::Missing,
    }
}

/// An alarm of which this is not told is one with actions: that is what CloudWatch makes unless it is told otherwise.
fn acts(enabled: Option<bool>) -> bool {
    enabled.unwrap_or(true)
}

fn state(value: Option<&StateValue>) -> AlarmState {
    match value {
        Some(StateValue::Alarm) => AlarmState::Alarm,
        Some(StateValue::InsufficientData) => AlarmState::InsufficientData,
        _ => AlarmState::Ok,
    }
}

/// The second is also when something else about the state changed, but older alarms have nothing better.
fn since(transitioned: Option<DateTime>, updated: Option<DateTime>) -> Option<Timestamp> {
    transitioned.or(updated).and_then(timestamp)
}
