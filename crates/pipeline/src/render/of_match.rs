//! The view of an alert about one record.

use std::sync::Arc;

use trailhound_rule_engine::Metadata;

use super::{
    Account, AlertKind, AlertView, Link, LinkTarget, Phrase, RenderSettings, Row, Section, SectionForm, evidence,
};
use crate::{Alert, EventSummary, Standing, limits::WIDEST_DETAIL};

/// Fields that the head of every alert shows, so that evidence need not repeat them.
const HEAD_FIELDS: [&str; 12] = [
    "eventID",
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "recipientAccountId",
    "sourceIPAddress",
    "userAgent",
    "errorCode",
    "errorMessage",
    "userIdentity.arn",
    "userIdentity.accessKeyId",
];

/// Evidence for rules that name no fields of their own.
const DEFAULT_FIELDS: [&str; 2] = ["requestParameters", "resources"];

pub(super) fn view(alert: &Alert, settings: &RenderSettings) -> AlertView {
    let event = &*alert.event;
    let account = alert.account().map(|id| settings.account(id));
    let (evidence, more_evidence) = evidence::rows(&alert.record, &evidence_fields(&alert.rule.fields), WIDEST_DETAIL);
    AlertView {
        kind: AlertKind::Match,
        id: alert.id.clone(),
        group: alert.group_key(),
        level: alert.rule.level,
        headline: alert.rule.title.clone(),
        sentence: sentence(event, account.as_ref()),
        who: filled(event.actor.as_deref()).map(str::to_owned),
        region: filled(event.aws_region.as_deref()).map(str::to_owned),
        extent: None,
        identity: identity(event, account.as_ref(), alert.standing),
        evidence,
        more_evidence,
        sections: sections(&alert.rule),
        links: links(event, &alert.rule, settings),
        rule: Some(alert.rule.clone()),
        event: Some(Arc::clone(&alert.event)),
        source: Some(alert.source.clone()),
        standing: alert.standing,
        account,
    }
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

fn sentence(event: &EventSummary, account: Option<&Account>) -> Phrase {
    let phrase = match filled(event.actor.as_deref()) {
        Some(actor) => Phrase::default().value(actor),
        None => Phrase::default().words("An unknown caller"),
    };
    let phrase = match filled(event.event_name.as_deref()) {
        Some(name) => phrase.words(" called ").value(name),
        None => phrase.words(" called an unnamed event"),
    };
    let phrase = match filled(event.event_source.as_deref()) {
        Some(source) => phrase.words(" (").value(source).words(")"),
        None => phrase,
    };
    let phrase = match account {
        Some(account) => phrase.words(" in account ").value(account.long()),
        None => phrase.words(" in an unknown account"),
    };
    let phrase = phrase
        .maybe(", ", filled(event.aws_region.as_deref()))
        .maybe(", from ", filled(event.source_ip_address.as_deref()))
        .maybe(", at ", filled(event.event_time.as_deref()))
        .words(".");
    match (filled(event.error_code.as_deref()), filled(event.error_message.as_deref())) {
        (Some(code), _) => phrase.words(" The call failed: ").value(code).words("."),
        (None, Some(_)) => phrase.words(" The call failed."),
        (None, None) => phrase,
    }
}

fn identity(event: &EventSummary, account: Option<&Account>, standing: Option<Standing>) -> Vec<Row> {
    let caller =
        filled(event.identity_account.as_deref()).filter(|caller| account.is_none_or(|account| account.id != *caller));
    [
        ("identity", filled(event.identity_arn.as_deref())),
        ("caller's account", caller),
        ("access key", filled(event.access_key_id.as_deref())),
        ("user agent", filled(event.user_agent.as_deref())),
        ("error", filled(event.error_message.as_deref())),
        ("event", filled(event.event_id.as_deref())),
        ("log object", standing.map(Standing::words)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(Row::new(name, value?)))
    .collect()
}

/// What the author of a rule has to say.
pub(super) fn sections(rule: &Metadata) -> Vec<Section> {
    let description: Vec<String> = filled(rule.description.as_deref()).map(str::to_owned).into_iter().collect();
    [
        Section { title: "Why it matters", form: SectionForm::Prose, entries: description },
        Section { title: "It may be harmless", form: SectionForm::Bullets, entries: rule.falsepositives.clone() },
        Section { title: "First steps", form: SectionForm::Steps, entries: rule.response.clone() },
    ]
    .into_iter()
    .filter(|section| !section.entries.is_empty())
    .collect()
}

fn links(event: &EventSummary, rule: &Metadata, settings: &RenderSettings) -> Vec<Link> {
    let event = settings.event_link(event).map(|url| Link { target: LinkTarget::Event, url });
    let rule = settings.rule_link(rule).map(|url| Link { target: LinkTarget::Rule, url });
    [event, rule].into_iter().flatten().collect()
}

fn evidence_fields(fields: &[String]) -> Vec<String> {
    let own: Vec<String> = fields.iter().filter(|field| !HEAD_FIELDS.contains(&field.as_str())).cloned().collect();
    if own.is_empty() { DEFAULT_FIELDS.map(str::to_owned).into() } else { own }
}
