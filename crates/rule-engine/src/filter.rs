//! Filters: conditions that are joined to many rules at once, mostly to suppress what is harmless here.

use jiff::{ToSpan as _, civil::Date};

use crate::{
    attributes::Attributes,
    code::Code,
    condition::Context,
    detection::{Condition, Detection},
    detection_reader,
    diagnostic::Problems,
    metadata::{LogSource, Metadata},
    rule::Rule,
    source::{Position, Source, Span},
    syntax::{Data, Entry, Node},
};

pub(crate) const KEYS: &[&str] = &["logsource", "filter", "owner", "reason", "expires"];

/// Days before its end from which on a suppression is announced to expire.
const ANNOUNCED_DAYS: i32 = 7;

/// Number of a filter within its rule set, in the order in which the filters were loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilterIndex(pub(crate) usize);

impl FilterIndex {
    /// The number.
    pub fn get(self) -> usize {
        self.0
    }
}

/// A Sigma filter: its condition must hold as well for the rules it names to match.
///
/// Exclusion is therefore written `condition: not selection`.
#[derive(Debug, Clone)]
pub struct Filter {
    metadata: Metadata,
    suppression: Suppression,
    targets: Targets,
    detection: Detection,
    source: Source,
    span: Span,
}

/// Who answers for a filter, why it is there, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suppression {
    /// Who answers for it; the key `owner`.
    pub owner: Option<String>,
    /// Why it is right; the key `reason`.
    pub reason: Option<String>,
    /// Its last day; the key `expires`.
    pub expires: Option<Date>,
}

#[derive(Debug, Clone)]
enum Targets {
    /// Every rule of the log source.
    Any,
    Named(Vec<(String, Span)>),
}

impl Filter {
    /// What the filter says about itself. It has no level of its own.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Who answers for it, why, and for how long.
    pub fn suppression(&self) -> &Suppression {
        &self.suppression
    }

    /// The file it stands in.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Where in its file it starts.
    pub fn position(&self) -> Position {
        self.source.position(self.span.start)
    }

    pub(crate) fn detection(&self) -> &Detection {
        &self.detection
    }

    /// Whether the filter is joined to a rule: it names it, and its log source covers the rule's.
    pub(crate) fn applies_to(&self, rule: &Rule) -> bool {
        self.covers(&rule.metadata().logsource)
            && match &self.targets {
                Targets::Any => true,
                Targets::Named(names) => names.iter().any(|(name, _)| is_called(rule, name)),
            }
    }

    fn covers(&self, logsource: &LogSource) -> bool {
        let same = |own: &Option<String>, other: &Option<String>| {
            own.as_ref().is_none_or(|own| other.as_ref().is_some_and(|other| own.eq_ignore_ascii_case(other)))
        };
        let own = &self.metadata.logsource;
        same(&own.product, &logsource.product)
            && same(&own.service, &logsource.service)
            && same(&own.category, &logsource.category)
    }

    /// Whether the filter still counts on a day; reports when it does not or soon will not.
    pub(crate) fn is_in_force(&self, today: Option<Date>, problems: &mut Problems) -> bool {
        let (Some(today), Some(expires)) = (today, self.suppression.expires) else { return true };
        let title = &self.metadata.title;
        if expires < today {
            let message = format!("the filter `{title}` expired on {expires} and is not applied");
            problems.warning(Code::FilterExpired, self.span, message).help("remove it, or decide anew until when");
        } else if today.checked_add(ANNOUNCED_DAYS.days()).is_ok_and(|limit| expires <= limit) {
            let message = format!("the filter `{title}` expires on {expires}");
            problems.warning(Code::FilterExpiresSoon, self.span, message).help("remove it, or decide anew until when");
        }
        expires >= today
    }

