//! The command line: the real executable `trailhound`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use super::executables;
use super::process::Process;

/// Names an executable to test; without it, one is built.
const EXECUTABLE: &str = "TESTED_TRAILHOUND_COMMAND_LINE";

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: i32,
    pub(crate) results: String,
    pub(crate) messages: String,
}

impl Answer {
    /// The results, which must be JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.results).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

/// Runs `trailhound` with nothing of this process's environment but these settings.
pub(crate) fn run(arguments: &[&str], settings: &[(&str, &str)]) -> Answer {
    let Output { status, stdout, stderr } = command(arguments, settings).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Answer { status: status.code().unwrap(), results: text(stdout), messages: text(stderr) }
}

/// The same, which goes on while the test does; nobody reads what it says.
pub(crate) fn start(arguments: &[&str], settings: &[(&str, &str)]) -> Process {
    let child = command(arguments, settings).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    Process::new(child.unwrap())
}

fn command(arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(executable());
    command
        .args(arguments)
        .env_clear()
        // Without credentials the SDK would look for a machine in AWS that has some.
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(settings.iter().copied())
        .stdin(Stdio::null());
    command
}

fn executable() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| executables::find(EXECUTABLE, "trailhound-cli", "trailhound"))
}
