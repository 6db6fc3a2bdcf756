//! The page that `scan --html` writes, without a browser; `tests/browser/report.mjs` looks at it with one.

use std::{
    fs,
    process::{Command, Stdio},
};

/// Scans, and gives the page.
fn page(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    let output = Command::new(env!("CARGO_BIN_EXE_trailhound"))
        .arg("scan")
        .args(arguments)
        .arg("--html")
        .arg(&file)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::read_to_string(file).unwrap()
}

#[test]
fn what_attackers_write_stays_text() {
    let page = page(&["tests/data/hostile", "--rules", "tests/data/rules"]);
    let lower = page.to_lowercase();
    for (what, times) in [("<script", 1), ("</script", 1), ("<style", 1), ("</style", 1), ("<meta http-equiv", 1)] {
        assert_eq!(lower.matches(what).count(), times, "{what}");
    }
    for what in
        ["<img", "onerror=window.pwned=1>", "href=\"javascript", " src=\"", "url(", "@import", "<link", " style="]
    {
        assert!(!lower.contains(what), "{what}");
    }
    assert!(page.contains("&lt;script&gt;window.pwned=1&lt;"), "it can be read");
    assert!(page.contains("{{ 7*7 }}"), "it is no template");
    let treacherous = |character: char| (character.is_control() && character != '\n') || character == '\u{202e}';
    assert!(!page.contains(treacherous), "nothing turns the text round");
    assert!(!page.contains("AbCdEfGhIjKl") && !page.contains("hunter2"), "secrets are masked");
}

#[test]
fn the_same_scan_gives_the_same_page() {
    let arguments = ["tests/data/logs", "--rules", "tests/data/rules"];
    assert_eq!(page(&arguments), page(&arguments));
}

#[test]
fn correlations_and_an_empty_scan_have_a_page() {
    let found = page(&["tests/data/correlations/logs.ndjson", "--rules", "tests/data/correlations/rules"]);
    assert!(found.contains("Many failed sign-ins from one address") && found.contains("3 events since"));
    let empty = page(&["tests/data/logs/more", "--rules", "tests/data/rules/logging-stopped.yml"]);
    assert!(empty.contains("No rule hit."));
}

#[test]
fn many_hits_are_counted_and_a_few_of_them_shown() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("many.ndjson");
    let record = |number: usize| {
        format!(
            r#"{{"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "eventID": "{number}",
                "eventTime": "2026-01-02T{:02}:{:02}:00Z", "requestParameters": {{"name": "{}"}}}}"#,
            number / 60 % 24,
            number % 60,
            "x".repeat(5_000)
        )
        .replace('\n', " ")
    };
    fs::write(&logs, (0..1_000).map(record).collect::<Vec<_>>().join("\n")).unwrap();
    let page = page(&[logs.to_str().unwrap(), "--rules", "tests/data/rules"]);
    assert!(page.len() < 100_000, "{}", page.len());
    assert_eq!(page.matches("class=\"hit\"").count(), 20);
    assert!(page.contains("980 more hits are not shown.") && page.contains("the evidence of 980 hits"));
    assert!(page.contains("2026-01-02T00:00:00Z") && page.contains("2026-01-02T16:39:00Z"), "both ends are shown");
}

#[test]
fn a_page_that_cannot_be_written_ends_the_run_before_it_starts() {
    let output = Command::new(env!("CARGO_BIN_EXE_trailhound"))
        .args(["scan", "tests/data/logs", "--rules", "tests/data/rules", "--html", "tests/data/nowhere/report.html"])
        .output()
        .unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.starts_with("error: tests/data/nowhere/report.html cannot be written: "), "{message}");
}
