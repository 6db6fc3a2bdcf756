//! Any rules over any document.

use std::collections::BTreeSet;

use trailhound_cloudtrail::{DocumentProblem, Limits as LogLimits, RecordRefusal, RecordSink, inflate, read_records};
use trailhound_rule_engine::{
    Evaluator, Limits, RuleIndex, RuleSet, Source,
    json::{self, Reader},
};

use crate::{agreement, parse};

/// What lies before the first NUL is a rule file, what lies behind it a document: as it is, and packed
/// if it says so. NUL stands in neither YAML nor JSON, so no seed holds it by accident.
pub fn check(bytes: &[u8]) {
    let mut halves = bytes.splitn(2, |byte| *byte == 0);
    let rules = String::from_utf8_lossy(halves.next().unwrap_or_default());
    let document = halves.next().unwrap_or_default();
    let source = Source::new("fuzz.yml", rules);
    let loaded = RuleSet::load([source.clone()], &Limits::default());
    parse::check_diagnostics(&loaded.diagnostics, &source);

    let inflated = inflate(document, 1 << 20);
    assert!(inflated.bytes.len() <= 1 << 20, "more than the limit allows");
    read_document(&loaded.rules, &inflated.bytes);
    let text = String::from_utf8_lossy(document);
    agreement::check_record(&loaded.rules, &text);
}

fn read_document(rules: &RuleSet, document: &[u8]) {
    let mut sink = Sink { rules, evaluator: rules.evaluator(), taken: Vec::new(), refused: Vec::new() };
    let problems = read_records(document, &LogLimits::default(), &mut sink);
    let Sink { taken, refused, .. } = sink;
    for (_, refusal) in &refused {
        assert!(refusal.offset() <= document.len() as u64, "{refusal} is not within the document");
    }
    for problem in &problems {
        assert!(problem.offset() <= document.len() as u64, "{problem} is not within the document");
    }
    assert_balanced(&taken, &refused, &problems);
    if taken.is_empty() && refused.is_empty() && problems.is_empty() {
        // Nothing may come of a document only if nothing is in it.
        let text = String::from_utf8_lossy(document);
        assert!(holds_no_record(&text), "a document vanished: {text:?}");
    }
}

/// Every position is either taken or refused, once, unless it is the one a problem names.
fn assert_balanced(taken: &[u64], refused: &[(u64, RecordRefusal)], problems: &[DocumentProblem]) {
    let positions: Vec<u64> = taken.iter().copied().chain(refused.iter().map(|(index, _)| *index)).collect();
    let distinct: BTreeSet<u64> = positions.iter().copied().collect();
    assert_eq!(distinct.len(), positions.len(), "a position was given twice: {taken:?} {refused:?}");
    let named = problems.iter().filter_map(DocumentProblem::index);
    let all: BTreeSet<u64> = distinct.iter().copied().chain(named).collect();
    let highest = distinct.last().map_or(0, |last| last + 1);
    assert!(highest <= all.len() as u64, "a position is missing: {taken:?} {refused:?} {problems:?}");
}

/// Empty lists and the probes of a subscription hold none; the latter may be written with escapes.
fn holds_no_record(text: &str) -> bool {
    let dense: String = text.split_whitespace().collect();
    dense.contains("[]") || dense.contains("CONTROL_MESSAGE") || dense.contains("\\u")
}

/// Evaluates each record twice: where it stands in the document, and alone.
struct Sink<'r> {
    rules: &'r RuleSet,
    evaluator: Evaluator<'r>,
    taken: Vec<u64>,
    refused: Vec<(u64, RecordRefusal)>,
}

impl RecordSink for Sink<'_> {
    fn record(&mut self, index: u64, reader: &mut Reader<'_>) -> Result<(), json::Error> {
        let start = reader.offset();
        let matches: Vec<RuleIndex> = self.evaluator.evaluate(reader)?.to_vec();
        let record = reader.text().get(start..reader.offset()).expect("a record is a stretch of the document");
        let mut alone = self.rules.evaluator();
        let again = alone.evaluate(&mut Reader::new(record)).expect("a record that was read can be read alone");
        assert_eq!(again, matches, "what stands around a record changes its matches: {record}");
        self.taken.push(index);
        Ok(())
    }

    fn refused(&mut self, index: u64, refusal: RecordRefusal) {
        self.refused.push((index, refusal));
    }
}
