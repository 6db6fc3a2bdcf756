//! A text and its places, as the protocol counts them: lines from zero, columns in UTF-16 units.

use lsp_types::{Position, Range};
use trailhound_rule_engine::Span;

/// The text of a file with the offsets of its lines.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    text: String,
    /// Byte offset of the start of each line.
    lines: Vec<usize>,
}

impl Text {
    pub(crate) fn new(text: String) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Text { text, lines }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The byte offset of a place; what is beyond a line's end counts as its end.
    pub(crate) fn offset(&self, position: Position) -> usize {
        let Some(start) = self.lines.get(position.line as usize) else { return self.text.len() };
        let line = self.line(position.line as usize);
        let mut units = 0;
        for (at, character) in line.char_indices() {
            if units >= position.character as usize {
                return start + at;
            }
            units += character.len_utf16();
        }
        start + line.len()
    }

    /// The place of a byte offset.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let line = self.lines.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.lines.get(line).copied().unwrap_or_default();
        let before = self.text.get(start..offset.min(self.text.len())).unwrap_or_default();
        Position { line: count(line), character: count(before.encode_utf16().count()) }
    }

    pub(crate) fn range(&self, span: Span) -> Range {
        // A stretch to the end of a block may take in the line break; what is underlined ends before it.
        let text = self.text.get(span.start..span.end).unwrap_or_default();
        let end = span.start + text.trim_end().len();
        Range { start: self.position(span.start), end: self.position(end.max(span.start)) }
    }

    /// A line without its end.
    pub(crate) fn line(&self, line: usize) -> &str {
        let Some(start) = self.lines.get(line) else { return "" };
        let end = self.lines.get(line + 1).copied().unwrap_or(self.text.len());
        self.text.get(*start..end).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }

    pub(crate) fn line_start(&self, line: usize) -> usize {
        self.lines.get(line).copied().unwrap_or(self.text.len())
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
