use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use trailhound_cloudtrail::{DocumentProblem, InflateError, Inflater, RecordRefusal, RecordSink, read_records};
use trailhound_rule_engine::{Evaluator, Level, Observation, RuleIndex, RuleSet, json};

use crate::{EventSummary, EventTimes, InspectLimits, LevelCounts, TimeSpan, TimeWindow, window::event_time};

/// Runs rules over the records of one object: the function that a dry run and the deployed function
/// share, so that what fires in one fires in the other.
#[derive(Debug, Clone)]
pub struct Inspector {
    rules: Arc<RuleSet>,
    limits: InspectLimits,
    minimum_level: Level,
    is_timing: bool,
    window: Option<TimeWindow>,
}

/// What one object holds.
///
/// `records == matched_records + unmatched + refused`, always.
#[derive(Debug, Clone, Default)]
pub struct Inspection {
    /// Records that were read or refused. What kept the object from being read to its end counts as
    /// one more.
    pub records: u64,
    /// Records that match at least one rule, of whatever level.
    pub matched_records: u64,
    /// Records that match no rule.
    pub unmatched: u64,
    /// Records that no rule could judge, and parts of the object that could not be read.
    pub refused: u64,
    /// A record that matches three rules is here three times; ordered by record, then by rule.
    pub matches: Vec<Match>,
    /// Matches of rules below the minimum level, which leave nothing but this count.
    pub below_level: LevelCounts,
    /// What correlations are to know, ordered by record.
    pub observations: Vec<Observed>,
    /// Matches that no correlation could use, because the record has no time or lacks a value to group by.
    pub unplaced: usize,
    /// Matches that a filter kept from being one.
    pub suppressed: u64,
    /// Records outside the time window, which no rule was asked about; in none of the counts above.
    pub outside: u64,
    /// The event times of the records that were judged, where a time window was given.
    pub span: Option<TimeSpan>,
    /// Why, for as many of `refused` as the limits allow to name.
    pub refusals: Vec<Refusal>,
    /// Why the object as a whole belongs into quarantine, if it does: an unknown number of its
    /// records is missing.
    pub damage: Option<String>,
    /// When the events of the records happened; nothing unless the inspector was told to note it.
    pub times: EventTimes,
    /// What the first record that was read says about itself.
    pub first: Option<Arc<EventSummary>>,
}

/// A rule that matches a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The rule, a number within the rule set of the inspector.
    pub rule: RuleIndex,
    /// What the record says about itself.
    pub event: Arc<EventSummary>,
    /// Zero-based position of the record in its object.
    pub index: u64,
    /// The record as it stands in the object.
    pub record: Arc<str>,
}

/// A record that a correlation is to know of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Zero-based position of the record in its object.
    pub index: u64,
    /// What the correlation is to know. The event is without a name where the record has no `eventID`.
    pub observation: Observation,
    /// What the record says about itself; empty unless the inspector keeps event times and records.
    pub event: Arc<EventSummary>,
    /// The record as it stands in the object; empty likewise.
    pub record: Arc<str>,
}

/// A record, or the rest of an object, that no rule could judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Zero-based position of the record; `None` where a part of the object is meant.
    pub index: Option<u64>,
    /// Byte offset in the decompressed object.
    pub offset: Option<u64>,
    /// What is wrong, without anything of the record's content but its brackets.
    pub reason: String,
}

impl Inspector {
    /// An inspector for these rules, of all levels.
    pub fn new(rules: Arc<RuleSet>, limits: InspectLimits) -> Self {
        Inspector { rules, limits, minimum_level: Level::Informational, is_timing: false, window: None }
    }

    /// From here on, matches of rules below this level are only counted. Correlations learn of them as before.
    #[must_use]
    pub fn with_minimum_level(mut self, minimum_level: Level) -> Self {
        self.minimum_level = minimum_level;
        self
    }

    /// From here on, it notes when the events of the records happened, and keeps the records that correlations
    /// learn of: what a delivery needs, and what costs a look at each record.
    #[must_use]
    pub fn with_event_times(mut self) -> Self {
        self.is_timing = true;
        self
    }

    /// From here on, records outside the window are passed over, and the times of the others are told. A window
    /// with a beginning or an end costs a second look at the beginning of each record.
    #[must_use]
    pub fn with_window(mut self, window: TimeWindow) -> Self {
        self.window = Some(window);
        self
    }

    /// The rules it applies.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Decompresses an object, reads its records and applies every rule to each.
    ///
    /// Never fails: what cannot be read is refused by name, and what can be read is judged.
    pub fn inspect(&self, bytes: &[u8]) -> Inspection {
        self.inspect_with(bytes, &mut Inflater::default())
    }

    /// Like [`Inspector::inspect`], for whoever inspects many objects: the memory of one serves the next.
    pub fn inspect_with(&self, bytes: &[u8], inflater: &mut Inflater) -> Inspection {
        let object = inflater.inflate(bytes, self.limits.log.inflated_bytes);
        let mut collector = Collector {
            evaluator: self.rules.evaluator(),
            rules: &self.rules,
            minimum_level: self.minimum_level,
            is_timing: self.is_timing,
            window: self.window,
            wanted: Vec::new(),
            inspection: Inspection::default(),
            nothing: Default::default(),
            named_refusals: self.limits.named_refusals,
        };
        let problems = read_records(&object.bytes, &self.limits.log, &mut collector);
        collector.add_problems(object.problem.as_ref(), &problems);
        collector.inspection.unplaced = collector.evaluator.unplaced();
        collector.finish()
    }
}

