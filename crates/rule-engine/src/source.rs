use std::{borrow::Cow, fmt, sync::Arc};

/// A rule file: its name as diagnostics show it, and its text.
///
/// Cloning is cheap: rules and diagnostics keep a handle to the file they came from.
#[derive(Clone)]
pub struct Source {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    text: Cow<'static, str>,
}

impl Source {
    /// A file called `name` (normally its path) that holds `text`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Source { inner: Arc::new(Inner { name: name.into(), text: Cow::Owned(text.into()) }) }
    }

    /// A file whose text is part of the program, and is not copied.
    pub fn built_in(name: impl Into<String>, text: &'static str) -> Self {
        Source { inner: Arc::new(Inner { name: name.into(), text: Cow::Borrowed(text) }) }
    }

    /// Whether both are the same text under the same name.
    pub(crate) fn is_same(&self, other: &Source) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner) || (self.name() == other.name() && self.text() == other.text())
    }

    /// The name that diagnostics show.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.inner.text
    }

    /// The text of a stretch up to the end of its first line, without white space and quotes around it; quotes
    /// around nothing stay.
    pub(crate) fn written(&self, span: Span) -> &str {
        let text = self.text().get(span.start..span.end).unwrap_or_default();
        let line = text.trim().lines().next().unwrap_or_default().trim_end();
        let within = |quote| line.strip_prefix(quote).and_then(|line| line.strip_suffix(quote));
        within('\'').or_else(|| within('"')).filter(|text| !text.is_empty()).unwrap_or(line)
    }

    /// Line and column of a byte offset; an offset past the end counts as the end.
    pub fn position(&self, offset: usize) -> Position {
        let before = self.inner.text.get(..offset).unwrap_or(&self.inner.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position {
            line: before.bytes().filter(|&byte| byte == b'\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Source").field(&self.inner.name).finish()
    }
}

/// A place in a file as people count: both numbers start at one, columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Position {
    /// Line, from one.
    pub line: usize,
    /// Column in characters, from one.
    pub column: usize,
}

/// A stretch of a rule file in bytes, end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
}

impl Span {
    /// The stretch from `start` up to and without `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Span { start, end: end.max(start) }
    }
}
