use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use serde_json::Value;
use trailhound_rule_engine::{Level, Metadata, Rule, RuleSet};

use super::tables::DATA_EVENTS;

/// What a page about the detections says of one.
#[derive(Debug, Clone)]
pub struct Detection {
    /// The name that never changes.
    pub name: String,
    /// What it detects, in one line.
    pub title: String,
    /// Its file below the folder of the rules.
    pub file: String,
    /// How urgent it is.
    pub level: Level,
    /// What it is.
    pub kind: Kind,
    /// The events that CloudTrail has to record for it.
    pub needs: BTreeSet<Need>,
    tags: Vec<String>,
    references: Vec<String>,
}

/// What a detection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It alerts on its own.
    Rule,
    /// It is there for correlations and searches.
    BuildingBlock,
    /// It is about several events.
    Correlation,
}

/// Events that CloudTrail has to record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Management events, which every trail records unless told otherwise.
    Management,
    /// Data events of this type of resource, which have to be switched on.
    Data(String),
}

impl Need {
    /// As the page shows it.
    pub fn text(&self) -> &str {
        match self {
            Need::Management => "management",
            Need::Data(resource) => resource,
        }
    }
}

impl Detection {
    /// The tactics it is tagged with, as ATT&CK writes them in tags.
    pub fn tactics(&self) -> impl Iterator<Item = &str> {
        let names = self.tags.iter().filter_map(|tag| tag.strip_prefix("attack."));
        names.filter(|name| !name.bytes().any(|byte| byte.is_ascii_digit()))
    }

    /// The numbers of the CIS controls it is tagged with.
    pub fn controls(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().filter_map(|tag| tag.strip_prefix("cis.aws."))
    }

    /// The Stratus Red Team techniques that its references name.
    pub fn techniques(&self) -> impl Iterator<Item = &str> {
        let pages = self.references.iter().filter_map(|page| page.split_once("stratus-red-team.cloud/"));
        pages.filter_map(|(_, path)| path.trim_end_matches('/').rsplit('/').next())
    }
}

/// All detections of a rule set, in the order of their files.
///
/// # Errors
///
/// A test record that is no JSON.
pub fn detections(rules: &RuleSet) -> io::Result<Vec<Detection>> {
    let mut found = Vec::new();
    let mut known: BTreeMap<String, BTreeSet<Need>> = BTreeMap::new();
    for (_, rule) in rules.iter() {
        let file = rule.source().name();
        let kind = if file.starts_with("building-blocks/") { Kind::BuildingBlock } else { Kind::Rule };
        let needs = needs(rule)?;
        remember(rule.metadata(), &needs, &mut known);
        found.push(Detection::new(rule.metadata(), file, kind, needs));
    }
    // A correlation may be about correlations that stand behind it.
    for _ in 0..rules.correlations().count() {
        for (_, correlation) in rules.correlations() {
            let needs: BTreeSet<Need> =
                correlation.references().filter_map(|name| known.get(name)).flatten().cloned().collect();
            remember(correlation.metadata(), &needs, &mut known);
        }
    }
    for (_, correlation) in rules.correlations() {
        let metadata = correlation.metadata();
        let needs = known.get(metadata.handle()).cloned().unwrap_or_default();
        found.push(Detection::new(metadata, correlation.source().name(), Kind::Correlation, needs));
    }
    found.sort_by(|left, right| left.file.cmp(&right.file));
    Ok(found)
}

fn remember(metadata: &Metadata, needs: &BTreeSet<Need>, known: &mut BTreeMap<String, BTreeSet<Need>>) {
    for handle in [&metadata.name, &metadata.id].into_iter().flatten() {
        known.insert(handle.clone(), needs.clone());
    }
}

/// What the records of its tests are that it matches.
fn needs(rule: &Rule) -> io::Result<BTreeSet<Need>> {
    let mut needs = BTreeSet::new();
    let none = |file: &str| Err(format!("no event files among the rules of the project: {file}"));
    for test in rule.tests().iter().filter(|test| test.expects_match()) {
        for record in test.records(&none).map_err(io::Error::other)? {
            needs.insert(need(&serde_json::from_str(&record)?));
        }
    }
    Ok(needs)
}

fn need(record: &Value) -> Need {
    let is_data = record.get("eventCategory").and_then(Value::as_str) == Some("Data")
        || record.get("managementEvent") == Some(&Value::Bool(false));
    if !is_data {
        return Need::Management;
    }
    let source = record.get("eventSource").and_then(Value::as_str).unwrap_or_default();
    let resource = DATA_EVENTS.iter().find(|(known, _)| *known == source).map(|(_, resource)| *resource);
    Need::Data(resource.unwrap_or(source).to_owned())
}

impl Detection {
    fn new(metadata: &Metadata, file: &str, kind: Kind, needs: BTreeSet<Need>) -> Self {
        Detection {
            name: metadata.handle().to_owned(),
            title: metadata.title.clone(),
            file: file.to_owned(),
            level: metadata.level,
            kind,
            needs,
            tags: metadata.tags.clone(),
            references: metadata.references.clone(),
        }
    }
}
