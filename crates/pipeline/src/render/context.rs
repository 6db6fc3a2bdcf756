use serde::Serialize;

use super::{console_link, evidence};
use crate::{Alert, AlertSource, limits::Detail};

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
pub(super) const DEFAULT_FIELDS: [&str; 2] = ["requestParameters", "resources"];

/// What the template can print.
#[derive(Debug, Serialize)]
pub(super) struct Context<'a> {
    title: &'a str,
    level: &'a str,
    rule: &'a str,
    description: Option<&'a str>,
    falsepositives: &'a [String],
    response: &'a [String],
    alert: &'a str,
    actor: &'a str,
    account: Option<&'a str>,
    region: Option<&'a str>,
    event: &'a crate::EventSummary,
    event_name: &'a str,
    identity_arn: Option<&'a str>,
    /// The account of the caller, where it is another than the one the record is for.
    caller_account: Option<&'a str>,
    access_key_id: Option<&'a str>,
    source_ip: Option<&'a str>,
    user_agent: Option<&'a str>,
    error_code: Option<&'a str>,
    error_message: Option<&'a str>,
    evidence: Vec<EvidenceRow>,
    more_evidence: usize,
    link: Option<String>,
    source: Source<'a>,
}

#[derive(Debug, Serialize)]
struct EvidenceRow {
    path: String,
    values: Vec<String>,
    more: usize,
}

#[derive(Debug, Serialize)]
struct Source<'a> {
    bucket: Option<&'a str>,
    key: &'a str,
    version: Option<&'a str>,
    index: u64,
}

impl<'a> Context<'a> {
    pub(super) fn new(alert: &'a Alert, detail: Detail) -> Self {
        let event = &*alert.event;
        let filled = |text: &'a Option<String>| text.as_deref().filter(|text| !text.is_empty());
        let (rows, more_evidence) = evidence::rows(&alert.record, &evidence_fields(&alert.rule.fields), detail);
        let account = alert.account();
        Context {
            title: &alert.rule.title,
            level: alert.rule.level.as_str(),
            rule: alert.rule.handle(),
            description: filled(&alert.rule.description),
            falsepositives: &alert.rule.falsepositives,
            response: &alert.rule.response,
            alert: alert.id.as_str(),
            actor: filled(&event.actor).unwrap_or("An unknown caller"),
            account,
            region: filled(&event.aws_region),
            event,
            event_name: filled(&event.event_name).unwrap_or("an unnamed event"),
            identity_arn: filled(&event.identity_arn),
            caller_account: filled(&event.identity_account).filter(|caller| Some(*caller) != account),
            access_key_id: filled(&event.access_key_id),
            source_ip: filled(&event.source_ip_address),
            user_agent: filled(&event.user_agent),
            error_code: filled(&event.error_code),
            error_message: filled(&event.error_message),
            evidence: rows
                .into_iter()
                .map(|evidence::Row { path, values, more }| EvidenceRow { path, values, more })
                .collect(),
            more_evidence,
            link: console_link(event),
            source: Source::new(&alert.source),
        }
    }
}

impl<'a> Source<'a> {
    fn new(source: &'a AlertSource) -> Self {
        match source {
            AlertSource::Object { object, index } => Source {
                bucket: Some(&object.bucket),
                key: &object.key,
                version: object.version.as_deref(),
                index: *index,
            },
            AlertSource::Inline { origin, index } => Source { bucket: None, key: origin, version: None, index: *index },
        }
    }
}

fn evidence_fields(fields: &[String]) -> Vec<String> {
    let own: Vec<String> = fields.iter().filter(|field| !HEAD_FIELDS.contains(&field.as_str())).cloned().collect();
    if own.is_empty() { DEFAULT_FIELDS.map(str::to_owned).into() } else { own }
}
