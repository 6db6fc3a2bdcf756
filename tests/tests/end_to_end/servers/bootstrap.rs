//! The function itself: the real executable as a process.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;

use super::executables;
use super::moto;
use super::process::{Lines, Process, wait_for};
use super::runtime_api::{Reply, RuntimeApi, TIME};

/// Names an executable to test; without it, one is built.
const EXECUTABLE: &str = "TESTED_TRAILHOUND_BOOTSTRAP";

/// A running function with a Runtime API of its own.
pub(crate) struct Function {
    api: RuntimeApi,
    process: Process,
    log: Lines,
    metrics: Lines,
}

impl Function {
    /// Starts the function with these settings; one that is empty takes away what is set otherwise.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        let api = RuntimeApi::start();
        let mut command = command(executable());
        command
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .env("AWS_LAMBDA_FUNCTION_NAME", "trailhound")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for (name, value) in settings {
            if value.is_empty() {
                command.env_remove(name)
            } else {
                command.env(name, value)
            };
        }
        let mut child = command.spawn().unwrap();
        let log = Lines::collect(child.stderr.take().unwrap());
        let metrics = Lines::collect(child.stdout.take().unwrap());
        Self { api, process: Process::new(child), log, metrics }
    }

    pub(crate) fn invoke(&mut self, event: &Value) -> Reply {
        self.api.invoke(event)
    }

    pub(crate) fn invoke_within(&mut self, event: &Value, time: Duration) -> Reply {
        self.api.invoke_within(event, time)
    }

    /// As [`Function::invoke`], with an event that is handed over as it is written.
    pub(crate) fn invoke_with_text(&mut self, event: String) -> Reply {
        self.api.invoke_with_text(event, TIME)
    }

    /// Hands over an event and does not wait for what comes back.
    pub(crate) fn begin_within(&mut self, event: &Value, time: Duration) {
        self.api.begin(event.to_string(), time);
    }

    /// Whether an answer has come to what was begun.
    pub(crate) fn has_answered(&self) -> bool {
        self.api.has_replied()
    }

    /// Ends the function with the signal that no process can catch.
    pub(crate) fn kill(self) {
        drop(self.process);
    }

    /// Bytes of memory that the process holds at the moment; only Linux tells.
    pub(crate) fn resident_bytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? << 10)
    }

    /// What the function reports when it cannot start.
    pub(crate) fn start_error(&mut self) -> (Reply, ExitStatus) {
        (self.api.reply(), self.process.wait())
    }

    /// The lines of metrics, waiting until there are so many.
    pub(crate) fn metrics(&self, count: usize) -> Vec<Value> {
        wait_for("metrics", || {
            let lines = self.metrics.all();
            let parsed =
                lines.iter().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")));
            (lines.len() >= count).then(|| parsed.collect())
        })
    }

    /// All log lines so far, which must be JSON.
    pub(crate) fn log(&self) -> Vec<Value> {
        let lines = self.log.all();
        lines.iter().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"))).collect()
    }

    /// The first log line with this message, waiting for it.
    pub(crate) fn log_line(&self, message: &str) -> Value {
        self.log_lines(message, 1).remove(0)
    }

    /// All log lines with this message, waiting until there are so many.
    pub(crate) fn log_lines(&self, message: &str, count: usize) -> Vec<Value> {
        wait_for(message, || {
            let lines: Vec<Value> = self.log().into_iter().filter(|line| line["message"] == message).collect();
            (lines.len() >= count).then_some(lines)
        })
    }
}

/// A command with nothing of this process's environment, but with all that a
/// function in AWS has from the start, and with moto in the place of AWS.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("AWS_REGION", crate::cloud::REGION)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_ENDPOINT_URL", moto::address())
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

/// The executable, built on first use.
pub(crate) fn executable() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| executables::find(EXECUTABLE, "trailhound-lambda", "bootstrap"))
}
