//! What people and programs get to read.
//!
//! Every value of a record may have been chosen by an attacker. In text, whatever a template prints
//! goes through [`presentable`]: secrets are masked, control and direction characters made visible,
//! links made dead, and long values shortened in the middle. The template cannot forget it.

mod context;
mod evidence;
mod kinds;
mod link;
mod present;
mod secrets;
mod structured;
mod text;

use crate::{Alert, Attribute, AttributeKind, limits::ATTRIBUTE_CHARS};

pub use link::console_link;
pub use present::presentable;
pub use structured::json;
pub use text::text;

/// Message attributes by which subscriptions choose: level, rule, account, region, event.
fn attributes(alert: &Alert) -> Vec<Attribute> {
    let text = |name, value: Option<&str>| {
        let value = attribute_value(value.unwrap_or_default());
        (!value.is_empty()).then_some(Attribute { name, value, kind: AttributeKind::String })
    };
    let rank = Attribute { name: "level_rank", value: rank(alert).to_string(), kind: AttributeKind::Number };
    [
        text("level", Some(alert.rule.level.as_str())),
        Some(rank),
        text("rule", Some(alert.rule.handle())),
        text("account_id", alert.account()),
        text("region", alert.event.aws_region.as_deref()),
        text("event_name", alert.event.event_name.as_deref()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// From 1 for informational to 5 for critical, so that a filter can say "at least".
fn rank(alert: &Alert) -> usize {
    trailhound_rule_engine::Level::ALL.iter().filter(|level| **level <= alert.rule.level).count()
}

/// SNS takes no character outside the basic multilingual plane in the value of an attribute.
fn attribute_value(value: &str) -> String {
    let allowed = |character: &char| !present::is_hostile(*character) && u32::from(*character) <= 0xffff;
    value.trim().chars().filter(allowed).take(ATTRIBUTE_CHARS).collect()
}
