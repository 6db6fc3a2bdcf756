//! Settings as they were given, before anybody looks at their values.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;
use trailhound_rule_engine::{
    Code, Diagnostic, Limits, Source, Span,
    yaml::{Data, Entry, Node, Problems, Scalar, parse, suggestion},
};

use super::settings::{FILE_VARIABLE, Form, PREFIX, SETTINGS, Setting};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "from", rename_all = "lowercase")]
pub enum Origin {
    /// Nobody gave one.
    Default,
    /// The file.
    File {
        /// Its name.
        file: String,
        /// The line of the value.
        line: usize,
    },
    /// An environment variable.
    Environment {
        /// Its name.
        variable: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => formatter.write_str("default"),
            Origin::File { file, line } => write!(formatter, "{file}:{line}"),
            Origin::Environment { variable } => formatter.write_str(variable),
        }
    }
}

/// A value and the text it stands in.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) node: Node,
    pub(super) source: Source,
    pub(super) origin: Origin,
}

/// All that was given, by key.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) values: BTreeMap<&'static str, Given>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Raw {
    /// Reads the file, then the variables, which come before it.
    pub(super) fn read(file: Option<&Source>, environment: &BTreeMap<String, String>) -> Self {
        let mut raw = Raw { values: BTreeMap::new(), diagnostics: Vec::new() };
        if let Some(source) = file {
            raw.read_file(source);
        }
        for setting in SETTINGS {
            if let Some(value) = environment.get(setting.variable).filter(|value| !value.trim().is_empty()) {
                raw.read_variable(setting, value);
            }
        }
        raw.check_names(environment);
        raw
    }

    fn read_file(&mut self, source: &Source) {
        let mut problems = Problems::new(source);
        let documents = parse(source.text(), &Limits::default(), &mut problems);
        if let Some(second) = documents.get(1) {
            problems.error(Code::InvalidSetting, second.span, "the configuration is one document, this is a second");
        }
        if let Some(document) = documents.first().filter(|document| !document.is_null()) {
            match &document.data {
                Data::Map(entries) => self.read_map(entries, None, &mut problems),
                Data::Scalar(_) | Data::List(_) => {
                    let message = format!("the configuration must be a map, this is {}", document.kind());
                    problems.error(Code::NotAMap, document.span, message);
                }
            }
        }
        self.diagnostics.extend(problems.into_diagnostics());
    }

    fn read_map(&mut self, entries: &[Entry], group: Option<&str>, problems: &mut Problems) {
        for entry in entries {
            let key = group.map_or_else(|| entry.key.clone(), |group| format!("{group}.{}", entry.key));
            if let Some(setting) = Setting::by_key(&key) {
                let line = problems.source().position(entry.value.span.start).line;
                let origin = Origin::File { file: problems.source().name().to_owned(), line };
                // A key without a value is one that somebody has yet to fill.
                if !entry.value.is_null() {
                    let given = Given { node: entry.value.clone(), source: problems.source().clone(), origin };
                    self.values.insert(setting.key, given);
                }
                continue;
            }
            match &entry.value.data {
                _ if entry.value.is_null() && group.is_none() && Setting::is_group(&key) => {}
                Data::Map(inner) if group.is_none() && Setting::is_group(&key) => {
                    self.read_map(inner, Some(&key), problems);
                }
                _ if group.is_none() && Setting::is_group(&key) => {
                    let message = format!("`{key}` must be a map, this is {}", entry.value.kind());
                    problems.error(Code::NotAMap, entry.value.span, message);
                }
                _ => unknown(entry, &key, group, problems),
            }
        }
    }

    fn read_variable(&mut self, setting: &'static Setting, value: &str) {
        let source = Source::new(setting.variable, value);
        let node = match setting.form {
            Form::Text => {
                let scalar = Scalar { text: value.trim().to_owned(), plain: true };
                Some(Node { span: Span::new(0, value.len()), data: Data::Scalar(scalar) })
            }
            Form::Yaml => {
                let mut problems = Problems::new(&source);
                let document = parse(source.text(), &Limits::default(), &mut problems).into_iter().next();
                self.diagnostics.extend(problems.into_diagnostics());
                document
            }
        };
        if let Some(node) = node {
            let origin = Origin::Environment { variable: setting.variable.to_owned() };
            self.values.insert(setting.key, Given { node, source, origin });
        }
    }

    /// A misspelt variable would otherwise be a setting that does nothing. It is no error: variables of
    /// this name may be there for something else.
    fn check_names(&mut self, environment: &BTreeMap<String, String>) {
        let known = |name: &str| name == FILE_VARIABLE || SETTINGS.iter().any(|setting| setting.variable == name);
        for (name, value) in environment.iter().filter(|(name, _)| name.starts_with(PREFIX) && !known(name)) {
            let source = Source::new(name.as_str(), value.as_str());
            let mut problems = Problems::new(&source);
            problems
                .warning(Code::UnknownSetting, Span::new(0, value.len()), format!("there is no setting `{name}`"))
                .maybe_help(suggestion(name, SETTINGS.iter().map(|setting| setting.variable)));
            self.diagnostics.extend(problems.into_diagnostics());
        }
    }
}

fn unknown(entry: &Entry, key: &str, group: Option<&str>, problems: &mut Problems) {
    let siblings: Vec<&str> = SETTINGS
        .iter()
        .filter_map(|setting| match (group, setting.key.split_once('.')) {
            (None, None) => Some(setting.key),
            (None, Some((first, _))) => Some(first),
            (Some(group), Some((first, second))) if first == group => Some(second),
            (Some(_), _) => None,
        })
        .collect();
    let help = suggestion(&entry.key, siblings.iter().copied()).or_else(|| {
        let mut names = siblings;
        names.dedup();
        Some(format!("the keys here are: {}", names.join(", ")))
    });
    problems.error(Code::UnknownSetting, entry.key_span, format!("there is no setting `{key}`")).maybe_help(help);
}
