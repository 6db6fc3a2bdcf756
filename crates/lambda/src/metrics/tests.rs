//! Metrics keep to the specification of their format and to their documentation, and add up.

use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use trailhound_pipeline::{
    AlertCounts, DeliveryError, DeliveryOutcome, DeliveryStatus, EventTimes, IgnoredWhy, Measures, ObjectResult, Place,
    RecordCounts,
};
use trailhound_rule_engine::Level;

use super::catalogue::Metric;
use super::document::{Document, MAX_VALUES, representative};
use super::*;
use trailhound_trigger::WorkOutcome;
use trailhound_trigger::{DecodeError, QueueOrder};

/// What is wrong with a document by the specification of the embedded metric format.
fn faults(line: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            faults.push(format!("{what}: {line}"));
        }
    };
    let metadata = &line["_aws"];
    check(metadata["Timestamp"].as_u64().is_some(), "the timestamp is in milliseconds");
    let directives = metadata["CloudWatchMetrics"].as_array().cloned().unwrap_or_default();
    check(!directives.is_empty(), "there are directives");
    check(line.to_string().len() <= 1 << 20, "at most a mebibyte");
    for directive in &directives {
        let namespace = directive["Namespace"].as_str().unwrap_or_default();
        check((1..=1024).contains(&namespace.len()), "a namespace");
        let sets = directive["Dimensions"].as_array().cloned().unwrap_or_default();
        check(!sets.is_empty(), "sets of dimensions");
        for set in &sets {
            let names = set.as_array().cloned().unwrap_or_default();
            check(names.len() <= 30, "at most 30 dimensions");
            for name in &names {
                let name = name.as_str().unwrap_or_default();
                check((1..=250).contains(&name.len()), "the name of a dimension");
                let value = line[name].as_str().unwrap_or_default();
                check((1..=1024).contains(&value.len()), "a dimension has a value");
            }
        }
        let metrics = directive["Metrics"].as_array().cloned().unwrap_or_default();
        check((1..=100).contains(&metrics.len()), "1 to 100 metrics");
        for metric in &metrics {
            let name = metric["Name"].as_str().unwrap_or_default();
            check((1..=1024).contains(&name.len()), "the name of a metric");
            check(matches!(metric["Unit"].as_str(), Some("Count" | "Seconds" | "Milliseconds")), "a unit");
            let is_value = match &line[name] {
                Value::Array(values) => (1..=100).contains(&values.len()) && values.iter().all(Value::is_number),
                value => value.is_number(),
            };
            check(is_value, "a metric has a number or up to 100 of them");
        }
    }
    faults
}

fn settings(places: usize) -> MetricsSettings {
    MetricsSettings { namespace: "Trailhound".to_owned(), places }
}

fn metrics(places: usize) -> (Metrics, Memory) {
    let memory = Memory::default();
    (Metrics::new(Some(settings(places)), Some("trailhound".to_owned()), 2, Box::new(memory.clone())), memory)
}

const INVOCATION: Invocation<'_> = Invocation { request_id: "r-1", trace_id: Some("Root=1-2-3") };

fn times(seconds_ago: &[i64]) -> EventTimes {
    let now = Timestamp::now().as_second();
    seconds_ago.iter().map(|ago| Timestamp::from_second(now - ago).expect("in range")).collect()
}

fn place(region: &str) -> Place {
    Place { account: "111122223333".to_owned(), region: region.to_owned() }
}

fn delivered(status: DeliveryStatus, object: ObjectResult, measures: Measures) -> WorkOutcome {
    WorkOutcome::Delivered(Box::new(DeliveryOutcome { measures, ..DeliveryOutcome::new(status, object) }))
}

