//! Finds rule files and records to test with.

use std::{
    fs,
    path::{Path, PathBuf},
};

use trailhound_rule_engine::{Limits, RuleSet, Source, report};

pub(crate) fn data(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder)
}

/// The rules of the project.
pub(crate) fn project_rules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules")
}

/// Real public records, which lie beside the project on some machines and are no part of it.
pub(crate) fn fixtures() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} is not there", folder.display());
    None
}

/// All files below a folder with this extension, in order.
pub(crate) fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

pub(crate) fn source(path: &Path) -> Source {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    Source::new(name, fs::read_to_string(path).unwrap())
}

/// Loads rule files that must be without fault.
pub(crate) fn load(paths: &[PathBuf]) -> RuleSet {
    let loaded = RuleSet::load(paths.iter().map(|path| source(path)), &Limits::default());
    let problems = report::text(&loaded.diagnostics, report::Color::Never);
    assert!(!loaded.has_errors(), "{problems}");
    assert!(!loaded.rules.is_empty());
    loaded.rules
}
