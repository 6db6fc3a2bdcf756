use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use trailhound_pipeline::TimeSpan;
use trailhound_rule_engine::{Level, Metadata, attack};

use super::{
    super::{
        histogram::per_day,
        limits::{PAGE_BARS, PAGE_HITS, PAGE_RULES, SPARKLINE},
        report::Ending,
        summary::rate,
        tally::{Detection, Tally},
    },
    collect::{Collection, Ranking},
    hit::{HitView, shown},
};
use crate::output::{count, printable};

/// What the template prints.
#[derive(Debug, Serialize)]
pub(super) struct View {
    version: &'static str,
    span: Option<Span>,
    numbers: Vec<Number>,
    levels: Vec<Number>,
    timeline: Vec<Bar>,
    highest: u64,
    tactics: Vec<Tactic>,
    rules: Vec<RuleView>,
    rankings: Vec<RankingView>,
    /// What there was no room for.
    left_out: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Span {
    first: String,
    last: String,
}

#[derive(Debug, Serialize)]
struct Number {
    name: String,
    number: u64,
}

/// One part of the timeline.
#[derive(Debug, Serialize)]
struct Bar {
    label: String,
    pieces: Vec<Piece>,
}

/// A part of a bar, in thousandths of the highest bar.
#[derive(Debug, Serialize)]
struct Piece {
    level: Level,
    bottom: u64,
    height: u64,
}

#[derive(Debug, Serialize)]
struct Tactic {
    name: String,
    techniques: Vec<Technique>,
}

#[derive(Debug, Serialize)]
struct Technique {
    /// `None` for rules that name a tactic alone.
    id: Option<String>,
    name: Option<&'static str>,
    address: Option<String>,
    hits: u64,
    /// From 1 to 5, by orders of magnitude.
    heat: u32,
    rules: Vec<String>,
}

#[derive(Debug, Serialize)]
struct RuleView {
    level: Level,
    title: String,
    handle: String,
    hits: u64,
    actors: usize,
    accounts: usize,
    first: Option<String>,
    last: Option<String>,
    per_day: Option<String>,
    /// In percent of the highest.
    course: Vec<u64>,
    course_width: usize,
    description: Vec<String>,
    falsepositives: Vec<String>,
    response: Vec<String>,
    techniques: Vec<String>,
    tactics: Vec<String>,
    evidence: Vec<HitView>,
    more: u64,
}

#[derive(Debug, Serialize)]
struct RankingView {
    title: &'static str,
    rows: Vec<Rank>,
    more: usize,
}

#[derive(Debug, Serialize)]
struct Rank {
    name: String,
    hits: u64,
    percent: u64,
}

type Ranked<'r> = (Detection, &'r Metadata, &'r Tally);

impl View {
    pub(super) fn new(collection: &Collection, ending: &Ending<'_>) -> Self {
        let ranked = ending.tallies.ranked(ending.rules);
        let span = ending.totals.span;
        let mut room = PAGE_HITS;
        let shown_rules = ranked.iter().take(PAGE_RULES);
        let rules: Vec<RuleView> =
            shown_rules.map(|&rule| RuleView::new(rule, span, evidence(collection, rule, &mut room))).collect();
        let (timeline, highest) = timeline(collection, span);
        View {
            version: env!("CARGO_PKG_VERSION"),
            span: span.map(|span| Span { first: span.first.to_string(), last: span.last.to_string() }),
            numbers: numbers(ending, ranked.len()),
            levels: levels(&ranked),
            timeline,
            highest,
            tactics: tactics(&ranked),
            left_out: left_out(&ranked, &rules),
            rules,
            rankings: vec![
                RankingView::new("Actors", &collection.actors),
                RankingView::new("Addresses", &collection.addresses),
                RankingView::new("Regions", &collection.regions),
                RankingView::new("Accounts", &collection.accounts),
            ],
        }
    }
}

/// As many hits of the rule as there is room for.
fn evidence(collection: &Collection, (detection, rule, _): Ranked<'_>, room: &mut usize) -> Vec<HitView> {
    let evidence: Vec<HitView> = collection.hits(detection).take(*room).map(|hit| HitView::new(rule, hit)).collect();
    *room -= evidence.len();
    evidence
}

fn numbers(ending: &Ending<'_>, matched: usize) -> Vec<Number> {
    let totals = ending.totals;
    let rules = u64::try_from(ending.rule_counts.loaded).unwrap_or(u64::MAX);
    let of = |name: &str, number| Number { name: name.to_owned(), number };
    vec![
        of("records", totals.records()),
        of("hits", totals.hits()),
        of("rules that hit", u64::try_from(matched).unwrap_or(u64::MAX)),
        of("rules in all", rules),
        of("records refused", totals.refused()),
        of("objects not read", totals.unread),
    ]
}

fn levels(ranked: &[Ranked<'_>]) -> Vec<Number> {
    let hits = |level| ranked.iter().filter(|(_, rule, _)| rule.level == level).map(|(_, _, tally)| tally.hits).sum();
    let numbers = Level::ALL.into_iter().rev().map(|level| Number { name: level.to_string(), number: hits(level) });
    numbers.filter(|number| number.number > 0).collect()
}

fn left_out(ranked: &[Ranked<'_>], rules: &[RuleView]) -> Vec<String> {
    let hits: u64 = rules.iter().map(|rule| rule.more).sum();
    let mut left_out = Vec::new();
    if ranked.len() > rules.len() {
        left_out.push(format!("{} of the lowest levels", count(ranked.len() - rules.len(), "rule")));
    }
    if hits > 0 {
        left_out.push(format!("the evidence of {} (each rule shows its earliest and latest)", count(hits, "hit")));
    }
    left_out
}

/// The bars from the earliest to the latest record, and the hits of the highest.
fn timeline(collection: &Collection, span: Option<TimeSpan>) -> (Vec<Bar>, u64) {
    let Some(span) = span else { return (Vec::new(), 0) };
    let levels: Vec<(Level, Vec<u64>)> =
        collection.levels.iter().map(|(level, times)| (*level, times.parts(span, PAGE_BARS))).collect();
    let at =
        |bar: usize| levels.iter().map(move |(level, parts)| (*level, parts.get(bar).copied().unwrap_or_default()));
    let highest = (0..PAGE_BARS).map(|bar| at(bar).map(|(_, hits)| hits).sum()).max().unwrap_or_default();
    let bars = (0..PAGE_BARS).map(|bar| {
        let mut bottom = 0;
        let pieces = at(bar).filter(|(_, hits)| *hits > 0).map(|(level, hits)| {
            let top = (bottom + hits, highest);
            let piece = Piece { level, bottom: thousandths((bottom, highest)), height: 0 };
            bottom += hits;
            Piece { height: thousandths(top).saturating_sub(piece.bottom).max(8), ..piece }
        });
        let pieces = pieces.collect();
        Bar { pieces, label: label(span, bar, at(bar)) }
    });
    (bars.collect(), highest)
}

fn thousandths((number, of): (u64, u64)) -> u64 {
    (number * 1_000).checked_div(of).unwrap_or_default()
}

/// For example `2026-03-10 11:00: 4 high, 1 critical`.
fn label(span: TimeSpan, bar: usize, hits: impl Iterator<Item = (Level, u64)>) -> String {
    let seconds = span.last.as_second() - span.first.as_second() + 1;
    let bar = i64::try_from(bar).unwrap_or_default();
    let bars = i64::try_from(PAGE_BARS).unwrap_or(1);
    let start: Option<Timestamp> = span.first.checked_add(SignedDuration::from_secs(seconds / bars * bar)).ok();
    let words: Vec<String> =
        hits.filter(|(_, hits)| *hits > 0).map(|(level, hits)| format!("{hits} {level}")).collect();
    let time = start.map_or_else(String::new, |start| start.strftime("%F %H:%M").to_string());
    format!("{time}: {}", if words.is_empty() { "none".to_owned() } else { words.join(", ") })
}

/// The matrix of what the rules that hit name.
fn tactics(ranked: &[Ranked<'_>]) -> Vec<Tactic> {
    type Cells = BTreeMap<Option<String>, (u64, BTreeSet<String>)>;
    let mut matrix: BTreeMap<(usize, String), Cells> = BTreeMap::new();
    for (_, rule, tally) in ranked {
        let (tactics, techniques) = (attack::tactics(&rule.tags), attack::techniques(&rule.tags));
        if tactics.is_empty() && techniques.is_empty() {
            continue;
        }
        let tactics = if tactics.is_empty() { vec![None] } else { tactics.into_iter().map(Some).collect() };
        let techniques = if techniques.is_empty() { vec![None] } else { techniques.into_iter().map(Some).collect() };
        for tactic in tactics {
            let cells = matrix.entry(column(tactic)).or_default();
            for technique in &techniques {
                let (hits, rules) = cells.entry(technique.clone()).or_default();
                *hits += tally.hits;
                rules.insert(printable(&rule.title));
            }
        }
    }
    let shown = |((_, name), cells): ((usize, String), Cells)| Tactic {
        name,
        techniques: cells.into_iter().map(|(id, (hits, rules))| Technique::new(id, hits, rules)).collect(),
    };
    matrix.into_iter().map(shown).collect()
}

/// Where a tactic stands in the matrix and what people call it; what has none is last.
fn column(tactic: Option<attack::Tactic>) -> (usize, String) {
    let Some(tactic) = tactic else { return (usize::MAX, "No tactic".to_owned()) };
    let place = attack::TACTICS.iter().position(|known| known.id == tactic.id);
    (place.unwrap_or(attack::TACTICS.len()), tactic.name.to_owned())
}

/// Where a technique is described.
fn address(technique: &str) -> String {
    format!("https://attack.mitre.org/techniques/{}/", technique.replace('.', "/"))
}

impl Technique {
    fn new(id: Option<String>, hits: u64, rules: BTreeSet<String>) -> Self {
        let address = id.as_deref().map(address);
        let heat = hits.checked_ilog10().map_or(1, |magnitude| (magnitude + 1).min(5));
        let name = id.as_deref().and_then(attack::technique_name);
        Technique { id, name, address, hits, heat, rules: rules.into_iter().collect() }
    }
}

impl RuleView {
    fn new((_, rule, tally): Ranked<'_>, span: Option<TimeSpan>, evidence: Vec<HitView>) -> Self {
        let texts = |list: &[String]| list.iter().map(|text| printable(text)).collect();
        let (tactics, techniques) = (attack::tactics(&rule.tags), attack::techniques(&rule.tags));
        let parts = span.map_or_else(Vec::new, |span| tally.times.parts(span, SPARKLINE * 2));
        let highest = parts.iter().copied().max().unwrap_or_default();
        let shown = u64::try_from(evidence.len()).unwrap_or(u64::MAX);
        RuleView {
            level: rule.level,
            title: printable(&rule.title),
            handle: printable(rule.handle()),
            hits: tally.hits,
            actors: tally.actors(),
            accounts: tally.accounts(),
            first: tally.span.map(|span| span.first.to_string()),
            last: tally.span.map(|span| span.last.to_string()),
            per_day: span.map(|span| rate(per_day(tally.hits, span))),
            course_width: parts.len() * 4,
            course: parts.iter().map(|&part| (part * 100).checked_div(highest).unwrap_or_default()).collect(),
            description: rule.description.iter().flat_map(|text| text.lines()).map(printable).collect(),
            falsepositives: texts(&rule.falsepositives),
            response: texts(&rule.response),
            techniques,
            tactics: tactics.iter().map(|tactic| tactic.name.to_owned()).collect(),
            evidence,
            more: tally.hits.saturating_sub(shown),
        }
    }
}

impl RankingView {
    fn new(title: &'static str, ranking: &Ranking) -> Self {
        let (names, more) = ranking.top();
        let highest = names.first().map_or(0, |&(_, hits)| hits);
        let rows = names.into_iter().map(|(name, hits)| Rank {
            name: shown(name),
            hits,
            percent: (hits * 100).checked_div(highest).unwrap_or_default(),
        });
        RankingView { title, rows: rows.collect(), more }
    }
}
