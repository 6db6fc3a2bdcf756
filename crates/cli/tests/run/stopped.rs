use std::{
    fs::{self, File},
    io::{Read, Write},
    process::Command,
    time::{Duration, Instant, SystemTime},
};

use super::{PATIENCE, Place, ended, length, stopped, wait_for};

fn signal(process: u32, name: &str) {
    assert!(Command::new("kill").args(["-s", name, &process.to_string()]).status().unwrap().success());
}

#[test]
fn a_signal_ends_a_run_that_watches_and_one_process_has_the_state() {
    for name in ["TERM", "INT"] {
        let place = Place::new();
        place.put("a.json.gz", &[stopped(1)]);
        let run = place.run("state.sqlite", &["--to-file", "alerts", "--interval", "1s"]).spawn().unwrap();
        wait_for("the first alert", || (length(&place.path("alerts")) > 0).then_some(()));
        let (status, messages) = ended(place.run("state.sqlite", &["--once"]).spawn().unwrap());
        assert_eq!(status, Some(2));
        assert!(messages.contains("cannot be used: another process uses the state file"), "{messages}");
        place.put("b.json.gz", &[stopped(2), stopped(1)]);
        wait_for("the second alert", || (place.alerts("alerts").len() == 2).then_some(()));
        signal(run.id(), name);
        let (status, messages) = ended(run);
        assert_eq!(status, Some(0), "{messages}");
        let summary = "objects: 2 read, 0 passed over, 0 in quarantine, 0 failures; records: 3, 3 matched, 0 refused; \
                       alerts: 2 sent, 0 grouped, 0 in digests, 1 sent before, 0 failed";
        assert!(messages.contains(summary), "{messages}");
    }
}

#[test]
fn a_second_signal_waits_for_no_command_and_leaves_none() {
    let place = Place::new();
    place.put("a.json.gz", &[stopped(1)]);
    // What it has started holds our end of the pipe for messages open until it ends.
    let script = place.script("command", "echo begun > begun; sleep 600 & wait");
    let run = place.run("state.sqlite", &["--to-command", &script]).spawn().unwrap();
    wait_for("the command", || place.path("begun").exists().then_some(()));
    signal(run.id(), "INT");
    signal(run.id(), "TERM");
    let begin = Instant::now();
    assert_eq!(ended(run).0, Some(2));
    assert!(begin.elapsed() < PATIENCE, "something of it goes on");
}

#[test]
fn the_state_is_one_file_after_a_clean_end() {
    let place = Place::new();
    place.put("a.json.gz", &[stopped(1)]);
    assert_eq!(ended(place.run("state.sqlite", &["--once", "--to-file", "alerts"]).spawn().unwrap()).0, Some(0));
    assert!(!place.path("state.sqlite-wal").exists());
    fs::copy(place.path("state.sqlite"), place.path("copy.sqlite")).unwrap();
    let (_, messages) = ended(place.run("copy.sqlite", &["--once", "--to-file", "alerts"]).spawn().unwrap());
    assert!(messages.contains("objects: 0 read"), "{messages}");
}

#[test]
fn a_file_is_read_when_it_is_whole_and_again_when_it_changes() {
    let place = Place::new();
    place.put("a.json.gz", &[stopped(1)]);
    let (path, mut whole) = (place.path("logs/a.json.gz"), Vec::new());
    File::open(&path).unwrap().read_to_end(&mut whole).unwrap();
    let (first, rest) = whole.split_at(whole.len() / 2);
    fs::write(&path, first).unwrap();
    let run = place.run("state.sqlite", &["--to-file", "alerts", "--interval", "1s"]).spawn().unwrap();
    // It is there, and has looked at the folder before or after the rest comes; both times too early.
    wait_for("the state", || place.path("state.sqlite").exists().then_some(()));
    File::options().append(true).open(&path).unwrap().write_all(rest).unwrap();
    wait_for("the alert", || (place.alerts("alerts").len() == 1).then_some(()));
    place.put("a.json.gz", &[stopped(1), stopped(2)]);
    wait_for("the other alert", || (place.alerts("alerts").len() == 2).then_some(()));
    signal(run.id(), "TERM");
    let (status, messages) = ended(run);
    assert_eq!(status, Some(0));
    assert!(messages.contains("objects: 2 read, 0 passed over, 0 in quarantine, 0 failures"), "{messages}");
}

#[test]
fn an_alert_that_a_command_refuses_is_tried_again() {
    let place = Place::new();
    place.put("a.json.gz", &[stopped(1), stopped(2)]);
    let script = place.script("command", "if [ -e begun ]; then cat >> alerts; else touch begun; exit 3; fi");
    let (status, messages) = ended(place.run("state.sqlite", &["--once", "--to-command", &script]).spawn().unwrap());
    assert!(messages.contains("the command ended with exit status: 3; tried again in 5 seconds"), "{messages}");
    assert_eq!(status, Some(0), "{messages}");
    let got = place.alerts("alerts");
    assert_eq!((got.len(), got.values().copied().max()), (2, Some(1)));
}

#[test]
fn a_damaged_file_waits_until_it_changes_or_goes_into_quarantine() {
    let place = Place::new();
    let damaged = place.path("logs/damaged.json.gz");
    fs::write(&damaged, b"\x1f\x8b\x08\x00no gzip").unwrap();
    File::options()
        .append(true)
        .open(&damaged)
        .unwrap()
        .set_modified(SystemTime::now() - Duration::from_hours(1))
        .unwrap();
    let (status, messages) = ended(place.run("state.sqlite", &["--once", "--to-file", "alerts"]).spawn().unwrap());
    assert_eq!(status, Some(2));
    assert!(messages.contains("damaged.json.gz: the object is damaged: "), "{messages}");
    assert!(messages.contains("; not tried again before it changes"), "{messages}");
    let more = ["--once", "--to-file", "alerts", "--quarantine", "quarantine"];
    let (status, messages) = ended(place.run("state.sqlite", &more).spawn().unwrap());
    assert_eq!(status, Some(0), "{messages}");
    assert!(messages.contains("1 read, 0 passed over, 1 in quarantine, 0 failures"), "{messages}");
    assert_eq!(fs::read_dir(place.path("quarantine")).unwrap().count(), 1);
}

#[test]
fn half_a_line_in_the_file_of_alerts_is_mended() {
    let place = Place::new();
    place.put("a.json.gz", &[stopped(1)]);
    let run = |place: &Place| ended(place.run("state.sqlite", &["--once", "--to-file", "alerts"]).spawn().unwrap());
    assert_eq!(run(&place).0, Some(0));
    let whole = fs::read(place.path("alerts")).unwrap();
    File::options().append(true).open(place.path("alerts")).unwrap().write_all(b"{\"schema\": \"trail").unwrap();
    place.put("b.json.gz", &[stopped(1), stopped(2)]);
    assert_eq!(run(&place).0, Some(0));
    assert!(fs::read(place.path("alerts")).unwrap().starts_with(&whole));
    assert_eq!(place.alerts("alerts").len(), 2);
}
