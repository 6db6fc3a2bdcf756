//! The mutants of a correlation.

use super::{
    Change, ChangeKind, Score,
    rules::{Scope, condition_changes},
};
use crate::{
    correlation::{Correlation, CorrelationIndex, Kind, Threshold},
    decimal::Decimal,
    detection::{Condition, Detection, Identifier, Search},
    ruleset::RuleSet,
    source::Source,
    suite,
};

pub(super) fn score(rules: &RuleSet, index: CorrelationIndex, files: &dyn Fn(&str) -> Result<String, String>) -> Score {
    let mut score = Score::default();
    let Some(correlation) = rules.correlation(index) else { return score };
    let passes: Vec<bool> = suite::run_correlation(rules, index, files).iter().map(suite::TestResult::passed).collect();
    for (change, mutant) in mutants(correlation) {
        let (rules, index) = rules.with_correlation(index, &mutant);
        let results = suite::run_correlation(&rules, index, files);
        if results.iter().zip(&passes).any(|(result, passed)| *passed && !result.passed()) {
            score.noticed += 1;
        } else {
            score.survived.push(change);
        }
    }
    score
}

fn mutants(correlation: &Correlation) -> Vec<(Change, Correlation)> {
    let mut mutants = Vec::new();
    let change = |kind, what: String| Change { kind, what, span: correlation.span };
    for (number, field) in correlation.group_by.iter().enumerate() {
        let mut mutant = correlation.clone();
        mutant.group_by.remove(number);
        mutants.push((change(ChangeKind::DropGroupField, field.name.clone()), mutant));
    }
    let timespan = format!("{} s", correlation.timespan);
    for (kind, timespan_of_mutant) in [
        (ChangeKind::LengthenTimespan, correlation.timespan.saturating_mul(2)),
        (ChangeKind::ShortenTimespan, correlation.timespan / 2),
    ] {
        let mutant = Correlation { timespan: timespan_of_mutant, ..correlation.clone() };
        mutants.push((change(kind, timespan.clone()), mutant));
    }
    if correlation.kind == Kind::TemporalOrdered {
        let mutant = Correlation { kind: Kind::Temporal, ..correlation.clone() };
        mutants.push((change(ChangeKind::IgnoreOrder, String::new()), mutant));
    }
    match &correlation.threshold {
        Threshold::Bounds(_) => mutants.extend(shifted(correlation)),
        Threshold::Expression(condition) => mutants.extend(expressions(correlation, condition)),
    }
    mutants
}

fn shifted(correlation: &Correlation) -> Vec<(Change, Correlation)> {
    let Threshold::Bounds(bounds) = &correlation.threshold else { return Vec::new() };
    let mut mutants = Vec::new();
    for (number, (_, wanted)) in bounds.iter().enumerate() {
        let written = wanted.canonical().unwrap_or_default();
        for (kind, by) in [(ChangeKind::RaiseThreshold, 1), (ChangeKind::LowerThreshold, -1)] {
            let Some(shifted) = whole(wanted).and_then(|whole| Decimal::parse(&(whole + by).to_string())) else {
                continue;
            };
            let mut bounds = bounds.clone();
            if let Some((_, wanted)) = bounds.get_mut(number) {
                *wanted = shifted;
            }
            let change = Change { kind, what: written.clone(), span: correlation.span };
            mutants.push((change, Correlation { threshold: Threshold::Bounds(bounds), ..correlation.clone() }));
        }
    }
    mutants
}

fn whole(number: &Decimal) -> Option<i64> {
    number.canonical()?.parse().ok()
}

fn expressions(correlation: &Correlation, condition: &Condition) -> Vec<(Change, Correlation)> {
    let identifiers = correlation.references.iter().map(|reference| Identifier {
        name: reference.name.clone(),
        span: reference.span,
        search: Search::Any(Vec::new()),
    });
    let detection = Detection { identifiers: identifiers.collect(), condition: condition.clone() };
    let source: &Source = &correlation.source;
    let scope = Scope { detection: &detection, around: correlation.span, source };
    let changed = condition_changes(condition, &scope).into_iter().flatten();
    changed
        .map(|(change, condition)| {
            (change, Correlation { threshold: Threshold::Expression(condition), ..correlation.clone() })
        })
        .collect()
}
