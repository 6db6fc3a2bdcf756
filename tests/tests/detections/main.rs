//! The detections on records of what they detect, of what they must not, and of ordinary days.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::iter_over_hash_type,
    reason = "a test fails by panicking"
)]

mod labelled;
mod ordinary;
mod real;
mod techniques;

use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
};

use serde_json::Value;
use trailhound_tests::detections::{in_project, public_folder};

/// The public records, or nothing, which is said, where they do not lie beside the project.
fn fixtures() -> Option<PathBuf> {
    let folder = public_folder();
    if folder.is_none() {
        // Past the test harness, which swallows what a passing test prints.
        let skipped = format!("SKIPPED: no public records at {}\n", in_project("../shared/fixtures").display());
        io::stderr().write_all(skipped.as_bytes()).unwrap();
    }
    folder
}

/// A file of what the tests expect.
fn data(name: &str) -> Value {
    let path = in_project("tests/data/detections").join(name);
    serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"))
}
