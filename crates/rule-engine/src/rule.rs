//! A checked rule, and how a document becomes one.

use crate::{
    attributes::Attributes,
    code::Code,
    condition::{self, Context},
    detection::{Condition, Detection, Identifier},
    diagnostic::{Diagnostic, Problems},
    limits::Limits,
    list_document,
    lists::{Lists, Settings},
    metadata::Metadata,
    search::SearchReader,
    source::{Position, Source, Span},
    suite::{self, RuleTest},
    syntax::{self, Data, Entry, Node},
};

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

    pub(crate) fn detection(&self) -> &Detection {
        &self.detection
    }

    pub(crate) fn span(&self) -> Span {
        self.span
    }
}

/// A rule file whose YAML has been read, and nothing more.
#[derive(Debug)]
pub(crate) struct ReadFile {
    source: Source,
    documents: Vec<Node>,
    problems: Problems,
}

/// What a file holds: its valid rules, and every problem found in it.
#[derive(Debug)]
pub(crate) struct CheckedFile {
    /// The rules without errors, in the order of the file.
    pub(crate) rules: Vec<Rule>,
    /// Everything found wrong, in the order of the file.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl ReadFile {
    pub(crate) fn read(source: &Source, limits: &Limits) -> Self {
        let mut problems = Problems::new(source);
        let documents = syntax::parse(source, limits, &mut problems);
        if documents.is_empty() && problems.errors() == 0 {
            problems.error(Code::NoDocument, Span::default(), "the file holds no rule");
        }
        ReadFile { source: source.clone(), documents, problems }
    }

    /// Adds the lists that this file fills.
    pub(crate) fn collect_lists(&mut self, lists: &mut Lists) {
        for document in &self.documents {
            if let Some(entry) = lists_entry(document) {
                list_document::read(entry, lists, &mut self.problems);
            }
        }
    }

    /// Checks every document.
    pub(crate) fn check(self, settings: &Settings) -> CheckedFile {
        let ReadFile { source, documents, mut problems } = self;
        let broken_yaml = problems.errors() > 0;
        let mut rules = Vec::new();
        for document in documents.iter().filter(|document| lists_entry(document).is_none()) {
            let rule = document_rule(document, &source, Context { settings, problems: &mut problems });
            // Repeated keys are found before rules are told apart, so they spoil the whole file.
            rules.extend(rule.filter(|_| !broken_yaml));
        }
        let mut diagnostics = problems.into_diagnostics();
        diagnostics.sort_by_key(|diagnostic| (diagnostic.span(), diagnostic.code()));
        CheckedFile { rules, diagnostics }
    }
}

/// The value of `lists` in a document that fills lists and is no rule.
fn lists_entry(document: &Node) -> Option<&Entry> {
    let Data::Map(entries) = &document.data else { return None };
    let is_rule = entries.iter().any(|entry| ["title", "detection", "logsource"].contains(&entry.key.as_str()));
    entries.iter().find(|entry| entry.key == "lists").filter(|_| !is_rule)
}

fn document_rule(document: &Node, source: &Source, context: Context<'_>) -> Option<Rule> {
    let Context { settings, problems } = context;
    let Data::Map(entries) = &document.data else {
        let message = format!("a rule must be a map, this is {}", document.kind());
        problems.error(Code::NotAMap, document.span, message);
        return None;
    };
    if !is_detection_rule(entries, problems) {
        return None;
    }
    let errors = problems.errors();
    let mut attributes = Attributes { entries, span: document.span, problems };
    let metadata = attributes.metadata();
    let tests =
        attributes.get("tests").map(|entry| suite::parse(&entry.value, attributes.problems)).unwrap_or_default();
    let detection = attributes
        .require("detection")
        .and_then(|entry| detection(entry, Context { settings, problems: attributes.problems }));
    if problems.errors() > errors {
        return None;
    }
    Some(Rule { metadata, detection: detection?, tests, source: source.clone(), span: document.span })
}

/// Other kinds of documents are refused by name: ignoring one would look like loading it.
fn is_detection_rule(entries: &[Entry], problems: &mut Problems) -> bool {
    let kinds = [
        ("correlation", Code::CorrelationUnsupported, "correlation rules are not supported yet"),
        ("filter", Code::FilterUnsupported, "filters are not supported yet"),
        ("action", Code::CollectionUnsupported, "collections (`action`) are not supported yet"),
    ];
    let mut is_rule = true;
    for entry in entries {
        if let Some((_, code, message)) = kinds.iter().find(|(key, _, _)| *key == entry.key) {
            problems.error(*code, entry.key_span, *message).help("this version loads detection rules only");
            is_rule = false;
        }
        if entry.key == "sigma-version" && !is_supported_version(&entry.value) {
            problems
                .error(Code::VersionUnsupported, entry.value.span, "this `sigma-version` is not supported yet")
                .help("rules of Sigma 2 need no `sigma-version`");
            is_rule = false;
        }
    }
    is_rule
}

