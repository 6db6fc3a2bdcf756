use std::fs;

use super::{Place, ended};

/// What a run says that cannot begin; the folder of the test is `HERE`.
fn refused(place: &Place, state: &str, more: &[&str]) -> String {
    let (status, messages) = ended(place.run(state, more).spawn().unwrap());
    assert_eq!(status, Some(2), "{messages}");
    let here = fs::canonicalize(place.folder.path()).unwrap();
    messages.replace(here.to_str().unwrap(), "HERE").replace(place.folder.path().to_str().unwrap(), "HERE")
}

/// The smallest database there can be, of a layout that a later release may have.
fn later_layout() -> Vec<u8> {
    let mut page = vec![0; 512];
    page[..16].copy_from_slice(b"SQLite format 3\0");
    // Size of a page; versions; fractions of payload.
    page[16..24].copy_from_slice(&[2, 0, 1, 1, 0, 64, 32, 32]);
    page[27] = 1;
    page[31] = 1;
    page[47] = 4;
    page[59] = 1;
    page[63] = 99;
    page[95] = 1;
    // An empty leaf of the table of tables.
    page[100] = 13;
    page[105..107].copy_from_slice(&[2, 0]);
    page
}

#[test]
fn a_run_that_cannot_begin_says_why() {
    let place = Place::new();
    fs::write(place.path("notes"), "no alerts\n").unwrap();
    fs::create_dir(place.path("folder")).unwrap();
    for (more, expected) in [
        (&["missing"][..], "error: the folder `missing` cannot be watched: No such file or directory (os error 2)\n"),
        (&["notes"], "error: `notes` is a file, and only folders can be watched: `trailhound scan` reads files\n"),
        (
            &["--to-file", "logs/a.ndjson"],
            "error: `logs/a.ndjson` lies in `HERE/logs`, which is watched: it would be read as a log\n",
        ),
        (
            &["--quarantine", "logs/a/b"],
            "error: `logs/a/b` lies in `HERE/logs`, which is watched: it would be read as a log\n",
        ),
        (
            &["--to-file", "missing/a"],
            "error: alerts cannot go to the file `missing/a`: it cannot be written: No such file or directory (os error 2)\n",
        ),
        (&["--to-file", "folder"], "error: alerts cannot go to the file `folder`: it is no regular file\n"),
        (
            &["--to-file", "notes"],
            "error: alerts cannot go to the file `notes`: it is there and holds no alerts: name another file\n",
        ),
        (
            &["--to-command", "no-such-program"],
            "error: alerts cannot go to the command `no-such-program`: there is no such program\n",
        ),
        (
            &["--to-command", "./notes"],
            "error: alerts cannot go to the command `./notes`: it may not be run: it is a folder, or not executable\n",
        ),
    ] {
        assert_eq!(refused(&place, "state.sqlite", more), expected, "{more:?}");
    }
    fs::write(place.path("later.sqlite"), later_layout()).unwrap();
    assert_eq!(
        refused(&place, "later.sqlite", &[]),
        "error: the state file `HERE/later.sqlite` cannot be used: the state file has the layout 99, and this release \
         knows the layout 1\n"
    );
    fs::write(place.path("text.sqlite"), "no database, only text that is long enough to be one".repeat(20)).unwrap();
    let messages = refused(&place, "text.sqlite", &[]);
    assert!(messages.contains("cannot be used: the state file cannot be opened: file is not a database"), "{messages}");
    let messages = refused(&place, "folder", &[]);
    assert!(messages.contains("cannot be used: the state file cannot be opened: "), "{messages}");
}
