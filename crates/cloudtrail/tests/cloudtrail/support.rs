//! What the tests share: a sink that writes down everything, and gzip.

use std::{fmt::Write as _, io::Write as _};

use flate2::{Compression, write::GzEncoder};
use trailhound_cloudtrail::{DocumentProblem, Limits, RecordRefusal, RecordSink, read_records};
use trailhound_rule_engine::json;

/// Everything a document gave, in the order in which it came.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub(crate) records: Vec<(u64, String)>,
    pub(crate) refusals: Vec<(u64, RecordRefusal)>,
    pub(crate) problems: Vec<DocumentProblem>,
}

impl RecordSink for Collected {
    fn record(&mut self, index: u64, reader: &mut json::Reader<'_>) -> Result<(), json::Error> {
        let record = reader.skip()?;
        self.records.push((index, record.to_owned()));
        Ok(())
    }

    fn refused(&mut self, index: u64, refusal: RecordRefusal) {
        self.refusals.push((index, refusal));
    }
}

impl Collected {
    pub(crate) fn of(document: &[u8]) -> Self {
        Self::within(document, &Limits::default())
    }

    pub(crate) fn within(document: &[u8], limits: &Limits) -> Self {
        let mut collected = Collected::default();
        collected.problems = read_records(document, limits, &mut collected);
        collected
    }

    /// Records, refusals, problems, a line each.
    pub(crate) fn report(&self) -> String {
        let mut report = String::new();
        for (index, record) in &self.records {
            writeln!(report, "{index}: {record}").unwrap();
        }
        for (index, refusal) in &self.refusals {
            writeln!(report, "{index}! {refusal}").unwrap();
        }
        for problem in &self.problems {
            writeln!(report, "!! {problem}").unwrap();
        }
        report
    }

    /// Every position is either taken or refused, once, unless it is the one a problem names.
    pub(crate) fn assert_balanced(&self) {
        let mut positions: Vec<u64> = self.records.iter().map(|(index, _)| *index).collect();
        positions.extend(self.refusals.iter().map(|(index, _)| *index));
        positions.sort_unstable();
        let before = positions.len();
        positions.dedup();
        assert_eq!(before, positions.len(), "a position was given twice: {self:?}");
        let named = self.problems.iter().filter_map(DocumentProblem::index).filter(|index| !positions.contains(index));
        let all = positions.len() as u64 + named.collect::<std::collections::BTreeSet<_>>().len() as u64;
        let highest = positions.last().map_or(0, |last| last + 1);
        assert!(highest <= all, "a position is missing: {self:?}");
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
