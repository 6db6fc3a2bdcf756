use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::{
    code::Code,
    source::{Position, Source, Span},
};

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The rule does what it says, and could be better.
    Note,
    /// The rule loads, but probably does not do what its author meant.
    Warning,
    /// The rule cannot be loaded.
    Error,
}

impl Severity {
    /// The word that people see.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One problem of a rule file: what is wrong, where, and what to write instead.
///
/// A diagnostic is data; [`report::text`](crate::report::text) shows it to people, its
/// [`Serialize`] implementation to programs.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    code: Code,
    severity: Severity,
    message: String,
    help: Option<String>,
    source: Source,
    span: Span,
    /// Boxed, because few have one.
    related: Option<Box<(Source, Span)>>,
}

impl Diagnostic {
    pub(crate) fn new(code: Code, severity: Severity, source: &Source, span: Span, message: String) -> Self {
        Diagnostic {
            code,
            severity,
            message: one_line(message),
            help: None,
            source: source.clone(),
            span,
            related: None,
        }
    }

    /// The kind of problem.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Whether it keeps the rule from being loaded.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What is wrong: one line in lower case, no final stop, words of the rule in backticks.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to write instead.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The stretch of the file and the text to put there, where the help names exactly what to write: it proposes
    /// a word in place of the one that the message is about.
    pub fn replacement(&self) -> Option<(Span, &str)> {
        let help = self.help()?;
        let between = |start: &str, end: &str| help.strip_prefix(start)?.strip_suffix(end);
        let new = between("did you mean `", "`?").filter(|new| !new.contains('`'))?;
        let old = self.message.split('`').nth(1).filter(|old| !old.is_empty())?;
        let text = self.source.text().get(self.span.start..self.span.end)?;
        let (at, _) = text.match_indices(old).next()?;
        let start = self.span.start + at;
        Some((Span::new(start, start + old.len()), new))
    }

    /// The earlier place that the message is about as well: the key or the rule that was there first.
    pub fn related(&self) -> Option<(&Source, Span)> {
        self.related.as_deref().map(|(source, span)| (source, *span))
    }

    pub(crate) fn with_related(mut self, source: &Source, span: Span) -> Self {
        self.related = Some(Box::new((source.clone(), span)));
        self
    }

    /// Name of the file.
    pub fn file(&self) -> &str {
        self.source.name()
    }

    /// The file the problem is in.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The offending stretch of the file.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Where the offending text starts.
    pub fn position(&self) -> Position {
        self.source.position(self.span.start)
    }

    /// Where the offending text ends (the first column that is no longer part of it).
    pub fn end_position(&self) -> Position {
        self.source.position(self.span.end)
    }
}

impl Serialize for Diagnostic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (start, end) = (self.position(), self.end_position());
        let mut fields = serializer.serialize_struct("Diagnostic", 9)?;
        fields.serialize_field("code", &self.code)?;
        fields.serialize_field("severity", &self.severity)?;
        fields.serialize_field("message", &self.message)?;
        fields.serialize_field("help", &self.help)?;
        fields.serialize_field("file", self.file())?;
        fields.serialize_field("line", &start.line)?;
        fields.serialize_field("column", &start.column)?;
        fields.serialize_field("end_line", &end.line)?;
        fields.serialize_field("end_column", &end.column)?;
        fields.end()
    }
}

/// Collects the problems of one file while it is read.
#[derive(Debug, Clone)]
pub struct Problems {
    source: Source,
    found: Vec<Diagnostic>,
}

impl Problems {
    /// None found yet.
    pub fn new(source: &Source) -> Self {
        Problems { source: source.clone(), found: Vec::new() }
    }

    /// The file.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Adds an error: one line in lower case, without a final stop, words of the file in backticks.
    pub fn error(&mut self, code: Code, span: Span, message: impl Into<String>) -> Note<'_> {
        self.push(code, Severity::Error, span, message.into())
    }

    /// Adds a warning, in the same form.
    pub fn warning(&mut self, code: Code, span: Span, message: impl Into<String>) -> Note<'_> {
        self.push(code, Severity::Warning, span, message.into())
    }

    /// A problem of a kind that is judged only where lints are wanted.
    pub(crate) fn lint(&mut self, code: Code, span: Span, message: impl Into<String>) -> Note<'_> {
        self.push(code, code.lint_severity().unwrap_or(Severity::Warning), span, message.into())
    }

    /// Takes over problems that were collected apart.
    pub(crate) fn extend(&mut self, diagnostics: Vec<Diagnostic>) {
        self.found.extend(diagnostics);
    }

    /// Whether nothing was found wrong so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many errors have been collected so far.
    pub fn errors(&self) -> usize {
        self.found.iter().filter(|problem| problem.severity == Severity::Error).count()
    }

    /// What was found, in that order.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.found
    }

    fn push(&mut self, code: Code, severity: Severity, span: Span, message: String) -> Note<'_> {
        self.found.push(Diagnostic::new(code, severity, &self.source, span, message));
        Note { diagnostic: self.found.last_mut() }
    }
}

/// Adds words to a problem that was just collected.
#[derive(Debug)]
pub struct Note<'p> {
    diagnostic: Option<&'p mut Diagnostic>,
}

#[allow(clippy::return_self_not_must_use, reason = "the problem is collected already; a note only adds to it")]
impl Note<'_> {
    /// What to write instead.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        if let Some(diagnostic) = &mut self.diagnostic {
            diagnostic.help = Some(one_line(help.into()));
        }
        self
    }

    /// The earlier place of the same file that the message is about as well.
    pub(crate) fn related(self, span: Span) -> Self {
        if let Some(diagnostic) = self.diagnostic {
            diagnostic.related = Some(Box::new((diagnostic.source.clone(), span)));
            return Note { diagnostic: Some(diagnostic) };
        }
        self
    }

    /// What to write instead, if there is anything to propose.
    pub fn maybe_help(self, help: Option<String>) -> Self {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }
}

/// Words of a rule may hold line breaks and escape sequences; they are shown as escapes, so that a
/// message stays one line and a terminal what it was.
fn one_line(text: String) -> String {
    if !text.contains(char::is_control) {
        return text;
    }
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

/// Proposes the known word nearest to `word`, if one is near enough to be meant.
pub(crate) fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let word = word.to_lowercase();
    let length = word.chars().count();
    let allowed = (length / 3).clamp(1, 3);
    // Each letter more or less is a step, so most of many candidates need no comparison.
    known
        .into_iter()
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= allowed)
        .map(|candidate| (strsim::osa_distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `did you mean …?` for the known word nearest to `word`.
pub fn suggestion<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<String> {
    nearest(word, known).map(|candidate| format!("did you mean `{candidate}`?"))
}
