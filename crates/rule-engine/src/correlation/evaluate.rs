//! Judges the events of one group: a pure function of what is stored.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    ops::Deref,
};

use jiff::Timestamp;

use super::{Bound, Correlation, Held, Judge, Kind, Occurrence, Threshold, Verdict, sliding::Sliding, tally::Tally};
use crate::{decimal::Decimal, detection::Condition};

impl Correlation {
    /// Where in the events of one group the correlation comes to hold.
    ///
    /// The order of `occurrences` does not matter, and one that is there twice counts once. The window
    /// slides with event time: at each event it reaches back by the timespan, an event exactly that old
    /// included. Once the correlation holds, it says so again only after the window has been empty.
    /// Conditions with `lt`, `lte`, `eq` or `not`, which more events could undo, are judged when a
    /// window is over instead, which is the timespan after its first event.
    pub fn judge(&self, occurrences: &[Occurrence]) -> Vec<Verdict> {
        let mut judge = Judge::new(self);
        let mut held: Vec<_> = in_order(occurrences).into_iter().filter_map(|event| judge.take(event)).collect();
        held.extend(judge.finish());
        held.into_iter().map(|held| held.verdict).collect()
    }

    /// The first window in which the correlation holds, among those that end at an event not before
    /// `from`: for whoever has judged the windows before, or keeps no events that old. Asks nothing of
    /// [`Judging::AtTheEnd`](crate::Judging::AtTheEnd) and [`Judging::FirstSight`](crate::Judging::FirstSight), which come to hold in other ways.
    ///
    /// `occurrences` has to reach back from `from` by the timespan, and may be in any order.
    pub fn first_holding(&self, occurrences: &[Occurrence], from: Timestamp) -> Option<Verdict> {
        let mut sliding = Sliding::new(self);
        for event in in_order(occurrences) {
            sliding.slide_to(event);
            if event.time >= from && sliding.holds() {
                return self.held(sliding.take()).map(|held| held.verdict);
            }
        }
        None
    }

    pub(super) fn is_older_than_window(&self, older: Timestamp, newer: Timestamp) -> bool {
        newer.duration_since(older).as_secs() > self.timespan
            || (newer.duration_since(older).as_secs() == self.timespan
                && newer.duration_since(older).subsec_nanos() > 0)
    }

    /// What there is to tell about a window that is over or has just come to hold.
    pub(super) fn held<O: Deref<Target = Occurrence>>(&self, window: Vec<O>) -> Option<Held<O>> {
        let is_known_to_hold = !self.waits_for_the_end() || self.holds(&window);
        let verdict = is_known_to_hold.then(|| self.verdict(&window)).flatten()?;
        Some(Held { verdict, window })
    }

    fn verdict<O: Deref<Target = Occurrence>>(&self, window: &[O]) -> Option<Verdict> {
        let (first, last) = (window.first()?, window.last()?);
        let mut seen = HashSet::new();
        let events: Vec<String> =
            window.iter().filter(|event| seen.insert(&event.event)).map(|event| event.event.clone()).collect();
        let count = match &self.kind {
            Kind::ValueCount(_) => distinct_values(window),
            _ => events.len(),
        };
        Some(Verdict { event: last.event.clone(), time: last.time, count, first: first.time, last: last.time, events })
    }

    /// The same as [`Correlation::holds`] from what was counted while the window slid.
    pub(super) fn holds_by<O: Deref<Target = Occurrence>>(&self, tally: &Tally<O>) -> bool {
        match &self.threshold {
            Threshold::Expression(condition) => expression_holds(condition, &tally.members()),
            Threshold::Bounds(bounds) => number(tally.distinct())
                .is_some_and(|measured| bounds.iter().all(|(bound, wanted)| bound_holds(*bound, &measured, wanted))),
        }
    }

    pub(super) fn holds<O: Deref<Target = Occurrence>>(&self, window: &[O]) -> bool {
        match &self.threshold {
            Threshold::Expression(condition) => {
                let members: BTreeSet<usize> = window.iter().map(|event| event.member).collect();
                expression_holds(condition, &members)
            }
            Threshold::Bounds(bounds) => self
                .measure(window)
                .is_some_and(|measured| bounds.iter().all(|(bound, wanted)| bound_holds(*bound, &measured, wanted))),
        }
    }

    /// The number that is compared; `None` when no event has a value.
    fn measure<O: Deref<Target = Occurrence>>(&self, window: &[O]) -> Option<Decimal> {
        match &self.kind {
            Kind::EventCount => number(window.iter().map(|event| &event.event).collect::<HashSet<_>>().len()),
            Kind::ValueCount(_) => number(distinct_values(window)),
            Kind::Temporal => number(window.iter().map(|event| event.member).collect::<HashSet<_>>().len()),
            Kind::TemporalOrdered => number(longest_chain(window)),
            Kind::ValueSum(_) => sum(&numbers(window)),
            Kind::ValueAverage(_) => average(&numbers(window)),
            Kind::ValuePercentile(_, percentile) => at_percentile(&numbers(window), *percentile),
            // Judged on its own, without a number.
            Kind::NewValue { .. } => None,
        }
    }
}

/// Sorted, each once.
fn in_order(occurrences: &[Occurrence]) -> Vec<&Occurrence> {
    let mut sorted: Vec<&Occurrence> = occurrences.iter().collect();
    sorted.sort();
    sorted.dedup();
    sorted
}

fn number(count: usize) -> Option<Decimal> {
    Decimal::parse(&count.to_string())
}

fn bound_holds(bound: Bound, measured: &Decimal, wanted: &Decimal) -> bool {
    match bound {
        Bound::Compare(comparison) => comparison.holds(measured.cmp(wanted)),
        Bound::Equal => measured == wanted,
        Bound::Unequal => measured != wanted,
    }
}

