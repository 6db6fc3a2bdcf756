use std::collections::BTreeSet;

use trailhound_cloudtrail::{EventCategory, EventProfile, NeededEvents};
use trailhound_rule_engine::{Level, Metadata, RuleSet};

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
pub fn detections(rules: &RuleSet) -> Vec<Detection> {
    let NeededEvents { rules: of_rules, correlations } =
        NeededEvents::of(rules, &|_, file| Err(format!("no event files among the rules of the project: {file}")));
    let of_rules = of_rules.iter().filter_map(|(index, events)| Some((rules.get(*index)?, events)));
    let mut found: Vec<Detection> = of_rules
        .map(|(rule, events)| {
            let file = rule.source().name();
            let kind = if file.starts_with("building-blocks/") { Kind::BuildingBlock } else { Kind::Rule };
            Detection::new(rule.metadata(), file, kind, events)
        })
        .collect();
    let correlations = correlations.iter().filter_map(|(index, events)| Some((rules.correlation(*index)?, events)));
    found.extend(correlations.map(|(correlation, events)| {
        Detection::new(correlation.metadata(), correlation.source().name(), Kind::Correlation, events)
    }));
    found.sort_by(|left, right| left.file.cmp(&right.file));
    found
}

fn need(event: &EventProfile) -> Need {
    match event.category {
        EventCategory::Data => Need::Data(event.resource_types.first().unwrap_or(&event.source).clone()),
        EventCategory::Management | EventCategory::NetworkActivity => Need::Management,
    }
}

impl Detection {
    fn new(metadata: &Metadata, file: &str, kind: Kind, events: &BTreeSet<EventProfile>) -> Self {
        Detection {
            name: metadata.handle().to_owned(),
            title: metadata.title.clone(),
            file: file.to_owned(),
            level: metadata.level,
            kind,
            needs: events.iter().map(need).collect(),
            tags: metadata.tags.clone(),
            references: metadata.references.clone(),
        }
    }
}
