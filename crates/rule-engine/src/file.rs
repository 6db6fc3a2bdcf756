//! A rule file: its documents, each read as what it is.

use std::sync::Arc;

use crate::{
    code::Code,
    collection,
    condition::{Context, Naming, Terms, UnknownLists},
    correlation::{self, Correlation},
    diagnostic::{Diagnostic, Problems},
    filter::{self, Filter},
    limits::Limits,
    lint::{self, Subject},
    list_document,
    lists::{Lists, Settings, Tests},
    rule::{self, Rule},
    source::{Source, Span},
    syntax::{self, Data, Entry, Node},
};

/// A rule file whose YAML has been read, and nothing more. Cloning is cheap.
#[derive(Debug, Clone)]
pub(crate) struct ReadFile {
    documents: Arc<[Node]>,
    problems: Problems,
}

/// What a file holds, and every problem found in it.
#[derive(Debug, Default)]
pub(crate) struct CheckedFile {
    /// The rules without errors, in the order of the file.
    pub(crate) rules: Vec<Rule>,
    /// The filters without errors, in the order of the file.
    pub(crate) filters: Vec<Filter>,
    /// The correlations without errors, in the order of the file.
    pub(crate) correlations: Vec<Correlation>,
    /// Everything found wrong, in the order of the file.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl ReadFile {
    pub(crate) fn read(source: &Source, settings: &Settings) -> Self {
        if settings.tests == Tests::PassOver
            && source.text().len() <= settings.limits.source_bytes
            && let Some(text) = without_tests(source.text())
        {
            let shortened = ReadFile::of(text, source, &settings.limits);
            // A problem may come from the cut, and is told best with the whole text in view.
            if shortened.problems.is_empty() {
                return shortened;
            }
        }
        ReadFile::of(source.text(), source, &settings.limits)
    }

    /// Reads `text`, the source or the beginning of it.
    fn of(text: &str, source: &Source, limits: &Limits) -> Self {
        let mut problems = Problems::new(source);
        let documents = syntax::parse(text, limits, &mut problems);
        if documents.is_empty() && problems.errors() == 0 {
            problems.error(Code::NoDocument, Span::default(), "the file holds no rule");
        }
        let documents = collection::resolve(documents, &mut problems).into();
        ReadFile { documents, problems }
    }

    /// What stays the same for as long as nothing is read anew.
    #[cfg(test)]
    pub(crate) fn identity(&self) -> *const () {
        Arc::as_ptr(&self.documents).cast()
    }

    /// Adds the lists that this file fills.
    pub(crate) fn collect_lists(&mut self, lists: &mut Lists) {
        for document in &*self.documents {
            if let Some(entry) = lists_entry(document) {
                list_document::read(entry, lists, &mut self.problems);
            }
        }
    }

    /// Checks every document.
    pub(crate) fn check(self, settings: &Settings) -> CheckedFile {
        let ReadFile { documents, mut problems } = self;
        // Repeated keys are found before documents are told apart, so they spoil the whole file.
        let broken_yaml = problems.errors() > 0;
        let mut checked = CheckedFile::default();
        for document in documents.iter().filter(|document| lists_entry(document).is_none()) {
            check_document(document, &mut checked, settings, &mut problems);
        }
        if broken_yaml {
            checked = CheckedFile::default();
        }
        checked.diagnostics = problems.into_diagnostics();
        checked.diagnostics.sort_by_key(|diagnostic| (diagnostic.span(), diagnostic.code()));
        checked
    }
}

/// The text before the key `tests` at the left margin, if that key is the last one and the only one of its
/// name. A cut in the wrong place, inside a quoted text, leaves that text without its end.
fn without_tests(text: &str) -> Option<&str> {
    const KEY: &str = "\ntests:";
    let mut keys = memchr::memmem::find_iter(text.as_bytes(), KEY);
    let (Some(at), None) = (keys.next(), keys.next()) else { return None };
    let (before, tests) = text.split_at_checked(at + 1)?;
    let tests = tests.as_bytes();
    if !tests.get(KEY.len() - 1).is_none_or(u8::is_ascii_whitespace) {
        return None;
    }
    let belongs = |line: &[u8]| match line.first() {
        None | Some(b' ' | b'#' | b'\n' | b'\r') => true,
        Some(b'-') => !line.starts_with(b"---"),
        Some(_) => false,
    };
    let mut lines = memchr::memchr_iter(b'\n', tests).map(|at| tests.get(at + 1..).unwrap_or_default());
    lines.all(belongs).then_some(before)
}

/// The value of `lists` in a document that fills lists and is no rule.
fn lists_entry(document: &Node) -> Option<&Entry> {
    let Data::Map(entries) = &document.data else { return None };
    let is_rule = entries.iter().any(|entry| ["title", "detection", "logsource"].contains(&entry.key.as_str()));
    entries.iter().find(|entry| entry.key == "lists").filter(|_| !is_rule)
}

fn check_document(document: &Node, checked: &mut CheckedFile, settings: &Settings, problems: &mut Problems) {
    let Data::Map(entries) = &document.data else {
        let message = format!("a rule must be a map, this is {}", document.kind());
        problems.error(Code::NotAMap, document.span, message);
        return;
    };
    let has = |key: &str| entries.iter().find(|entry| entry.key == key);
    if let Some(key) = ["Records", "eventVersion", "eventName"].into_iter().find_map(has)
        && ["title", "logsource", "detection"].into_iter().all(|key| has(key).is_none())
    {
        problems
            .error(Code::MissingAttribute, key.key_span, "this is a log of CloudTrail and no rule")
            .help("a rule has `title`, `logsource` and `detection`");
        return;
    }
    let naming = naming(entries, problems);
    let context =
        Context { terms: Terms { settings, unknown_lists: UnknownLists::Refused, naming, blocks: 0 }, problems };
    if has("correlation").is_some() {
        let correlation = correlation::read(entries, document.span, context);
        lint(entries, correlation.as_ref().map(|_| Subject::Correlation), (naming, settings), problems);
        checked.correlations.extend(correlation);
    } else if has("filter").is_some() {
        let filter = filter::read(entries, document.span, context);
        lint(entries, filter.as_ref().map(Subject::Filter), (naming, settings), problems);
        checked.filters.extend(filter);
    } else {
        let rule = rule::read(entries, document.span, context);
        lint(entries, rule.as_ref().map(Subject::Rule), (naming, settings), problems);
        checked.rules.extend(rule);
    }
}

/// Judges a document that could be read, where lints are wanted.
fn lint(
    entries: &[Entry],
    subject: Option<Subject<'_>>,
    (naming, settings): (Naming, &Settings),
    problems: &mut Problems,
) {
    if let (Some(subject), Some(catalog)) = (subject, &settings.catalog) {
        lint::judge(entries, subject, (naming, catalog), problems);
    }
}

/// How the document's `sigma-version` has field names read.
fn naming(entries: &[Entry], problems: &mut Problems) -> Naming {
    let Some(entry) = entries.iter().find(|entry| entry.key == "sigma-version") else { return Naming::Literal };
    let major = match &entry.value.data {
        Data::Scalar(scalar) => scalar.text.split('.').next().unwrap_or_default(),
        Data::List(_) | Data::Map(_) => "",
    };
    match major {
        "1" | "2" => Naming::Literal,
        "3" => Naming::Selectors,
        _ => {
            problems
                .error(Code::VersionUnsupported, entry.value.span, "there is no such `sigma-version`")
                .help("write 3 for selectors such as `field[any]`; without them a rule needs no `sigma-version`");
            Naming::Literal
        }
    }
}
