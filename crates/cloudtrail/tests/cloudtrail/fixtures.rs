//! Real public records, where they lie next to the repository.

use std::path::{Path, PathBuf};

use trailhound_cloudtrail::{Limits, inflate};

use crate::support::Collected;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn every_file_is_read_to_the_end() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    if !folder.is_dir() {
        println!("skipped: no folder `shared/fixtures` next to the repository");
        return;
    }
    let mut records = 0;
    for path in files(&folder) {
        let bytes = std::fs::read(&path).unwrap();
        let object = inflate(&bytes, Limits::default().inflated_bytes);
        assert_eq!(object.problem, None, "{}", path.display());
        let collected = Collected::of(&object.bytes);
        collected.assert_balanced();
        println!(
            "{}: {} records, {} refused, {} problems",
            path.display(),
            collected.records.len(),
            collected.refusals.len(),
            collected.problems.len()
        );
        if path.extension().is_none_or(|extension| extension != "md") {
            assert_eq!(collected.refusals, [], "{}", path.display());
            assert_eq!(collected.problems, [], "{}", path.display());
            assert!(!collected.records.is_empty(), "{}", path.display());
        }
        for (_, record) in &collected.records {
            serde_json::from_str::<serde_json::Value>(record).unwrap();
        }
        records += collected.records.len();
    }
    assert!(records > 1_500, "{records} records");
}
