//! A checked rule, and how a document becomes one.

use crate::{
    attributes::Attributes,
    condition::{Context, Terms, UnknownLists},
    detection::Detection,
    detection_reader,
    metadata::Metadata,
    source::{Position, Source, Span},
    suite::{self, RuleTest},
    syntax::Entry,
};

const KEYS: &[&str] = &["logsource", "detection"];

/// A detection rule that has passed every check and can be compiled.
#[derive(Debug, Clone)]
pub struct Rule {
    metadata: Metadata,
    detection: Detection,
    tests: Vec<RuleTest>,
    source: Source,
    span: Span,
}

impl Rule {
    /// What the rule says about itself.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The file it stands in.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Where in its file it starts.
    pub fn position(&self) -> Position {
        self.source.position(self.span.start)
    }

    /// The tests that its author wrote beside it.
    pub fn tests(&self) -> &[RuleTest] {
        &self.tests
    }

    /// The same rule with another detection.
    pub(crate) fn with_detection(&self, detection: Detection) -> Rule {
        Rule { detection, ..self.clone() }
    }

    pub(crate) fn detection(&self) -> &Detection {
        &self.detection
    }

    pub(crate) fn span(&self) -> Span {
        self.span
    }
}

/// Reads one document as a detection rule; `None` after a problem has been reported.
pub(crate) fn read(entries: &[Entry], span: Span, context: Context<'_>) -> Option<Rule> {
    let Context { terms, problems } = context;
    let errors = problems.errors();
    let mut attributes = Attributes { entries, span, problems };
    attributes.check_spelling(KEYS);
    let metadata = attributes.metadata();
    let logsource = attributes.logsource();
    let mut tests =
        attributes.get("tests").map(|entry| suite::parse(&entry.value, attributes.problems)).unwrap_or_default();
    // A rule for other logs is skipped anyway; it need not have its lists here.
    let unknown_lists = if logsource.covers_cloudtrail() { UnknownLists::Refused } else { UnknownLists::Empty };
    let terms = Terms { unknown_lists, ..terms };
    let entry = attributes.require("detection");
    let detection =
        entry.and_then(|entry| detection_reader::read(entry, &[], Context { terms, problems: attributes.problems }));
    if let (Some(entry), Some(_)) = (entry, &detection) {
        suite::read_detections(&mut tests, entry, Context { terms, problems });
    }
    if problems.errors() > errors {
        return None;
    }
    let source = problems.source().clone();
    Some(Rule { metadata: Metadata { logsource, ..metadata }, detection: detection?, tests, source, span })
}
