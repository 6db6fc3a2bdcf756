//! What stands where in a rule file that may be unfinished: keys, values and what they belong to, by lines and
//! indentation alone. The engine judges finished YAML; a cursor mostly stands in one that is not.

use trailhound_rule_engine::Span;

use crate::text::Text;

/// One line that holds a key, a value or both.
#[derive(Debug, Clone)]
pub(crate) struct Entry<'t> {
    pub(crate) line: usize,
    /// Number of the document in the file.
    pub(crate) document: usize,
    /// Column of the key, or of the value where there is no key.
    pub(crate) indent: usize,
    /// Column of the dash before it.
    pub(crate) dash: Option<usize>,
    /// Without quotes.
    pub(crate) key: Option<&'t str>,
    pub(crate) key_span: Span,
    /// Behind the colon, without comment and quotes.
    pub(crate) value: &'t str,
    pub(crate) value_span: Span,
    pub(crate) parent: Option<usize>,
}

/// All entries of a file in their order.
#[derive(Debug)]
pub(crate) struct Outline<'t> {
    pub(crate) entries: Vec<Entry<'t>>,
}

impl<'t> Outline<'t> {
    pub(crate) fn of(text: &'t Text) -> Self {
        let mut outline = Outline { entries: Vec::new() };
        let mut document = 0;
        let mut block: Option<usize> = None;
        for (line, content) in text.as_str().lines().enumerate() {
            let indent = content.len() - content.trim_start_matches(' ').len();
            if block.is_some_and(|column| indent > column || content.trim().is_empty()) {
                continue;
            }
            block = None;
            if content.starts_with("---") {
                document += 1;
                continue;
            }
            let Some(mut entry) = read(content, text.line_start(line)) else { continue };
            (entry.line, entry.document) = (line, document);
            entry.parent = outline.parent_of(&entry);
            if entry.key.is_some() && is_block(entry.value) {
                block = Some(entry.indent);
            }
            outline.entries.push(entry);
        }
        outline
    }

    fn parent_of(&self, entry: &Entry<'_>) -> Option<usize> {
        let of_document =
            self.entries.iter().enumerate().rev().take_while(|(_, other)| other.document == entry.document);
        let mut keyed = of_document.filter(|(_, other)| other.key.is_some());
        let found = keyed.find(|(_, other)| match entry.dash {
            Some(dash) => {
                other.indent < dash || (other.indent == dash && other.dash.is_none() && other.value.is_empty())
            }
            None => other.indent < entry.indent,
        });
        found.map(|(index, _)| index)
    }

    /// The keys above an entry, the outermost first.
    pub(crate) fn path(&self, entry: &Entry<'t>) -> Vec<&'t str> {
        let mut path = Vec::new();
        let mut next = entry.parent;
        while let Some(parent) = next.and_then(|index| self.entries.get(index)) {
            path.extend(parent.key);
            next = parent.parent;
        }
        path.reverse();
        path
    }

    pub(crate) fn at_line(&self, line: usize) -> Option<&Entry<'t>> {
        self.entries.iter().find(|entry| entry.line == line)
    }

    /// The first entries of all documents.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &Entry<'t>> {
        let mut last = None;
        self.entries.iter().filter(move |entry| last.replace(entry.document) != Some(entry.document))
    }

    /// The value of a top-level key.
    pub(crate) fn top(&self, document: usize, key: &str) -> Option<&Entry<'t>> {
        self.entries.iter().find(|entry| entry.document == document && entry.parent.is_none() && entry.key == Some(key))
    }

    /// What stands directly below an entry.
    pub(crate) fn below(&self, parent: &Entry<'t>) -> impl Iterator<Item = &Entry<'t>> {
        let index = self.entries.iter().position(|entry| entry.line == parent.line);
        self.entries.iter().filter(move |entry| index.is_some() && entry.parent == index)
    }

    /// The values of a field, whatever its modifiers, in the searches of a document.
    pub(crate) fn values_of(&self, document: usize, field: &str) -> Vec<String> {
        let mut values = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.document == document) {
            let named = entry.key.and_then(|key| key.split('|').next());
            let in_search = self.path(entry).first().is_some_and(|top| ["detection", "filter"].contains(top));
            if named != Some(field) || !in_search {
                continue;
            }
            values.extend(scalars(entry.value));
            values.extend(self.below(entry).filter(|below| below.key.is_none()).flat_map(|below| scalars(below.value)));
        }
        values
    }
}

/// A single value, or those of a list in brackets.
fn scalars(value: &str) -> impl Iterator<Item = String> {
    let inner = value.trim_start_matches('[').trim_end_matches(']');
    inner.split(',').map(|value| unquoted(value.trim()).to_owned()).filter(|value| !value.is_empty())
}

fn is_block(value: &str) -> bool {
    value.starts_with(['|', '>'])
        && value.chars().skip(1).all(|character| character.is_ascii_digit() || matches!(character, '+' | '-'))
}

/// Reads a line that starts at a byte offset of the file.
fn read(content: &str, start: usize) -> Option<Entry<'_>> {
    let mut rest = content.trim_start_matches(' ');
    let mut dash = None;
    while let Some(behind) = rest.strip_prefix('-').filter(|behind| behind.is_empty() || behind.starts_with(' ')) {
        dash = Some(content.len() - rest.len());
        rest = behind.trim_start_matches(' ');
    }
    if (rest.is_empty() && dash.is_none()) || rest.starts_with('#') {
        return None;
    }
    let indent = content.len() - rest.len();
    let (key, value) = match colon(rest) {
        Some(at) => (rest.get(..at), rest.get(at + 1..).unwrap_or_default()),
        None => (None, rest),
    };
    let value = without_comment(value);
    let at = |part: &str| {
        let offset = part.as_ptr() as usize - content.as_ptr() as usize;
        Span::new(start + offset, start + offset + part.len())
    };
    let key = key.map(|key| unquoted(key.trim_end()));
    let value = unquoted(value.trim());
    Some(Entry {
        line: 0,
        document: 0,
        indent,
        dash,
        key,
        key_span: key.map(at).unwrap_or_default(),
        value,
        value_span: at(value),
        parent: None,
    })
}

/// Where the colon behind a key stands.
pub(crate) fn colon(text: &str) -> Option<usize> {
    if text.starts_with(['{', '[']) {
        return None;
    }
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\''));
    let from = match quote {
        Some(quote) => text.char_indices().skip(1).find(|(_, character)| *character == quote)?.0,
        None => 0,
    };
    let behind = |at: usize| text.get(at + 1..).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    text.match_indices(':').map(|(at, _)| at).find(|at| *at >= from && behind(*at))
}

fn without_comment(value: &str) -> &str {
    if value.trim_start().starts_with('#') {
        return value.get(..0).unwrap_or_default();
    }
    value.split(" #").next().unwrap_or(value)
}

fn unquoted(text: &str) -> &str {
    let within = |quote| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    within('\'').or_else(|| within('"')).unwrap_or(text)
}
