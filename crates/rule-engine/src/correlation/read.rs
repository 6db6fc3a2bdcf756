//! Reads a document as a correlation.

use super::{Correlation, GroupField, Reference};
use crate::{
    attributes::Attributes,
    code::Code,
    condition::{Context, Naming, Terms},
    diagnostic::{Problems, suggestion},
    search::SearchReader,
    source::Span,
    suite,
    syntax::{Data, Entry, Node, Typed},
};

pub(crate) const KEYS: &[&str] = &["correlation", "generate"];

pub(crate) const BODY_KEYS: &[&str] =
    &["type", "rules", "group-by", "timespan", "condition", "aliases", "generate", "learning"];

pub(crate) const TYPES: &[&str] = &[
    "event_count",
    "value_count",
    "temporal",
    "temporal_ordered",
    "value_sum",
    "value_avg",
    "value_percentile",
    "value_median",
    "new_value",
];

/// Reads one document as a correlation; `None` after a problem has been reported.
pub(crate) fn read(entries: &[Entry], span: Span, context: Context<'_>) -> Option<Correlation> {
    let errors = context.problems.errors();
    let mut attributes = Attributes { entries, span, problems: &mut *context.problems };
    attributes.check_spelling(KEYS);
    let metadata = attributes.metadata();
    let body = attributes.require("correlation")?;
    let generate = attributes.get("generate");
    let tests = attributes.get("tests").map(|entry| suite::parse_correlation(&entry.value, attributes.problems));
    let Data::Map(keys) = &body.value.data else {
        let message = format!("`correlation` must be a map, this is {}", body.value.kind());
        context.problems.error(Code::WrongType, body.value.span, message);
        return None;
    };
    let mut reader = Body { entries: keys, key_span: body.key_span, context };
    reader.check_keys();
    let kind = reader.kind();
    let references = reader.references();
    let timespan = reader.timespan();
    let group_by = reader.group_by(references.as_deref().unwrap_or_default());
    let threshold = kind.as_ref().and_then(|kind| reader.threshold(kind, references.as_deref().unwrap_or_default()));
    let generate = [generate, reader.get("generate")].map(|entry| reader.flag(entry)).contains(&true);
    let Body { context, .. } = reader;
    if context.problems.errors() > errors {
        return None;
    }
    let (kind, threshold) = threshold?;
    Some(Correlation {
        metadata,
        kind,
        references: references?,
        group_by: group_by?,
        timespan: timespan?,
        threshold,
        generate,
        tests: tests.unwrap_or_default(),
        source: context.problems.source().clone(),
        span,
    })
}

/// The map under `correlation`.
pub(super) struct Body<'b, 'c> {
    pub(super) entries: &'b [Entry],
    pub(super) key_span: Span,
    pub(super) context: Context<'c>,
}

