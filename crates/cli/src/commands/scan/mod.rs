//! `trailhound scan`: runs rules over logs and shows what matches.

mod baseline;
mod compare;
mod correlating;
mod histogram;
mod html;
mod limits;
pub(super) mod ordered;
mod report;
mod summary;
mod tally;
mod timeline;
mod totals;

use std::{io, sync::Arc, time::Instant};

use trailhound_cloudtrail::Inflater;
use trailhound_pipeline::{InspectLimits, Inspection, Inspector, TimeWindow};
use trailhound_rule_engine::{RuleSet, Tests};

use self::{
    baseline::{BaselineError, Hits},
    correlating::Correlating,
    html::Page,
    ordered::Flow,
    report::{Ending, Refused, Report, Sighting},
    tally::Tallies,
    totals::{RuleCounts, Totals},
};
use crate::{
    arguments::{BackTestArguments, ScanArguments},
    exit_status::ExitStatus,
    inputs::{Content, Input, Object, Unreadable, holds_no_records, with_causes},
    output::{Output, Paint, count, named, printable},
    rule_files::{self, RuleFiles},
};

pub(crate) fn run(arguments: &ScanArguments, output: &mut Output) -> io::Result<ExitStatus> {
    let BackTestArguments { since, until, .. } = arguments.back_test;
    if since.zip(until).is_some_and(|(since, until)| since >= until) {
        output.error("nothing can be scanned: `--since` is not before `--until`");
        return Ok(ExitStatus::CouldNotRun);
    }
    let Some(inputs) = inputs(arguments, output) else { return Ok(ExitStatus::CouldNotRun) };
    let files = rule_files::load(&arguments.rules.paths, &arguments.rules.lists.files, Tests::PassOver);
    files.report_unreadable(output);
    files.report_diagnostics(output);
    if files.status() != ExitStatus::Clean {
        output.error("nothing was scanned, because the rules could not be loaded");
        return Ok(ExitStatus::CouldNotRun);
    }
    files.report_skipped(output);
    let Ok(comparing) = comparing(arguments, output) else { return Ok(ExitStatus::CouldNotRun) };
    let Ok(page) = page(arguments, output) else { return Ok(ExitStatus::CouldNotRun) };
    if !arguments.quiet {
        output.watch(&inputs);
    }
    let mut scan = Scan::new(arguments, files, output);
    (scan.comparing, scan.page) = (comparing, page);
    scan.report.start(scan.output)?;
    scan.inputs(&inputs)?;
    scan.finish()
}

/// The inputs of the command line; without any, standard input, unless somebody would have to type it.
fn inputs(arguments: &ScanArguments, output: &Output) -> Option<Vec<Input>> {
    if !arguments.inputs.is_empty() {
        return Some(arguments.inputs.clone());
    }
    if io::IsTerminal::is_terminal(&io::stdin()) {
        output.error("there is nothing to scan: name files, folders, s3://BUCKET/PREFIX, or `-` for standard input");
        return None;
    }
    Some(vec![Input::Stdin])
}

/// One thing to look at.
enum Job<'i> {
    Object(Result<Object, Unreadable>),
    /// An input that holds no object.
    Nothing(&'i Input),
}

/// What was seen of it.
enum Seen<'i> {
    Inspected {
        name: String,
        bytes: usize,
        /// Byte offset where this is a later part of what was read.
        offset: u64,
        inspection: Box<Inspection>,
    },
    /// It holds no records by its name.
    PassedOver,
    TooLarge {
        name: String,
    },
    Unreadable(Unreadable),
    Nothing(&'i Input),
}

impl<'i> Job<'i> {
    fn look(self, inspector: &Inspector, inflater: &mut Inflater) -> Seen<'i> {
        let object = match self {
            Job::Object(Ok(object)) => object,
            Job::Object(Err(unreadable)) => return Seen::Unreadable(unreadable),
            Job::Nothing(input) => return Seen::Nothing(input),
        };
        let (name, offset) = (object.name, object.offset);
        match object.content {
            _ if holds_no_records(&name) => Seen::PassedOver,
            Content::Whole(bytes) => Seen::Inspected {
                name,
                bytes: bytes.len(),
                offset,
                inspection: Box::new(inspector.inspect_with(&bytes, inflater)),
            },
            Content::TooLarge => Seen::TooLarge { name },
            Content::NoRecords => Seen::PassedOver,
        }
    }
}

/// An earlier run, and what this one finds.
#[derive(Debug)]
struct Comparing {
    earlier: Hits,
    now: Hits,
}

