//! The JSON objects that more than one command prints. Their keys and the order of these are a
//! promise to the programs that read them.

use serde::Serialize;
use trailhound_rule_engine::{Level, Metadata, Rule};

use crate::inputs::Unreadable;

/// What names a rule.
#[derive(Debug, Serialize)]
pub(crate) struct RuleLabel<'r> {
    id: Option<&'r str>,
    name: Option<&'r str>,
    title: &'r str,
    level: Level,
}

impl<'r> From<&'r Metadata> for RuleLabel<'r> {
    fn from(metadata: &'r Metadata) -> Self {
        RuleLabel {
            id: metadata.id.as_deref(),
            name: metadata.name.as_deref(),
            title: &metadata.title,
            level: metadata.level,
        }
    }
}

impl RuleLabel<'_> {
    pub(crate) fn title(&self) -> &str {
        self.title
    }

    /// The shortest stable handle: the name, else the id, else the title.
    pub(crate) fn handle(&self) -> &str {
        self.name.or(self.id).unwrap_or(self.title)
    }
}

/// A rule for another log source.
#[derive(Debug, Serialize)]
pub(crate) struct Skipped<'r> {
    title: &'r str,
    file: &'r str,
    line: usize,
    column: usize,
}

impl<'r> From<&'r Rule> for Skipped<'r> {
    fn from(rule: &'r Rule) -> Self {
        let position = rule.position();
        Skipped {
            title: &rule.metadata().title,
            file: rule.source().name(),
            line: position.line,
            column: position.column,
        }
    }
}

/// Something that could not be read.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    pub(crate) path: String,
    pub(crate) reason: String,
}

impl From<&Unreadable> for Problem {
    fn from(unreadable: &Unreadable) -> Self {
        Problem { path: unreadable.path.clone(), reason: unreadable.reason() }
    }
}
