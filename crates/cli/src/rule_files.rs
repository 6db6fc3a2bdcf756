//! Rule files: those built into the binary, or those a user names.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use trailhound_rule_engine::{
    Correlation, Diagnostic, Lists, Loaded, Metadata, Position, Rule, RuleSet, Settings, Source, Tests,
    catalog::Catalog,
};

use crate::{
    exit_status::ExitStatus,
    inputs::{self, ReadError, Unreadable, read_text},
    output::{Output, count, printable},
};

/// The rule files of one run, loaded.
#[derive(Debug)]
pub(crate) struct RuleFiles {
    origin: Origin,
    /// How many files were read.
    pub(crate) count: usize,
    /// What their rules look like.
    pub(crate) loaded: Loaded,
    /// What could not be read.
    pub(crate) unreadable: Vec<Unreadable>,
}

/// Where rule files come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    BuiltIn,
    Paths,
}

/// A rule or a correlation: what both have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Carrier<'r> {
    pub(crate) metadata: &'r Metadata,
    pub(crate) source: &'r Source,
    pub(crate) position: Position,
    /// How many tests it carries.
    pub(crate) tests: usize,
}

impl<'r> From<&'r Rule> for Carrier<'r> {
    fn from(rule: &'r Rule) -> Self {
        let (metadata, source) = (rule.metadata(), rule.source());
        Carrier { metadata, source, position: rule.position(), tests: rule.tests().len() }
    }
}

impl<'r> From<&'r Correlation> for Carrier<'r> {
    fn from(correlation: &'r Correlation) -> Self {
        let (metadata, source) = (correlation.metadata(), correlation.source());
        Carrier { metadata, source, position: correlation.position(), tests: correlation.tests().len() }
    }
}

/// So many rules for other log sources are named, the rest is counted.
const NAMED: usize = 5;

/// The built-in file of named lists with their defaults.
const LISTS: &str = "/lists.yml";

/// Stands before the paths of built-in rules wherever they are shown.
const BUILT_IN: &str = "built-in";

/// Loads all rules below `paths`; without paths, the built-in rules. `lists` are the files that fill
/// named lists.
///
/// Commands that only run the rules have tests passed over, which are most of the text.
pub(crate) fn load(paths: &[PathBuf], lists: &[PathBuf], tests: Tests) -> RuleFiles {
    load_with(paths, lists, Settings { tests, ..Settings::default() })
}

/// The same where a configuration has named lists, which files may fill anew.
pub(crate) fn load_configured(paths: &[PathBuf], files: &[PathBuf], lists: Lists) -> RuleFiles {
    load_with(paths, files, Settings { tests: Tests::PassOver, lists, ..Settings::default() })
}

/// Loads all rules and judges them by lints, which know the names of `catalog`.
pub(crate) fn load_linted(paths: &[PathBuf], lists: &[PathBuf], catalog: Catalog) -> RuleFiles {
    load_with(paths, lists, Settings { catalog: Some(Arc::new(catalog)), ..Settings::default() })
}

fn load_with(paths: &[PathBuf], lists: &[PathBuf], settings: Settings) -> RuleFiles {
    let origin = if paths.is_empty() { Origin::BuiltIn } else { Origin::Paths };
    let (mut sources, mut unreadable) = match origin {
        Origin::BuiltIn => (built_in(), Vec::new()),
        Origin::Paths => read(paths),
    };
    let count = sources.len();
    if origin == Origin::Paths {
        sources.splice(0..0, default_lists());
    }
    let mut settings = Settings { today: Some(today()), ..settings };
    let (diagnostics, missing) = fill_lists(lists, &mut settings);
    unreadable.extend(missing);
    let mut loaded = RuleSet::load_with(sources, &settings);
    loaded.diagnostics.splice(0..0, diagnostics);
    RuleFiles { origin, count, loaded, unreadable }
}

/// Reads the files that fill named lists: what is wrong in them, and which could not be read.
pub(crate) fn fill_lists(lists: &[PathBuf], settings: &mut Settings) -> (Vec<Diagnostic>, Vec<Unreadable>) {
    let (mut diagnostics, mut unreadable) = (Vec::new(), Vec::new());
    for path in lists {
        match read_text(path) {
            Ok(text) => {
                let source = Source::new(path.display().to_string(), text);
                diagnostics.extend(settings.lists.read(&source, &settings.limits));
            }
            Err(error) => unreadable.push(error),
        }
    }
    (diagnostics, unreadable)
}

