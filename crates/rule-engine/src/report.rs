//! Shows diagnostics to people: the offending line, underlined, with what to do.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Severity};

/// Whether a rendered text may hold colour codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// Plain text.
    Never,
    /// ANSI escape sequences.
    Always,
}

/// Renders diagnostics in the given order, a blank line between two of them.
pub fn text(diagnostics: &[Diagnostic], color: Color) -> String {
    let renderer = match color {
        Color::Never => Renderer::plain(),
        Color::Always => Renderer::styled(),
    };
    let mut rendered = String::new();
    for diagnostic in diagnostics {
        rendered.push_str(&renderer.render(&groups(diagnostic)));
        rendered.push_str("\n\n");
    }
    rendered
}

fn groups(diagnostic: &Diagnostic) -> Vec<Group<'_>> {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let annotation = AnnotationKind::Primary.span(shown_span(diagnostic));
    let snippet = Snippet::source(diagnostic.source().text()).path(diagnostic.file()).fold(true).annotation(annotation);
    let mut group = level.primary_title(diagnostic.message()).id(diagnostic.code().as_str()).element(snippet);
    if let Some(help) = diagnostic.help() {
        group = group.element(Level::HELP.message(help));
    }
    vec![group]
}

/// The span cut to the first line it touches: a long block says no more than its first line.
fn shown_span(diagnostic: &Diagnostic) -> std::ops::Range<usize> {
    let text = diagnostic.source().text();
    let start = diagnostic.span().start.min(text.len());
    let end = diagnostic.span().end.min(text.len());
    let stretch = text.get(start..end).unwrap_or_default();
    let first_line = stretch.split('\n').next().unwrap_or_default().trim_end();
    start..start + first_line.len()
}
