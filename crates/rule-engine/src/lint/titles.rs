//! Titles that stand twice.

use std::collections::HashMap;

use crate::{
    code::Code,
    diagnostic::Diagnostic,
    metadata::Metadata,
    source::{Source, Span},
};

/// Reports every rule whose title an earlier one has.
pub(crate) fn repeated<'r>(rules: impl Iterator<Item = (&'r Metadata, &'r Source, Span)>) -> Vec<Diagnostic> {
    let mut first: HashMap<String, String> = HashMap::new();
    let mut found = Vec::new();
    for (metadata, source, span) in rules {
        let place = format!("{}:{}", source.name(), source.position(span.start).line);
        if let Some(earlier) = first.get(&metadata.title.to_lowercase()) {
            found.push(repeats(metadata, source, span, earlier));
        } else {
            first.insert(metadata.title.to_lowercase(), place);
        }
    }
    found
}

fn repeats(metadata: &Metadata, source: &Source, span: Span, earlier: &str) -> Diagnostic {
    let code = Code::DuplicateTitle;
    let message = format!("the title `{}` is that of the rule at {earlier}, too", metadata.title);
    let severity = code.lint_severity().unwrap_or(crate::diagnostic::Severity::Warning);
    Diagnostic::new(code, severity, source, span, message)
}