/// The earlier run that was asked for, if any; what is wrong with it has been said.
fn comparing(arguments: &ScanArguments, output: &Output) -> Result<Option<Comparing>, BaselineError> {
    let Some(path) = &arguments.back_test.baseline else { return Ok(None) };
    match Hits::read(path) {
        Ok(earlier) => Ok(Some(Comparing { earlier, now: Hits::default() })),
        Err(error) => {
            let name = printable(&path.display().to_string());
            output.error(format_args!("{name} cannot be the baseline: {}", with_causes(&error)));
            Err(error)
        }
    }
}

/// The page that was asked for, if any; what is wrong with it has been said.
fn page(arguments: &ScanArguments, output: &Output) -> io::Result<Option<Page>> {
    let Some(path) = &arguments.back_test.html else { return Ok(None) };
    let page = Page::create(path).inspect_err(|error| {
        output.error(format_args!("{} cannot be written: {error}", printable(&path.display().to_string())));
    });
    page.map(Some)
}

/// A scan under way.
#[derive(Debug)]
struct Scan<'s> {
    arguments: &'s ScanArguments,
    rules: Arc<RuleSet>,
    rule_counts: RuleCounts,
    inspector: Inspector,
    /// Until the end, when correlations are judged.
    correlating: Option<Correlating>,
    report: Report,
    totals: Totals,
    /// Records in earlier parts of the object at hand.
    records_before: u64,
    tallies: Tallies,
    comparing: Option<Comparing>,
    page: Option<Page>,
    status: ExitStatus,
    started: Instant,
    output: &'s mut Output,
}

impl<'s> Scan<'s> {
    fn new(arguments: &'s ScanArguments, files: RuleFiles, output: &'s mut Output) -> Self {
        let rule_counts = RuleCounts { loaded: files.rules(), skipped: files.loaded.skipped.len() };
        let rules = Arc::new(files.loaded.rules);
        let mut limits = InspectLimits::default();
        limits.log.inflated_bytes = usize::try_from(arguments.max_object_bytes.0).unwrap_or(usize::MAX);
        let BackTestArguments { since, until, .. } = arguments.back_test;
        let window = TimeWindow { since, until };
        Scan {
            arguments,
            inspector: Inspector::new(Arc::clone(&rules), limits)
                .with_minimum_level(arguments.level)
                .with_window(window),
            correlating: Some(Correlating::new(&rules)),
            rules,
            rule_counts,
            report: Report::new(arguments.format),
            totals: Totals::default(),
            records_before: 0,
            tallies: Tallies::default(),
            comparing: None,
            page: None,
            status: ExitStatus::Clean,
            started: Instant::now(),
            output,
        }
    }

    /// Looks at every object of every input, several at a time, and reports them in their order.
    fn inputs(&mut self, inputs: &[Input]) -> io::Result<()> {
        let limit = self.arguments.max_object_bytes.0;
        let threads = self.arguments.threads;
        let inspector = self.inspector.clone();
        let jobs = inputs.iter().flat_map(|input| {
            let mut objects = input.objects(limit).peekable();
            let nothing = objects.peek().is_none().then_some(Job::Nothing(input));
            objects.map(Job::Object).chain(nothing)
        });
        ordered::for_each(threads, jobs, |inflater, job| job.look(&inspector, inflater), |seen| self.seen(seen))
    }

    /// Takes what was seen of one object.
    fn seen(&mut self, seen: Seen<'_>) -> io::Result<Flow> {
        match seen {
            Seen::Inspected { name, bytes, offset, mut inspection } => {
                self.place(offset, &mut inspection);
                self.totals.count_object(offset == 0, &inspection);
                self.refusals(&name, &inspection);
                self.matches(&name, *inspection)?;
                self.output.progress().advance(bytes, self.totals.progress());
            }
            Seen::PassedOver => self.totals.passed_over += 1,
            Seen::TooLarge { name } => {
                self.totals.count_too_large();
                self.refused(Refused::too_large(&name, self.arguments.max_object_bytes));
            }
            Seen::Unreadable(unreadable) => self.unreadable(&unreadable),
            Seen::Nothing(input) => {
                self.output.warning(format_args!("{}: no object found", named(&input.to_string())));
            }
        }
        Ok(if self.is_pointless() { Flow::Stop } else { Flow::Continue })
    }

    /// Counts positions from the start of the object, also in a later part of it.
    fn place(&mut self, offset: u64, inspection: &mut Inspection) {
        if offset == 0 {
            self.records_before = 0;
        }
        inspection.shift(self.records_before, offset);
        self.records_before += inspection.records;
    }