fn expression_holds(condition: &Condition, members: &BTreeSet<usize>) -> bool {
    match condition {
        Condition::Identifier(member) => members.contains(member),
        Condition::Not(inner) => !expression_holds(inner, members),
        Condition::All(all) => all.iter().all(|inner| expression_holds(inner, members)),
        Condition::Any(any) => any.iter().any(|inner| expression_holds(inner, members)),
    }
}

fn distinct_values<O: Deref<Target = Occurrence>>(window: &[O]) -> usize {
    window.iter().filter_map(|event| event.value.as_ref()).collect::<HashSet<_>>().len()
}

/// The most rules that can be put in their order by choosing one event for each. Events of the same
/// second are in any order; no event stands for two neighbours.
fn longest_chain<O: Deref<Target = Occurrence>>(window: &[O]) -> usize {
    let mut ordered: Vec<&Occurrence> = window.iter().map(Deref::deref).collect();
    ordered.sort_by_key(|event| (event.time.as_second(), event.member));
    // For each rule the longest chain that ends with it, and the event at its end.
    let mut chains: BTreeMap<usize, (usize, &str)> = BTreeMap::new();
    for event in ordered {
        let before = chains.range(..event.member).map(|(_, chain)| chain);
        let longest = before.filter(|(_, last)| *last != event.event).map(|(length, _)| *length).max();
        let length = longest.unwrap_or_default() + 1;
        let chain = chains.entry(event.member).or_insert((0, ""));
        if length > chain.0 {
            *chain = (length, &event.event);
        }
    }
    chains.values().map(|(length, _)| *length).max().unwrap_or_default()
}

/// The numeric values of the window, each event once.
fn numbers<O: Deref<Target = Occurrence>>(window: &[O]) -> Vec<f64> {
    let mut seen = HashSet::new();
    window
        .iter()
        .filter(|event| seen.insert(&event.event))
        .filter_map(|event| event.value.as_ref()?.first())
        .filter(|text| Decimal::parse(text).is_some())
        .filter_map(|text| text.parse().ok())
        .collect()
}

fn decimal(number: f64) -> Option<Decimal> {
    Decimal::parse(&number.to_string())
}

fn sum(numbers: &[f64]) -> Option<Decimal> {
    if numbers.is_empty() { None } else { decimal(numbers.iter().sum()) }
}

#[expect(clippy::cast_precision_loss, reason = "no window holds 2⁵³ events")]
fn average(numbers: &[f64]) -> Option<Decimal> {
    if numbers.is_empty() { None } else { decimal(numbers.iter().sum::<f64>() / numbers.len() as f64) }
}

/// Linear interpolation between the two values nearest to the percentile.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the rank lies between zero and the number of events"
)]
fn at_percentile(numbers: &[f64], percentile: f64) -> Option<Decimal> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = percentile / 100.0 * (sorted.len().checked_sub(1)? as f64);
    let below = sorted.get(rank.floor() as usize)?;
    let above = sorted.get(rank.ceil() as usize)?;
    decimal(below + (above - below) * rank.fract())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Limits, RuleSet, Source};

    const RULES: &str = "
title: A
name: a
logsource: {product: aws, service: cloudtrail}
detection: {s: {x: 1}, condition: s}
---
title: B
name: b
logsource: {product: aws, service: cloudtrail}
detection: {s: {x: 2}, condition: s}
";

    fn correlation(body: &str) -> RuleSet {
        let text = format!("{RULES}---\ntitle: C\nname: c\ncorrelation:\n  rules: [a, b]\n  timespan: 10s\n{body}");
        let loaded = RuleSet::load([Source::new("c.yml", text)], &Limits::default());
        assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
        loaded.rules
    }

    /// Every window looked at as a whole.
    fn slowly(correlation: &Correlation, occurrences: &[Occurrence]) -> Vec<(Timestamp, usize)> {
        let mut sorted: Vec<&Occurrence> = occurrences.iter().collect();
        sorted.sort();
        sorted.dedup();
        let (mut held, mut verdicts) = (false, Vec::new());
        for (end, newest) in sorted.iter().enumerate() {
            let inside = |event: &&&Occurrence| !correlation.is_older_than_window(event.time, newest.time);
            let window: Vec<&Occurrence> = sorted[..=end].iter().filter(inside).copied().collect();
            held &= window.len() > 1;
            if !held && correlation.holds(&window) {
                held = true;
                verdicts.push((newest.time, correlation.verdict(&window).unwrap().count));
            }
        }
        verdicts
    }

    fn occurrence() -> impl Strategy<Value = Occurrence> {
        (0..60_i64, 0..12_u8, 0..2_usize, proptest::option::of(0..4_u8)).prop_map(|(second, event, member, value)| {
            let time = Timestamp::from_second(second).unwrap();
            Occurrence { time, event: event.to_string(), member, value: value.map(|value| vec![value.to_string()]) }
        })
    }

    proptest! {
        #[test]
        fn a_tally_tells_the_same_as_the_window(occurrences in proptest::collection::vec(occurrence(), 0..60)) {
            for body in [
                "  type: event_count\n  condition: {gte: 4}\n",
                "  type: value_count\n  condition: {field: v, gt: 2}\n",
                "  type: temporal\n",
                "  type: temporal\n  condition: a and b\n",
                "  type: event_count\n  condition: {neq: 2}\n",
            ] {
                let rules = correlation(body);
                let correlation = rules.correlation(super::super::CorrelationIndex(0)).unwrap();
                let fast: Vec<_> =
                    correlation.judge(&occurrences).into_iter().map(|verdict| (verdict.time, verdict.count)).collect();
                prop_assert_eq!(fast, slowly(correlation, &occurrences), "{}", body);
            }
        }
    }
}
