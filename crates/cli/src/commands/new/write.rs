//! Puts the rule where it belongs, and says what is left to do.

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use trailhound_rule_engine::report;

use super::{Written, limits::NEIGHBOURS, yaml::flow};
use crate::{
    arguments::NewArguments,
    exit_status::ExitStatus,
    inputs::with_causes,
    output::{Output, printable, wrapped},
};

/// Columns before the texts of the summary.
const MARGIN: usize = 12;

/// Columns for the texts of the summary.
const ROOM: usize = 80 - MARGIN;

pub(super) fn write(arguments: &NewArguments, written: &Written, output: &mut Output) -> io::Result<ExitStatus> {
    let path = path(arguments, written);
    let shown = printable(&path.display().to_string());
    let mut options = OpenOptions::new();
    options.write(true);
    if arguments.force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    let result = options.open(&path).and_then(|mut file| file.write_all(written.text.as_bytes()));
    match result {
        Ok(()) => {
            summarise(&shown, written, output)?;
            Ok(ExitStatus::Clean)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            output.error(format_args!("{shown} is there; overwrite it with `--force`, or name another with `-o`"));
            Ok(ExitStatus::CouldNotRun)
        }
        Err(error) => {
            output.error(format_args!("{shown} cannot be written: {}", with_causes(&error)));
            Ok(ExitStatus::CouldNotRun)
        }
    }
}

fn path(arguments: &NewArguments, written: &Written) -> PathBuf {
    let name = format!("{}.yml", written.draft.name);
    match &arguments.output {
        Some(path) if path.is_dir() => path.join(name),
        Some(path) => path.clone(),
        None => Path::new(&name).to_owned(),
    }
}

fn summarise(path: &str, written: &Written, output: &mut Output) -> io::Result<()> {
    let paint = output.paint();
    let draft = &written.draft;
    output.line(format_args!("{}  {}", paint.good("WRITTEN"), paint.bold(path)))?;
    output.line("")?;
    for (number, condition) in draft.conditions.iter().enumerate() {
        let word = if number == 0 { "asks for" } else { "" };
        let text = format!("{}: {}", printable(&condition.key()), printable(&flow(&condition.value)));
        paragraph(word, &text, output)?;
    }
    if let Some(went) = draft.outcome.word() {
        paragraph("", &format!("trailhound.outcome: {went}"), output)?;
    }
    let tests = draft.near_misses.len() + 1;
    paragraph("tests", &format!("{tests}, all pass; the first is the event without identities"), output)?;
    for (name, level) in written.neighbours.matching.iter().take(NEIGHBOURS) {
        paragraph("known", &format!("the built-in rule {} ({level}) matches the event too", printable(name)), output)?;
    }
    paragraph("decide", "why it matters (description), how urgent it is (level),", output)?;
    paragraph("", "when it is harmless (falsepositives)", output)?;
    if draft.tags.is_empty() {
        paragraph("", "which tactic and technique it shows (tags)", output)?;
    }
    paragraph("then", &format!("trailhound check {path}"), output)?;
    paragraph("", &format!("trailhound test {path} --mutate"), output)?;
    if written.doubts().next().is_some() {
        output.line("")?;
        output.text(report::text(&written.lints, paint.report_color()))?;
    }
    Ok(())
}

fn paragraph(word: &str, text: &str, output: &mut Output) -> io::Result<()> {
    for (number, line) in wrapped(text, ROOM).iter().enumerate() {
        let word = if number == 0 { word } else { "" };
        output.line(format!("{word:MARGIN$}{line}").trim_end())?;
    }
    Ok(())
}
