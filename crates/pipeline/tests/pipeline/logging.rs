//! The log names objects and counts, never what a record holds.

use std::{cell::RefCell, io, sync::OnceLock};

use serde_json::{Value, json};
use tracing::Level;
use trailhound_pipeline::FetchError;

use crate::support::{KEY, World, gzip, object, stop_logging};

thread_local! {
    /// What the test on this thread has logged.
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct ThisThread;

impl io::Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.extend(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One subscriber for the process: `tracing` remembers for each call site whether anybody listens, and what
/// another test's thread made it remember would decide whether a subscriber of this thread alone hears.
fn listen() {
    static LISTENING: OnceLock<()> = OnceLock::new();
    LISTENING.get_or_init(|| {
        let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_max_level(Level::INFO);
        subscriber.with_writer(|| ThisThread).init();
    });
}

/// The lines of one delivery. The runtime of these tests stays on the thread of its test.
async fn logged(world: &World) -> Vec<Value> {
    listen();
    LINES.take();
    world.deliver().await;
    let bytes = LINES.take();
    bytes
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

#[tokio::test]
async fn one_line_tells_what_became_of_an_object() {
    let text = format!("{{\"Records\":[{},{{\"secret\":oops}}]}}", stop_logging("one"));
    let lines = logged(&World::with_object(gzip(text.as_bytes()))).await;
    assert_eq!(lines.len(), 2, "{lines:?}");
    let expected = [
        ("bucket", json!("logs")),
        ("key", json!(KEY)),
        ("status", json!("done")),
        ("records", json!(2)),
        ("matched", json!(1)),
        ("refused", json!(1)),
        ("sent", json!(1)),
    ];
    for (name, value) in expected {
        assert_eq!(lines[0][name], value, "{name}");
    }
    assert_eq!((&lines[1]["index"], &lines[1]["level"]), (&json!(1), &json!("WARN")));
    let all = format!("{lines:?}");
    for content in ["mallory", "192.0.2.10", "aws-cli", "StopLogging", "secret"] {
        assert!(!all.contains(content), "{content} in {all}");
    }
}

#[tokio::test]
async fn a_failure_says_why() {
    let world = World::new();
    world.objects.fail(object(KEY), FetchError::Denied);
    let lines = logged(&world).await;
    assert_eq!((&lines[0]["status"], &lines[0]["why"]), (&json!("failed"), &json!("access to the object is denied")));
}