impl<'b> Body<'b, '_> {
    pub(super) fn get(&self, key: &str) -> Option<&'b Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub(super) fn require(&mut self, key: &str) -> Option<&'b Entry> {
        let entry = self.get(key);
        if entry.is_none() {
            let message = format!("`{key}` is missing from the correlation");
            self.context.problems.error(Code::MissingAttribute, self.key_span, message);
        }
        entry
    }

    pub(super) fn problems(&mut self) -> &mut Problems {
        self.context.problems
    }

    /// A misspelt `group-by` would change what the rule means, so nothing unknown is passed over.
    fn check_keys(&mut self) {
        for entry in self.entries.iter().filter(|entry| !BODY_KEYS.contains(&entry.key.as_str())) {
            let help = match entry.key.as_str() {
                "timeframe" => "did you mean `timespan`?".to_owned(),
                key => suggestion(key, BODY_KEYS.iter().copied())
                    .unwrap_or_else(|| format!("the keys are {}", BODY_KEYS.join(", "))),
            };
            let message = format!("unknown key `{}` in the correlation", entry.key);
            self.problems().error(Code::UnknownCorrelationKey, entry.key_span, message).help(help);
        }
    }

    fn kind(&mut self) -> Option<&'static str> {
        let entry = self.require("type")?;
        let word = text(&entry.value).unwrap_or_default();
        let known = TYPES.iter().copied().find(|known| *known == word);
        if known.is_none() {
            let help = suggestion(word, TYPES.iter().copied())
                .unwrap_or_else(|| format!("the types are {}", TYPES.join(", ")));
            let message = format!("`{word}` is no type of correlation");
            self.problems().error(Code::UnknownWord, entry.value.span, message).help(help);
        }
        known
    }

    fn references(&mut self) -> Option<Vec<Reference>> {
        let entry = self.require("rules")?;
        let references = self.names(entry, "rules")?;
        if references.is_empty() {
            self.problems().error(Code::EmptySearch, entry.value.span, "the correlation names no rule");
            return None;
        }
        Some(references)
    }

    /// A list of texts, or a single one.
    pub(super) fn names(&mut self, entry: &Entry, key: &str) -> Option<Vec<Reference>> {
        let members = match &entry.value.data {
            Data::List(members) => members.as_slice(),
            Data::Scalar(_) | Data::Map(_) => std::slice::from_ref(&entry.value),
        };
        let mut names = Vec::new();
        for member in members {
            let Some(name) = text(member).filter(|name| !name.is_empty()) else {
                let message = format!("`{key}` must be a list of texts, this is {}", member.kind());
                self.problems().error(Code::WrongType, member.span, message);
                return None;
            };
            names.push(Reference { name: name.to_owned(), span: member.span });
        }
        Some(names)
    }

    /// Names of fields, or of aliases for them.
    pub(super) fn fields(&mut self, entry: &Entry, key: &str) -> Option<Vec<String>> {
        let names = self.names(entry, key)?;
        let known: Vec<bool> = names.iter().map(|name| self.is_field(&name.name, name.span)).collect();
        known.into_iter().all(|known| known).then(|| names.into_iter().map(|name| name.name).collect())
    }

    /// Whether a name can be one of a field; reports when it cannot.
    fn is_field(&mut self, name: &str, span: Span) -> bool {
        let terms = Terms { naming: Naming::Literal, ..self.context.terms };
        SearchReader { terms, problems: self.context.problems }.field(name, span).is_some()
    }

    fn timespan(&mut self) -> Option<i64> {
        let entry = self.require("timespan")?;
        self.seconds(entry)
    }

    pub(super) fn seconds(&mut self, entry: &Entry) -> Option<i64> {
        let word = text(&entry.value).unwrap_or_default();
        let seconds = seconds(word);
        if seconds.is_none() {
            let message = format!("`{word}` is no timespan");
            self.problems()
                .error(Code::InvalidTimespan, entry.value.span, message)
                .help("write a number and one of `s`, `m`, `h`, `d`, as in `90m`");
        }
        seconds
    }

    fn group_by(&mut self, references: &[Reference]) -> Option<Vec<GroupField>> {
        let aliases = self.aliases(references)?;
        let Some(entry) = self.get("group-by") else { return Some(Vec::new()) };
        let names = self.fields(entry, "group-by")?;
        for (alias, span, _) in &aliases {
            if !names.contains(alias) {
                let message = format!("the alias `{alias}` is not in `group-by`");
                self.problems().warning(Code::InvalidAlias, *span, message);
            }
        }
        let fields = |name: &str| {
            let alias = aliases.iter().find(|(alias, _, _)| alias == name);
            alias.map(|(_, _, fields)| fields.clone()).unwrap_or_default()
        };
        Some(names.into_iter().map(|name| GroupField { fields: fields(&name), name }).collect())
    }

    /// Alias, place, and for each rule the field it stands for.
    #[expect(clippy::type_complexity, reason = "lives for one call")]
    fn aliases(&mut self, references: &[Reference]) -> Option<Vec<(String, Span, Vec<(String, String)>)>> {
        let Some(entry) = self.get("aliases") else { return Some(Vec::new()) };
        let Data::Map(aliases) = &entry.value.data else {
            self.problems().error(Code::InvalidAlias, entry.value.span, "`aliases` must be a map");
            return None;
        };
        let mut read = Vec::new();
        for alias in aliases {
            let Data::Map(fields) = &alias.value.data else {
                self.problems()
                    .error(Code::InvalidAlias, alias.value.span, "an alias must be a map of rules to fields")
                    .help("as in `user: {rule_one: userIdentity.userName}`");
                return None;
            };
            let mut pairs = Vec::new();
            for field in fields {
                if !references.iter().any(|reference| reference.name.eq_ignore_ascii_case(&field.key)) {
                    let message = format!("the alias names `{}`, which is not among `rules`", field.key);
                    let help = suggestion(&field.key, references.iter().map(|reference| reference.name.as_str()));
                    self.problems().error(Code::InvalidAlias, field.key_span, message).maybe_help(help);
                    return None;
                }
                let Some(name) = text(&field.value) else {
                    self.problems().error(Code::InvalidAlias, field.value.span, "a field name is needed here");
                    return None;
                };
                if !self.is_field(name, field.value.span) {
                    return None;
                }
                pairs.push((field.key.clone(), name.to_owned()));
            }
            read.push((alias.key.clone(), alias.key_span, pairs));
        }
        Some(read)
    }

    fn flag(&mut self, entry: Option<&Entry>) -> bool {
        let Some(entry) = entry else { return false };
        if let Data::Scalar(scalar) = &entry.value.data
            && let Typed::Bool(flag) = scalar.typed()
        {
            return flag;
        }
        self.problems().error(Code::WrongType, entry.value.span, "`generate` must be `true` or `false`");
        false
    }
}

pub(super) fn text(node: &Node) -> Option<&str> {
    match &node.data {
        Data::Scalar(scalar) if scalar.typed() != Typed::Null => Some(scalar.text.as_str()),
        Data::Scalar(_) | Data::List(_) | Data::Map(_) => None,
    }
}

fn seconds(timespan: &str) -> Option<i64> {
    let (unit_at, unit) = timespan.char_indices().last()?;
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return None,
    };
    let digits = timespan.get(..unit_at)?;
    let number: i64 = digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    number.checked_mul(factor).filter(|seconds| *seconds > 0)
}
