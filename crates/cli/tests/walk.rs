//! What `docs/authoring.md` shows of the way from an event to a rule is what happens.
//!
//! `TRYCMD=overwrite` brings the page up to date.

use std::{fs, path::Path};

use trycmd::TestCases;

const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/authoring.md");
const EVENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/new/open-bucket.json");
const HEADING: &str = "## From an event to a rule in ten minutes\n";

#[test]
fn the_walk_happens_as_it_is_told() {
    let guide = fs::read_to_string(GUIDE).unwrap();
    let (_, rest) = guide.split_once(HEADING).unwrap();
    let (walk, _) = rest.split_once("\n## ").unwrap();
    assert!(walk.matches("\n$ trailhound ").count() >= 6);
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("walk.md");
    fs::write(&page, walk).unwrap();
    // A folder beside the page is copied into the working directory; one called `.out` makes that a new one.
    for copy in ["walk.in", "walk.out"] {
        let copy = folder.path().join(copy);
        fs::create_dir_all(copy.join("logs")).unwrap();
        fs::copy(EVENT, copy.join("event.json")).unwrap();
        fs::copy(EVENT, copy.join("logs/trail.json")).unwrap();
    }
    let cases = TestCases::new();
    cases.register_bin("trailhound", Path::new(env!("CARGO_BIN_EXE_trailhound")));
    cases.env("NO_COLOR", "1");
    cases.case(&page);
    cases.run();
    let told = fs::read_to_string(&page).unwrap();
    if told != walk {
        fs::write(GUIDE, guide.replacen(walk, &told, 1)).unwrap();
    }
}