/// Built-in lists: they are known with their defaults to all rules, and come before what those say.
pub(crate) fn default_lists() -> impl Iterator<Item = Source> {
    built_in().into_iter().filter(|source| source.name().ends_with(LISTS))
}

/// The day by which filters have expired or not, in UTC.
pub(crate) fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

impl RuleFiles {
    /// How many rules and correlations were loaded.
    pub(crate) fn rules(&self) -> usize {
        self.carriers().count()
    }

    /// Whether not one file could be read, so that counts would say nothing.
    pub(crate) fn is_nothing(&self) -> bool {
        self.count == 0 && !self.unreadable.is_empty()
    }

    /// The rules, then the correlations, in the order in which they were loaded.
    pub(crate) fn carriers(&self) -> impl Iterator<Item = Carrier<'_>> {
        let rules = self.loaded.rules.iter().map(|(_, rule)| rule.into());
        rules.chain(self.loaded.rules.correlations().map(|(_, correlation)| correlation.into()))
    }

    /// Clean if everything could be read and every rule is valid.
    pub(crate) fn status(&self) -> ExitStatus {
        if !self.unreadable.is_empty() {
            ExitStatus::CouldNotRun
        } else if self.loaded.has_errors() {
            ExitStatus::Problems
        } else {
            ExitStatus::Clean
        }
    }

    /// Reads an event file that a test names, relative to the file `source` that the test is in.
    pub(crate) fn event_file(&self, source: &Source, name: &str) -> Result<String, String> {
        match self.origin {
            Origin::BuiltIn => Err("a built-in rule cannot refer to files".to_owned()),
            Origin::Paths => {
                let path = Path::new(source.name()).with_file_name(name);
                read_text(&path).map_err(|error| error.reason())
            }
        }
    }

    /// Names what could not be read.
    pub(crate) fn report_unreadable(&self, output: &Output) {
        for unreadable in &self.unreadable {
            output.unreadable(unreadable);
        }
    }

    /// Shows what is wrong with the rules on standard error, for commands whose result is something else.
    pub(crate) fn report_diagnostics(&self, output: &Output) {
        if !self.loaded.diagnostics.is_empty() {
            output.diagnostics(&self.loaded.diagnostics);
        }
    }

    /// Says which rules are for other log sources: the first few by name, the others by number.
    pub(crate) fn report_skipped(&self, output: &Output) {
        let skipped = &self.loaded.skipped;
        for rule in skipped.iter().take(NAMED) {
            let (file, line, title) = (rule.source().name(), rule.position().line, &rule.metadata().title);
            output.note(format_args!(
                "{}:{line}: `{}` is for another log source and was skipped",
                printable(file),
                printable(title)
            ));
        }
        if let Some(rest) = skipped.len().checked_sub(NAMED).filter(|&rest| rest > 0) {
            output.note(format_args!("{} more for other log sources skipped", count(rest, "rule")));
        }
    }
}

fn built_in() -> Vec<Source> {
    trailhound_rules::sources()
        .into_iter()
        .map(|(path, text)| Source::built_in(format!("{BUILT_IN}/{path}"), text))
        .collect()
}

/// Reads the files below the paths in the order of the command line, each file once.
fn read(paths: &[PathBuf]) -> (Vec<Source>, Vec<Unreadable>) {
    let mut sources = Vec::new();
    let mut unreadable = Vec::new();
    let mut seen = BTreeSet::new();
    for file in paths.iter().flat_map(|path| rule_files(path)) {
        let read = file.and_then(|file| {
            let is_new = seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone()));
            if is_new {
                read_text(&file).map(|text| Some(Source::new(file.display().to_string(), text)))
            } else {
                Ok(None)
            }
        });
        match read {
            Ok(source) => sources.extend(source),
            Err(error) => unreadable.push(error),
        }
    }
    (sources, unreadable)
}

/// The rule files below a folder; a file stands for itself, whatever its name.
fn rule_files(path: &Path) -> Vec<Result<PathBuf, Unreadable>> {
    if !path.is_dir() {
        return vec![Ok(path.to_owned())];
    }
    let mut files: Vec<_> =
        inputs::files(path).filter(|file| file.as_ref().map_or(true, |file| is_rule_file(file))).collect();
    if files.is_empty() {
        files.push(Err(Unreadable::new(path, ReadError::NoRules)));
    }
    files
}

pub(crate) fn is_rule_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml")
}
