//! What the documentation names as the proof of a promise exists.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

const DOCUMENT: &str = "docs/reliability.md";

/// Where the document says that the tests are.
const FOLDERS: [&str; 4] =
    ["crates/pipeline/tests", "crates/cli/tests/run", "crates/pipeline/src/contract", "tests/tests/end_to_end"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All files below these folders, with what they hold.
fn sources() -> Vec<(PathBuf, String)> {
    let mut folders: Vec<PathBuf> = FOLDERS.iter().map(|folder| root().join(folder)).collect();
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push((path.clone(), fs::read_to_string(path).unwrap()));
            }
        }
    }
    sources
}

/// `module::test` in backticks: all of them.
fn named(document: &str) -> Vec<(&str, &str)> {
    let quoted = document.split('`').skip(1).step_by(2);
    let tests = quoted.filter_map(|text| text.rsplit_once("::")).filter(|(_, test)| !test.contains([' ', '(']));
    tests.map(|(modules, test)| (modules.rsplit("::").next().unwrap_or(modules), test)).collect()
}

#[test]
fn every_test_that_proves_a_promise_exists() {
    let document = fs::read_to_string(root().join(DOCUMENT)).unwrap();
    let sources = sources();
    let named = named(&document);
    assert!(named.len() > 20, "{DOCUMENT} names {} tests", named.len());
    for (module, test) in named {
        let is_module = |path: &Path| path.file_stem().is_some_and(|stem| stem == module);
        let is_in = |path: &Path| is_module(path) || path.parent().is_some_and(is_module);
        let holds = |text: &str| text.contains(&format!("fn {test}("));
        let exists = sources.iter().any(|(path, text)| is_in(path) && holds(text));
        assert!(exists, "{DOCUMENT} names `{module}::{test}`, which is not there");
    }
}

#[test]
fn every_promise_has_a_test() {
    let document = fs::read_to_string(root().join(DOCUMENT)).unwrap();
    let rows = document.lines().skip_while(|line| !line.starts_with("| promise")).skip(2);
    for row in rows.take_while(|line| line.starts_with('|')) {
        assert!(!named(row).is_empty(), "without a test: {row}");
    }
}
