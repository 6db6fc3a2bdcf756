use std::{collections::BTreeMap, fs, io, path::Path};

use serde_json::{Value, json};
use trailhound_rule_engine::{Level, RuleSet};

use super::{firings, in_project, public_folder, public_records};

/// Files of ordinary public records, in which nothing happened that anybody wanted to show as an attack.
pub const ORDINARY: &[&str] = &[
    "opensearch-catalog.ndjson",
    "trailscraper/",
    "cloud-custodian.jsonl",
    "aws-cloudtrail-user-guide-examples.jsonl",
    "plaso-lookup-events.jsonl",
];

const FILE: &str = "tests/data/detections/noise.json";

/// How often detections of level low and above fire on ordinary records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noise {
    /// How many records there are.
    pub records: u64,
    /// How often each detection fires that fires at all.
    pub firings: BTreeMap<String, u64>,
}

/// Counts on the public records, or `None` where they do not lie beside the project.
///
/// # Errors
///
/// A file that cannot be read.
pub fn measured(rules: &RuleSet) -> io::Result<Option<Noise>> {
    let Some(folder) = public_folder() else { return Ok(None) };
    let mut records = public_records(&folder)?;
    records.retain(|record| ORDINARY.iter().any(|file| record.place.starts_with(file)));
    let levels: BTreeMap<&str, Level> = rules
        .iter()
        .map(|(_, rule)| rule.metadata())
        .chain(rules.correlations().map(|(_, correlation)| correlation.metadata()))
        .map(|metadata| (metadata.handle(), metadata.level))
        .collect();
    let mut firings = firings(rules, &records)?;
    firings.retain(|name, _| levels.get(name.as_str()).is_some_and(|level| *level > Level::Informational));
    Ok(Some(Noise { records: records.len() as u64, firings }))
}

impl Noise {
    /// Alerts of a detection for 10,000 ordinary records.
    pub fn per_10_000(&self, name: &str) -> Option<u64> {
        let fired = *self.firings.get(name)?;
        Some((fired * 10_000).div_ceil(self.records.max(1)))
    }

    /// As it was counted last.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is not written as it has to be.
    pub fn recorded() -> io::Result<Self> {
        let value: Value = serde_json::from_str(&fs::read_to_string(in_project(FILE))?)?;
        let counts = value.get("firings").and_then(Value::as_object).into_iter().flatten();
        let firings = counts.filter_map(|(name, count)| Some((name.clone(), count.as_u64()?))).collect();
        let records = value.get("records").and_then(Value::as_u64);
        Ok(Noise { records: records.ok_or_else(|| io::Error::other(format!("{FILE} has no `records`")))?, firings })
    }

    /// Keeps the numbers for those who lack the records.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub fn record(&self) -> io::Result<()> {
        let value = json!({"records": self.records, "firings": self.firings});
        let path = in_project(FILE);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        fs::write(path, format!("{value:#}\n"))
    }
}
