//! What the detections do on records at hand, and the page that tells people what they detect.

mod facts;
mod noise;
mod page;
mod records;
mod tables;

pub use facts::{Detection, Kind, Need, detections};
pub use noise::{Noise, ORDINARY, measured};
pub use page::page;
pub use records::{Record, public_folder, public_records, records_of};
pub use tables::NOT_DETECTED;
pub use trailhound_rules::{CIS, STRATUS};

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use trailhound_rule_engine::{Correlator, Limits, RuleSet, Source, json::Reader, report};

/// The detections of the project as they are built into the binaries.
///
/// # Errors
///
/// Holds the report on rules that cannot be loaded.
pub fn built_in() -> io::Result<RuleSet> {
    let sources = trailhound_rules::sources().into_iter().map(|(path, text)| Source::built_in(path, text));
    let loaded = RuleSet::load(sources, &Limits::default());
    if loaded.has_errors() {
        return Err(io::Error::other(report::text(&loaded.diagnostics, report::Color::Never)));
    }
    Ok(loaded.rules)
}

/// The same rules without correlations, so that none is silent.
pub fn speaking(rules: &RuleSet) -> RuleSet {
    RuleSet::compile(rules.iter().map(|(_, rule)| rule.clone()).collect())
}

/// How often each rule and each correlation fires on these records, by its name.
///
/// # Errors
///
/// A record that is no JSON object.
pub fn firings(rules: &RuleSet, records: &[Record]) -> io::Result<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    let mut evaluator = rules.evaluator();
    let mut correlator = Correlator::default();
    for record in records {
        let matches = evaluator.evaluate(&mut Reader::new(&record.text)).map_err(io::Error::other)?;
        for rule in matches.iter().filter_map(|index| rules.get(*index)) {
            *counts.entry(rule.metadata().handle().to_owned()).or_default() += 1;
        }
        for observation in evaluator.observations(&record.place) {
            correlator.add(observation);
        }
    }
    for firing in correlator.finish(rules) {
        if let Some(correlation) = rules.correlation(firing.correlation) {
            *counts.entry(correlation.metadata().handle().to_owned()).or_default() += 1;
        }
    }
    Ok(counts)
}

/// A file of the project.
pub fn in_project(path: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(path)
}
