//! CloudWatch's [embedded metric format][specification]: a log line that is one JSON object, from which
//! CloudWatch Logs takes the metrics. No call, no permission, no waiting.
//!
//! [specification]: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::catalogue::Metric;

/// The most values that one metric may have in a document.
pub(crate) const MAX_VALUES: usize = 100;

/// Metrics of one set of dimensions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    /// What tells these metrics from the same ones of something else: names and values, none empty.
    pub(crate) dimensions: Vec<(&'static str, String)>,
    /// Metrics and their values. One without a value is left out.
    pub(crate) metrics: Vec<(Metric, Vec<f64>)>,
    /// What else is found in the line, for searching: names and values.
    pub(crate) properties: Vec<(&'static str, String)>,
}

impl Document {
    /// The line as an object.
    pub(crate) fn to_json(&self, namespace: &str, now: Timestamp) -> Value {
        let metrics: Vec<&(Metric, Vec<f64>)> = self.metrics.iter().filter(|(_, values)| !values.is_empty()).collect();
        let definitions: Vec<Value> =
            metrics.iter().map(|(metric, _)| json!({"Name": metric.name, "Unit": metric.unit.as_str()})).collect();
        let dimensions: Vec<&str> = self.dimensions.iter().map(|(name, _)| *name).collect();
        let directive = json!({"Namespace": namespace, "Dimensions": [dimensions], "Metrics": definitions});
        let mut line = Map::new();
        line.insert("_aws".to_owned(), json!({"Timestamp": now.as_millisecond(), "CloudWatchMetrics": [directive]}));
        for (name, value) in self.properties.iter().chain(&self.dimensions) {
            line.insert((*name).to_owned(), value.as_str().into());
        }
        for (metric, values) in metrics {
            line.insert(metric.name.to_owned(), target(values));
        }
        Value::Object(line)
    }
}

/// One value stands alone, several stand in a list.
fn target(values: &[f64]) -> Value {
    match values {
        [value] => number(*value),
        values => values.iter().copied().map(number).collect(),
    }
}

/// Whole where it is whole: `3` is read more easily than `3.0`, and means the same.
fn number(value: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
    if value.fract() == 0.0 && value.abs() < 1e15 { json!(value as i64) } else { json!(value) }
}

/// At most [`MAX_VALUES`] values that stand for all of `counted`, which is in order: the least, the
/// greatest, and between them one for each equal part of all.
pub(crate) fn representative(counted: &[(f64, u64)]) -> Vec<f64> {
    let total: u64 = counted.iter().map(|(_, count)| count).sum();
    let wanted = total.min(MAX_VALUES as u64);
    let mut values = Vec::new();
    let (mut passed, mut rest) = (0, counted.iter());
    let mut current = rest.next();
    for position in 0..wanted {
        // Of 0 … total - 1, both of them included.
        let rank = if wanted < 2 { 0 } else { position * (total - 1) / (wanted - 1) };
        while let Some((_, count)) = current
            && passed + count <= rank
        {
            passed += count;
            current = rest.next();
        }
        values.extend(current.map(|(value, _)| *value));
    }
    values
}
