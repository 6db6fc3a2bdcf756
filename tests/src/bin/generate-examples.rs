//! Writes the example logs, or with `--check` only says whether they are up to date.
//!
//! Exit status: 0 written or up to date, 1 differences found, 2 could not run.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use trailhound_tests::examples::{differences, log_objects, write};

/// What the command line asks for.
enum Task {
    Write,
    Check,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let task = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => Task::Write,
        ["--check"] => Task::Check,
        _ => return complain("usage: generate-examples [--check]"),
    };
    match run(&task) {
        Ok(status) => status,
        Err(error) => complain(&format!("error: {error}")),
    }
}

fn run(task: &Task) -> io::Result<ExitCode> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/logs");
    let objects = log_objects()?;
    let mut out = io::stdout().lock();
    match task {
        Task::Write => {
            write(&folder, &objects)?;
            let bytes: usize = objects.values().map(Vec::len).sum();
            writeln!(out, "{} objects, {bytes} bytes", objects.len())?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Check => {
            let found = differences(&folder, &objects)?;
            for difference in &found {
                writeln!(out, "{difference}")?;
            }
            Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

fn complain(message: &str) -> ExitCode {
    // Nothing can be said when standard error is closed; the status still tells.
    let _ = writeln!(io::stderr().lock(), "{message}");
    ExitCode::from(2)
}
