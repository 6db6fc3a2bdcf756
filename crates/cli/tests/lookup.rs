//! Looking up events, against a server on loopback that says what CloudTrail said when it was recorded.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use crate::loopback::{JSON, Request, listen, respond, trailhound};

/// Answers one request after the other, and hands on what was asked when.
fn serve(answers: Vec<(&'static str, String)>) -> (String, Receiver<(Instant, String)>) {
    let (listener, endpoint) = listen();
    let (sender, requests) = channel();
    thread::spawn(move || {
        for ((status, body), stream) in answers.into_iter().zip(listener.incoming()) {
            let mut stream = stream.unwrap();
            sender.send((Instant::now(), Request::read(&mut stream).body)).unwrap();
            respond(&mut stream, (status, JSON), body.len(), body.as_bytes());
        }
    });
    (endpoint, requests)
}

fn page(records: &[&str], next: Option<&str>) -> (&'static str, String) {
    let events: Vec<_> = records
        .iter()
        .map(|record| serde_json::json!({"EventId": "x", "EventTime": 1_767_322_800.0, "CloudTrailEvent": record}))
        .collect();
    ("200 OK", serde_json::json!({"Events": events, "NextToken": next}).to_string())
}

fn lookup(endpoint: &str, arguments: &[&str]) -> Output {
    trailhound(endpoint, &[&["lookup"], arguments].concat())
}

#[test]
fn page_after_page_comes_out_at_two_a_second() {
    let answers = vec![
        page(&[r#"{"eventID":"1"}"#, "{\n\"eventID\":\"2\"}"], Some("a")),
        page(&[], Some("b")),
        page(&["{}"], None),
    ];
    let (endpoint, requests) = serve(answers);
    let output = lookup(
        &endpoint,
        &[
            "--region",
            "eu-west-1",
            "--where",
            "EventName=StopLogging",
            "--since",
            "2026-01-01",
            "--until",
            "2026-01-02",
        ],
    );
    assert_eq!(String::from_utf8_lossy(&output.stdout), "{\"eventID\":\"1\"}\n{ \"eventID\":\"2\"}\n{}\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "note: 3 records of eu-west-1\n");
    assert_eq!(output.status.code(), Some(0));
    let requests: Vec<(Instant, serde_json::Value)> =
        requests.iter().map(|(time, body)| (time, serde_json::from_str(&body).unwrap())).collect();
    let expected = serde_json::json!({
        "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "StopLogging"}],
        "StartTime": 1_767_225_600, "EndTime": 1_767_398_399, "MaxResults": 50,
    });
    assert_eq!(requests[0].1, expected);
    assert_eq!((&requests[1].1["NextToken"], &requests[2].1["NextToken"]), (&"a".into(), &"b".into()));
    // Some less than a second for two pauses: the clock starts when a request arrives.
    assert!(requests[2].0 - requests[0].0 > Duration::from_millis(900));
}

#[test]
fn a_refusal_is_told_with_what_to_do() {
    let refusal = r#"{"__type":"AccessDeniedException","Message":"no"}"#;
    let (endpoint, _requests) = serve(vec![("400 Bad Request", refusal.to_owned())]);
    let output = lookup(&endpoint, &["--region", "eu-west-1"]);
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.starts_with("error: cloudtrail:LookupEvents is not allowed; let a policy allow"), "{message}");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
}

#[test]
fn without_a_region_nobody_is_asked() {
    let output = lookup("http://127.0.0.1:1", &[]);
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: there is no region"));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn scan_reads_what_lookup_prints() {
    let record = r#"{"eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","eventID":"1"}"#;
    let (endpoint, _requests) = serve(vec![page(&[record, record], None)]);
    let found = lookup(&endpoint, &["--region", "eu-west-1"]);
    let mut scan = Command::new(env!("CARGO_BIN_EXE_trailhound"))
        .args(["scan", "-", "--rules", "tests/data/rules", "--format", "ndjson"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    scan.stdin.take().unwrap().write_all(&found.stdout).unwrap();
    let output = scan.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains(r#""records":2,"matches":2,"#));
}