impl Inspection {
    /// Moves every position, for a part of an object that stands behind so many records and bytes of it.
    pub fn shift(&mut self, records: u64, bytes: u64) {
        for refusal in &mut self.refusals {
            refusal.index = refusal.index.map(|index| index + records);
            refusal.offset = refusal.offset.map(|offset| offset + bytes);
        }
        self.matches.iter_mut().for_each(|found| found.index += records);
        self.observations.iter_mut().for_each(|observed| observed.index += records);
    }
}

struct Collector<'r> {
    evaluator: Evaluator<'r>,
    rules: &'r RuleSet,
    minimum_level: Level,
    is_timing: bool,
    window: Option<TimeWindow>,
    /// The rules that the record under way matches and whose level is high enough.
    wanted: Vec<RuleIndex>,
    inspection: Inspection,
    /// What stands in the place of records that need not be kept.
    nothing: (Arc<EventSummary>, Arc<str>),
    named_refusals: usize,
}

impl Collector<'_> {
    /// Counts each problem as one refusal. Damage of the packing explains the first problem of the
    /// document, and is a refusal of its own only where the document is complete in spite of it.
    fn add_problems(&mut self, packing: Option<&InflateError>, problems: &[DocumentProblem]) {
        let mut problems = problems.iter();
        if let Some(packing) = packing {
            let refusal = match problems.next() {
                None | Some(DocumentProblem::Empty) => {
                    Refusal { index: None, offset: None, reason: packing.to_string() }
                }
                Some(first) => Refusal {
                    index: first.index(),
                    offset: Some(first.offset()),
                    reason: format!("{packing}; {first}"),
                },
            };
            self.add_damage(refusal);
        }
        for problem in problems {
            self.add_damage(Refusal {
                index: problem.index(),
                offset: Some(problem.offset()),
                reason: problem.to_string(),
            });
        }
    }

    fn add_damage(&mut self, refusal: Refusal) {
        self.inspection.damage.get_or_insert_with(|| refusal.reason.clone());
        self.add(refusal);
    }

    fn add(&mut self, refusal: Refusal) {
        self.inspection.refused += 1;
        if self.inspection.refusals.len() < self.named_refusals {
            self.inspection.refusals.push(refusal);
        }
    }

    /// Counts the matches of the last record that are below the level, and puts the others into `wanted`.
    fn sort_out(&mut self) {
        self.wanted.clear();
        for &rule in self.evaluator.matches() {
            // The rule set is that of the evaluator, so there is a rule for every index it gives.
            let Some(level) = self.rules.get(rule).map(|rule| rule.metadata().level) else { continue };
            if level < self.minimum_level {
                self.inspection.below_level.add(level);
            } else {
                self.wanted.push(rule);
            }
        }
    }

    /// Notes when the event of the last record happened, if it says so.
    fn add_time(&mut self) {
        let Some(time) = self.evaluator.event_time().and_then(|time| time.parse::<Timestamp>().ok()) else { return };
        if self.is_timing {
            self.inspection.times.add(time);
        }
        if self.window.is_some() {
            let now = TimeSpan::at(time);
            self.inspection.span = Some(self.inspection.span.map_or(now, |span| span.joined(now)));
        }
    }

    fn finish(self) -> Inspection {
        let mut inspection = self.inspection;
        inspection.records = inspection.matched_records + inspection.unmatched + inspection.refused;
        if inspection.damage.is_none() && inspection.records > 0 && inspection.refused == inspection.records {
            inspection.damage = Some(format!("none of the {} records could be read", inspection.records));
        }
        inspection
    }
}

impl RecordSink for Collector<'_> {
    fn record(&mut self, index: u64, reader: &mut json::Reader<'_>) -> Result<(), json::Error> {
        let start = reader.offset();
        if let Some(window) = self.window.filter(TimeWindow::is_bounded)
            && let Some(time) = event_time(reader.text().get(start..).unwrap_or_default())
            && !window.holds(time)
        {
            reader.skip()?;
            self.inspection.outside += 1;
            return Ok(());
        }
        self.evaluator.evaluate(reader)?;
        if self.is_timing || self.window.is_some() {
            self.add_time();
        }
        self.inspection.suppressed += self.evaluator.suppressed().len() as u64;
        let record = reader.text().get(start..reader.offset()).unwrap_or_default();
        self.inspection.first.get_or_insert_with(|| Arc::new(EventSummary::of(record)));
        let observations: Vec<Observation> = self.evaluator.observations("").collect();
        if self.evaluator.matches().is_empty() {
            self.inspection.unmatched += 1;
        } else {
            self.inspection.matched_records += 1;
        }
        self.sort_out();
        if self.wanted.is_empty() && (observations.is_empty() || !self.is_timing) {
            // Nothing is allocated for a record that means nothing to anybody.
            let (event, record) = &self.nothing;
            self.inspection.observations.extend(observations.into_iter().map(|observation| Observed {
                index,
                observation,
                event: Arc::clone(event),
                record: Arc::clone(record),
            }));
            return Ok(());
        }
        let event = Arc::new(EventSummary::of(record));
        let record: Arc<str> = record.into();
        let (shared_event, shared_record) = (|| Arc::clone(&event), || Arc::clone(&record));
        self.inspection.matches.extend(self.wanted.iter().map(|&rule| Match {
            rule,
            event: shared_event(),
            index,
            record: shared_record(),
        }));
        self.inspection.observations.extend(observations.into_iter().map(|observation| Observed {
            index,
            observation,
            event: shared_event(),
            record: shared_record(),
        }));
        Ok(())
    }

    fn refused(&mut self, index: u64, refusal: RecordRefusal) {
        self.add(Refusal { index: Some(index), offset: Some(refusal.offset()), reason: refusal.to_string() });
    }
}