    /// Reports the rules it names that are not there or that it cannot be joined to.
    pub(crate) fn check_references(&self, rules: &[&Rule], problems: &mut Problems) {
        let Targets::Named(names) = &self.targets else { return };
        for (name, span) in names {
            match rules.iter().find(|rule| is_called(rule, name)) {
                None => {
                    problems.warning(Code::UnknownReference, *span, format!("there is no rule `{name}`"));
                }
                Some(rule) if !self.covers(&rule.metadata().logsource) => {
                    let message = format!("the log source of this filter does not cover that of `{name}`");
                    problems.warning(Code::FilterLogSource, *span, message).help("the filter is not applied to it");
                }
                Some(_) => {}
            }
        }
    }
}

fn is_called(rule: &Rule, name: &str) -> bool {
    let metadata = rule.metadata();
    metadata.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(name)) || metadata.name.as_deref() == Some(name)
}

/// Reads one document as a filter; `None` after a problem has been reported.
pub(crate) fn read(entries: &[Entry], span: Span, context: Context<'_>) -> Option<Filter> {
    let Context { terms, problems } = context;
    let errors = problems.errors();
    let mut attributes = Attributes { entries, span, problems };
    attributes.check_spelling(KEYS);
    let metadata = attributes.metadata();
    let logsource = attributes.logsource();
    let suppression = Suppression {
        owner: attributes.optional_text("owner"),
        reason: attributes.optional_text("reason"),
        expires: attributes.date("expires").and_then(|date| date.parse().ok()),
    };
    let body = attributes.require("filter")?;
    let problems = attributes.problems;
    let targets = targets(body, problems);
    let detection = detection_reader::read(body, &["rules"], Context { terms, problems });
    if detection.as_ref().is_some_and(|detection| !negates(&detection.condition)) {
        let span = condition_span(body).unwrap_or(body.key_span);
        let message = "this filter keeps what its condition describes and drops all else";
        let help = "to exclude what it describes, write `condition: not ...`";
        problems.warning(Code::FilterWithoutNot, span, message).help(help);
    }
    if problems.errors() > errors {
        return None;
    }
    let source = problems.source().clone();
    let metadata = Metadata { logsource, ..metadata };
    Some(Filter { metadata, suppression, targets: targets?, detection: detection?, source, span })
}

fn targets(body: &Entry, problems: &mut Problems) -> Option<Targets> {
    let Data::Map(entries) = &body.value.data else { return None };
    let Some(entry) = entries.iter().find(|entry| entry.key == "rules") else {
        problems
            .error(Code::MissingAttribute, body.key_span, "`rules` is missing from the filter")
            .help("name the rules by id or name, or write `rules: any`");
        return None;
    };
    match &entry.value.data {
        Data::Scalar(scalar) if scalar.text == "any" => Some(Targets::Any),
        Data::Scalar(scalar) if !scalar.text.is_empty() => {
            Some(Targets::Named(vec![(scalar.text.clone(), entry.value.span)]))
        }
        Data::List(members) if members.is_empty() => Some(Targets::Any),
        Data::List(members) => {
            let names: Vec<Option<(String, Span)>> = members.iter().map(|member| name(member, problems)).collect();
            names.into_iter().collect::<Option<Vec<_>>>().map(Targets::Named)
        }
        Data::Scalar(_) | Data::Map(_) => {
            let message = format!("`rules` must be a list of ids or names, this is {}", entry.value.kind());
            problems.error(Code::WrongType, entry.value.span, message);
            None
        }
    }
}

fn name(node: &Node, problems: &mut Problems) -> Option<(String, Span)> {
    if let Data::Scalar(scalar) = &node.data {
        return Some((scalar.text.clone(), node.span));
    }
    problems.error(Code::WrongType, node.span, format!("a rule is named by its id or name, this is {}", node.kind()));
    None
}

fn negates(condition: &Condition) -> bool {
    match condition {
        Condition::Not(_) => true,
        Condition::Identifier(_) => false,
        Condition::All(members) | Condition::Any(members) => members.iter().any(negates),
    }
}

fn condition_span(body: &Entry) -> Option<Span> {
    match &body.value.data {
        Data::Map(entries) => entries.iter().find(|entry| entry.key == "condition").map(|entry| entry.value.span),
        Data::Scalar(_) | Data::List(_) => None,
    }
}
