//! Reads the condition of a correlation, by its type.

use super::{
    Bound, Kind, Reference, Threshold,
    read::{Body, text},
};
use crate::{
    code::Code,
    condition::{self, Context},
    decimal::Decimal,
    detection::{Condition, Identifier, Search},
    diagnostic::suggestion,
    modifier::Comparison,
    source::Span,
    syntax::{Data, Entry, Typed},
};

const BOUNDS: &[(&str, Bound)] = &[
    ("gt", Bound::Compare(Comparison::Greater)),
    ("gte", Bound::Compare(Comparison::GreaterOrEqual)),
    ("lt", Bound::Compare(Comparison::Less)),
    ("lte", Bound::Compare(Comparison::LessOrEqual)),
    ("eq", Bound::Equal),
    ("neq", Bound::Unequal),
];

/// The names of all comparisons.
#[cfg(test)]
pub(crate) fn bound_names() -> impl Iterator<Item = &'static str> {
    BOUNDS.iter().map(|(name, _)| *name)
}

/// Percentile of `value_percentile` where the condition names none, and of `value_median`.
const MEDIAN: f64 = 50.0;

impl Body<'_, '_> {
    pub(super) fn threshold(&mut self, kind: &str, references: &[Reference]) -> Option<(Kind, Threshold)> {
        if let Some(entry) = self.get("learning").filter(|_| kind != "new_value") {
            let message = format!("`{kind}` learns nothing: `learning` belongs to `new_value`");
            self.problems().error(Code::UnknownCorrelationKey, entry.key_span, message);
        }
        if kind == "new_value" {
            return self.new_value();
        }
        let Some(entry) = self.get("condition") else {
            return self.default_threshold(kind, references.len());
        };
        match &entry.value.data {
            Data::Map(keys) => self.bounds(kind, keys, entry.value.span, references.len()),
            Data::Scalar(scalar) if kind == "temporal" && matches!(scalar.typed(), Typed::Text(_)) => {
                let condition = self.expression(&scalar.text, entry.value.span, references)?;
                Some((Kind::Temporal, Threshold::Expression(condition)))
            }
            Data::Scalar(_) | Data::List(_) => {
                let message = format!("the condition of `{kind}` must be a map, this is {}", entry.value.kind());
                self.problems()
                    .error(Code::InvalidCorrelationCondition, entry.value.span, message)
                    .help("as in `condition: {gte: 5}`; a text such as `a and not b` belongs to `temporal`");
                None
            }
        }
    }

    /// First sight needs the fields and nothing to compare with.
    fn new_value(&mut self) -> Option<(Kind, Threshold)> {
        let condition = self.require("condition")?;
        let keys = match &condition.value.data {
            Data::Map(keys) => keys.as_slice(),
            Data::Scalar(_) | Data::List(_) => &[],
        };
        let (Some(field), 1) = (keys.iter().find(|entry| entry.key == "field"), keys.len()) else {
            self.problems()
                .error(Code::InvalidCorrelationCondition, condition.value.span, "`new_value` needs a `field` alone")
                .help("as in `condition: {field: awsRegion}`");
            return None;
        };
        let fields = self.fields(field, "field")?;
        let learning = match self.get("learning").or_else(|| self.get("timespan")) {
            Some(entry) => self.seconds(entry)?,
            None => 0,
        };
        Some((Kind::NewValue { fields, learning }, Threshold::Bounds(Vec::new())))
    }

    fn default_threshold(&mut self, kind: &str, rules: usize) -> Option<(Kind, Threshold)> {
        let kind = match kind {
            "temporal" => Kind::Temporal,
            "temporal_ordered" => Kind::TemporalOrdered,
            _ => {
                self.require("condition");
                return None;
            }
        };
        let all = Decimal::parse(&rules.to_string())?;
        Some((kind, Threshold::Bounds(vec![(Bound::Compare(Comparison::GreaterOrEqual), all)])))
    }

    fn bounds(&mut self, kind: &str, keys: &[Entry], span: Span, rules: usize) -> Option<(Kind, Threshold)> {
        let compared = keys.iter().filter(|entry| !["field", "percentile"].contains(&entry.key.as_str()));
        let bounds: Vec<Option<(Bound, Decimal)>> = compared.map(|entry| self.bound(entry)).collect();
        let bounds = bounds.into_iter().collect::<Option<Vec<_>>>()?;
        if bounds.is_empty() {
            if matches!(kind, "temporal" | "temporal_ordered") && keys.is_empty() {
                return self.default_threshold(kind, rules);
            }
            self.problems()
                .error(Code::InvalidCorrelationCondition, span, "the condition compares with nothing")
                .help("as in `condition: {gte: 5}`");
            return None;
        }
        let kind = self.typed_kind(kind, keys, span)?;
        Some((kind, Threshold::Bounds(bounds)))
    }

