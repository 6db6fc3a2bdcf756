//! Writes so many rules with event names, fields and values of their own, to measure what rules cost that
//! cannot match.
//!
//! Exit status: 0 written, 2 could not run.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: bench-variants FOLDER RULES";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let task = match arguments.as_slice() {
        [folder, rules] => rules.parse().ok().map(|rules| (PathBuf::from(folder), rules)),
        _ => None,
    };
    match task.map(|(folder, rules)| run(&folder, rules)) {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(error)) => complain(&format!("error: {error}")),
        None => complain(USAGE),
    }
}

fn run(folder: &Path, rules: u32) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    (0..rules).try_for_each(|number| fs::write(folder.join(format!("variant-{number:05}.yml")), rule(number)))
}

/// A rule of one of five forms, as they are found in public sets.
fn rule(number: u32) -> String {
    let id = format!("00000000-0000-4000-8000-{number:012}");
    let selection = match number % 5 {
        0 => format!("    eventName: [MadeUp{number}, MadeUpAgain{number}]\n"),
        1 => format!("    eventName: MadeUp{number}\n    requestParameters.field{number}: value{number}\n"),
        2 => format!("    eventName|startswith: MadeUp{number}\n    errorCode: null\n"),
        3 => format!("    userAgent|contains: made-up-agent-{number}\n"),
        _ => format!("    userIdentity.arn|endswith: ':user/made-up-{number}'\n    awsRegion: eu-west-1\n"),
    };
    format!(
        "title: Variant {number}\nid: {id}\nname: variant-{number}\nstatus: test\n\
         description: A rule that matches nothing, to measure with.\nlogsource: {{product: aws, service: cloudtrail}}\n\
         detection:\n  selection:\n    eventSource: service{}.amazonaws.com\n{selection}  by_service:\n    \
         userIdentity.invokedBy|exists: true\n  condition: selection and not by_service\nlevel: medium\n",
        number % 97
    )
}

fn complain(message: &str) -> ExitCode {
    // Nothing can be said when standard error is closed; the status still tells.
    let _ = writeln!(io::stderr().lock(), "{message}");
    ExitCode::from(2)
}