fn read(place: Place, seconds_ago: &[i64]) -> WorkOutcome {
    let measures = Measures {
        fetch: Some(Duration::from_micros(1_500)),
        inspect: Some(Duration::from_micros(250)),
        notify: Some(Duration::from_millis(40)),
        matches: [(Level::High, 2), (Level::Low, 1)].into(),
        suppressed: 4,
        times: times(seconds_ago),
        place: Some(place),
        digest: None,
    };
    let outcome = DeliveryOutcome {
        records: RecordCounts { records: 10, matched: 3, unmatched: 6, refused: 1 },
        alerts: AlertCounts {
            sent: 1,
            grouped: 6,
            digested: 7,
            unrouted: 8,
            duplicate: 2,
            held: 3,
            below_level: 4,
            failed: 5,
        },
        quarantined: true,
        measures,
        ..DeliveryOutcome::new(DeliveryStatus::Done, ObjectResult::Read)
    };
    WorkOutcome::Delivered(Box::new(outcome))
}

/// One unit of every outcome there is.
fn outcomes() -> Vec<UnitOutcome> {
    let damaged = DeliveryError::Damaged { reason: "half".to_owned() };
    let failed = DeliveryStatus::Failed { retry: true, error: damaged };
    let ignored = DeliveryStatus::Ignored { why: IgnoredWhy::FolderMarker };
    let work = vec![
        read(place("eu-west-1"), &[100, 300]),
        read(place("eu-west-1"), &[200]),
        read(place("us-east-1"), &[7_200]),
        delivered(failed, ObjectResult::Unreadable, Measures::default()),
        delivered(ignored, ObjectResult::Ignored, Measures::default()),
        delivered(DeliveryStatus::Done, ObjectResult::Missing, Measures::default()),
        WorkOutcome::NotBegun,
        WorkOutcome::CutOff,
        WorkOutcome::Nothing,
    ];
    vec![
        UnitOutcome { id: "m1".to_owned(), work: Ok(work) },
        UnitOutcome { id: "m2".to_owned(), work: Err(DecodeError::Unknown) },
    ]
}

const QUEUE: Sender = Sender::Queue(QueueOrder::Standard);

#[test]
fn an_invocation_is_one_line_and_one_for_each_place() {
    let (metrics, memory) = metrics(50);
    metrics.write(INVOCATION, Some((&QUEUE, &outcomes())));
    let lines = memory.lines();
    for line in &lines {
        assert_eq!(faults(line), Vec::<String>::new());
    }
    let [all, ireland, virginia] = lines.as_slice() else { panic!("{lines:?}") };
    let expected = json!({
        "FunctionName": "trailhound", "requestId": "r-1", "traceId": "Root=1-2-3",
        "Objects": 8, "ObjectsIgnored": 1, "ObjectsMissing": 1, "ObjectsFailed": 3, "OutOfTime": 2, "Quarantined": 3,
        "EventsRefused": 1, "Records": 30, "RecordsRefused": 3, "Suppressed": 12,
        "MatchesInformational": 0, "MatchesLow": 3, "MatchesMedium": 0, "MatchesHigh": 6, "MatchesCritical": 0,
        "AlertsSent": 3, "AlertsGrouped": 18, "AlertsDigested": 21, "AlertsUnrouted": 24, "AlertsDuplicate": 6, "AlertsHeld": 9, "AlertsBelowLevel": 12, "AlertsFailed": 15,
        "ColdStarts": 1, "RuleErrors": 2, "VersionsRefused": 0,
        "FetchTime": [1.5, 1.5, 1.5], "InspectTime": [0.25, 0.25, 0.25], "NotifyTime": [40, 40, 40]
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&all[name], value, "{name}");
    }
    let late: Vec<i64> = all["RecordLateness"].as_array().expect("a list").iter().filter_map(Value::as_i64).collect();
    // The clock may have moved on by a second.
    assert!(late.iter().zip([100, 200, 300, 7_200]).all(|(late, ago)| (ago..ago + 5).contains(late)), "{late:?}");
    assert_eq!(late.len(), 4);
    for (line, region, ago) in [(ireland, "eu-west-1", 100), (virginia, "us-east-1", 7_200)] {
        assert_eq!((&line["AccountId"], &line["Region"]), (&json!("111122223333"), &json!(region)));
        assert!((ago..ago + 5).contains(&line["NewestRecordAge"].as_i64().expect("a number")), "{line}");
    }
}

