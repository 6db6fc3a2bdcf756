//! `trailhound run` as a process: what is killed loses nothing and repeats nothing.

mod killed;
mod misuse;
mod stopped;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant, SystemTime},
};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use tempfile::TempDir;

const RULE: &str = "
title: Trail stopped
id: 6a7a1c1e-0c52-4c0e-9a55-3f7e8a6b6f10
status: stable
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventSource: cloudtrail.amazonaws.com, eventName: StopLogging}
  condition: selection
level: high
";

/// Digests would hold back what the tests count.
const CONFIGURATION: &str = "digest: {rule_rate: 5000, overall_rate: 5000}\n";

/// How long is waited for anything at all.
const PATIENCE: Duration = Duration::from_mins(2);

/// A folder with logs, a rule and a configuration.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self::with(RULE, CONFIGURATION)
    }

    fn with(rules: &str, configuration: &str) -> Self {
        let place = Place { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(place.path("logs")).unwrap();
        fs::write(place.path("rule.yml"), rules).unwrap();
        fs::write(place.path("trailhound.yml"), configuration).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A log object that nobody has changed for an hour.
    fn put(&self, name: &str, records: &[Value]) {
        let file = File::create(self.path("logs").join(name)).unwrap();
        let mut gzip = GzEncoder::new(&file, Compression::fast());
        gzip.write_all(json!({"Records": records}).to_string().as_bytes()).unwrap();
        gzip.finish().unwrap();
        file.set_modified(SystemTime::now() - Duration::from_hours(1)).unwrap();
    }

    /// The run, with its own state.
    fn run(&self, state: &str, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trailhound"));
        command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .arg("run")
            .arg(self.path("logs"))
            .args(["--rules".into(), self.path("rule.yml")])
            .args(["--config".into(), self.path("trailhound.yml")])
            .args(["--state".into(), self.path(state)])
            .args(more)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// A shell script, run where the place is.
    fn script(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        let here = self.folder.path().display();
        fs::write(&path, format!("#!/bin/sh\ncd '{here}' || exit 1\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The alerts in a file.
    fn lines(&self, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.path(name)).unwrap_or_default();
        let parsed = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        text.lines().map(parsed).collect()
    }

    /// The identities of the alerts in a file, each with how often it is there.
    fn alerts(&self, name: &str) -> BTreeMap<String, usize> {
        let mut alerts = BTreeMap::new();
        for alert in self.lines(name) {
            *alerts.entry(alert["id"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        alerts
    }
}

/// A record that the rule matches; the event and who did it are told by the number.
fn stopped(number: usize) -> Value {
    json!({
        "eventVersion": "1.11",
        "eventID": format!("00000000-0000-4000-8000-{number:012}"),
        "eventTime": "2026-03-10T10:00:00Z",
        "eventSource": "cloudtrail.amazonaws.com",
        "eventName": "StopLogging",
        "awsRegion": "eu-west-1",
        "recipientAccountId": "111122223333",
        "userIdentity": {
            "type": "IAMUser",
            "arn": format!("arn:aws:iam::111122223333:user/someone-{number}"),
            "accountId": "111122223333",
        },
    })
}

/// Waits until something is there.
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "{what} did not come");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Waits for the end of a run; its status and what it said.
fn ended(mut child: Child) -> (Option<i32>, String) {
    wait_for("the end of the run", || child.try_wait().unwrap());
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// When a file was written to last, in nanoseconds; 0 if it is not there.
fn written(path: &Path) -> u128 {
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
    modified.map_or(0, |time| time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos())
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}
