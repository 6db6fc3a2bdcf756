//! Shows diagnostics to people: the offending line, underlined, with what to do.

use std::ops::Range;

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
        Severity::Note => Level::NOTE,
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let shown = ShownLine::of(diagnostic);
    let snippet = Snippet::source(shown.text)
        .path(diagnostic.file())
        .line_start(diagnostic.position().line)
        .annotation(AnnotationKind::Primary.span(shown.underlined));
    let mut group = level.primary_title(diagnostic.message()).id(diagnostic.code().as_str()).element(snippet);
    if let Some(help) = diagnostic.help() {
        group = group.element(Level::HELP.message(help));
    }
    vec![group]
}

/// The line a problem starts in: a long block says no more than its first line, and a file with many
/// problems is not gone through again for each.
struct ShownLine<'s> {
    text: &'s str,
    underlined: Range<usize>,
}

impl<'s> ShownLine<'s> {
    fn of(diagnostic: &'s Diagnostic) -> Self {
        let text = diagnostic.source().text();
        let start = diagnostic.span().start.min(text.len());
        let end = diagnostic.span().end.min(text.len());
        let line_start = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
        let from_line = text.get(line_start..).unwrap_or_default();
        let line = from_line.split('\n').next().unwrap_or_default();
        let stretch = text.get(start..end.min(line_start + line.len())).unwrap_or_default().trim_end();
        let column = start - line_start;
        ShownLine { text: line, underlined: column..column + stretch.len() }
    }
}
