//! The rules of a session: those open in the editor as they are there, the others as they are on disk.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use lsp_types::Uri;
use trailhound_rule_engine::{Code, Diagnostic, Loaded, Readings, RuleSet, Settings, Source};

use crate::{address, limits, text::Text};

/// What the server needs of the disk.
pub trait Files {
    /// The YAML files below a folder, at most `limit` of them.
    fn below(&self, folder: &Path, limit: usize) -> Vec<PathBuf>;

    /// The text of a file; its error is shown as it is.
    fn read(&self, path: &Path) -> Result<String, String>;
}

/// What rules are judged by.
#[derive(Debug, Clone)]
pub struct Options {
    /// Limits, named lists, the day, and the catalogue, without which there are no lints.
    pub settings: Settings,
    /// Files that belong to every check, such as named lists with their defaults.
    pub built_in: Vec<Source>,
    /// Lints that are left out.
    pub allow: Vec<Code>,
    /// The page of a code, as Markdown.
    pub page: fn(Code) -> String,
}

/// A document that is open in the editor.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) uri: Uri,
    pub(crate) version: i32,
    pub(crate) text: Text,
}

/// All files, and what came of loading them last.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) options: Options,
    folders: Vec<PathBuf>,
    /// By name, in the order in which they are loaded.
    pub(crate) open: BTreeMap<String, Open>,
    closed: BTreeMap<String, Source>,
    /// What was read of files that are not open.
    readings: Readings,
    pub(crate) loaded: Loaded,
    pub(crate) is_stale: bool,
}

impl Workspace {
    pub(crate) fn new(options: Options, folders: Vec<PathBuf>) -> Self {
        let loaded = RuleSet::load_with([], &options.settings);
        let (open, closed, readings) = (BTreeMap::new(), BTreeMap::new(), Readings::default());
        Workspace { options, folders, open, closed, readings, loaded, is_stale: true }
    }

    /// Reads the folders anew; says what was left out.
    pub(crate) fn look(&mut self, files: &dyn Files) -> Option<String> {
        self.is_stale = true;
        self.closed.clear();
        for folder in &self.folders {
            // One more than the limit tells whether something is left out.
            for path in files.below(folder, limits::FILES + 1) {
                if self.closed.len() >= limits::FILES {
                    let limit = limits::FILES;
                    return Some(format!(
                        "the workspace has more than {limit} rule files; the others are not looked at"
                    ));
                }
                let Ok(text) = files.read(&path) else { continue };
                if holds_rules(&text) {
                    let name = path.display().to_string();
                    self.closed.insert(name.clone(), Source::new(name, text));
                }
            }
        }
        None
    }

    /// Takes over the text of an open document.
    pub(crate) fn edit(&mut self, uri: Uri, version: i32, text: String) {
        self.is_stale = true;
        self.open.insert(address::name(&uri), Open { uri, version, text: Text::new(text) });
    }

    /// A document was closed: its file counts again.
    pub(crate) fn close(&mut self, uri: &Uri, files: &dyn Files) {
        self.is_stale = true;
        let name = address::name(uri);
        self.open.remove(&name);
        match address::path(uri).and_then(|path| files.read(&path).ok()).filter(|text| holds_rules(text)) {
            Some(text) if self.closed.contains_key(&name) => {
                self.closed.insert(name.clone(), Source::new(name, text));
            }
            _ => drop(self.closed.remove(&name)),
        }
    }

    pub(crate) fn document(&self, uri: &Uri) -> Option<&Open> {
        self.open.get(&address::name(uri))
    }

    /// Loads all rules, open documents last: where two files share an id it is the open one that hears of it.
    pub(crate) fn check(&mut self) {
        self.is_stale = false;
        let closed =
            self.closed.iter().filter(|(name, _)| !self.open.contains_key(*name)).map(|(_, file)| file.clone());
        let open = self.open.iter().filter(|(_, open)| holds_rules(open.text.as_str()));
        let open = open.map(|(name, open)| Source::new(name.clone(), open.text.as_str()));
        let sources: Vec<Source> = self.options.built_in.iter().cloned().chain(closed).chain(open).collect();
        let in_view = Some(self.open.keys().cloned().collect());
        let settings = Settings { in_view, ..self.options.settings.clone() };
        self.loaded = RuleSet::load_again(sources, &settings, &mut self.readings);
        let allow = &self.options.allow;
        self.loaded.diagnostics.retain(|found| !allow.contains(&found.code()));
    }

    /// What was found in a file.
    pub(crate) fn diagnostics<'w>(&'w self, name: &'w str) -> impl Iterator<Item = &'w Diagnostic> {
        self.loaded.diagnostics.iter().filter(move |found| found.file() == name)
    }

    /// Handles of all rules and correlations, with their titles.
    pub(crate) fn handles(&self) -> impl Iterator<Item = (&str, &str)> {
        let rules = self.loaded.rules.iter().map(|(_, rule)| rule.metadata());
        let correlations = self.loaded.rules.correlations().map(|(_, correlation)| correlation.metadata());
        rules.chain(correlations).map(|metadata| (metadata.handle(), metadata.title.as_str()))
    }
}

/// Whether a YAML file is about rules; a workspace may hold any other.
fn holds_rules(text: &str) -> bool {
    const KEYS: [&str; 4] = ["detection:", "correlation:", "logsource:", "lists:"];
    text.lines().any(|line| KEYS.iter().any(|key| line.starts_with(key)))
}
