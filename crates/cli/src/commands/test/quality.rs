//! What the tests of rules do not ask: parts that were never decisive, damages that nobody noticed.

use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use serde::Serialize;
use trailhound_rule_engine::{
    CorrelationIndex, Rule,
    explain::{Coverage, Explanation, Point, PointKind},
    mutation::{self, Change, ChangeKind, Names, Score},
    oracle::Json,
};

use crate::{
    arguments::TestArguments,
    output::{Output, count, printable},
    rule_files::{self, Carrier, RuleFiles},
    wire::RuleLabel,
};

/// Parts of rules that no test needs.
#[derive(Debug, Serialize)]
pub(super) struct CoverageReport<'r> {
    points: usize,
    covered: usize,
    rules: Vec<CoveredRule<'r>>,
}

#[derive(Debug, Serialize)]
struct CoveredRule<'r> {
    rule: RuleLabel<'r>,
    file: &'r str,
    line: usize,
    points: usize,
    covered: usize,
    uncovered: Vec<Uncovered>,
}

/// A part that no test needs, at least not in both ways.
#[derive(Debug, Serialize)]
struct Uncovered {
    kind: &'static str,
    text: String,
    line: usize,
    column: usize,
    decisive_by_holding: bool,
    decisive_by_failing: bool,
}

/// Damages of rules, and how many of them the tests noticed.
#[derive(Debug, Serialize)]
pub(super) struct MutationReport<'r> {
    mutants: usize,
    noticed: usize,
    equivalent: usize,
    /// In percent, rounded down.
    score: usize,
    rules: Vec<DamagedRule<'r>>,
}

#[derive(Debug, Serialize)]
struct DamagedRule<'r> {
    rule: RuleLabel<'r>,
    file: &'r str,
    line: usize,
    mutants: usize,
    noticed: usize,
    equivalent: usize,
    score: usize,
    survived: Vec<Survivor>,
}

#[derive(Debug, Serialize)]
struct Survivor {
    change: ChangeKind,
    text: String,
    line: usize,
    column: usize,
}

impl<'r> CoverageReport<'r> {
    pub(super) fn of(files: &'r RuleFiles) -> Self {
        let rules: Vec<CoveredRule<'r>> =
            files.loaded.rules.iter().map(|(_, rule)| CoveredRule::of(rule, files)).collect();
        CoverageReport {
            points: rules.iter().map(|rule| rule.points).sum(),
            covered: rules.iter().map(|rule| rule.covered).sum(),
            rules,
        }
    }

    pub(super) fn print(&self, output: &mut Output) -> io::Result<()> {
        let paint = output.paint();
        for rule in self.rules.iter().filter(|rule| !rule.uncovered.is_empty()) {
            let place = format!("{}:{}", printable(rule.file), rule.line);
            output.line(format_args!("{} {place}", paint.warning("UNCOVERED")))?;
            output.line(format_args!(
                "  {}: {} of {} parts",
                printable(rule.rule.title()),
                rule.covered,
                rule.points
            ))?;
            for part in &rule.uncovered {
                output.line(format_args!("  {:>4}  {}", part.line, printable(&part.in_words())))?;
            }
            output.line("")?;
        }
        output.line(format_args!("coverage: {} of {} parts were decisive", self.covered, self.points))
    }
}

impl<'r> CoveredRule<'r> {
    fn of(rule: &'r Rule, files: &RuleFiles) -> Self {
        let mut coverage = Coverage::of(rule);
        let read = |name: &str| files.event_file(rule.source(), name);
        for test in rule.tests() {
            let rule = test.rule(rule);
            for record in test.records(&read).unwrap_or_default().iter().filter_map(|text| Json::record(text).ok()) {
                coverage.add(&Explanation::alone(&rule, &record));
            }
        }
        let points = coverage.points();
        let uncovered: Vec<Uncovered> =
            points.iter().filter(|point| !point.is_covered()).map(|point| Uncovered::of(point, rule)).collect();
        CoveredRule {
            rule: rule.metadata().into(),
            file: rule.source().name(),
            line: rule.position().line,
            points: points.len(),
            covered: points.len() - uncovered.len(),
            uncovered,
        }
    }
}

impl Uncovered {
    fn of(point: &Point, rule: &Rule) -> Self {
        let position = rule.source().position(point.span.start);
        let (kind, text) = match &point.kind {
            PointKind::Search(name) => ("search", name),
            PointKind::Branch(text) => ("branch", text),
            PointKind::Value(text) => ("value", text),
        };
        Uncovered {
            kind,
            text: text.clone(),
            line: position.line,
            column: position.column,
            decisive_by_holding: point.by_holding,
            decisive_by_failing: point.by_failing,
        }
    }

