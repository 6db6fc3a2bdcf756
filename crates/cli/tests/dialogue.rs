//! `trailhound new` at a terminal: what it asks, what it makes of the answers, and how one gets out.

use std::{
    fs,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::terminal::{Terminal, hung_up};

const CTRL_C: &str = "\u{3}";
const CTRL_D: &str = "\u{4}";
const BACKSPACE: &str = "\u{7f}";
/// SIGINT, as Linux and macOS number it.
const INTERRUPTED: i32 = 2;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The only file of a folder, which `check` and `test` have nothing to say against.
fn good_rule(folder: &Path) -> String {
    let files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [rule] = files.as_slice() else { panic!("{files:?}") };
    for command in ["check", "test"] {
        let output = Command::new(env!("CARGO_BIN_EXE_trailhound")).arg(command).arg(rule).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {said}");
    }
    fs::read_to_string(rule).unwrap()
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn questions_are_asked_until_they_are_answered() {
    let folder = folder();
    let mut terminal = Terminal::start(&["new"], folder.path());
    terminal.answer("File with the event (empty for none): ", "evnet.json\r");
    terminal.expect("error: evnet.json: no such file");
    terminal.answer("File with the event (empty for none): ", ".\r");
    terminal.expect("error: .: a folder; name a file with one event");
    terminal.answer("File with the event (empty for none): ", "-\r");
    terminal.expect("error: standard input is this terminal; name a file");
    terminal.answer("File with the event (empty for none): ", "\r");
    // There is no event without source and name.
    terminal.answer("Event source, such as s3: ", "\r");
    terminal.answer("Event source, such as s3: ", "s3\r");
    terminal.answer("Event name, such as PutBucketAcl: ", "PutBucketAlc\r");
    terminal.expect("error: s3 logs no PutBucketAlc; did you mean PutBucketAcl?");
    terminal.answer("Event name, such as PutBucketAcl: ", "PutBucketAcl\r");
    terminal.answer("How the call went (success, denied, failed, any) [success]: ", "well\r");
    terminal.expect("error: `well` is none of success, denied, failed, any");
    terminal.answer("How the call went (success, denied, failed, any) [success]: ", "denied\r");
    terminal.answer("Title (empty for one from the name): ", "Somebody tried to open a bucket\r");
    terminal.answer("Level (informational, low, medium, high, critical) [medium]: ", "urgent\r");
    terminal.expect("error: `urgent` is no level");
    terminal.answer("Level (informational, low, medium, high, critical) [medium]: ", "high\r");
    terminal.answer("Author (empty for none): ", &format!("Zoé X{BACKSPACE}Y\r"));
    let (status, shown) = terminal.end();
    assert!(status.success(), "{shown}");
    assert!(shown.contains("WRITTEN"), "{shown}");
    let rule = good_rule(folder.path());
    for line in [
        "title: Somebody tried to open a bucket",
        "author: 'Zoé Y'",
        "    eventSource: s3.amazonaws.com",
        "    eventName: PutBucketAcl",
        "    trailhound.outcome: denied",
        "level: high",
    ] {
        assert!(rule.lines().any(|written| written == line), "no `{line}` in\n{rule}");
    }
}

#[test]
fn enter_takes_what_is_proposed() {
    let folder = folder();
    let event = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/new/open-bucket.json");
    // Flags say what the answers leave open.
    let mut terminal = Terminal::start(&["new", "--level", "low", "--author", "Somebody"], folder.path());
    terminal.answer("File with the event (empty for none): ", &format!("{}\r", event.display()));
    terminal.answer("Title (empty for one from the name): ", "\r");
    terminal.answer("Level (informational, low, medium, high, critical) [low]: ", "\r");
    terminal.answer("Author (empty for none): ", "\r");
    let (status, shown) = terminal.end();
    assert!(status.success(), "{shown}");
    let rule = good_rule(folder.path());
    for line in ["title: Put bucket public access block (s3)", "author: Somebody", "level: low"] {
        assert!(rule.lines().any(|written| written == line), "no `{line}` in\n{rule}");
    }
}

#[test]
fn who_leaves_leaves_no_file() {
    let folder = folder();
    let questions = [
        ("File with the event (empty for none): ", "\r"),
        ("Event source, such as s3: ", "s3\r"),
        ("Event name, such as PutBucketAcl: ", "PutBucketAcl\r"),
        ("How the call went (success, denied, failed, any) [success]: ", "\r"),
        ("Title (empty for one from the name): ", "\r"),
        ("Level (informational, low, medium, high, critical) [medium]: ", "\r"),
        ("Author (empty for none): ", "\r"),
    ];
    for (place, (last, _)) in questions.iter().enumerate() {
        let mut terminal = Terminal::start(&["new"], folder.path());
        for (question, answer) in &questions[..place] {
            terminal.answer(question, answer);
        }
        // Ctrl-D is no answer, and with something typed before it neither.
        terminal.answer(last, &format!("{CTRL_D}some{CTRL_D}thing"));
        terminal.answer("something", CTRL_C);
        let (status, shown) = terminal.end();
        // Tests that a shell runs in the background have inherited that interrupts are ignored.
        let is_told = status.code() == Some(2) && shown.contains("the questions were not answered");
        assert!(status.signal() == Some(INTERRUPTED) || is_told, "{last}: {status} {shown}");
        assert!(is_empty(folder.path()), "{last}");
        assert!(!shown.contains("\u{1b}[?25l"), "{last}: the cursor is hidden");
        // Elsewhere nobody can ask once the program has closed its end.
        if cfg!(target_os = "linux") {
            assert!(terminal.gathers_lines(), "{last}: the terminal is as it was");
        }
    }
}

#[test]
fn a_terminal_that_is_closed_leaves_no_file() {
    let folder = folder();
    let status = hung_up(&["new"], folder.path());
    assert_eq!(status.code(), Some(2), "{status}");
    assert!(is_empty(folder.path()));
}
