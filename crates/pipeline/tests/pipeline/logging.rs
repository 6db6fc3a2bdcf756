//! The log names objects and counts, never what a record holds.

use std::{
    io,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use trailhound_pipeline::FetchError;

use crate::support::{KEY, World, gzip, object, stop_logging};

#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn logged(world: &World) -> Vec<Value> {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_writer(move || writer.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    world.deliver().await;
    drop(guard);
    let bytes = lines.0.lock().unwrap().clone();
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
