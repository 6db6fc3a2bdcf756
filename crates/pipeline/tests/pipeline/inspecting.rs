//! The function that a dry run and the deployed function share.

use std::path::Path;

use proptest::prelude::*;
use serde_json::Value;
use trailhound_pipeline::{InspectLimits, Inspection, Inspector, TimeWindow};
use trailhound_rule_engine::Level;

use crate::support::{
    assume_role, damaged_document, document, gzip, inspector, list_users, overlapping_inspector, rules, stop_logging,
};

fn assert_balanced(inspection: &Inspection) {
    assert_eq!(inspection.records, inspection.matched_records + inspection.unmatched + inspection.refused);
    assert!(inspection.refusals.len() as u64 <= inspection.refused);
}

#[test]
fn matches_name_rule_position_and_record() {
    let inspector = overlapping_inspector();
    let records = [assume_role(), stop_logging("one"), list_users()];
    for bytes in [document(&records), gzip(&document(&records))] {
        let inspection = inspector.inspect(&bytes);
        assert_balanced(&inspection);
        let found: Vec<(u64, &str, Option<&str>)> = inspection
            .matches
            .iter()
            .map(|found| {
                let rule = inspector.rules().get(found.rule).unwrap();
                (found.index, rule.metadata().title.as_str(), found.event.event_id.as_deref())
            })
            .collect();
        assert_eq!(
            found,
            [
                (1, "CloudTrail logging was stopped", Some("one")),
                (1, "A trail was touched", Some("one")),
                (2, "IAM was used", Some("list")),
            ]
        );
        assert_eq!(*inspection.matches[0].record, *records[1].to_string());
        assert_eq!((inspection.records, inspection.matched_records, inspection.unmatched), (3, 2, 1));
        assert_eq!(inspection.damage, None);
    }
}

#[test]
fn damage_of_the_packing_explains_that_of_the_document() {
    let packed = gzip(&document(&[stop_logging("one"), stop_logging("two"), assume_role()]));
    let truncated = inspector().inspect(&packed[..packed.len() - 40]);
    assert_balanced(&truncated);
    assert_eq!((truncated.refused, truncated.refusals.len()), (1, 1));
    let reason = &truncated.refusals[0].reason;
    assert!(reason.contains("gzip data end too early") && reason.contains("document ends too early"), "{reason}");

    let mut trailing = packed.clone();
    trailing.extend(b"tail");
    let trailing = inspector().inspect(&trailing);
    assert_balanced(&trailing);
    assert_eq!((trailing.matched_records, trailing.unmatched, trailing.refused), (2, 1, 1));
    assert_eq!((trailing.refusals[0].index, trailing.refusals[0].offset), (None, None));
    assert!(trailing.damage.unwrap().contains("4 bytes that are no gzip follow the last member"));
}

#[test]
fn refusals_are_all_counted_and_as_many_named_as_allowed() {
    let limits = InspectLimits { named_refusals: 3, ..InspectLimits::default() };
    let inspection = Inspector::new(rules(&[]), limits).inspect(b"{\"Records\":[1,2,3,4,5,{}]}");
    assert_balanced(&inspection);
    assert_eq!((inspection.records, inspection.refused, inspection.refusals.len()), (6, 5, 3));
    assert_eq!(inspection.refusals[2].reason, "the record at byte 16 is a number, not an object");
}

#[test]
fn limits_are_refusals() {
    let mut limits = InspectLimits::default();
    limits.log.inflated_bytes = 700;
    let bytes = gzip(&document(&[list_users(), stop_logging("one"), list_users()]));
    let inspection = Inspector::new(rules(&[]), limits).inspect(&bytes);
    assert_balanced(&inspection);
    assert!(inspection.damage.unwrap().starts_with("the object holds more than the limit of 700 bytes"));
    assert_eq!((inspection.unmatched, inspection.refused), (1, 1));
}

