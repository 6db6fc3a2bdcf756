//! What happens at the ends of the pipes: readers that leave, disks that are full, colours.

use std::{
    fs::OpenOptions,
    io::{BufRead, BufReader, Write},
    process::{Command, Output, Stdio},
};

fn trailhound(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailhound"));
    command.args(arguments).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").stdin(Stdio::null());
    command
}

fn run(command: &mut Command) -> Output {
    command.output().expect("the program starts")
}

/// Runs the program with a text on its standard input.
fn fed(arguments: &[&str], text: &str) -> Output {
    let mut command = trailhound(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// Runs the program, reads one line of results and closes the pipe.
fn leave_after_one_line(arguments: &[&str]) -> (Option<i32>, String) {
    let mut child =
        trailhound(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let record = r#"{"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging"}"#;
    let mut stdin = child.stdin.take().unwrap();
    // Far more than a pipe holds, so that the program meets the closed end.
    let writer = std::thread::spawn(move || {
        for _ in 0..20_000 {
            if writeln!(stdin, "{record}").is_err() {
                return;
            }
        }
    });
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with(r#"{"kind":"match""#), "{line}");
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_reader_that_leaves_ends_the_run_quietly() {
    let rules = "tests/data/rules";
    assert_eq!(leave_after_one_line(&["scan", "--rules", rules, "--format", "ndjson"]), (Some(0), String::new()));
}

#[test]
fn a_reader_that_leaves_does_not_hide_what_fail_on_asks_for() {
    let (code, message) =
        leave_after_one_line(&["scan", "--rules", "tests/data/rules", "--format", "ndjson", "--fail-on", "high"]);
    assert_eq!(code, Some(1));
    assert_eq!(message, "error: 20000 matches of level `high` or above\n");
}

#[test]
fn refusals_too_many_to_name_are_counted() {
    let document = format!("[7{}]", ", 7".repeat(1_001));
    let output = fed(&["scan", "--rules", "tests/data/rules", "--format", "ndjson"], &document);
    let messages = String::from_utf8(output.stderr).unwrap();
    assert_eq!(messages.lines().count(), 1_001);
    assert_eq!(messages.lines().last(), Some("warning: standard input: 2 records more refused"));
    assert!(String::from_utf8(output.stdout).unwrap().contains(r#""records":1002,"matches":0"#));
}

#[test]
fn standard_input_is_called_so_where_it_cannot_be_used() {
    let (broken, two) = ("no log", "[{}, {}]");
    let cases: [(&[&str], &str, &str); 5] = [
        (&["new", "--from", "-"], broken, "error: standard input: the document"),
        (&["explain", "cloudtrail-stopped", "-"], broken, "error: standard input: the document"),
        (
            &["explain", "cloudtrail-stopped", "-"],
            two,
            "error: standard input holds 2 records; hand over one, or a file",
        ),
        (&["catalog", "learn", "-"], broken, "warning: standard input: the document"),
        (&["verify", "-"], "", "error: standard input: "),
    ];
    for (arguments, text, message) in cases {
        let output = fed(arguments, text);
        let messages = String::from_utf8(output.stderr).unwrap();
        assert!(messages.starts_with(message), "{arguments:?}: {messages}");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn results_that_cannot_be_written_are_an_error() {
    let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else { return };
    let output = run(trailhound(&["rules", "tests/data/rules"]).stdout(full));
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.starts_with("error: the results cannot be written: "), "{message}");
}

#[test]
fn colour_is_for_those_who_want_it() {
    let is_colored = |arguments: &[&str], variables: &[(&str, &str)]| {
        let output = run(trailhound(arguments).envs(variables.iter().copied()));
        assert!(output.status.success());
        output.stdout.contains(&0x1b)
    };
    let list = ["rules", "tests/data/rules"];
    let always = ["rules", "tests/data/rules", "--color", "always"];
    let never = ["--color", "never", "rules", "tests/data/rules"];
    assert!(!is_colored(&list, &[]), "a pipe is no terminal");
    assert!(is_colored(&always, &[]));
    assert!(is_colored(&list, &[("CLICOLOR_FORCE", "1")]));
    assert!(!is_colored(&never, &[("CLICOLOR_FORCE", "1")]));
    assert!(!is_colored(&list, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

#[test]
fn help_fits_eighty_columns() {
    for arguments in [
        &["--help"][..],
        &["scan", "--help"],
        &["run", "--help"],
        &["check", "--help"],
        &["test", "--help"],
        &["explain", "--help"],
        &["coverage", "--help"],
        &["new", "--help"],
        &["verify", "--help"],
        &["send-test", "--help"],
        &["lsp", "--help"],
        &["rules", "-h"],
        &["doctor", "--help"],
        &["lookup", "--help"],
        &["completions", "-h"],
        &["man", "-h"],
    ] {
        let output = run(trailhound(arguments).env("COLUMNS", "200"));
        let help = String::from_utf8(output.stdout).unwrap();
        let longest = help.lines().map(|line| line.chars().count()).max();
        assert!(longest.is_some_and(|columns| columns <= 80), "{longest:?} {help}");
    }
}

#[cfg(unix)]
#[test]
fn examples_name_built_in_rules() {
    let text = |arguments: &[&str]| String::from_utf8(run(&mut trailhound(arguments)).stdout).unwrap();
    let (help, rules) = (text(&["explain", "--help"]), text(&["rules", "--format", "json"]));
    let examples = help.lines().filter_map(|line| line.strip_prefix("  trailhound explain "));
    let named = examples.filter(|example| !example.contains("--rules") && !example.starts_with("rules/"));
    let names: Vec<&str> = named.filter_map(|example| example.split(' ').next()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    for name in names {
        assert!(rules.contains(&format!(r#""name": "{name}""#)), "{name}");
    }
}

#[test]
fn what_must_not_be_read_is_named_and_the_rest_is_read() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("a.json"), r#"{"eventName": "ConsoleLogin", "userIdentity": {"type": "Root"}}"#).unwrap();
    std::fs::create_dir(path("b")).unwrap();
    std::fs::set_permissions(path("b"), PermissionsExt::from_mode(0o000)).unwrap();
    symlink(folder.path(), path("c")).unwrap();
    symlink(path("nowhere"), path("d")).unwrap();
    let name = folder.path().to_str().unwrap();
    let output = run(&mut trailhound(&["scan", name, "--rules", "tests/data/rules", "--format", "ndjson"]));
    let results = String::from_utf8(output.stdout).unwrap();
    let messages = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{messages}");
    assert!(results.contains("Root user signed in") && results.contains(r#""objects":1,"records":1,"#), "{results}");
    assert!(messages.contains(&format!("error: {name}/d: no such file or folder")), "{messages}");
    // Whoever may do everything reads the folder, too.
    assert!(messages.lines().count() <= 2, "{messages}");
}
