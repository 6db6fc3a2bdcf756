use std::collections::BTreeMap;

use jiff::Timestamp;
use trailhound_pipeline::Match;
use trailhound_rule_engine::{Level, Metadata};

use super::super::{
    correlating::Fired,
    histogram::Histogram,
    limits::{PAGE_HITS_OF_RULE, PAGE_RANKS},
    tally::Detection,
};

/// What a page is made of. Of each rule only so many hits are kept.
#[derive(Debug, Default)]
pub(super) struct Collection {
    hits: BTreeMap<Detection, Hits>,
    pub(super) levels: BTreeMap<Level, Histogram>,
    pub(super) actors: Ranking,
    pub(super) addresses: Ranking,
    pub(super) regions: Ranking,
    pub(super) accounts: Ranking,
}

/// The earliest and the latest hits of a rule: those without a time are last.
#[derive(Debug, Default)]
struct Hits {
    seen: u64,
    kept: BTreeMap<(bool, Option<Timestamp>, u64), Hit>,
}

/// A hit as it was found.
#[derive(Debug)]
pub(super) enum Hit {
    Match { path: String, found: Match },
    Firing { path: String, index: u64, time: Timestamp, group: Vec<(String, String)>, events: usize, first: Timestamp },
}

/// How often each of some names came up.
#[derive(Debug, Default)]
pub(super) struct Ranking {
    counts: BTreeMap<String, u64>,
}

impl Collection {
    pub(super) fn add_match(&mut self, rule: &Metadata, path: &str, found: &Match) {
        let event = &found.event;
        let time = event.event_time.as_deref().and_then(|time| time.parse().ok());
        self.count(rule.level, time);
        self.actors.add(event.actor.as_ref());
        self.addresses.add(event.source_ip_address.as_ref());
        self.regions.add(event.aws_region.as_ref());
        self.accounts.add(event.recipient_account_id.as_ref().or(event.identity_account.as_ref()));
        let hit = Hit::Match { path: path.to_owned(), found: found.clone() };
        self.hits.entry(Detection::Rule(found.rule)).or_default().add(time, hit);
    }

    pub(super) fn add_fired(&mut self, rule: &Metadata, fired: &Fired) {
        let (time, first) = (fired.verdict.time, fired.verdict.first);
        self.count(rule.level, Some(time));
        let (path, index) = (fired.source.path.to_string(), fired.source.index);
        let hit = Hit::Firing { path, index, time, group: fired.group.clone(), events: fired.events.len(), first };
        self.hits.entry(Detection::Correlation(fired.correlation)).or_default().add(Some(time), hit);
    }

    /// The hits of a rule that are kept, by time.
    pub(super) fn hits(&self, of: Detection) -> impl Iterator<Item = &Hit> {
        self.hits.get(&of).into_iter().flat_map(|hits| hits.kept.values())
    }

    fn count(&mut self, level: Level, time: Option<Timestamp>) {
        let histogram = self.levels.entry(level).or_default();
        if let Some(time) = time {
            histogram.add(time);
        }
    }
}

impl Hits {
    fn add(&mut self, time: Option<Timestamp>, hit: Hit) {
        self.seen += 1;
        self.kept.insert((time.is_none(), time, self.seen), hit);
        if self.kept.len() > PAGE_HITS_OF_RULE {
            // One in the middle is neither among the earliest nor among the latest, and never will be.
            let middle = self.kept.keys().nth(PAGE_HITS_OF_RULE / 2).copied();
            middle.and_then(|middle| self.kept.remove(&middle));
        }
    }
}

impl Ranking {
    fn add(&mut self, name: Option<&String>) {
        let Some(name) = name.filter(|name| !name.is_empty()) else { return };
        match self.counts.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                self.counts.insert(name.clone(), 1);
            }
        }
    }

    /// The most frequent names, and how many more there are.
    pub(super) fn top(&self) -> (Vec<(&str, u64)>, usize) {
        let mut names: Vec<(&str, u64)> = self.counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        names.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        let more = names.len().saturating_sub(PAGE_RANKS);
        names.truncate(PAGE_RANKS);
        (names, more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_and_the_latest_hits_are_kept() {
        let mut hits = Hits::default();
        // Up and down at once, so that no order of arrival helps.
        for step in 0..500_i64 {
            let second = if step % 2 == 0 { step } else { 1_000 - step };
            let time = Timestamp::from_second(second).unwrap();
            let hit = Hit::Firing { path: String::new(), index: 0, time, group: vec![], events: 1, first: time };
            hits.add(Some(time), hit);
        }
        let kept: Vec<i64> = hits.kept.keys().filter_map(|(_, time, _)| Some((*time)?.as_second())).collect();
        let half = i64::try_from(PAGE_HITS_OF_RULE / 2).unwrap();
        let expected: Vec<i64> =
            (0..half).map(|step| step * 2).chain((0..half).rev().map(|step| 999 - step * 2)).collect();
        assert_eq!(kept, expected);
    }
}
