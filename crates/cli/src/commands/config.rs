//! `trailhound config`: checks a configuration, and shows what is in force.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;
use serde_json::Value;
use trailhound_pipeline::configuration::{Configuration, Files, Origin, ReadConfiguration, SETTINGS};
use trailhound_rule_engine::{Diagnostic, Severity, Source, report};

use crate::{
    arguments::{ConfigArguments, ConfigCommand, Format},
    exit_status::ExitStatus,
    inputs::{Unreadable, read_text},
    output::{Output, count, printable},
};

/// Start of the names of the variables that are looked at.
const PREFIX: &str = "TRAILHOUND_";

#[derive(Debug, Serialize)]
struct CheckDocument<'d> {
    diagnostics: &'d [Diagnostic],
    summary: Summary,
}

#[derive(Debug, Serialize)]
struct ShowDocument<'c> {
    settings: Vec<ShownSetting<'c>>,
}

#[derive(Debug, Serialize)]
struct ShownSetting<'c> {
    key: &'static str,
    value: Value,
    origin: &'c Origin,
}

#[derive(Debug, Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
}

pub(crate) fn run(arguments: &ConfigArguments, output: &mut Output) -> io::Result<ExitStatus> {
    let (ConfigCommand::Check(file) | ConfigCommand::Show(file)) = &arguments.command;
    let read = match read(file.file.as_deref(), Configuration::read) {
        Ok(read) => read,
        Err(unreadable) => {
            output.unreadable(&unreadable);
            return Ok(ExitStatus::CouldNotRun);
        }
    };
    match (&arguments.command, &read.configuration) {
        (ConfigCommand::Check(_), _) => check(&read, file.format, output),
        (ConfigCommand::Show(_), Some(configuration)) => {
            if !read.diagnostics.is_empty() {
                output.diagnostics(&read.diagnostics);
            }
            show(configuration, file.format, output).map(|()| ExitStatus::Clean)
        }
        (ConfigCommand::Show(_), None) => {
            output.diagnostics(&read.diagnostics);
            Ok(ExitStatus::Problems)
        }
    }
}

/// How a configuration is read.
pub(super) type Reader = fn(Option<&Source>, &BTreeMap<String, String>, &dyn Files) -> ReadConfiguration;

/// Reads a configuration as the function does: the file, and the variables of the environment before it.
pub(super) fn read(file: Option<&Path>, reader: Reader) -> Result<ReadConfiguration, Unreadable> {
    let source = match file {
        Some(path) => Some(Source::new(path.display().to_string(), read_text(path)?)),
        None => None,
    };
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect();
    let folder = file.and_then(Path::parent).unwrap_or(Path::new("")).to_owned();
    Ok(reader(source.as_ref(), &environment, &Folder(folder)))
}

/// The folder that a configuration is in.
struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, path: &Path) -> io::Result<String> {
        fs::read_to_string(self.0.join(path))
    }
}

fn check(read: &ReadConfiguration, format: Format, output: &mut Output) -> io::Result<ExitStatus> {
    let of = |severity| read.diagnostics.iter().filter(|diagnostic| diagnostic.severity() == severity).count();
    let summary = Summary { errors: of(Severity::Error), warnings: of(Severity::Warning) };
    let status = if summary.errors > 0 { ExitStatus::Problems } else { ExitStatus::Clean };
    match format {
        Format::Json => output.json_document(&CheckDocument { diagnostics: &read.diagnostics, summary })?,
        Format::Text => {
            let paint = output.paint();
            output.text(report::text(&read.diagnostics, paint.report_color()))?;
            output.line(format_args!("{}, {}", count(summary.errors, "error"), count(summary.warnings, "warning")))?;
        }
    }
    Ok(status)
}

fn show(configuration: &Configuration, format: Format, output: &mut Output) -> io::Result<()> {
    let settings: Vec<ShownSetting<'_>> = SETTINGS
        .iter()
        .map(|setting| ShownSetting {
            key: setting.key,
            value: configuration.value(setting),
            origin: configuration.origin(setting),
        })
        .collect();
    if format == Format::Json {
        return output.json_document(&ShowDocument { settings });
    }
    for setting in settings {
        let value = match &setting.value {
            Value::Null => "-".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let origin = setting.origin.to_string();
        output.line(format_args!("{:22} {}  ({})", setting.key, printable(&value), printable(&origin)))?;
    }
    Ok(())
}
