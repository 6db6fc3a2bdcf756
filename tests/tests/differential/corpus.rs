//! Rule files and records to compare over.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use trailhound_rule_engine::{Limits, Rule, RuleSet, Source, report};
pub(crate) use trailhound_tests::detections::Record;
use trailhound_tests::detections::{self, in_project, public_folder};

/// A rule file, with its path below the project.
#[derive(Clone)]
pub(crate) struct RuleFile {
    pub(crate) name: String,
    pub(crate) text: String,
    /// Its rules in their order.
    pub(crate) rules: Vec<Rule>,
}

/// The project's rules.
pub(crate) fn project_rules() -> Vec<RuleFile> {
    rule_files("rules")
}

/// The rule files that show what rules mean.
pub(crate) fn semantics() -> Vec<RuleFile> {
    rule_files("crates/rule-engine/tests/data/semantics")
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

/// Every public record, or nothing, which is said, where they do not lie beside the project.
pub(crate) fn public_records() -> Vec<Record> {
    let Some(folder) = public_folder() else {
        // Past the test harness, which swallows what a passing test prints.
        let skipped = format!("SKIPPED: no public records at {}\n", in_project("../shared/fixtures").display());
        io::stderr().write_all(skipped.as_bytes()).unwrap();
        return Vec::new();
    };
    let records = detections::public_records(&folder).unwrap();
    assert!(records.len() > 1500, "only {} public records", records.len());
    records
}

fn rule_files(folder: &str) -> Vec<RuleFile> {
    let folder = project().join(folder);
    let paths = files(&folder).into_iter().filter(|path| has_extension(path, &["yml"]));
    paths.map(|path| rule_file(&path)).filter(|file| !file.rules.is_empty()).collect()
}

/// Without the correlations, which need the rules of other files and are not compared.
fn rule_file(path: &Path) -> RuleFile {
    let name = path.strip_prefix(project()).unwrap().display().to_string();
    let text = fs::read_to_string(path).unwrap();
    if text.contains("\ncorrelation:") {
        return RuleFile { name, text, rules: Vec::new() };
    }
    // What the rules find without a configuration; a file's own lists come before it.
    let lists = fs::read_to_string(in_project("rules/lists.yml")).unwrap();
    let sources = [Source::new("lists.yml", lists), Source::new(name.as_str(), text.as_str())];
    let loaded = RuleSet::load(sources, &Limits::default());
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
