//! Looks for the pieces of text of all rules in one pass over a value.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;

/// The pieces that rules want in one field.
#[derive(Debug, Default)]
pub(super) struct PiecesBuilder {
    rules: BTreeMap<String, Vec<usize>>,
}

/// Tells which rules may match from the pieces that stand in a text.
#[derive(Debug)]
pub(super) struct Pieces {
    /// `None` if the pieces are too many for one automaton; then no text rules anything out.
    automaton: Option<AhoCorasick>,
    /// For each piece of the automaton, the rules that want it.
    rules: Vec<Vec<usize>>,
    all: Vec<usize>,
}

impl PiecesBuilder {
    pub(super) fn add(&mut self, rule: usize, piece: String) {
        self.rules.entry(piece).or_default().push(rule);
    }

    /// `None` without any piece.
    pub(super) fn build(self) -> Option<Pieces> {
        if self.rules.is_empty() {
            return None;
        }
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(self.rules.keys()).ok();
        let rules: Vec<Vec<usize>> = self.rules.into_values().collect();
        let mut all: Vec<usize> = rules.iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        Some(Pieces { automaton, rules, all })
    }
}

impl Pieces {
    /// Puts the rules into `candidates` of which a piece stands in the text.
    pub(super) fn candidates(&self, text: &str, candidates: &mut Vec<usize>) {
        match &self.automaton {
            Some(automaton) if text.is_ascii() => {
                for found in automaton.find_overlapping_iter(text) {
                    candidates.extend_from_slice(self.rules.get(found.pattern().as_usize()).map_or(&[], Vec::as_slice));
                }
            }
            // Some letters beyond ASCII have an ASCII letter as their lower case.
            Some(_) | None => candidates.extend_from_slice(&self.all),
        }
    }
}
