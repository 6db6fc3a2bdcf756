//! Named lists that a test fills for itself.

use super::RuleTest;
use crate::{
    code::Code,
    condition::{Context, Terms},
    detection_reader,
    diagnostic::{Problems, Severity, suggestion},
    list_document,
    lists::Lists,
    source::Span,
    syntax::{Data, Entry, Node},
    transform::{Piece, pieces},
};

/// What the key `lists` of a test says.
#[derive(Debug, Clone)]
pub(super) struct TestLists {
    pub(super) values: Lists,
    span: Span,
}

/// Reads the key `lists` of a test. Problems are reported; what can be read is kept.
pub(super) fn read(entry: Option<&Entry>, problems: &mut Problems) -> Option<TestLists> {
    let entry = entry?;
    let mut values = Lists::default();
    list_document::read(entry, &mut values, problems);
    Some(TestLists { values, span: entry.key_span })
}

/// Reads the detection of a rule once more for each test that fills lists of its own.
pub(crate) fn read_detections(tests: &mut [RuleTest], detection: &Entry, context: Context<'_>) {
    let Context { terms, problems } = context;
    let mut known = Vec::new();
    placeholders(&detection.value, &mut known);
    for test in tests {
        let Some(lists) = &test.lists else { continue };
        for name in lists.values.names().filter(|name| !known.contains(name)) {
            let message = format!("the rule refers to no list `{name}`");
            let problem = problems.error(Code::InvalidTest, lists.span, message);
            if let Some(help) = suggestion(name, known.iter().copied()) {
                problem.help(help);
            }
        }
        let mut settings = terms.settings.clone();
        let given = std::mem::replace(&mut settings.lists, lists.values.clone());
        settings.lists.add_missing(given);
        // What is wrong with the rule itself has been reported.
        let mut again = Problems::new(problems.source());
        let context = Context { terms: Terms { settings: &settings, ..terms }, problems: &mut again };
        test.detection = detection_reader::read(detection, &[], context);
        let errors = again.into_diagnostics().into_iter().filter(|problem| problem.severity() == Severity::Error);
        for error in errors {
            let message = format!("the rule cannot be read with these lists: {}", error.message());
            problems.error(Code::InvalidTest, lists.span, message);
        }
    }
}

/// The names of all lists that values of a detection refer to.
fn placeholders<'n>(node: &'n Node, names: &mut Vec<&'n str>) {
    match &node.data {
        Data::Scalar(scalar) => names.extend(pieces(&scalar.text).into_iter().filter_map(|piece| match piece {
            Piece::Placeholder(name) => Some(name),
            Piece::Text(_) => None,
        })),
        Data::List(members) => members.iter().for_each(|member| placeholders(member, names)),
        Data::Map(entries) => entries.iter().for_each(|entry| placeholders(&entry.value, names)),
    }
}