    fn in_words(&self) -> String {
        let lacking = match (self.kind, self.decisive_by_holding, self.decisive_by_failing) {
            ("search", true, false) => "never decides by not holding",
            ("search", false, true) => "never decides by holding",
            ("search", ..) => "never decides anything",
            _ => "is never the one that decides",
        };
        format!("{} `{}` {lacking}", self.kind, self.text)
    }
}

impl<'r> MutationReport<'r> {
    pub(super) fn of(files: &'r RuleFiles, arguments: &TestArguments) -> Self {
        let rules = &files.loaded.rules;
        let names = names(files);
        let jobs: Vec<Job<'r>> = rules
            .iter()
            .map(|(_, rule)| Job::Rule(rule))
            .chain(rules.correlations().map(|(index, correlation)| Job::Correlation(index, correlation.into())))
            .collect();
        let rules = in_parallel(arguments.threads.get(), &jobs, |job| job.run(files, &names));
        let sum = |number: fn(&DamagedRule<'r>) -> usize| rules.iter().map(number).sum();
        let (mutants, noticed) = (sum(|rule| rule.mutants), sum(|rule| rule.noticed));
        let equivalent = sum(|rule| rule.equivalent);
        MutationReport { mutants, noticed, equivalent, score: percent(noticed, mutants), rules }
    }

    /// The lowest score of all rules.
    pub(super) fn lowest(&self) -> usize {
        self.rules.iter().map(|rule| rule.score).min().unwrap_or(100)
    }

    pub(super) fn print(&self, output: &mut Output) -> io::Result<()> {
        let paint = output.paint();
        let mut worst: Vec<&DamagedRule<'_>> = self.rules.iter().filter(|rule| !rule.survived.is_empty()).collect();
        worst.sort_by_key(|rule| rule.score);
        for rule in worst {
            let place = format!("{}:{}", printable(rule.file), rule.line);
            output.line(format_args!("{} {place}", paint.warning("SURVIVED")))?;
            let title = printable(rule.rule.title());
            output.line(format_args!("  {title}: {} of {}, {} %", rule.noticed, rule.mutants, rule.score))?;
            for survivor in &rule.survived {
                output.line(format_args!("  {:>4}  {}", survivor.line, printable(&survivor.text)))?;
            }
            output.line("")?;
        }
        let mutants = count(self.mutants, "mutant");
        output.line(format_args!("mutants: {} of {mutants} noticed, {} %", self.noticed, self.score))
    }
}

/// A rule or correlation to damage.
enum Job<'r> {
    Rule(&'r Rule),
    Correlation(CorrelationIndex, Carrier<'r>),
}

impl<'r> Job<'r> {
    fn run(&self, files: &'r RuleFiles, names: &Names) -> DamagedRule<'r> {
        let (carrier, score) = match self {
            Job::Rule(rule) => {
                let read = |name: &str| files.event_file(rule.source(), name);
                (Carrier::from(*rule), mutation::of_rule(rule, names, &read))
            }
            Job::Correlation(index, carrier) => {
                let read = |name: &str| files.event_file(carrier.source, name);
                (*carrier, mutation::of_correlation(&files.loaded.rules, *index, &read))
            }
        };
        DamagedRule::new(carrier, score)
    }
}

impl<'r> DamagedRule<'r> {
    fn new(carrier: Carrier<'r>, score: Score) -> Self {
        let survivor = |change: Change| {
            let position = carrier.source.position(change.span.start);
            Survivor { change: change.kind, text: change.to_string(), line: position.line, column: position.column }
        };
        DamagedRule {
            rule: carrier.metadata.into(),
            file: carrier.source.name(),
            line: carrier.position.line,
            mutants: score.mutants(),
            noticed: score.noticed,
            equivalent: score.equivalent,
            score: percent(score.noticed, score.mutants()),
            survived: score.survived.into_iter().map(survivor).collect(),
        }
    }
}

/// The names of sources and events that the rules at hand and the built-in ones know.
fn names(files: &RuleFiles) -> Names {
    let mut names = Names::default();
    let built_in = rule_files::load(&[], &[], trailhound_rule_engine::Tests::PassOver);
    for (_, rule) in files.loaded.rules.iter().chain(built_in.loaded.rules.iter()) {
        names.add_rule(rule, &|name| files.event_file(rule.source(), name));
    }
    names
}

fn percent(part: usize, whole: usize) -> usize {
    (part * 100).checked_div(whole).unwrap_or(100)
}

/// Runs `work` on every job, and gives the results in the order of the jobs.
fn in_parallel<J: Sync, R: Send>(threads: usize, jobs: &[J], work: impl Fn(&J) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(number) else { return done };
            done.push((number, work(job)));
        }
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(jobs.len())).map(|_| scope.spawn(take)).collect();
        let mut done = take();
        for other in others {
            match other.join() {
                Ok(results) => done.extend(results),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}
