use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use jiff::Timestamp;
use trailhound_pipeline::{EventSummary, TimeSpan};
use trailhound_rule_engine::{Correlation, CorrelationIndex, Metadata, Rule, RuleIndex, RuleSet};

use super::{correlating::Fired, histogram::Histogram};

/// What can hit: a rule or a correlation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Detection {
    Rule(RuleIndex),
    Correlation(CorrelationIndex),
}

impl Detection {
    pub(super) fn metadata(self, rules: &RuleSet) -> Option<&Metadata> {
        match self {
            Detection::Rule(rule) => rules.get(rule).map(Rule::metadata),
            Detection::Correlation(correlation) => rules.correlation(correlation).map(Correlation::metadata),
        }
    }
}

/// How often each rule hit, whom, where and when.
///
/// What is kept grows with the number of different actors, not with the number of hits.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    tallies: BTreeMap<Detection, Tally>,
}

/// The hits of one rule.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) hits: u64,
    actors: BTreeSet<(Option<String>, String)>,
    accounts: BTreeSet<String>,
    /// From the first to the last hit that has a time.
    pub(super) span: Option<TimeSpan>,
    pub(super) times: Histogram,
}

impl Tallies {
    pub(super) fn add_match(&mut self, rule: RuleIndex, event: &EventSummary) {
        let tally = self.tallies.entry(Detection::Rule(rule)).or_default();
        tally.add(event.event_time.as_deref().and_then(|time| time.parse().ok()));
        if let Some(actor) = event.actor.clone() {
            tally.actors.insert((caller_account(event).cloned(), actor));
        }
        let account = event.recipient_account_id.as_ref().or(event.identity_account.as_ref());
        if let Some(account) = account.filter(|account| !tally.accounts.contains(*account)) {
            tally.accounts.insert(account.clone());
        }
    }

    pub(super) fn add_fired(&mut self, fired: &Fired) {
        self.tallies.entry(Detection::Correlation(fired.correlation)).or_default().add(Some(fired.verdict.time));
    }

    /// The rules that hit: the most urgent first, then the most frequent.
    pub(super) fn ranked<'r>(&self, rules: &'r RuleSet) -> Vec<(Detection, &'r Metadata, &Tally)> {
        let known = self.tallies.iter();
        let mut ranked: Vec<_> =
            known.filter_map(|(detection, tally)| Some((*detection, detection.metadata(rules)?, tally))).collect();
        ranked.sort_by_key(|(_, rule, tally)| (Reverse(rule.level), Reverse(tally.hits), rule.title.as_str()));
        ranked
    }
}

impl Tally {
    fn add(&mut self, time: Option<Timestamp>) {
        self.hits += 1;
        if let Some(time) = time {
            let now = TimeSpan::at(time);
            self.span = Some(self.span.map_or(now, |span| span.joined(now)));
            self.times.add(time);
        }
    }

    /// Different actors that have a name; of a correlation nobody knows.
    pub(super) fn actors(&self) -> usize {
        self.actors.len()
    }

    /// Different accounts that the events are about.
    pub(super) fn accounts(&self) -> usize {
        self.accounts.len()
    }
}

/// The account of the caller; that of the record where the record does not say.
pub(super) fn caller_account(event: &EventSummary) -> Option<&String> {
    event.identity_account.as_ref().or(event.recipient_account_id.as_ref())
}
