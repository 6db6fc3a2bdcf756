//! Alerts about the product itself.

use jiff::{ToSpan as _, civil::Date};
use trailhound_rule_engine::{Filter, Level, RuleSet};

use crate::{
    AlertId, GroupKey,
    limits::ANNOUNCED_DAYS,
    render::{AlertKind, AlertView, Phrase, Row, Section, SectionForm},
};

/// A notice for every suppression whose last day is near or over: one a suppression and day, since the
/// day is part of its identity.
pub fn expiring_suppressions(rules: &RuleSet, today: Date) -> Vec<AlertView> {
    let near = today.checked_add(ANNOUNCED_DAYS.days()).unwrap_or(Date::MAX);
    let in_force = rules.filters().map(|(_, filter)| filter);
    let dated =
        in_force.chain(rules.expired_filters()).filter_map(|filter| Some((filter, filter.suppression().expires?)));
    dated.filter(|(_, expires)| *expires <= near).map(|(filter, expires)| expiring(filter, expires, today)).collect()
}

fn expiring(filter: &Filter, expires: Date, today: Date) -> AlertView {
    let metadata = filter.metadata();
    let (headline, verb) = if expires < today {
        ("A suppression has expired", " expired on ")
    } else {
        ("A suppression is about to expire", " expires on ")
    };
    let sentence = Phrase::default()
        .words("The suppression ")
        .value(&metadata.title)
        .words(verb)
        .value(expires.to_string())
        .words(if expires < today {
            " and is not applied any more."
        } else {
            "; after that day it is not applied any more."
        });
    let suppression = filter.suppression();
    let position = filter.position();
    let rows = [
        ("suppression", Some(metadata.handle().to_owned())),
        ("owner", suppression.owner.clone()),
        ("reason", suppression.reason.clone()),
        ("last day", Some(expires.to_string())),
        ("file", Some(format!("{}:{}", filter.source().name(), position.line))),
    ];
    let identity = rows.into_iter().filter_map(|(name, value)| Some(Row::new(name, value?))).collect();
    let steps =
        vec!["Ask its owner whether it is still right.".to_owned(), "Remove it, or set a new last day.".to_owned()];
    let day = today.to_string();
    AlertView {
        identity,
        sections: vec![Section { title: "First steps", form: SectionForm::Steps, entries: steps }],
        who: suppression.owner.clone(),
        ..notice("suppression-expires", [metadata.handle(), &day], headline, sentence)
    }
}

/// A new version of rules or configuration was not taken over: one notice for each version.
///
/// `what` names what is refused, such as `rules`; `version` tells versions apart; `reason` is one line.
pub fn refused_version(what: &str, location: &str, version: &str, reason: &str) -> AlertView {
    let sentence = Phrase::default()
        .words("The new version of the ")
        .words(what.to_owned())
        .words(" at ")
        .value(location)
        .words(" was refused; the last good one stays in force.");
    let steps =
        vec!["Look at the reason, and check the file with `trailhound check` or `trailhound config check`.".to_owned()];
    AlertView {
        level: Level::High,
        identity: vec![Row::new("location", location), Row::new("version", version), Row::new("reason", reason)],
        sections: vec![Section { title: "First steps", form: SectionForm::Steps, entries: steps }],
        ..notice("version-refused", [location, version], &format!("New {what} refused"), sentence)
    }
}

/// An alert about no rule, to be filled in.
pub(crate) fn notice(kind: &str, [subject, version]: [&str; 2], headline: &str, sentence: Phrase) -> AlertView {
    AlertView {
        kind: AlertKind::Notice,
        id: AlertId::new(kind, Some(subject), Some(version), ""),
        group: GroupKey::new(kind, None, Some(subject)),
        level: Level::Medium,
        headline: headline.to_owned(),
        sentence,
        who: None,
        account: None,
        region: None,
        extent: None,
        identity: Vec::new(),
        evidence: Vec::new(),
        more_evidence: 0,
        sections: Vec::new(),
        links: Vec::new(),
        rule: None,
        event: None,
        source: None,
        standing: None,
    }
}
