//! Reading from buckets, against a server on loopback that says what S3 would say.

use std::{
    collections::BTreeMap,
    process::Output,
    sync::mpsc::{Receiver, channel},
    thread,
};

use crate::loopback::{Request, listen, respond, trailhound};

const SIGN_IN: &str = r#"{"eventName": "ConsoleLogin", "userIdentity": {"type": "Root"}}"#;

/// What the server answers to the n-th request for a path.
#[derive(Clone)]
struct Answer {
    status: &'static str,
    body: String,
    /// Bytes of the body after which the connection is cut.
    sent: usize,
}

fn answer(status: &'static str, body: impl Into<String>) -> Answer {
    let body = body.into();
    Answer { status, sent: body.len(), body }
}

fn page(keys: &[&str], next: Option<&str>) -> Answer {
    let contents: Vec<String> = keys.iter().map(|key| format!("<Contents><Key>{key}</Key></Contents>")).collect();
    let contents = contents.concat();
    let next = next.map_or(String::new(), |token| format!("<NextContinuationToken>{token}</NextContinuationToken>"));
    answer("200 OK", format!("<ListBucketResult>{next}{contents}</ListBucketResult>"))
}

fn error(status: &'static str, code: &str, message: &str) -> Answer {
    answer(status, format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"))
}

/// Serves until the test process ends. The receiver gets every request target.
fn serve(mut answers: BTreeMap<&'static str, Vec<Answer>>) -> (String, Receiver<String>) {
    let (listener, endpoint) = listen();
    let (sender, requests) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let target = Request::read(&mut stream).target;
            let known = answers.iter_mut().find(|(part, _)| target.contains(**part));
            let reply = match known {
                Some((_, list)) if list.len() > 1 => list.remove(0),
                Some((_, list)) => list[0].clone(),
                None => error("404 Not Found", "NoSuchKey", "The specified key does not exist."),
            };
            let _ = sender.send(target);
            respond(&mut stream, (reply.status, ""), reply.body.len(), &reply.body.as_bytes()[..reply.sent]);
        }
    });
    (endpoint, requests)
}

fn scan(endpoint: &str, address: &str) -> Output {
    trailhound(endpoint, &["scan", address, "--rules", "tests/data/rules", "--format", "ndjson"])
}

fn texts(output: &Output) -> (Vec<&str>, &str) {
    let results = std::str::from_utf8(&output.stdout).unwrap().lines().collect();
    (results, std::str::from_utf8(&output.stderr).unwrap())
}

#[test]
fn all_pages_are_read_and_what_is_missing_is_named() {
    let first = page(&["logs/", "logs/a.json", "logs/b%20c.json"], Some("more"));
    let second = page(&["logs/z.json"], None);
    let (endpoint, requests) = serve(BTreeMap::from([
        ("/logs/a.json", vec![answer("200 OK", SIGN_IN)]),
        ("/logs/z.json", vec![answer("200 OK", SIGN_IN)]),
        ("list-type=2", vec![first, second]),
    ]));
    let output = scan(&endpoint, "s3://trail/logs/");
    let (results, messages) = texts(&output);
    assert_eq!(
        messages,
        "error: s3://trail/logs/b%20c.json: the object cannot be fetched: NoSuchKey: The specified key does not exist.\n"
    );
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(results.len(), 3, "{results:?}");
    assert!(results[0].contains(r#""source":{"path":"s3://trail/logs/a.json","index":0}"#), "{results:?}");
    assert!(results[1].contains(r#""source":{"path":"s3://trail/logs/z.json","index":0}"#), "{results:?}");
    assert!(results[2].contains(r#""objects":2,"records":2,"matches":2"#), "{results:?}");
    let listings: Vec<String> = requests.try_iter().filter(|target| target.contains("list-type=2")).collect();
    assert_eq!(listings.len(), 2);
    assert!(listings[0].starts_with("/trail") && listings[0].contains("prefix=logs%2F"), "{listings:?}");
    assert!(listings[1].contains("continuation-token=more"), "{listings:?}");
}

#[test]
fn a_body_that_breaks_off_is_asked_for_again() {
    let cut = Answer { sent: 10, ..answer("200 OK", SIGN_IN) };
    let (endpoint, requests) = serve(BTreeMap::from([
        ("/a.json", vec![cut.clone(), cut, answer("200 OK", SIGN_IN)]),
        ("list-type=2", vec![page(&["a.json"], None)]),
    ]));
    let output = scan(&endpoint, "s3://trail");
    let (results, messages) = texts(&output);
    assert_eq!((output.status.code(), messages), (Some(0), ""));
    assert!(results[1].contains(r#""records":1,"matches":1"#), "{results:?}");
    assert_eq!(requests.try_iter().filter(|target| target.contains("a.json")).count(), 3);
}

#[test]
fn a_body_that_never_comes_whole_is_an_error() {
    let cut = Answer { sent: 10, ..answer("200 OK", SIGN_IN) };
    let (endpoint, _requests) =
        serve(BTreeMap::from([("/a.json", vec![cut]), ("list-type=2", vec![page(&["a.json"], None)])]));
    let output = scan(&endpoint, "s3://trail");
    let (_, messages) = texts(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(messages.starts_with("error: s3://trail/a.json: the object breaks off: "), "{messages}");
}

#[test]
fn a_bucket_that_may_not_be_listed_is_an_error() {
    let denied = error("403 Forbidden", "AccessDenied", "Access Denied");
    let (endpoint, _requests) = serve(BTreeMap::from([("list-type=2", vec![denied])]));
    let output = scan(&endpoint, "s3://secret/logs");
    let (results, messages) = texts(&output);
    assert_eq!(messages, "error: s3://secret/logs: the objects cannot be listed: AccessDenied: Access Denied\n");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(results.len(), 1, "{results:?}");
}
