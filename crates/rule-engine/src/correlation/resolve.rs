//! Finds what correlations refer to, and the order in which they can be judged.

use super::{Correlation, CorrelationIndex};
use crate::{
    code::Code,
    diagnostic::{Problems, suggestion},
    rule::Rule,
    ruleset::RuleIndex,
};

/// What a reference stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Rule(RuleIndex),
    Correlation(CorrelationIndex),
}

/// Correlations whose references all resolve.
#[derive(Debug, Default)]
pub(crate) struct Resolved {
    pub(crate) correlations: Vec<Correlation>,
    /// For each correlation, what its references stand for.
    pub(crate) targets: Vec<Vec<Target>>,
    /// The correlations in an order in which each comes after those it is about.
    pub(crate) order: Vec<CorrelationIndex>,
}

/// Resolves references; correlations that cannot be resolved are reported and left out, those about
/// rules for other logs are left out without a word.
pub(crate) fn resolve(
    candidates: Vec<Correlation>,
    rules: &[Rule],
    skipped: &[Rule],
    report: &mut dyn FnMut(Problems),
) -> Resolved {
    let mut left = candidates;
    loop {
        let before = left.len();
        let names = Names { rules, skipped, correlations: &left };
        let keep: Vec<bool> = left.iter().map(|correlation| names.resolves(correlation, report)).collect();
        let mut keep = keep.into_iter();
        left.retain(|_| keep.next() == Some(true));
        if left.len() == before {
            break;
        }
    }
    let names = Names { rules, skipped: &[], correlations: &left };
    let targets: Vec<Vec<Target>> = left
        .iter()
        .map(|correlation| {
            correlation.references.iter().filter_map(|reference| names.target(&reference.name)).collect()
        })
        .collect();
    let order = in_order(&targets);
    if order.len() < left.len() {
        return without_cycles(left, &order, rules, report);
    }
    Resolved { correlations: left, targets, order }
}

/// Reports the correlations that refer to themselves in the end, and resolves the rest.
fn without_cycles(
    correlations: Vec<Correlation>,
    order: &[CorrelationIndex],
    rules: &[Rule],
    report: &mut dyn FnMut(Problems),
) -> Resolved {
    let (mut sound, mut cyclic) = (Vec::new(), Vec::new());
    for (index, correlation) in correlations.into_iter().enumerate() {
        if order.contains(&CorrelationIndex(index)) { sound.push(correlation) } else { cyclic.push(correlation) }
    }
    for correlation in cyclic {
        let mut problems = Problems::new(&correlation.source);
        let message = format!("the correlation `{}` is about itself in the end", correlation.metadata.title);
        problems.error(Code::CorrelationCycle, correlation.span, message);
        report(problems);
    }
    resolve(sound, rules, &[], report)
}

struct Names<'n> {
    rules: &'n [Rule],
    skipped: &'n [Rule],
    correlations: &'n [Correlation],
}

impl Names<'_> {
    fn target(&self, name: &str) -> Option<Target> {
        let rule = self.rules.iter().position(|rule| is_called(rule.metadata(), name));
        let correlation = || self.correlations.iter().position(|other| is_called(&other.metadata, name));
        rule.map(|index| Target::Rule(RuleIndex::new(index)))
            .or_else(|| correlation().map(|index| Target::Correlation(CorrelationIndex(index))))
    }

    fn resolves(&self, correlation: &Correlation, report: &mut dyn FnMut(Problems)) -> bool {
        let mut problems = Problems::new(&correlation.source);
        let mut resolves = true;
        for reference in &correlation.references {
            if self.target(&reference.name).is_some() {
                continue;
            }
            resolves = false;
            if !self.skipped.iter().any(|rule| is_called(rule.metadata(), &reference.name)) {
                let handles =
                    self.rules.iter().map(Rule::metadata).chain(self.correlations.iter().map(|c| &c.metadata));
                let help = suggestion(&reference.name, handles.filter_map(|metadata| metadata.name.as_deref()));
                let message = format!("there is no valid rule or correlation `{}`", reference.name);
                problems.error(Code::CorrelationReference, reference.span, message).maybe_help(help);
            }
        }
        report(problems);
        resolves
    }
}

fn is_called(metadata: &crate::metadata::Metadata, name: &str) -> bool {
    metadata.name.as_deref() == Some(name) || metadata.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(name))
}

/// As many correlations as can be put behind those they are about.
fn in_order(targets: &[Vec<Target>]) -> Vec<CorrelationIndex> {
    let mut order: Vec<CorrelationIndex> = Vec::new();
    loop {
        let ready = targets.iter().enumerate().find(|(index, targets)| {
            let placed = |target: &Target| match target {
                Target::Rule(_) => true,
                Target::Correlation(other) => order.contains(other),
            };
            !order.contains(&CorrelationIndex(*index)) && targets.iter().all(placed)
        });
        match ready {
            Some((index, _)) => order.push(CorrelationIndex(index)),
            None => return order,
        }
    }
}