/// Some files keep each record under `log`, beside what it is an example of.
fn unwrapped(bytes: Vec<u8>) -> Vec<u8> {
    let lines = bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    let logs: Result<Vec<Value>, _> = lines.map(serde_json::from_slice::<Value>).collect();
    match logs {
        Ok(lines) if lines.iter().all(|line| line["log"].is_object()) => {
            lines.iter().map(|line| line["log"].to_string()).collect::<Vec<_>>().join("\n").into_bytes()
        }
        _ => bytes,
    }
}

#[test]
fn real_records_are_inspected_without_refusal() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    if !folder.is_dir() {
        println!("skipped: no folder `shared/fixtures` next to the repository");
        return;
    }
    let inspector = overlapping_inspector();
    let mut matched = 0;
    for folder in [folder.clone(), folder.join("stratus"), folder.join("trailscraper")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if !path.is_file() || path.extension().is_some_and(|extension| extension == "md") {
                continue;
            }
            let inspection = inspector.inspect(&unwrapped(std::fs::read(&path).unwrap()));
            assert_balanced(&inspection);
            assert_eq!((inspection.refused, inspection.damage), (0, None), "{}", path.display());
            matched += inspection.matched_records;
        }
    }
    assert!(matched > 100, "{matched}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_happens_to_the_bytes_the_counts_balance(bytes in damaged_document()) {
        assert_balanced(&inspector().inspect(&bytes));
    }
}

#[test]
fn what_is_below_the_level_leaves_a_count() {
    let records = [assume_role(), stop_logging("one"), list_users()];
    let inspector = overlapping_inspector().with_minimum_level(Level::High);
    let inspection = inspector.inspect(&document(&records));
    assert_balanced(&inspection);
    let found: Vec<u64> = inspection.matches.iter().map(|found| found.index).collect();
    assert_eq!(found, [1]);
    let below: Vec<(Level, u64)> = inspection.below_level.descending().filter(|(_, count)| *count > 0).collect();
    assert_eq!(below, [(Level::Medium, 1), (Level::Low, 1)]);
    assert_eq!((inspection.matched_records, inspection.unmatched), (2, 1));
}

#[test]
fn records_outside_the_window_are_passed_over_and_counted() {
    let at = |time: &str, id: &str| {
        let mut record = stop_logging(id);
        record["eventTime"] = time.into();
        record
    };
    let records = [
        at("2026-01-01T23:59:59Z", "before"),
        at("2026-01-02T00:00:00Z", "first"),
        at("2026-01-02T23:59:59Z", "last"),
        at("2026-01-03T00:00:00Z", "after"),
        at("at tea time", "unknown"),
    ];
    let moment = |text: &str| Some(text.parse().unwrap());
    let window = TimeWindow { since: moment("2026-01-02T00:00:00Z"), until: moment("2026-01-03T00:00:00Z") };
    let inspection = inspector().with_window(window).inspect(&document(&records));
    assert_balanced(&inspection);
    let found: Vec<_> = inspection.matches.iter().filter_map(|found| found.event.event_id.as_deref()).collect();
    assert_eq!(found, ["first", "last", "unknown"]);
    assert_eq!((inspection.records, inspection.outside), (3, 2));
    let span = inspection.span.unwrap();
    assert_eq!(
        (span.first.to_string(), span.last.to_string()),
        ("2026-01-02T00:00:00Z".to_owned(), "2026-01-02T23:59:59Z".to_owned())
    );
    assert_eq!(inspector().inspect(&document(&records)).span, None, "nobody asked");
}

#[test]
fn damage_in_a_record_outside_the_window_is_refused() {
    let window = TimeWindow { since: "2026-01-02T00:00:00Z".parse().ok(), until: None };
    let document = br#"{"Records": [{"eventTime": "2026-01-01T00:00:00Z", "x": tru}, {"eventName": "A"}]}"#;
    let inspection = inspector().with_window(window).inspect(document);
    assert_balanced(&inspection);
    assert_eq!((inspection.refused, inspection.outside), (1, 0));
}
