//! Message attributes: what the filter policies of subscriptions choose by.

use trailhound_rule_engine::{Metadata, attack};

use super::{AlertView, present};
use crate::{Attribute, AttributeKind, limits::ATTRIBUTE_CHARS};

/// Nine at most: kind, level and its rank, rule by id and name, account, region, event, tactics. What
/// is unknown is left out.
pub(super) fn attributes(view: &AlertView) -> Vec<Attribute> {
    let text = |name, value: Option<&str>| {
        let value = value_of(value.unwrap_or_default());
        (!value.is_empty()).then_some(Attribute { name, value, kind: AttributeKind::String })
    };
    let rule = view.rule.as_ref();
    let rank = Attribute { name: "level_rank", value: view.level_rank().to_string(), kind: AttributeKind::Number };
    [
        text("kind", Some(view.kind.as_str())),
        text("level", Some(view.level.as_str())),
        Some(rank),
        text("rule_id", rule.and_then(|rule| rule.id.as_deref())),
        text("rule_name", rule.map(Metadata::handle)),
        text("account_id", view.account.as_ref().map(|account| account.id.as_str())),
        text("region", view.region.as_deref()),
        text("event_name", view.event.as_ref().and_then(|event| event.event_name.as_deref())),
        tactics(view),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn tactics(view: &AlertView) -> Option<Attribute> {
    let tactics = attack::tactics(view.rule.as_ref().map_or(&[], |rule| &rule.tags));
    let tags: Vec<&str> = tactics.iter().map(|tactic| tactic.tag).collect();
    let value = serde_json::to_string(&tags).ok().filter(|_| !tags.is_empty())?;
    Some(Attribute { name: "tactics", value, kind: AttributeKind::StringArray })
}

/// SNS takes no character outside the basic multilingual plane in the value of an attribute.
fn value_of(value: &str) -> String {
    let allowed = |character: &char| !present::is_hostile(*character) && u32::from(*character) <= 0xffff;
    let kept: String = value.trim().chars().filter(allowed).take(ATTRIBUTE_CHARS).collect();
    kept.trim().to_owned()
}