    fn bound(&mut self, entry: &Entry) -> Option<(Bound, Decimal)> {
        let Some((_, bound)) = BOUNDS.iter().find(|(name, _)| *name == entry.key) else {
            let known = BOUNDS.iter().map(|(name, _)| *name).chain(["field", "percentile"]);
            let message = format!("unknown key `{}` in the condition", entry.key);
            let help = suggestion(&entry.key, known)
                .unwrap_or_else(|| "the comparisons are gt, gte, lt, lte, eq, neq".to_owned());
            self.problems().error(Code::InvalidCorrelationCondition, entry.key_span, message).help(help);
            return None;
        };
        let number = text(&entry.value).and_then(Decimal::parse_yaml);
        if number.is_none() {
            let message = format!("`{}` needs a number, this is {}", entry.key, entry.value.kind());
            self.problems().error(Code::InvalidCorrelationCondition, entry.value.span, message);
        }
        Some((*bound, number?))
    }

    fn typed_kind(&mut self, kind: &str, keys: &[Entry], span: Span) -> Option<Kind> {
        let percentile = self.percentile(kind, keys)?;
        let field = keys.iter().find(|entry| entry.key == "field");
        let counts_events = matches!(kind, "event_count" | "temporal" | "temporal_ordered");
        let Some(field) = field else {
            if counts_events {
                return Some(match kind {
                    "event_count" => Kind::EventCount,
                    "temporal" => Kind::Temporal,
                    _ => Kind::TemporalOrdered,
                });
            }
            let message = format!("the condition of `{kind}` needs a `field`");
            self.problems().error(Code::InvalidCorrelationCondition, span, message);
            return None;
        };
        if counts_events {
            let message = format!("`{kind}` counts events and takes no `field`");
            self.problems().error(Code::InvalidCorrelationCondition, field.key_span, message);
            return None;
        }
        let fields = self.fields(field, "field")?;
        let (Some(first), 1) = (fields.first().cloned(), fields.len()) else {
            if kind == "value_count" && !fields.is_empty() {
                return Some(Kind::ValueCount(fields));
            }
            let message = format!("`{kind}` takes one field");
            self.problems().error(Code::InvalidCorrelationCondition, field.value.span, message);
            return None;
        };
        Some(match kind {
            "value_count" => Kind::ValueCount(fields),
            "value_sum" => Kind::ValueSum(first),
            "value_avg" => Kind::ValueAverage(first),
            _ => Kind::ValuePercentile(first, percentile),
        })
    }

    fn percentile(&mut self, kind: &str, keys: &[Entry]) -> Option<f64> {
        let Some(entry) = keys.iter().find(|entry| entry.key == "percentile") else { return Some(MEDIAN) };
        let number = text(&entry.value).and_then(|text| text.parse::<f64>().ok());
        let message = match number {
            _ if kind != "value_percentile" => format!("`{kind}` takes no `percentile`"),
            Some(number) if (0.0..=100.0).contains(&number) => return Some(number),
            _ => "`percentile` needs a number from 0 to 100".to_owned(),
        };
        self.problems().error(Code::InvalidCorrelationCondition, entry.value.span, message);
        None
    }

    /// The names of the rules, joined like searches in the condition of a rule.
    fn expression(&mut self, text: &str, span: Span, references: &[Reference]) -> Option<Condition> {
        let identifiers: Vec<Identifier> = references
            .iter()
            .map(|reference| Identifier {
                name: reference.name.clone(),
                span: reference.span,
                search: Search::Any(Vec::new()),
            })
            .collect();
        let mut used = vec![false; identifiers.len()];
        let context = Context { terms: self.context.terms, problems: self.context.problems };
        let condition = condition::parse(text, span, &identifiers, &mut used, context)?;
        for (reference, _) in references.iter().zip(&used).filter(|(_, used)| !**used) {
            let message = format!("the condition does not mention `{}`", reference.name);
            self.problems().error(Code::InvalidCorrelationCondition, reference.span, message);
        }
        Some(condition)
    }
}