#[test]
fn only_the_first_invocation_is_a_cold_start() {
    let (metrics, memory) = metrics(0);
    metrics.write(INVOCATION, None);
    metrics.write(INVOCATION, Some((&QUEUE, &[])));
    let lines = memory.lines();
    assert_eq!(lines.iter().map(|line| line["ColdStarts"].clone()).collect::<Vec<_>>(), [1, 0]);
    assert_eq!(lines.iter().map(|line| line["EventsRefused"].clone()).collect::<Vec<_>>(), [1, 0]);
    assert!(lines.iter().all(|line| faults(line).is_empty()), "{lines:?}");
}

#[test]
fn places_are_bounded_for_they_cost_money() {
    let (metrics, memory) = metrics(1);
    for _ in 0..2 {
        metrics.write(INVOCATION, Some((&QUEUE, &outcomes())));
    }
    let lines = memory.lines();
    let regions: Vec<&Value> = lines.iter().map(|line| &line["Region"]).filter(|region| !region.is_null()).collect();
    assert_eq!(regions, ["eu-west-1", "eu-west-1"]);
}

#[test]
fn what_was_there_long_before_is_not_late() {
    let job = Sender::BatchOperations { schema: "1.0".to_owned(), invocation: "i".to_owned() };
    for sender in [job, Sender::Person] {
        let (metrics, memory) = metrics(50);
        metrics.write(INVOCATION, Some((&sender, &outcomes())));
        let lines = memory.lines();
        assert_eq!((lines.len(), &lines[0]["RecordLateness"], &lines[0]["Records"]), (1, &Value::Null, &json!(30)));
        assert_eq!(faults(&lines[0]), Vec::<String>::new());
    }
}

#[test]
fn the_documented_table_is_this_one() {
    let rows = catalogue::all()
        .into_iter()
        .map(|Metric { name, unit, meaning }| format!("| `{name}` | {} | {meaning} |", unit.as_str()));
    let table = rows.collect::<Vec<_>>().join("\n");
    let page = include_str!("../../../../docs/operations.md");
    assert!(page.contains(&table), "the table in docs/operations.md has to be:\n{table}");
    let mut names: Vec<_> = catalogue::all().iter().map(|metric| metric.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), catalogue::all().len(), "a name is there twice");
}

#[test]
fn everything_written_is_in_the_catalogue() {
    let (metrics, memory) = metrics(50);
    metrics.write(INVOCATION, Some((&QUEUE, &outcomes())));
    let known: Vec<_> = catalogue::all().iter().map(|metric| metric.name).collect();
    let mut written = Vec::new();
    for line in memory.lines() {
        for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().expect("metrics") {
            written.push(metric["Name"].as_str().expect("a name").to_owned());
        }
    }
    assert!(written.iter().all(|name| known.contains(&name.as_str())), "{written:?}");
    written.sort();
    written.dedup();
    assert_eq!(written.len(), known.len(), "all of the catalogue is written");
}

proptest! {
    #[test]
    fn a_hundred_values_stand_for_any_number(
        mut values in prop::collection::vec((0_u32..100_000, 1_u64..1_000), 0..300),
    ) {
        values.sort_unstable();
        let counted: Vec<(f64, u64)> = values.iter().map(|(value, count)| (f64::from(*value), *count)).collect();
        let total: u64 = values.iter().map(|(_, count)| count).sum();
        let chosen = representative(&counted);
        prop_assert_eq!(chosen.len() as u64, total.min(MAX_VALUES as u64));
        prop_assert_eq!(chosen.first(), counted.first().map(|(value, _)| value));
        // A single value cannot be the least and the greatest.
        if chosen.len() > 1 {
            prop_assert_eq!(chosen.last(), counted.last().map(|(value, _)| value));
        }
        prop_assert!(chosen.is_sorted());
        let metrics = vec![(catalogue::RECORD_LATENESS, chosen), (catalogue::OBJECTS, vec![1.0])];
        let document = Document { dimensions: Vec::new(), metrics, properties: Vec::new() };
        prop_assert_eq!(faults(&document.to_json("Trailhound", Timestamp::now())), Vec::<String>::new());
    }
}