fn is_supported_version(node: &Node) -> bool {
    match &node.data {
        Data::Scalar(scalar) => {
            let major = scalar.text.split('.').next().unwrap_or_default();
            matches!(major, "1" | "2")
        }
        Data::List(_) | Data::Map(_) => false,
    }
}

fn detection(entry: &Entry, context: Context<'_>) -> Option<Detection> {
    let Context { settings, problems } = context;
    let Data::Map(entries) = &entry.value.data else {
        let message = format!("`detection` must be a map, this is {}", entry.value.kind());
        problems.error(Code::WrongType, entry.value.span, message);
        return None;
    };
    let (identifiers, complete) = identifiers(entries, Context { settings, problems });
    let Some(condition_entry) = entries.iter().find(|entry| entry.key == "condition") else {
        problems
            .error(Code::MissingAttribute, entry.key_span, "`condition` is missing from the detection")
            .help("for a single search write `condition: selection`");
        return None;
    };
    if identifiers.is_empty() {
        problems.error(Code::NoIdentifier, entry.key_span, "the detection has no search identifier");
        return None;
    }
    let mut used = vec![false; identifiers.len()];
    let conditions = conditions(&condition_entry.value, &identifiers, &mut used, Context { settings, problems })?;
    warn_unused(&identifiers, &used, problems);
    complete.then_some(Detection { identifiers, condition: conditions })
}

/// The search identifiers, and whether all of them could be read. One that could not keeps its name, so
/// that the condition is still checked against it.
fn identifiers(entries: &[Entry], context: Context<'_>) -> (Vec<Identifier>, bool) {
    let Context { settings, problems } = context;
    let mut identifiers = Vec::new();
    let mut complete = true;
    for entry in entries.iter().filter(|entry| entry.key != "condition") {
        if entry.key == "timeframe" {
            problems
                .error(Code::Timeframe, entry.key_span, "`timeframe` belongs to the aggregations that Sigma 2 removed")
                .help("write a correlation rule with `timespan` instead");
            complete = false;
            continue;
        }
        if !condition::is_identifier(&entry.key) {
            problems
                .error(Code::InvalidIdentifier, entry.key_span, format!("`{}` cannot name a search", entry.key))
                .help("use letters, digits, `_` and `-`, and none of the words `and`, `or`, `not`");
            complete = false;
            continue;
        }
        let search = SearchReader { settings, problems }.search(&entry.value);
        complete &= search.is_some();
        let search = search.unwrap_or(crate::detection::Search::Any(Vec::new()));
        identifiers.push(Identifier { name: entry.key.clone(), span: entry.key_span, search });
    }
    (identifiers, complete)
}

fn conditions(node: &Node, identifiers: &[Identifier], used: &mut [bool], context: Context<'_>) -> Option<Condition> {
    let Context { settings, problems } = context;
    let members = match &node.data {
        Data::List(members) if !members.is_empty() => members.as_slice(),
        Data::List(_) | Data::Scalar(_) | Data::Map(_) => std::slice::from_ref(node),
    };
    let mut alternatives = Vec::new();
    for member in members {
        match &member.data {
            Data::Scalar(scalar) if !scalar.text.trim().is_empty() => {
                let context = Context { settings, problems };
                alternatives.push(condition::parse(&scalar.text, member.span, identifiers, used, context));
            }
            _ => {
                let message = format!("a condition must be text, this is {}", member.kind());
                problems.error(Code::WrongType, member.span, message);
                alternatives.push(None);
            }
        }
    }
    let mut alternatives = alternatives.into_iter().collect::<Option<Vec<Condition>>>()?;
    if alternatives.len() == 1 { alternatives.pop() } else { Some(Condition::Any(alternatives)) }
}

fn warn_unused(identifiers: &[Identifier], used: &[bool], problems: &mut Problems) {
    for (identifier, _) in identifiers.iter().zip(used).filter(|(_, used)| !**used) {
        let message = format!("no condition uses the search `{}`", identifier.name);
        problems.warning(Code::UnusedIdentifier, identifier.span, message);
    }
}
