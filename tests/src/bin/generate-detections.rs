//! Writes `docs/detections.md`, or with `--check` only says whether it is up to date.
//!
//! Where the public records lie beside the project, the noise is counted anew; elsewhere the numbers counted
//! last are taken.
//!
//! Exit status: 0 written or up to date, 1 differences found, 2 could not run.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;

use trailhound_tests::detections::{Noise, built_in, in_project, measured, page};

const PAGE: &str = "docs/detections.md";
const EXPLAINED: &str = "tests/data/detections/noise-explained.json";

/// What the command line asks for.
#[derive(Clone, Copy)]
enum Task {
    Write,
    Check,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let task = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => Task::Write,
        ["--check"] => Task::Check,
        _ => return complain("usage: generate-detections [--check]"),
    };
    match run(task) {
        Ok(status) => status,
        Err(error) => complain(&format!("error: {error}")),
    }
}

fn run(task: Task) -> io::Result<ExitCode> {
    let rules = built_in()?;
    let (noise, is_current) = match measured(&rules)? {
        Some(noise) => {
            let is_current = Noise::recorded().is_ok_and(|recorded| recorded == noise);
            (noise, is_current)
        }
        None => (Noise::recorded()?, true),
    };
    let explained: BTreeMap<String, String> = serde_json::from_str(&fs::read_to_string(in_project(EXPLAINED))?)?;
    let text = page(&rules, &noise, &explained);
    let mut out = io::stdout().lock();
    match task {
        Task::Write => {
            noise.record()?;
            fs::write(in_project(PAGE), text)?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Check => {
            let page_is_current = fs::read_to_string(in_project(PAGE)).is_ok_and(|found| found == text);
            for (name, is_current) in [(PAGE, page_is_current), ("the noise numbers", is_current)] {
                if !is_current {
                    writeln!(out, "changed: {name}; run generate-detections")?;
                }
            }
            Ok(if page_is_current && is_current { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

fn complain(message: &str) -> ExitCode {
    // Nothing can be said when standard error is closed; the status still tells.
    let _ = writeln!(io::stderr().lock(), "{message}");
    ExitCode::from(2)
}
