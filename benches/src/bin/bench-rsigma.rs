//! Runs rules over gzip log objects with rsigma as a library, the way its users would: inflate, parse, evaluate.
//! Prints how often each rule matches, so that the answers can be compared as well as the time.
//!
//! Exit status: 0 done, 2 could not run.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use flate2::read::MultiGzDecoder;
use rsigma_eval::{Engine, JsonEvent};
use rsigma_parser::parse_sigma_yaml;
use serde_json::Value;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.as_slice() {
        [logs, rules] => run(Path::new(logs), Path::new(rules)),
        _ => Err(io::Error::other("usage: bench-rsigma LOGS RULES")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing can be said when standard error is closed; the status still tells.
            let _ = writeln!(io::stderr().lock(), "{error}");
            ExitCode::from(2)
        }
    }
}

fn run(logs: &Path, rules: &Path) -> io::Result<()> {
    let engine = engine(rules)?;
    let mut hits: BTreeMap<String, u64> = BTreeMap::new();
    for path in files(logs, "gz")? {
        let mut text = Vec::new();
        MultiGzDecoder::new(File::open(path)?).read_to_end(&mut text)?;
        let document: Value = serde_json::from_slice(&text)?;
        for record in document.get("Records").and_then(Value::as_array).into_iter().flatten() {
            for result in engine.evaluate(&JsonEvent::borrow(record)) {
                *hits.entry(result.header.rule_title.clone()).or_default() += 1;
            }
        }
    }
    let mut out = io::stdout().lock();
    hits.iter().try_for_each(|(title, count)| writeln!(out, "{count}\t{title}"))
}

fn engine(rules: &Path) -> io::Result<Engine> {
    let mut engine = Engine::new();
    for path in files(rules, "yml")? {
        let text = fs::read_to_string(&path)?;
        // The tests beside a rule are none of its business.
        let text = text.split("\ntests:").next().unwrap_or_default();
        let problem = |reason: String| io::Error::other(format!("{}: {reason}", path.display()));
        let collection = parse_sigma_yaml(text).map_err(|error| problem(error.to_string()))?;
        for rule in &collection.rules {
            engine.add_rule(rule).map_err(|error| problem(error.to_string()))?;
        }
    }
    Ok(engine)
}

/// The files below a folder whose name ends so, in the order of their paths.
fn files(folder: &Path, ending: &str) -> io::Result<Vec<PathBuf>> {
    let (mut found, mut pending) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(current) = pending.pop() {
        for entry in fs::read_dir(current)? {
            let path = entry?.path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
