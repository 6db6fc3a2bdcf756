//! What long texts came to, since most of them come again: user agents above all.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use crate::engine::trie::Slot;

/// Texts that are remembered at a time.
const ENTRIES: usize = 256;

/// Bytes of the texts that are worth it: shorter ones are searched as fast as they are found, and longer ones
/// seldom come again.
const WORTHWHILE: std::ops::RangeInclusive<usize> = 24..=512;

/// The candidates that the pieces of a text have brought; one for each evaluator.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, Default)]
struct Entry {
    /// None before its first use.
    field: Option<Slot>,
    text: String,
    candidates: Vec<usize>,
}

impl Memory {
    /// Adds to `candidates` what `find` adds for this text in this field.
    pub(super) fn recall(
        &mut self,
        field: Slot,
        text: &str,
        candidates: &mut Vec<usize>,
        find: impl Fn(&str, &mut Vec<usize>),
    ) {
        if !WORTHWHILE.contains(&text.len()) {
            return find(text, candidates);
        }
        if self.entries.is_empty() {
            self.entries.resize(ENTRIES, Entry::default());
        }
        let Some(entry) = self.entries.get_mut(place(field, text)) else { return find(text, candidates) };
        if entry.field != Some(field) || entry.text != text {
            entry.field = Some(field);
            entry.text.clear();
            entry.text.push_str(text);
            entry.candidates.clear();
            find(text, &mut entry.candidates);
        }
        candidates.extend_from_slice(&entry.candidates);
    }
}

/// Texts that differ mostly differ in their length, their first or their last bytes.
fn place(field: Slot, text: &str) -> usize {
    let mut hasher = FxHasher::default();
    let bytes = text.as_bytes();
    (field, bytes.len(), bytes.first_chunk::<16>(), bytes.last_chunk::<16>()).hash(&mut hasher);
    usize::try_from(hasher.finish() % ENTRIES as u64).unwrap_or_default()
}
