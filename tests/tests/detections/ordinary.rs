//! What fires on ordinary records is counted, and explained.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Read as _,
};

use flate2::read::GzDecoder;
use serde_json::Value;
use trailhound_rule_engine::{Level, RuleSet, Settings, Source};
use trailhound_tests::{
    detections::{Noise, built_in, detections, firings, in_project, measured, page, records_of},
    examples::log_objects,
};

use crate::{data, fixtures};

#[test]
fn the_noise_is_as_recorded() {
    if fixtures().is_none() {
        return;
    }
    let noise = measured(&built_in().unwrap()).unwrap().unwrap();
    assert_eq!(noise, Noise::recorded().unwrap(), "run `cargo run -p trailhound-tests --bin generate-detections`");
}

#[test]
fn what_fires_is_explained() {
    let noise = Noise::recorded().unwrap();
    let explained = data("noise-explained.json");
    let explained: BTreeSet<&str> = explained.as_object().unwrap().keys().map(String::as_str).collect();
    let fired: BTreeSet<&str> = noise.firings.keys().map(String::as_str).collect();
    assert_eq!(fired, explained);
}

#[test]
fn the_page_is_what_the_rules_say() {
    let explained = serde_json::from_value(data("noise-explained.json")).unwrap();
    let text = page(&built_in().unwrap(), &Noise::recorded().unwrap(), &explained);
    let found = fs::read_to_string(in_project("docs/detections.md")).unwrap();
    assert!(text == found, "run `cargo run -p trailhound-tests --bin generate-detections`");
}

/// The break-in of the example logs begins at 10:41 and has been answered by 12:45.
#[test]
fn outside_of_the_break_in_the_example_logs_are_quiet() {
    let mut records = Vec::new();
    for (key, bytes) in log_objects().unwrap() {
        let mut text = String::new();
        GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
        records.extend(records_of(&key, &text).unwrap());
    }
    records.retain(|record| {
        let record: Value = serde_json::from_str(&record.text).unwrap();
        let time = record["eventTime"].as_str().unwrap().to_owned();
        !("2026-03-10T10:41".."2026-03-10T12:45").contains(&time.as_str())
    });
    assert!(records.len() > 2000, "only {} records", records.len());
    let mut settings = Settings::default();
    let lists = fs::read_to_string(in_project("examples/lists.yml")).unwrap();
    assert!(settings.lists.read(&Source::new("lists.yml", lists), &settings.limits).is_empty());
    let sources = trailhound_rules::sources().into_iter().map(|(path, text)| Source::built_in(path, text));
    let rules = RuleSet::load_with(sources, &settings).rules;
    let levels: BTreeMap<String, Level> = detections(&rules).into_iter().map(|one| (one.name, one.level)).collect();
    let mut fired = firings(&rules, &records).unwrap();
    fired.retain(|name, _| levels[name] > Level::Informational);
    assert_eq!(fired, BTreeMap::from([("console-login-failed".to_owned(), 1)]));
}
