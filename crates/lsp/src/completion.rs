//! What can be written where the cursor stands.

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionList, CompletionTextEdit, Documentation, MarkupContent, MarkupKind,
    Position, TextEdit,
};
use trailhound_rule_engine::{
    Span, attack,
    catalog::Catalog,
    vocabulary::{self, Vocabulary},
};

use crate::{
    cursor::{Cursor, Slot},
    fields::Event,
    limits,
    outline::Outline,
    text::Text,
    workspace::{Open, Workspace},
};

/// A proposal before it becomes an answer.
struct Proposal {
    label: String,
    detail: Option<String>,
    about: Option<String>,
    kind: CompletionItemKind,
    /// What stands behind it when it is taken.
    tail: &'static str,
}

/// All that is known while proposals are gathered.
struct Place<'p> {
    cursor: &'p Cursor<'p>,
    outline: &'p Outline<'p>,
    workspace: &'p Workspace,
    catalog: &'p Catalog,
}

pub(crate) fn complete(workspace: &Workspace, open: &Open, position: Position) -> CompletionList {
    let outline = Outline::of(&open.text);
    let cursor = Cursor::at(&open.text, &outline, position);
    let none = Catalog::default();
    let catalog = workspace.options.settings.catalog.as_deref().unwrap_or(&none);
    let place = Place { cursor: &cursor, outline: &outline, workspace, catalog };
    let (proposals, word, typed) = match cursor.slot {
        Slot::Key if cursor.is_in_search() => place.in_search(),
        Slot::Key => (place.keys(), cursor.word, cursor.typed),
        Slot::Value(key) => (place.values(key), cursor.word, cursor.typed),
    };
    answer(proposals, typed, word, &open.text)
}

fn answer(proposals: Vec<Proposal>, typed: &str, word: Span, text: &Text) -> CompletionList {
    let typed = typed.to_lowercase();
    let mut fitting: Vec<Proposal> =
        proposals.into_iter().filter(|proposal| proposal.label.to_lowercase().contains(&typed)).collect();
    // What starts with the typed text first; otherwise the order stays.
    fitting.sort_by_key(|proposal| !proposal.label.to_lowercase().starts_with(&typed));
    let is_incomplete = fitting.len() > limits::PROPOSALS;
    let range = text.range(word);
    let items = fitting.into_iter().take(limits::PROPOSALS).enumerate();
    CompletionList { is_incomplete, items: items.map(|(order, proposal)| proposal.item(order, range)).collect() }
}

impl Proposal {
    fn new(label: impl Into<String>, kind: CompletionItemKind) -> Self {
        Proposal { label: label.into(), detail: None, about: None, kind, tail: "" }
    }

    fn item(self, order: usize, range: lsp_types::Range) -> CompletionItem {
        let new_text = format!("{}{}", self.label, self.tail);
        CompletionItem {
            kind: Some(self.kind),
            detail: self.detail,
            documentation: self
                .about
                .map(|value| Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })),
            sort_text: Some(format!("{order:05}")),
            filter_text: Some(self.label.clone()),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text })),
            label: self.label,
            ..CompletionItem::default()
        }
    }
}

fn words(vocabulary: Vocabulary, kind: CompletionItemKind, tail: &'static str) -> Vec<Proposal> {
    let proposal = |word: &vocabulary::Word| Proposal {
        about: Some(word.about.to_owned()),
        tail,
        ..Proposal::new(word.name, kind)
    };
    vocabulary.words().iter().map(proposal).collect()
}

fn plain(labels: impl IntoIterator<Item = impl Into<String>>) -> Vec<Proposal> {
    labels.into_iter().map(|label| Proposal::new(label, CompletionItemKind::VALUE)).collect()
}

