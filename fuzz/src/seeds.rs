//! What fuzzing starts from: the rule files and test records of the project, read where they lie.

use std::{
    fs,
    path::{Path, PathBuf},
};

use trailhound_rule_engine::{Limits, Lists, RuleSet, Settings, Source};

/// The first bytes of a target's inputs.
#[derive(Debug, Default)]
pub struct Seeds {
    /// For `parse`: rule files, sound and broken.
    pub parse: Vec<Vec<u8>>,
    /// For `evaluate`: a rule file, NUL, and a record of one of its tests, in several wrappers.
    pub evaluate: Vec<Vec<u8>>,
    /// For `agreement`: a byte that says so, and a record.
    pub agreement: Vec<Vec<u8>>,
}

/// Collects the seeds of every target; panics when the project's own files cannot be read.
pub fn all() -> Seeds {
    let mut seeds = Seeds::default();
    let mut lists = Lists::default();
    let list_file = Source::new("lists.yml", read(&project().join("rules/lists.yml")));
    lists.read(&list_file, &Limits::default());
    for path in rule_files() {
        let text = read(&path);
        let settings = Settings { lists: lists.clone(), ..Settings::default() };
        let loaded = RuleSet::load_with([Source::new("seed.yml", text.as_str())], &settings);
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        let file = |name: &str| fs::read_to_string(folder.join(name)).map_err(|error| error.to_string());
        for (_, rule) in loaded.rules.iter() {
            let records: Vec<String> =
                rule.tests().iter().flat_map(|test| test.records(&file).unwrap_or_default()).collect();
            seeds.agreement.extend(records.iter().map(|record| [b"\0", record.as_bytes()].concat()));
            seeds.evaluate.extend(
                documents(&records).into_iter().map(|document| [text.as_bytes(), b"\0", document.as_bytes()].concat()),
            );
        }
        seeds.parse.push(text.into_bytes());
    }
    // Bytes to be turned into rules and records; what they become matters little, that they are many does.
    seeds.agreement.extend((0..=255_u8).map(generated_bytes));
    seeds
}

/// The rule files that show what rules mean, by name and text; between them they use every modifier.
pub(crate) fn semantics() -> Vec<(String, String)> {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    files(&engine_data("semantics")).iter().map(|path| (name(path), read(path))).collect()
}

/// Some records in the wrappers in which they travel.
fn documents(records: &[String]) -> Vec<String> {
    let Some(first) = records.first() else { return Vec::new() };
    let text = serde_json::to_string(first).unwrap_or_default();
    vec![
        format!("{{\"Records\":[{}]}}", records.join(",")),
        records.join("\n"),
        format!("{{\"detail-type\":\"x\",\"detail\":{first}}}"),
        format!("{{\"messageType\":\"DATA_MESSAGE\",\"logEvents\":[{{\"id\":\"1\",\"message\":{text}}}]}}"),
        format!("{{\"Events\":[{{\"CloudTrailEvent\":{text}}}]}}"),
    ]
}

fn generated_bytes(seed: u8) -> Vec<u8> {
    let mut state = u32::from(seed).wrapping_mul(0x9e37_79b9) | 1;
    let mut next = || {
        // A linear congruential generator: the same bytes on every machine.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::once(1).chain((0..512).map(|_| next())).collect()
}

fn rule_files() -> Vec<PathBuf> {
    let data = ["semantics", "diagnostics", "filters", "correlations"].map(engine_data);
    data.iter().chain([&project().join("rules")]).flat_map(|folder| files(folder)).collect()
}

fn engine_data(folder: &str) -> PathBuf {
    project().join("crates/rule-engine/tests/data").join(folder)
}

fn project() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All `.yml` files below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())).flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yml") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
