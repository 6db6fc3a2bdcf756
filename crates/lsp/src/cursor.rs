//! Where the cursor stands, and what is already typed there.

use lsp_types::Position;
use trailhound_rule_engine::Span;

use crate::{
    outline::{self, Entry, Outline},
    text::Text,
};

/// A place where something can be typed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cursor<'t> {
    pub(crate) document: usize,
    /// The keys above, the outermost first.
    pub(crate) path: Vec<&'t str>,
    pub(crate) slot: Slot<'t>,
    /// What is typed of the word so far.
    pub(crate) typed: &'t str,
    /// The whole word, which a proposal replaces.
    pub(crate) word: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot<'t> {
    /// A key of a map.
    Key,
    /// A value of this key, one of several perhaps.
    Value(&'t str),
}

impl<'t> Cursor<'t> {
    pub(crate) fn at(text: &'t Text, outline: &Outline<'t>, position: Position) -> Self {
        let offset = text.offset(position);
        // An editor may name any line; the last one is the last.
        let line = text.position(offset).line as usize;
        let content = text.line(line);
        let before = content.get(..offset.saturating_sub(text.line_start(line))).unwrap_or(content);
        let opened = outline.at_line(line).cloned().unwrap_or_else(|| blank(text, outline, line, before));
        let path = outline.path(&opened);
        let typed_line = before.trim_start_matches([' ', '-']);
        if let Some(at) = outline::colon(typed_line).filter(|_| opened.key.is_some()) {
            let value = typed_line.get(at + 1..).unwrap_or_default();
            let key = opened.key.unwrap_or_default();
            return Cursor::within(value, offset, (opened.document, path, Slot::Value(key)), content, text);
        }
        let slot = match path.split_last() {
            Some((last, above)) if opened.dash.is_some() && opened.key.is_none() && takes_values(last, above) => {
                return Cursor::within(
                    typed_line,
                    offset,
                    (opened.document, above.to_vec(), Slot::Value(last)),
                    content,
                    text,
                );
            }
            _ => Slot::Key,
        };
        let end = opened.key.map_or(opened.value_span.end, |_| opened.key_span.end);
        let word = Span::new(offset - typed_line.len(), end.max(offset));
        Cursor { document: opened.document, path, slot, typed: typed_line.trim_start_matches(['\'', '"']), word }
    }

    fn within(
        value: &'t str,
        offset: usize,
        (document, path, slot): (usize, Vec<&'t str>, Slot<'t>),
        content: &str,
        text: &Text,
    ) -> Self {
        let separators = [' ', ',', '[', '{', '\'', '"', '('];
        let typed = value.rsplit(separators).next().unwrap_or(value);
        let line_end = text.line_start(text.position(offset).line as usize) + content.len();
        let behind = text.as_str().get(offset..line_end).unwrap_or_default();
        let rest = behind.find([' ', ',', ']', '}', '\'', '"', ')']).unwrap_or(behind.len());
        Cursor { document, path, slot, typed, word: Span::new(offset - typed.len(), offset + rest) }
    }

    /// Whether the keys here are fields of a search.
    pub(crate) fn is_in_search(&self) -> bool {
        is_search(&self.path)
    }
}

/// Below `detection` and the name of a search.
fn is_search(path: &[&str]) -> bool {
    path.len() >= 2 && path.first().is_some_and(|top| ["detection", "filter"].contains(top))
}

/// Whether the members of a list below this key are values, and not maps.
fn takes_values(key: &str, above: &[&str]) -> bool {
    match above.first() {
        Some(&"detection" | &"filter") => above.len() >= 2 || ["rules", "condition"].contains(&key),
        Some(_) => !["tests", "events"].contains(&key),
        None => !["tests", "related", "allow"].contains(&key),
    }
}

/// An entry for a line on which nothing stands yet: what it belongs to is told by where the cursor is.
fn blank<'t>(text: &'t Text, outline: &Outline<'t>, line: usize, before: &str) -> Entry<'t> {
    let above = outline.entries.iter().rfind(|entry| entry.line < line);
    let separators = |from: usize| (from..line).filter(|line| text.line(*line).starts_with("---")).count();
    let document = above.map_or_else(|| separators(0), |above| above.document + separators(above.line + 1));
    let indent = before.len();
    let belongs = |entry: &&Entry<'_>| entry.document == document && entry.line < line && entry.key.is_some();
    let mut candidates = outline.entries.iter().rev().filter(belongs);
    let parent = candidates.find(|entry| entry.indent < indent).map(|entry| entry.line);
    Entry {
        line,
        document,
        indent,
        dash: None,
        key: None,
        key_span: Span::default(),
        value: "",
        value_span: Span::default(),
        parent: parent.and_then(|line| outline.entries.iter().position(|entry| entry.line == line)),
    }
}
