//! What of an event a rule should ask for.

use std::{borrow::Cow, collections::BTreeSet};

use serde_json::Value;
use trailhound_rule_engine::catalog::Catalog;

use super::{
    documented::document,
    identity::{is_naming, is_open, is_word, managed_policy, words},
    limits::PARAMETERS,
    neighbours::Neighbours,
    policy::{Policy, policies},
};

/// A field and what it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    /// Path with dots; members of lists stand for the list.
    pub(super) field: String,
    pub(super) modifier: Option<&'static str>,
    pub(super) value: Value,
}

impl Condition {
    pub(super) fn new(field: &str, value: Value) -> Self {
        let managed = value.as_str().and_then(managed_policy).map(|resource| Value::from(resource.to_owned()));
        match managed {
            Some(resource) => Condition { field: field.to_owned(), modifier: Some("endswith"), value: resource },
            None => Condition { field: field.to_owned(), modifier: None, value },
        }
    }

    /// The key as a rule writes it.
    pub(super) fn key(&self) -> String {
        self.modifier.map_or_else(|| self.field.clone(), |modifier| format!("{}|{modifier}", self.field))
    }
}

/// Fields that say which event it is, of API calls and of Insights.
const EVENT: [&str; 5] = [
    "eventSource",
    "eventName",
    "insightDetails.eventSource",
    "insightDetails.eventName",
    "insightDetails.insightType",
];

/// Which event it is; nothing if the record says neither source nor name.
pub(super) fn of_event(record: &Value) -> Vec<Condition> {
    let text = |field: &&str| {
        let leaf = leaves(record).into_iter().find(|leaf| leaf.path == **field)?;
        leaf.value.is_string().then(|| Condition::new(field, leaf.value.into_owned()))
    };
    let mut conditions: Vec<Condition> = EVENT.iter().filter_map(text).collect();
    let is_root = record.pointer("/userIdentity/type").and_then(Value::as_str) == Some("Root");
    if is_root && !conditions.is_empty() {
        conditions.push(Condition::new("userIdentity.type", "Root".into()));
    }
    conditions
}

/// Parameters that may make the event what it is and tell of nobody, the most telling first.
/// `event` is the record with documentation values: what is the same in both is a candidate.
pub(super) fn of_parameters(
    (record, event): (&Value, &Value),
    catalog: &Catalog,
    neighbours: &Neighbours,
) -> Vec<Condition> {
    let original = leaves(record);
    let text = |key: &str| record.get(key).and_then(Value::as_str).unwrap_or_default();
    let (source, name) = (text("eventSource"), text("eventName"));
    let policies_of_event = policies(event);
    let mut ranked = of_policies(record, &policies_of_event, neighbours);
    let is_of_policy = |leaf: &Leaf<'_>| policies_of_event.iter().any(|policy| is_below(&leaf.path, &policy.path));
    let mut seen = BTreeSet::new();
    for (place, leaf) in leaves(event).into_iter().enumerate().filter(|(_, leaf)| !is_of_policy(leaf)) {
        let is_unchanged = original.iter().any(|known| known.path == leaf.path && known.value == leaf.value);
        let is_known = catalog.has_event_field(source, name, &leaf.path).unwrap_or(true);
        let Some(rank) = rank(&leaf, neighbours).filter(|_| is_known && is_unchanged) else { continue };
        if seen.insert(leaf.path.clone()) {
            ranked.push((rank, place, Condition::new(&leaf.path, leaf.value.into_owned())));
        }
    }
    ranked.sort_by_key(|(rank, place, _)| (*rank, *place));
    ranked.into_iter().map(|(_, _, condition)| condition).take(PARAMETERS).collect()
}

/// What the policies say and tells of nobody, since it is the same in the record as it was.
fn of_policies(record: &Value, policies_of_event: &[Policy], neighbours: &Neighbours) -> Vec<(Rank, usize, Condition)> {
    let original: Vec<Condition> = policies(record).iter().flat_map(Policy::conditions).collect();
    let said = policies_of_event.iter().flat_map(Policy::conditions).filter(|said| original.contains(said));
    let rank = |said: &Condition| if neighbours.fields.contains(&said.field) { Rank::Asked } else { Rank::Open };
    said.enumerate().map(|(place, said)| (rank(&said), place, said)).collect()
}

fn is_below(path: &str, container: &str) -> bool {
    path.strip_prefix(container).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Why a parameter is proposed, the best reason first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// A built-in rule asks for it.
    Asked,
    /// Opens something to many, in every account.
    Open,
    Switch,
    Word,
    Off,
}

fn rank(leaf: &Leaf<'_>, neighbours: &Neighbours) -> Option<Rank> {
    let is_asked = neighbours.fields.contains(&leaf.path);
    let is_parameter = leaf.path.starts_with("requestParameters.");
    if !(is_parameter || is_asked && leaf.path.starts_with("additionalEventData.")) {
        return None;
    }
    let rank = match leaf.value.as_ref() {
        Value::Bool(_) if leaf.key == "dryRun" => return None,
        Value::Bool(true) => Rank::Switch,
        Value::Bool(false) => Rank::Off,
        Value::Number(_) if is_asked || words(&leaf.key).last().is_some_and(|word| word == "port") => Rank::Word,
        Value::String(text) if is_open(text) || neighbours.values.contains(text) => Rank::Open,
        Value::String(text) if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") => Rank::Switch,
        Value::String(text) if !is_naming(&leaf.key) && is_word(text) && !text.starts_with("example") => Rank::Word,
        _ => return None,
    };
    Some(if is_asked { Rank::Asked } else { rank })
}

/// A value of a record that holds no others.
#[derive(Debug)]
pub(super) struct Leaf<'v> {
    pub(super) path: String,
    pub(super) key: String,
    pub(super) value: Cow<'v, Value>,
}

/// All values of a record with their paths, those within lists under the path of the list. What a rule cannot
/// name as a path is left out.
pub(super) fn leaves(record: &Value) -> Vec<Leaf<'_>> {
    let mut found = Vec::new();
    collect(record, "", "", &mut found);
    found
}

/// The same, and the values within documents that stand in texts, where rules look as well.
pub(super) fn all_leaves(record: &Value) -> Vec<Leaf<'_>> {
    let mut found = leaves(record);
    let documents = found.iter().filter_map(|leaf| Some((leaf.path.clone(), document(leaf.value.as_str()?)?)));
    let documents: Vec<(String, Value)> = documents.collect();
    for (path, document) in documents {
        let below = leaves(&document).into_iter().map(|leaf| Leaf {
            path: format!("{path}.{}", leaf.path),
            key: leaf.key,
            value: Cow::Owned(leaf.value.into_owned()),
        });
        found.extend(below.collect::<Vec<Leaf<'static>>>());
    }
    found
}

fn collect<'v>(value: &'v Value, path: &str, key: &str, found: &mut Vec<Leaf<'v>>) {
    match value {
        Value::Object(members) => {
            let is_name = |key: &str| {
                !key.is_empty() && key.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter))
            };
            for (key, member) in members.iter().filter(|(key, _)| is_name(key)) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(member, &path, key, found);
            }
        }
        Value::Array(members) => members.iter().for_each(|member| collect(member, path, key, found)),
        _ => found.push(Leaf { path: path.to_owned(), key: key.to_owned(), value: Cow::Borrowed(value) }),
    }
}
