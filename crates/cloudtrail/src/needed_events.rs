//! What of an event decides whether a trail records it, and which events the rules need, by their own tests.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use trailhound_rule_engine::{CorrelationIndex, Metadata, RuleIndex, RuleSet, Source};

/// Services with data events, and the type of resource that event selectors of a trail name for them, where
/// records do not name it themselves.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html>
const DATA_RESOURCES: &[(&str, &str)] = &[
    ("lambda.amazonaws.com", "AWS::Lambda::Function"),
    ("s3.amazonaws.com", "AWS::S3::Object"),
    ("sns.amazonaws.com", "AWS::SNS::Topic"),
];

/// What of an event the selectors of a trail look at, without what names one resource or one person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventProfile {
    /// What kind of event it is.
    pub category: EventCategory,
    /// `eventSource`, such as `iam.amazonaws.com`.
    pub source: String,
    /// `eventName`.
    pub name: String,
    /// `eventType`, such as `AwsApiCall`.
    pub event_type: Option<String>,
    /// `readOnly`.
    pub read_only: Option<bool>,
    /// Types of the resources of a data event, such as `AWS::S3::Object`; that which a selector has to name
    /// stands first.
    pub resource_types: Vec<String>,
}

/// The kinds of events that selectors tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventCategory {
    /// Which every trail records unless told otherwise.
    Management,
    /// About what is in a resource; recorded only where selectors name its type.
    Data,
    /// Through an endpoint of a VPC; recorded only where selectors name the service.
    NetworkActivity,
}

impl EventCategory {
    /// As `eventCategory` has it in records and selectors.
    pub fn as_str(self) -> &'static str {
        match self {
            EventCategory::Management => "Management",
            EventCategory::Data => "Data",
            EventCategory::NetworkActivity => "NetworkActivity",
        }
    }

    /// Records before version 1.07 do not say their category.
    fn of(record: &Value) -> Self {
        match record.get("eventCategory").and_then(Value::as_str) {
            Some("Data") => EventCategory::Data,
            Some("NetworkActivity") => EventCategory::NetworkActivity,
            None | Some(_) if record.get("managementEvent") == Some(&Value::Bool(false)) => EventCategory::Data,
            None | Some(_) => EventCategory::Management,
        }
    }
}

impl EventProfile {
    /// Reads it off a record.
    pub fn of(record: &Value) -> Self {
        let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
        let source = text("eventSource").unwrap_or_default();
        let category = EventCategory::of(record);
        EventProfile {
            category,
            resource_types: if category == EventCategory::Data { resource_types(record, &source) } else { Vec::new() },
            source,
            name: text("eventName").unwrap_or_default(),
            event_type: text("eventType"),
            read_only: record.get("readOnly").and_then(Value::as_bool),
        }
    }
}

fn resource_types(record: &Value, source: &str) -> Vec<String> {
    let known = DATA_RESOURCES.iter().filter(|(service, _)| *service == source).map(|(_, resource)| *resource);
    let named = record.get("resources").and_then(Value::as_array).into_iter().flatten();
    let named = named.filter_map(|resource| resource.get("type")?.as_str());
    let mut types: Vec<String> = Vec::new();
    for resource in known.chain(named) {
        if !types.iter().any(|seen| seen == resource) {
            types.push(resource.to_owned());
        }
    }
    types
}

/// The events that the rules and correlations of a set need, in their order: those of the tests in which a rule
/// matches. Of a rule without such tests none are known.
#[derive(Debug, Clone, Default)]
pub struct NeededEvents {
    /// Of each rule.
    pub rules: Vec<(RuleIndex, BTreeSet<EventProfile>)>,
    /// Of each correlation: all those of what it is about.
    pub correlations: Vec<(CorrelationIndex, BTreeSet<EventProfile>)>,
}

/// Gives the text of an event file, by the source of the rule and the name in its test, or says why it cannot be had.
pub type EventFiles<'f> = dyn Fn(&Source, &str) -> Result<String, String> + 'f;

