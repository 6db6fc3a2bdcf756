//! The rules of the function.
//!
//! A rule that cannot be loaded costs only itself: the others go on watching,
//! and every problem is an error line in the log. No rule at all is an error,
//! because a function that watches nothing would look healthy for ever.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;
use tracing::{error, info, warn};
use trailhound_rule_engine::{Diagnostic, RuleSet, Settings, Severity, Source, Tests};
use walkdir::WalkDir;

use crate::settings::RuleOrigin;

/// The built-in file of named lists with their defaults.
const LISTS: &str = "lists.yml";

/// Why there are no rules.
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
    /// Nothing was found, or nothing of it could be loaded.
    #[error("no rule can be loaded from {origin}: of {files} files, {errors} errors were reported in the log")]
    None {
        /// Where they were looked for.
        origin: String,
        /// Number of rule files there.
        files: usize,
        /// Number of errors in them.
        errors: usize,
    },
}

/// Loads the rules and logs what is wrong with them.
pub(crate) fn load(origin: &RuleOrigin) -> Result<Arc<RuleSet>, RulesError> {
    let mut sources = match origin {
        RuleOrigin::BuiltIn => built_in(),
        RuleOrigin::Folder(folder) => read_folder(folder)?,
    };
    let files = sources.len();
    if matches!(origin, RuleOrigin::Folder(_)) {
        // As on the command line: built-in lists are known with their defaults, and come before what the
        // folder says.
        sources.splice(0..0, built_in().into_iter().filter(|source| source.name() == LISTS));
    }
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let loaded =
        RuleSet::load_with(sources, &Settings { today: Some(today), tests: Tests::PassOver, ..Settings::default() });
    let errors = loaded.diagnostics.iter().filter(|diagnostic| diagnostic.severity() == Severity::Error).count();
    loaded.diagnostics.iter().for_each(log);
    if loaded.rules.is_empty() {
        return Err(RulesError::None { origin: describe(origin), files, errors });
    }
    let correlations = loaded.rules.correlations().count();
    if correlations > 0 {
        error!(correlations, "correlations are loaded and not evaluated: the function keeps no windows yet");
    }
    info!(rules = loaded.rules.len(), files, errors, skipped = loaded.skipped.len(), "rules loaded");
    Ok(Arc::new(loaded.rules))
}

/// An error costs a rule, a warning does not; but a filter that has expired is one, and must be seen.
fn log(diagnostic: &Diagnostic) {
    let position = diagnostic.position();
    let (code, file, help) = (diagnostic.code(), diagnostic.file(), diagnostic.help());
    let (line, column, message) = (position.line, position.column, diagnostic.message());
    match diagnostic.severity() {
        Severity::Error => error!(%code, file, line, column, help, "rule not loaded: {message}"),
        Severity::Warning => warn!(%code, file, line, column, help, "in a rule file: {message}"),
        Severity::Note => info!(%code, file, line, column, help, "in a rule file: {message}"),
    }
}

fn describe(origin: &RuleOrigin) -> String {
    match origin {
        RuleOrigin::BuiltIn => "the rules built in".to_owned(),
        RuleOrigin::Folder(folder) => format!("`{}`", folder.display()),
    }
}

fn built_in() -> Vec<Source> {
    trailhound_rules::sources().into_iter().map(|(name, text)| Source::new(name, text)).collect()
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
