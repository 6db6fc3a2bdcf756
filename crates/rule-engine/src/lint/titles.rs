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
    let mut first: HashMap<String, (&Source, Span)> = HashMap::new();
    let mut found = Vec::new();
    for (metadata, source, span) in rules {
        if let Some(&earlier) = first.get(&metadata.title.to_lowercase()) {
            found.push(repeats(metadata, (source, span), earlier));
        } else {
            first.insert(metadata.title.to_lowercase(), (source, span));
        }
    }
    found
}

fn repeats(metadata: &Metadata, (source, span): (&Source, Span), (earlier, at): (&Source, Span)) -> Diagnostic {
    let code = Code::DuplicateTitle;
    let (file, line) = (earlier.name(), earlier.position(at.start).line);
    let message = format!("the title `{}` is that of the rule at {file}:{line}, too", metadata.title);
    let severity = code.lint_severity().unwrap_or(crate::diagnostic::Severity::Warning);
    Diagnostic::new(code, severity, source, span, message).with_related(earlier, at)
}
