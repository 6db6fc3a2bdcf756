//! What the word under the cursor means.

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind, Position};
use trailhound_rule_engine::{
    RuleSet, Span,
    attack::{self, Tactic},
    catalog::Catalog,
    vocabulary::{self, Vocabulary, Word},
};

use crate::{
    fields::Event,
    outline::{Entry, Outline},
    values,
    workspace::{Open, Workspace},
};

pub(crate) fn hover(workspace: &Workspace, open: &Open, position: Position) -> Option<Hover> {
    let outline = Outline::of(&open.text);
    let offset = open.text.offset(position);
    let mut parts: Vec<String> = Vec::new();
    let mut range = None;
    if let Some(entry) = outline.at_line(position.line as usize) {
        let none = Catalog::default();
        let catalog = workspace.options.settings.catalog.as_deref().unwrap_or(&none);
        let path = outline.path(entry);
        let event = Event::of(&outline, entry.document);
        let rules = &workspace.loaded.rules;
        let subject = Subject { entry, path: &path, event: &event, catalog, rules };
        if let Some((about, span)) = subject.at(offset) {
            parts.push(about);
            range = Some(open.text.range(span));
        }
    }
    parts.extend(pages(workspace, open, offset));
    let value = parts.join("\n\n---\n\n");
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
    (!parts.is_empty()).then_some(Hover { contents, range })
}

/// The pages of what was found under the cursor.
fn pages(workspace: &Workspace, open: &Open, offset: usize) -> Vec<String> {
    let name = crate::address::name(&open.uri);
    let mut codes: Vec<_> = workspace
        .diagnostics(&name)
        .filter(|found| found.code().is_lint() && (found.span().start..=found.span().end).contains(&offset))
        .map(trailhound_rule_engine::Diagnostic::code)
        .collect();
    codes.dedup();
    codes.into_iter().map(workspace.options.page).collect()
}

struct Subject<'s> {
    entry: &'s Entry<'s>,
    path: &'s [&'s str],
    event: &'s Event,
    catalog: &'s Catalog,
    /// Those whose tests show values.
    rules: &'s RuleSet,
}

impl Subject<'_> {
    fn at(&self, offset: usize) -> Option<(String, Span)> {
        let within = |span: Span| (span.start..=span.end).contains(&offset);
        let entry = self.entry;
        match entry.key {
            Some(key) if within(entry.key_span) => self.key(key, offset - entry.key_span.start),
            key if within(entry.value_span) => {
                let above = self.path.last().copied().filter(|_| entry.dash.is_some());
                let word = word_at(entry.value, offset - entry.value_span.start)?;
                let about = self.value(key.or(above)?, word)?;
                Some((about, entry.value_span))
            }
            _ => None,
        }
    }

    fn key(&self, key: &str, column: usize) -> Option<(String, Span)> {
        let mut start = 0;
        for (number, part) in key.split('|').enumerate() {
            let end = start + part.len();
            if column <= end {
                let about = if number == 0 { self.name(part)? } else { shown(Vocabulary::Modifier.word(part)?) };
                let at = self.entry.key_span.start;
                return Some((about, Span::new(at + start, at + end)));
            }
            start = end + 1;
        }
        None
    }

    /// A field in a search or an event; elsewhere a key.
    fn name(&self, name: &str) -> Option<String> {
        let vocabularies: &[Vocabulary] = match self.path {
            [] => &[Vocabulary::Common, Vocabulary::Rule, Vocabulary::Filter, Vocabulary::Correlation],
            ["logsource"] => &[Vocabulary::LogSource],
            ["correlation"] => &[Vocabulary::CorrelationBody],
            ["correlation", "condition"] => &[Vocabulary::Bounds],
            ["tests"] => &[Vocabulary::Test],
            ["detection" | "filter", _, ..] => return Some(self.field(name)),
            _ => return None,
        };
        vocabularies.iter().find_map(|vocabulary| vocabulary.word(name)).map(shown)
    }

    fn field(&self, name: &str) -> String {
        if let Some(word) = Vocabulary::Derived.word(name) {
            return format!("{}\n\nComputed by Trailhound from the record.", shown(word));
        }
        let event = self.event.in_words();
        match self.event.fields(self.catalog).get(name) {
            Some(kinds) => {
                format!("`{name}`: {}\n\nSeen in records of {event}.{}", kinds.in_words(), self.examples(name))
            }
            None => format!("`{name}` was not seen in records of {event}.{}", self.examples(name)),
        }
    }

    fn examples(&self, name: &str) -> String {
        let (values, more) = values::of_tests(self.rules, name);
        if values.is_empty() {
            return String::new();
        }
        format!(" In tests: {}{}", values.join(", "), if more { " and others." } else { "." })
    }

    fn value(&self, key: &str, word: &str) -> Option<String> {
        match (self.path, key.split('|').next().unwrap_or_default()) {
            ([], "level") => Vocabulary::Level.word(word).map(shown),
            ([], "status") => Vocabulary::Status.word(word).map(shown),
            (["correlation"], "type") => Vocabulary::CorrelationType.word(word).map(shown),
            ([] | ["tags"], "tags") => tag(word),
            (["detection" | "filter", ..], "eventName") => {
                let sources: Vec<String> =
                    self.catalog.sources_of(word).iter().map(|source| format!("`{source}`")).collect();
                (!sources.is_empty()).then(|| format!("`{word}` is logged by {}", sources.join(", ")))
            }
            (["detection" | "filter", ..], "eventSource") => {
                let events = self.catalog.event_names(Some(word)).count();
                (events > 0).then(|| format!("`{word}`: {events} event names are known"))
            }
            (["detection" | "filter", ..], _) if key.contains("|fieldref") => Some(self.field(word)),
            _ => None,
        }
    }
}

fn shown(word: &Word) -> String {
    format!("`{}`: {}", word.name, word.about)
}

/// A tag of ATT&CK: what it is called now, and where to read about it.
fn tag(tag: &str) -> Option<String> {
    let name = tag.strip_prefix("attack.")?;
    if let Some(new) = vocabulary::renamed_tag(tag) {
        return Some(format!("`{tag}` got another name: ATT&CK 19 has {new}"));
    }
    if let Some(tactic) = Tactic::of_tag(name) {
        return Some(format!("Tactic of MITRE ATT&CK: {} ({})", tactic.name, tactic.id));
    }
    vocabulary::techniques().find(|known| known == name)?;
    let number = name.to_uppercase();
    let page = number.replace('.', "/");
    let known = attack::technique_name(&number).map_or(String::new(), |known| format!(" {known}"));
    Some(format!("Technique of MITRE ATT&CK: [{number}{known}](https://attack.mitre.org/techniques/{page}/)"))
}

/// The value around a column, of several in brackets.
fn word_at(value: &str, column: usize) -> Option<&str> {
    let is_break = |character: char| matches!(character, ' ' | ',' | '[' | ']' | '\'' | '"');
    let (before, behind) = value.split_at_checked(column)?;
    let start = before.rfind(is_break).map_or(0, |at| at + 1);
    let end = column + behind.find(is_break).unwrap_or(behind.len());
    value.get(start..end).filter(|word| !word.is_empty())
}
