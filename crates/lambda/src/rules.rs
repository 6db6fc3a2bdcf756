//! The rules of the function.
//!
//! A rule that cannot be loaded costs only itself: the others go on watching,
//! and every problem is an error line in the log. No rule at all is an error,
//! because a function that watches nothing would look healthy for ever.

use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;
use tracing::{error, info, warn};
use trailhound_pipeline::configuration::RulesSource;
use trailhound_pipeline::watching::{PackagedRules, Setup};
use trailhound_rule_engine::{Diagnostic, Severity, Source};
use walkdir::WalkDir;

/// The built-in file of named lists with their defaults.
const LISTS: &str = "lists.yml";

/// Why rules cannot be read.
#[derive(Debug, Error)]
pub(crate) enum RulesError {
    /// A folder, or something in it, cannot be read.
    #[error("cannot read rules from `{}`: {source}", path.display())]
    Unreadable {
        /// What could not be read.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// The rules in the package: those in this binary, or those in a folder.
pub(crate) struct Package;

impl PackagedRules for Package {
    fn sources(&self, from: &RulesSource) -> Result<Vec<Source>, String> {
        // As on the command line: built-in lists are known with their defaults, and come before what the
        // folder says.
        let lists = built_in().into_iter().filter(|source| source.name() == LISTS);
        match from {
            RulesSource::Bundle => Ok(built_in()),
            RulesSource::Object { .. } => Ok(lists.collect()),
            RulesSource::Folder(folder) => {
                let sources = read_folder(folder).map_err(|error| error.to_string())?;
                Ok(lists.chain(sources).collect())
            }
        }
    }
}

/// Number of errors in the rules, each of which costs a rule, a filter or a list.
pub(crate) fn errors(setup: &Setup) -> usize {
    setup.diagnostics.iter().filter(|diagnostic| diagnostic.severity() == Severity::Error).count()
}

/// Logs what is wrong with configuration and rules, and how many rules there are.
pub(crate) fn log(setup: &Setup) {
    setup.diagnostics.iter().for_each(log_problem);
    let errors = errors(setup);
    let correlations = setup.rules.correlations().count();
    info!(rules = setup.rules.len(), correlations, errors, "rules loaded");
}

/// An error costs a rule, a warning does not; but a filter that has expired is one, and must be seen.
fn log_problem(diagnostic: &Diagnostic) {
    let position = diagnostic.position();
    let (code, file, help) = (diagnostic.code(), diagnostic.file(), diagnostic.help());
    let (line, column, message) = (position.line, position.column, diagnostic.message());
    match diagnostic.severity() {
        Severity::Error => error!(%code, file, line, column, help, "rule not loaded: {message}"),
        Severity::Warning => warn!(%code, file, line, column, help, "in a file of rules or settings: {message}"),
        Severity::Note => info!(%code, file, line, column, help, "in a file of rules or settings: {message}"),
    }
}

fn built_in() -> Vec<Source> {
    trailhound_rules::sources().into_iter().map(|(name, text)| Source::built_in(name, text)).collect()
}

/// All rule files below a folder, in the order of their names.
fn read_folder(folder: &Path) -> Result<Vec<Source>, RulesError> {
    let mut sources = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(folder).to_owned();
            RulesError::Unreadable { path, source: error.into() }
        })?;
        let path = entry.path();
        if entry.file_type().is_file() && is_rule_file(path) {
            let text = fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
            sources.push(Source::new(path.display().to_string(), text));
        }
    }
    Ok(sources)
}

fn is_rule_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml")
}

fn unreadable(path: &Path, source: std::io::Error) -> RulesError {
    RulesError::Unreadable { path: path.to_owned(), source }
}
