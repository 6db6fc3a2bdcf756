//! Writes a corpus to measure with: gzip objects of realistic records, the same for the same arguments.
//!
//! Exit status: 0 written, 2 could not run.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use trailhound_tests::examples::Corpus;

const USAGE: &str = "usage: bench-corpus FOLDER OBJECTS RECORDS_PER_OBJECT [SEED]";

/// What the command line asks for.
struct Task {
    folder: PathBuf,
    objects: u32,
    records: usize,
    seed: u64,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match task(&arguments).map(|task| run(&task)) {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(error)) => complain(&format!("error: {error}")),
        None => complain(USAGE),
    }
}

fn task(arguments: &[String]) -> Option<Task> {
    let (folder, objects, records, seed) = match arguments {
        [folder, objects, records] => (folder, objects, records, 1),
        [folder, objects, records, seed] => (folder, objects, records, seed.parse().ok()?),
        _ => return None,
    };
    Some(Task { folder: folder.into(), objects: objects.parse().ok()?, records: records.parse().ok()?, seed })
}

fn run(task: &Task) -> io::Result<()> {
    let mut corpus = Corpus::new(task.seed);
    let folder = task.folder.join("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/10");
    fs::create_dir_all(&folder)?;
    for number in 0..task.objects {
        let name = format!("111122223333_CloudTrail_eu-west-1_20260310T0805Z_{number:016}.json.gz");
        fs::write(folder.join(name), corpus.object(task.records)?)?;
    }
    writeln!(io::stdout(), "{} objects of {} records", task.objects, task.records)
}

fn complain(message: &str) -> ExitCode {
    // Nothing can be said when standard error is closed; the status still tells.
    let _ = writeln!(io::stderr().lock(), "{message}");
    ExitCode::from(2)
}
