//! What fires on ordinary records is counted, and explained.

use std::{collections::BTreeSet, fs};

use trailhound_tests::detections::{Noise, built_in, in_project, measured, page};

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
    let text = page(&built_in().unwrap(), &Noise::recorded().unwrap(), &explained).unwrap();
    let found = fs::read_to_string(in_project("docs/detections.md")).unwrap();
    assert!(text == found, "run `cargo run -p trailhound-tests --bin generate-detections`");
}
