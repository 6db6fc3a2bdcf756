//! What a rule says it is about.

use std::collections::{BTreeMap, BTreeSet};

use trailhound_rule_engine::{
    Level, Metadata, Rule, RuleSet,
    explain::{Explanation, Part, PartKind, Wanted},
    oracle::Json,
};

/// One rule or correlation.
#[derive(Debug)]
pub(super) struct Fact<'r> {
    pub(super) metadata: &'r Metadata,
    /// Event sources that its condition asks for; of a correlation, those of what it is about.
    pub(super) sources: BTreeSet<String>,
}

impl<'r> Fact<'r> {
    /// Of all rules and correlations: those of at least this level, and those below.
    pub(super) fn of_all(rules: &'r RuleSet, level: Level) -> (Vec<Self>, Vec<Self>) {
        let mut known: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let mut facts = Vec::new();
        for (_, rule) in rules.iter() {
            let sources = sources(rule);
            remember(rule.metadata(), &sources, &mut known);
            facts.push(Fact { metadata: rule.metadata(), sources });
        }
        for index in rules.correlation_order() {
            let Some(correlation) = rules.correlation(*index) else { continue };
            let sources: BTreeSet<String> =
                correlation.references().filter_map(|name| known.get(name)).flatten().cloned().collect();
            remember(correlation.metadata(), &sources, &mut known);
            facts.push(Fact { metadata: correlation.metadata(), sources });
        }
        facts.into_iter().partition(|fact| fact.metadata.level >= level)
    }

    /// The numbers of the CIS controls it is tagged with.
    pub(super) fn controls(&self) -> impl Iterator<Item = &str> {
        self.metadata.tags.iter().filter_map(|tag| tag.strip_prefix("cis.aws."))
    }

    /// The Stratus Red Team techniques whose pages it refers to.
    pub(super) fn detonations(&self) -> impl Iterator<Item = &str> {
        let pages = self.metadata.references.iter().filter_map(|page| page.split_once("stratus-red-team.cloud/"));
        pages.filter_map(|(_, path)| path.trim_end_matches('/').rsplit('/').next())
    }
}

fn remember<'r>(metadata: &'r Metadata, sources: &BTreeSet<String>, known: &mut BTreeMap<&'r str, BTreeSet<String>>) {
    for handle in [&metadata.name, &metadata.id].into_iter().flatten() {
        known.insert(handle, sources.clone());
    }
}

/// What an explanation of any record shows: the values of all tests on the event source.
fn sources(rule: &Rule) -> BTreeSet<String> {
    let mut sources = BTreeSet::new();
    if let Ok(empty) = Json::record("{}") {
        collect(&Explanation::alone(rule, &empty).rule, &mut sources);
    }
    sources
}

fn collect(part: &Part, sources: &mut BTreeSet<String>) {
    match &part.kind {
        // What is excluded is not covered.
        PartKind::Not => return,
        PartKind::Test(test) if !test.negated => {
            let Wanted::AnyOf(values) = &test.wanted else { return };
            let written = values.iter().map(|value| value.written.as_str());
            match test.field.as_deref() {
                Some("eventSource") => sources.extend(written.filter(|host| host.contains('.')).map(str::to_lowercase)),
                Some("trailhound.event") => {
                    let services = written.filter_map(|event| event.split_once(':'));
                    sources.extend(services.map(|(service, _)| format!("{}.amazonaws.com", service.to_lowercase())));
                }
                _ => {}
            }
        }
        _ => {}
    }
    part.parts.iter().for_each(|part| collect(part, sources));
}
