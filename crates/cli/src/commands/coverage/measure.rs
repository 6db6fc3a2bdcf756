//! How many rules cover each thing. The keys are a promise to the programs that read the JSON document.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use trailhound_rule_engine::{
    Level,
    attack::{self, Tactic},
    catalog::Catalog,
};
use trailhound_rules::{CIS, STRATUS};

use super::Fact;

#[derive(Debug, Serialize)]
pub(super) struct Coverage {
    /// How many rules and correlations there are of the level and above.
    pub(super) rules: usize,
    /// The level from which rules count.
    pub(super) level: Level,
    /// How many rules and correlations are below it.
    pub(super) rules_below_level: usize,
    pub(super) attack_version: &'static str,
    /// All tactics in the order of the matrix.
    pub(super) tactics: Vec<CoveredTactic>,
    /// The techniques that are named, by number.
    pub(super) techniques: Vec<Covered>,
    /// Controls of the CIS AWS Foundations Benchmark that ask for an alarm.
    pub(super) cis: Vec<Covered>,
    pub(super) stratus: Vec<Covered>,
    /// Event sources that conditions ask for.
    pub(super) event_sources: Vec<Covered>,
    /// Rules that name no event source: they look at all.
    pub(super) any_source: usize,
    pub(super) gaps: Gaps,
}

/// A thing, and the rules that name it.
#[derive(Debug, Serialize)]
pub(super) struct Covered {
    pub(super) id: String,
    pub(super) name: Option<&'static str>,
    pub(super) rules: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct CoveredTactic {
    pub(super) id: &'static str,
    pub(super) tag: &'static str,
    pub(super) name: &'static str,
    pub(super) rules: usize,
}

/// What no rule names.
#[derive(Debug, Serialize)]
pub(super) struct Gaps {
    /// Names of tactics.
    pub(super) tactics: Vec<&'static str>,
    /// Numbers of controls.
    pub(super) cis: Vec<String>,
    /// Those of them that rules below the level name.
    pub(super) cis_below_level: Vec<String>,
    pub(super) stratus: Vec<String>,
    /// Known to write logs.
    pub(super) event_sources: Vec<String>,
    /// Rules without any tag of ATT&CK.
    pub(super) untagged: Vec<String>,
}

/// Rules that do not count, because nobody hears of them who does not ask for their level.
#[derive(Debug, Clone, Copy)]
pub(super) struct Below<'f, 'r> {
    pub(super) level: Level,
    pub(super) facts: &'f [Fact<'r>],
}

impl Coverage {
    pub(super) fn of(facts: &[Fact<'_>], below: Below<'_, '_>, catalog: &Catalog) -> Self {
        let tactic_of = |tactic: Tactic| {
            let rules = facts.iter().filter(|fact| names(fact, tactic)).count();
            CoveredTactic { id: tactic.id, tag: tactic.tag, name: tactic.name, rules }
        };
        let tactics: Vec<CoveredTactic> = attack::TACTICS.into_iter().map(tactic_of).collect();
        let techniques = by(facts, |fact| attack::techniques(&fact.metadata.tags));
        let cis = listed(CIS.iter().map(|(id, about)| (*id, Some(*about))), &by(facts, |fact| owned(fact.controls())));
        let stratus = listed(STRATUS.iter().map(|id| (*id, None)), &by(facts, |fact| owned(fact.detonations())));
        let event_sources = by(facts, |fact| fact.sources.iter().cloned().collect());
        let is_untagged = |fact: &&Fact<'_>| !fact.metadata.tags.iter().any(|tag| tag.starts_with("attack."));
        let missing = |all: &[Covered]| {
            all.iter().filter(|one| one.rules.is_empty()).map(|one| one.id.clone()).collect::<Vec<String>>()
        };
        let covered: BTreeSet<&String> = event_sources.keys().collect();
        let is_below = |id: &String| below.facts.iter().any(|fact| fact.controls().any(|control| control == id));
        let gaps = Gaps {
            tactics: tactics.iter().filter(|tactic| tactic.rules == 0).map(|tactic| tactic.name).collect(),
            cis: missing(&cis),
            cis_below_level: missing(&cis).into_iter().filter(is_below).collect(),
            stratus: missing(&stratus),
            event_sources: catalog.source_hosts().filter(|host| !covered.contains(host)).collect(),
            untagged: facts.iter().filter(is_untagged).map(|fact| fact.metadata.handle().to_owned()).collect(),
        };
        let named = |(id, rules): (String, Vec<String>)| Covered { name: attack::technique_name(&id), id, rules };
        Coverage {
            rules: facts.len(),
            level: below.level,
            rules_below_level: below.facts.len(),
            attack_version: attack::VERSION,
            tactics,
            techniques: techniques.into_iter().map(named).collect(),
            cis,
            stratus,
            event_sources: event_sources.into_iter().map(|(id, rules)| Covered { id, name: None, rules }).collect(),
            any_source: facts.iter().filter(|fact| fact.sources.is_empty()).count(),
            gaps,
        }
    }
}

fn names(fact: &Fact<'_>, tactic: Tactic) -> bool {
    attack::tactics(&fact.metadata.tags).iter().any(|named| named.id == tactic.id)
}

fn owned<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    texts.map(str::to_owned).collect()
}

/// The rules that name each thing.
fn by(facts: &[Fact<'_>], things: impl Fn(&Fact<'_>) -> Vec<String>) -> BTreeMap<String, Vec<String>> {
    let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for fact in facts {
        let things: BTreeSet<String> = things(fact).into_iter().collect();
        for thing in things {
            named.entry(thing).or_default().push(fact.metadata.handle().to_owned());
        }
    }
    named
}

/// All things of a list, in its order, with the rules that name them.
fn listed<'l>(
    list: impl Iterator<Item = (&'l str, Option<&'static str>)>,
    rules: &BTreeMap<String, Vec<String>>,
) -> Vec<Covered> {
    list.map(|(id, name)| Covered { id: id.to_owned(), name, rules: rules.get(id).cloned().unwrap_or_default() })
        .collect()
}