impl Place<'_> {
    /// Fields, or modifiers behind one.
    fn in_search(&self) -> (Vec<Proposal>, Span, &str) {
        let Some((_, modifier)) = self.cursor.typed.rsplit_once('|') else {
            return (self.fields(": "), self.cursor.word, self.cursor.typed);
        };
        let end = self.cursor.word.end;
        let typed_end = self.cursor.word.start + self.cursor.typed.len();
        let word = Span::new(typed_end - modifier.len(), end.max(typed_end));
        (words(Vocabulary::Modifier, CompletionItemKind::OPERATOR, ""), word, modifier)
    }

    fn fields(&self, tail: &'static str) -> Vec<Proposal> {
        let event = Event::of(self.outline, self.cursor.document);
        let known = event.fields(self.catalog);
        let mut proposals: Vec<Proposal> = known
            .iter()
            .map(|(path, kinds)| Proposal {
                detail: Some(kinds.in_words()),
                tail,
                ..Proposal::new(*path, CompletionItemKind::FIELD)
            })
            .collect();
        // What was asked for tells most events apart.
        proposals.sort_by_key(|proposal| !proposal.label.starts_with("requestParameters."));
        proposals.extend(words(Vocabulary::Derived, CompletionItemKind::PROPERTY, tail));
        proposals
    }

    fn keys(&self) -> Vec<Proposal> {
        let key = CompletionItemKind::KEYWORD;
        let of = |vocabulary| words(vocabulary, key, ": ");
        match self.cursor.path.as_slice() {
            [] => self.top_level(),
            ["logsource"] => of(Vocabulary::LogSource),
            ["detection" | "filter"] => {
                let rules = self.cursor.path.contains(&"filter").then_some("rules");
                let keys = ["condition", "selection", "filter_known"].into_iter().chain(rules);
                keys.map(|label| Proposal { tail: ": ", ..Proposal::new(label, key) }).collect()
            }
            ["correlation"] => of(Vocabulary::CorrelationBody),
            ["correlation", "condition"] => of(Vocabulary::Bounds),
            ["tests"] => of(Vocabulary::Test),
            ["allow"] => ["lint", "reason"].map(|label| Proposal { tail: ": ", ..Proposal::new(label, key) }).into(),
            ["tests", "event" | "events", ..] => self.fields(": "),
            _ => Vec::new(),
        }
    }

    /// Keys that the document does not have yet.
    fn top_level(&self) -> Vec<Proposal> {
        let vocabularies = [Vocabulary::Common, Vocabulary::Rule, Vocabulary::Filter, Vocabulary::Correlation];
        let all = vocabularies.into_iter().flat_map(|known| words(known, CompletionItemKind::KEYWORD, ": "));
        let mut proposals: Vec<Proposal> = Vec::new();
        for proposal in all {
            let is_there = self.outline.top(self.cursor.document, &proposal.label).is_some();
            if !is_there && !proposals.iter().any(|known| known.label == proposal.label) {
                proposals.push(proposal);
            }
        }
        proposals
    }

    fn values(&self, key: &str) -> Vec<Proposal> {
        let value = CompletionItemKind::ENUM_MEMBER;
        let path = self.cursor.path.as_slice();
        if self.cursor.is_in_search() {
            return self.values_of_field(key);
        }
        match (path, key) {
            ([], "level") => words(Vocabulary::Level, value, ""),
            ([], "status") => words(Vocabulary::Status, value, ""),
            ([], "action") => words(Vocabulary::Action, value, ""),
            ([], "tags") => Self::tags(),
            ([], "fields") | (["correlation"], "group-by") | (["correlation", ..], "field") => self.fields(""),
            (["logsource"], "product") => plain(["aws"]),
            (["logsource"], "service") => plain(["cloudtrail"]),
            (["correlation"], "type") => words(Vocabulary::CorrelationType, value, ""),
            (["correlation" | "filter"], "rules") => self.rules(),
            (["detection" | "filter"], "condition") => self.searches(),
            ([] | ["correlation"], "generate") | (["tests"], "match") => plain(["true", "false"]),
            _ => Vec::new(),
        }
    }

    fn values_of_field(&self, key: &str) -> Vec<Proposal> {
        let field = key.split('|').next().unwrap_or_default();
        let event = Event::of(self.outline, self.cursor.document);
        match field {
            _ if key.ends_with("|exists") => plain(["true", "false"]),
            _ if key.contains("|fieldref") => self.fields(""),
            "eventSource" => {
                let known: Vec<String> = event.names.iter().flat_map(|name| self.catalog.sources_of(name)).collect();
                let all = self.catalog.event_sources().filter(|source| !known.contains(source));
                plain(known.iter().cloned().chain(all))
            }
            "eventName" => self.event_names(&event),
            _ => Vec::new(),
        }
    }

    /// Events that were seen most come first.
    fn event_names(&self, event: &Event) -> Vec<Proposal> {
        let mut names: Vec<(&str, u64)> = if event.sources.is_empty() {
            self.catalog.event_names(None).collect()
        } else {
            event.sources.iter().flat_map(|source| self.catalog.event_names(Some(source))).collect()
        };
        names.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(right.0)));
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|(name, _)| seen.insert(*name));
        plain(names.into_iter().map(|(name, _)| name))
    }

    fn tags() -> Vec<Proposal> {
        let tactics = attack::TACTICS.into_iter().map(|tactic| format!("attack.{}", tactic.tag));
        plain(tactics.chain(vocabulary::techniques().map(|name| format!("attack.{name}"))))
    }

    fn rules(&self) -> Vec<Proposal> {
        let proposal = |(handle, title): (&str, &str)| Proposal {
            detail: Some(title.to_owned()),
            ..Proposal::new(handle, CompletionItemKind::REFERENCE)
        };
        self.workspace.handles().map(proposal).collect()
    }

    fn searches(&self) -> Vec<Proposal> {
        let body = ["detection", "filter"].into_iter().find_map(|key| self.outline.top(self.cursor.document, key));
        let named = body.into_iter().flat_map(|body| self.outline.below(body)).filter_map(|entry| entry.key);
        let searches = named.filter(|name| !["condition", "rules"].contains(name));
        plain(searches.chain(["and", "or", "not", "1 of", "all of"]))
    }
}