impl NeededEvents {
    /// Reads them off the tests. `files` gives the text of an event file that a test names, relative to the file
    /// of its rule; a test whose records cannot be had or are no JSON is passed over, since running the tests says
    /// so.
    pub fn of(rules: &RuleSet, files: &EventFiles<'_>) -> Self {
        let mut needed = NeededEvents::default();
        let mut known: BTreeMap<&str, BTreeSet<EventProfile>> = BTreeMap::new();
        for (index, rule) in rules.iter() {
            let files = |name: &str| files(rule.source(), name);
            let matching = rule.tests().iter().filter(|test| test.expects_match());
            let records = matching.filter_map(|test| test.records(&files).ok()).flatten();
            let records = records.filter_map(|text| serde_json::from_str(&text).ok());
            let events: BTreeSet<EventProfile> = records.map(|record| EventProfile::of(&record)).collect();
            remember(rule.metadata(), &events, &mut known);
            needed.rules.push((index, events));
        }
        // Those that others are about come first.
        for index in rules.correlation_order() {
            let Some(correlation) = rules.correlation(*index) else { continue };
            let events: BTreeSet<EventProfile> =
                correlation.references().filter_map(|name| known.get(name)).flatten().cloned().collect();
            remember(correlation.metadata(), &events, &mut known);
            needed.correlations.push((*index, events));
        }
        needed
    }
}

fn remember<'r>(
    metadata: &'r Metadata,
    events: &BTreeSet<EventProfile>,
    known: &mut BTreeMap<&'r str, BTreeSet<EventProfile>>,
) {
    for handle in [&metadata.name, &metadata.id].into_iter().flatten() {
        known.insert(handle, events.clone());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_tells_its_category_and_resources() {
        use EventCategory::{Data, Management, NetworkActivity};
        let object = json!([{"type": "AWS::S3::Bucket"}, {"type": "AWS::S3::Object"}]);
        for (record, category, types) in [
            (json!({"eventSource": "iam.amazonaws.com"}), Management, &[][..]),
            (json!({"eventCategory": "Management", "managementEvent": true, "resources": object}), Management, &[]),
            (json!({"eventCategory": "Insight"}), Management, &[]),
            (
                json!({"managementEvent": false, "eventSource": "s3.amazonaws.com", "resources": object}),
                Data,
                &["AWS::S3::Object", "AWS::S3::Bucket"],
            ),
            (json!({"eventCategory": "Data", "eventSource": "lambda.amazonaws.com"}), Data, &["AWS::Lambda::Function"]),
            (json!({"eventCategory": "Data", "eventSource": "new.amazonaws.com"}), Data, &[]),
            (json!({"eventCategory": "NetworkActivity", "resources": object}), NetworkActivity, &[]),
        ] {
            let profile = EventProfile::of(&record);
            assert_eq!(
                (profile.category, profile.resource_types),
                (category, types.iter().map(|text| (*text).to_owned()).collect()),
                "{record}"
            );
        }
    }

    #[test]
    fn correlations_need_what_their_rules_need() {
        let text = "
title: Function called
name: called
logsource: {product: aws, service: cloudtrail}
detection:
  call: {eventName: Invoke}
  condition: call
tests:
  - name: a call
    match: true
    event: {eventSource: lambda.amazonaws.com, eventName: Invoke, eventCategory: Data, readOnly: false}
  - name: another
    match: false
    event: {eventSource: iam.amazonaws.com, eventName: GetUser}
---
title: Called often
name: often
correlation:
  type: event_count
  rules: [called]
  group-by: [recipientAccountId]
  timespan: 1h
  condition: {gte: 5}
level: low
";
        let loaded = RuleSet::load([Source::new("rules.yml", text)], &trailhound_rule_engine::Limits::default());
        assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
        let needed = NeededEvents::of(&loaded.rules, &|_, name| Err(name.to_owned()));
        let [(_, of_rule)] = needed.rules.as_slice() else { panic!("{needed:?}") };
        let [(_, of_correlation)] = needed.correlations.as_slice() else { panic!("{needed:?}") };
        assert_eq!(of_rule, of_correlation);
        let event = of_rule.first().unwrap();
        assert_eq!((of_rule.len(), event.name.as_str(), event.read_only), (1, "Invoke", Some(false)));
    }
}