    fn matches(&mut self, path: &str, inspection: Inspection) -> io::Result<()> {
        let path: Arc<str> = path.into();
        if let Some(correlating) = &mut self.correlating {
            correlating.add(&path, inspection.observations, inspection.unplaced)?;
        }
        for found in inspection.matches {
            // The inspector has the same rules, so there is one for every index it gives.
            let Some(rule) = self.rules.get(found.rule) else { continue };
            self.totals.count_shown(rule.metadata().level);
            self.tallies.add_match(found.rule, &found.event);
            if let Some(comparing) = &mut self.comparing {
                comparing.now.add_match(rule.metadata(), &path, &found);
            }
            if let Some(page) = &mut self.page {
                page.add_match(rule.metadata(), &path, &found);
            }
            let sighting =
                Sighting { path: Arc::clone(&path), rule: found.rule, event: found.event, index: found.index };
            self.report.found(rule.metadata(), sighting, self.output)?;
        }
        if self.report.is_streamed() { self.output.flush() } else { Ok(()) }
    }

    fn refusals(&mut self, path: &str, inspection: &Inspection) {
        for refusal in &inspection.refusals {
            self.refused(Refused::new(path, refusal));
        }
        let told = u64::try_from(inspection.refusals.len()).unwrap_or(u64::MAX);
        let unnamed = inspection.refused.saturating_sub(told);
        if unnamed > 0 {
            self.output.warning(format_args!("{}: {} more refused", named(path), count(unnamed, "record")));
        }
    }

    fn refused(&mut self, refused: Refused) {
        self.output.warning(&refused);
        self.report.refused(refused);
    }

    fn unreadable(&mut self, unreadable: &Unreadable) {
        self.output.unreadable(unreadable);
        self.report.unreadable(unreadable);
        self.totals.unread += 1;
        self.status = ExitStatus::CouldNotRun;
    }

    /// Whether nobody reads the results, nobody is to have a page, and nobody asked for a verdict on all of them.
    fn is_pointless(&self) -> bool {
        self.output.reader_is_gone() && self.arguments.fail_on.is_none() && self.page.is_none()
    }

    /// What the correlations make of everything seen.
    fn correlations(&mut self) -> io::Result<()> {
        let Some(correlating) = self.correlating.take() else { return Ok(()) };
        for firing in correlating.finish(&self.rules, self.output)? {
            let Some(correlation) = self.rules.correlation(firing.correlation) else { continue };
            let level = correlation.metadata().level;
            if level < self.arguments.level {
                self.totals.count_hidden_correlation(level);
                continue;
            }
            self.totals.count_correlation(level);
            self.tallies.add_fired(&firing);
            if let Some(comparing) = &mut self.comparing {
                comparing.now.add_fired(correlation.metadata(), &firing);
            }
            if let Some(page) = &mut self.page {
                page.add_fired(correlation.metadata(), &firing);
            }
            self.report.fired(correlation.metadata(), &firing, self.output)?;
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<ExitStatus> {
        self.output.end_progress();
        self.report.end_matches(&self.rules, self.output)?;
        self.correlations()?;
        let comparison = self.comparing.as_ref().map(|comparing| comparing.now.compare(&comparing.earlier));
        let ending = Ending {
            rule_counts: self.rule_counts,
            totals: &self.totals,
            tallies: &self.tallies,
            rules: &self.rules,
            comparison: self.arguments.back_test.baseline.as_deref().zip(comparison.as_ref()),
            elapsed: self.started.elapsed(),
        };
        if let Some(page) = self.page
            && let Err(error) = page.finish(&ending)
        {
            self.output.error(format_args!("the page cannot be written: {error}"));
            self.status = ExitStatus::CouldNotRun;
        }
        self.report.finish(&ending, self.output)?;
        self.output.flush()?;
        say_what_is_not_shown(self.arguments, &self.totals, self.output);
        Ok(self.status.max(verdict(self.arguments, &self.totals, self.output)))
    }
}

fn say_what_is_not_shown(arguments: &ScanArguments, totals: &Totals, output: &Output) {
    let hidden = totals.hidden();
    if hidden.total() > 0 {
        let levels = totals::listed(hidden, Paint::Plain);
        output.note(format_args!("{} below `{}` not shown{levels}", matches(hidden.total()), arguments.level));
    }
    if totals.outside > 0 {
        output.note(format_args!("{} passed over: outside `--since` and `--until`", count(totals.outside, "record")));
    }
    if totals.passed_over > 0 {
        let objects = count(totals.passed_over, "object");
        output.note(format_args!("{objects} passed over: digests and aggregates hold no records"));
    }
}

/// What `--fail-on` makes of the matches.
fn verdict(arguments: &ScanArguments, totals: &Totals, output: &Output) -> ExitStatus {
    let Some(level) = arguments.fail_on else { return ExitStatus::Clean };
    match totals.at_least(level) {
        0 => ExitStatus::Clean,
        number => {
            output.error(format_args!("{} of level `{level}` or above", matches(number)));
            ExitStatus::Problems
        }
    }
}

fn matches(number: u64) -> String {
    if number == 1 { "1 match".to_owned() } else { format!("{number} matches") }
}
