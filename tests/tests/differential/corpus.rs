//! Rule files and records to compare over.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde_json::{Deserializer, Value};
use trailhound_rule_engine::{Limits, Lists, Rule, RuleSet, Settings, Source, report};

/// A rule file, with its path below the project.
#[derive(Clone)]
pub(crate) struct RuleFile {
    pub(crate) name: String,
    pub(crate) text: String,
    /// Its rules in their order.
    pub(crate) rules: Vec<Rule>,
}

/// A record, and where it comes from as a failure shows it.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) place: String,
    pub(crate) text: String,
}

/// The project's rules.
pub(crate) fn project_rules() -> Vec<RuleFile> {
    rule_files("rules")
}

/// The rule files that show what rules mean.
pub(crate) fn semantics() -> Vec<RuleFile> {
    rule_files("crates/rule-engine/tests/data/semantics")
}

/// The project's rules as they are built into the binaries.
pub(crate) fn built_in() -> RuleSet {
    let sources = trailhound_rules::sources().into_iter().map(|(path, text)| Source::new(path, text));
    let loaded = RuleSet::load(sources, &Limits::default());
    assert!(!loaded.has_errors(), "{}", report::text(&loaded.diagnostics, report::Color::Never));
    loaded.rules
}

/// The records in the tests of these rules.
pub(crate) fn own_records(files: &[RuleFile]) -> Vec<Record> {
    let mut records = Vec::new();
    for file in files {
        let folder = project().join(&file.name);
        let folder = folder.parent().unwrap();
        let read = |name: &str| fs::read_to_string(folder.join(name)).map_err(|error| error.to_string());
        for rule in &file.rules {
            for test in rule.tests() {
                let place = format!("{}: {}: {}", file.name, rule.metadata().title, test.name());
                records
                    .extend(test.records(&read).unwrap().into_iter().map(|text| Record { place: place.clone(), text }));
            }
        }
    }
    records
}

/// Every public record, or nothing where they do not lie beside the project.
pub(crate) fn public_records() -> Vec<Record> {
    let Some(folder) = fixtures() else { return Vec::new() };
    let mut records = Vec::new();
    for path in files(&folder).into_iter().filter(|path| has_extension(path, &["json", "jsonl", "ndjson"])) {
        let name = path.strip_prefix(&folder).unwrap().display().to_string();
        records.extend(records_of(&name, &fs::read_to_string(&path).unwrap()));
    }
    assert!(records.len() > 1500, "only {} public records", records.len());
    records
}

/// Real public records, which lie beside the project on some machines and are no part of it.
pub(crate) fn fixtures() -> Option<PathBuf> {
    let folder = project().join("../shared/fixtures");
    if folder.is_dir() {
        return Some(folder);
    }
    // Past the test harness, which swallows what a passing test prints.
    let skipped = format!("SKIPPED: no public records at {}\n", folder.display());
    io::stderr().write_all(skipped.as_bytes()).unwrap();
    None
}

/// The records of a file, numbered by the line or the element they stand in, from one.
pub(crate) fn records_of(name: &str, text: &str) -> Vec<Record> {
    let mut found = Vec::new();
    let mut values: Vec<Value> = Deserializer::from_str(text).into_iter().map(Result::unwrap).collect();
    if let [Value::Array(elements)] = values.as_mut_slice() {
        values = std::mem::take(elements);
    }
    for (index, value) in values.into_iter().enumerate() {
        collect(&format!("{name}:{}", index + 1), value, &mut found);
    }
    found
}

/// Takes records out of what they are wrapped in.
fn collect(place: &str, mut value: Value, found: &mut Vec<Record>) {
    if let Some(Value::Array(records)) = value.get_mut("Records").map(Value::take) {
        for record in records {
            collect(place, record, found);
        }
    } else if let Some(key) = ["log", "detail"].into_iter().find(|key| value.get(key).is_some_and(Value::is_object)) {
        let wrapped = value[key].take();
        collect(place, wrapped, found);
    } else if let Some(Value::String(text)) = value.get("CloudTrailEvent") {
        found.push(Record { place: place.to_owned(), text: text.clone() });
    } else {
        found.push(Record { place: place.to_owned(), text: value.to_string() });
    }
}

fn rule_files(folder: &str) -> Vec<RuleFile> {
    let folder = project().join(folder);
    let paths = files(&folder).into_iter().filter(|path| has_extension(path, &["yml"]));
    paths.map(|path| rule_file(&path)).filter(|file| !file.rules.is_empty()).collect()
}

fn rule_file(path: &Path) -> RuleFile {
    let name = path.strip_prefix(project()).unwrap().display().to_string();
    let text = fs::read_to_string(path).unwrap();
    let mut lists = Lists::default();
    // What the rules find without a configuration.
    lists.read(
        &Source::new("lists.yml", fs::read_to_string(project().join("rules/lists.yml")).unwrap()),
        &Limits::default(),
    );
    let settings = Settings { lists, ..Settings::default() };
    let loaded = RuleSet::load_with([Source::new(name.as_str(), text.as_str())], &settings);
    assert!(!loaded.has_errors(), "{}", report::text(&loaded.diagnostics, report::Color::Never));
    let rules = loaded.rules.iter().map(|(_, rule)| rule.clone()).collect();
    RuleFile { name, text, rules }
}

fn project() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|found| extensions.iter().any(|extension| found == *extension))
}

/// All files below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
