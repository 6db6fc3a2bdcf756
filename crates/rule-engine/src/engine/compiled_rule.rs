use super::{
    observe::Observer,
    program::Program,
    trie::{Supply, Trie},
};
use crate::{
    correlation::{CorrelationIndex, Resolved, Target},
    filter::{Filter, FilterIndex},
    rule::Rule,
    ruleset::RuleIndex,
};

/// A rule in the form that is evaluated, and the filters that are joined to it.
#[derive(Debug)]
pub(crate) struct CompiledRule {
    pub(crate) program: Program,
    pub(crate) filters: Vec<(FilterIndex, Program)>,
    /// The correlations that are about it.
    pub(crate) observers: Vec<Observer>,
    /// Whether it is there for correlations alone.
    pub(crate) is_silent: bool,
}

impl CompiledRule {
    pub(crate) fn new(rule: &Rule, filters: &[Filter], trie: &mut Trie) -> Self {
        let program = Program::compile(rule.detection(), trie);
        let joined = filters.iter().enumerate().filter(|(_, filter)| filter.applies_to(rule));
        let filters =
            joined.map(|(index, filter)| (FilterIndex(index), Program::compile(filter.detection(), trie))).collect();
        CompiledRule { program, filters, observers: Vec::new(), is_silent: false }
    }

    pub(crate) fn add_observers(&mut self, rule: (RuleIndex, &Rule), resolved: &Resolved, trie: &mut Trie) {
        let (index, rule) = rule;
        let mut generated = false;
        for (correlation, targets) in resolved.correlations.iter().enumerate().zip(&resolved.targets) {
            let (number, correlation) = correlation;
            let members = targets.iter().enumerate().filter(|(_, target)| **target == Target::Rule(index));
            for (member, _) in members {
                let number = CorrelationIndex(number);
                self.observers.push(Observer::new(number, correlation, member, rule.metadata(), trie));
                generated |= correlation.generate;
            }
        }
        self.is_silent = !self.observers.is_empty() && !generated;
    }

    pub(crate) fn resolve(&mut self, supplies: &[Supply]) {
        self.program.resolve(supplies);
        for (_, filter) in &mut self.filters {
            filter.resolve(supplies);
        }
        for observer in &mut self.observers {
            observer.resolve(supplies);
        }
    }
}
