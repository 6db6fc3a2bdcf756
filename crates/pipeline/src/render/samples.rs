//! Alerts that never happened: what templates are tried on, and what the documentation shows.

use std::{collections::BTreeMap, sync::Arc};

use trailhound_rule_engine::{Level, LogSource, Metadata, Status};

use super::{AlertKind, AlertView, Extent, ExtentEvent, Phrase, RenderSettings, Row, of_match};
use crate::{Alert, AlertId, AlertSource, EventSummary, GroupKey, ObjectRef};

const RECORD: &str = include_str!("samples/record.json");

/// One alert of every shape: a match with all there can be, one of a record with next to nothing, a
/// correlation, and a notice about the product itself.
pub fn views() -> Vec<AlertView> {
    vec![stopped(), sparse(), correlation(), notice()]
}

/// Settings that go with the samples.
pub fn settings() -> RenderSettings {
    RenderSettings {
        accounts: BTreeMap::from([("111122223333".to_owned(), "production".to_owned())]),
        rule_url: Some("https://git.example.org/detections/{rule}.yml".to_owned()),
        console_url: None,
    }
}

/// A trail was stopped, and all is known about it.
pub fn stopped() -> AlertView {
    of_match::view(&alert(RECORD), &settings())
}

fn sparse() -> AlertView {
    let mut alert = alert(r#"{"eventName": "StopLogging"}"#);
    alert.rule = Metadata {
        id: None,
        name: None,
        status: None,
        description: None,
        author: None,
        date: None,
        modified: None,
        references: Vec::new(),
        tags: Vec::new(),
        fields: Vec::new(),
        falsepositives: Vec::new(),
        response: Vec::new(),
        ..alert.rule
    };
    alert.source = AlertSource::Inline { origin: "event bus".to_owned(), index: 0 };
    of_match::view(&alert, &RenderSettings::default())
}

/// Several failed sign-ins.
pub fn correlation() -> AlertView {
    let settings = settings();
    let rule = Metadata {
        title: "Many failed sign-ins of one user".to_owned(),
        name: Some("console_signin_guessing".to_owned()),
        ..rule()
    };
    let events = (0..3).map(|number| ExtentEvent {
        time: Some(format!("2026-05-01T10:0{number}:00Z")),
        id: Some(format!("6f2a1c3e-0000-4000-8000-00000000000{number}")),
        what: Some("ConsoleLogin".to_owned()),
    });
    AlertView {
        kind: AlertKind::Correlation,
        id: AlertId::new("console_signin_guessing", Some("111122223333"), Some("episode 1"), ""),
        group: GroupKey::new("console_signin_guessing", Some("111122223333"), Some("alice")),
        level: Level::High,
        headline: rule.title.clone(),
        sentence: Phrase::default()
            .value("alice")
            .words(" failed to sign in to ")
            .value("production (111122223333)")
            .words(" 12 times within 10 minutes."),
        who: Some("alice".to_owned()),
        account: Some(settings.account("111122223333")),
        region: Some("us-east-1".to_owned()),
        extent: Some(Extent {
            count: 12,
            first: Some("2026-05-01T10:00:00Z".to_owned()),
            last: Some("2026-05-01T10:09:00Z".to_owned()),
            group_by: BTreeMap::from([("userIdentity.userName".to_owned(), "alice".to_owned())]),
            events: events.collect(),
        }),
        identity: Vec::new(),
        evidence: vec![Row::new("sourceIPAddress", "192.0.2.10")],
        more_evidence: 0,
        sections: of_match::sections(&rule),
        links: Vec::new(),
        rule: Some(rule),
        event: None,
        source: None,
        standing: None,
    }
}

fn notice() -> AlertView {
    AlertView {
        kind: AlertKind::Notice,
        id: AlertId::new("notice", None, Some("sample"), ""),
        group: GroupKey::new("notice", None, None),
        level: Level::Medium,
        headline: "New rules were refused".to_owned(),
        sentence: Phrase::default().words("The rules that were loaded before stay in force."),
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

fn alert(record: &str) -> Alert {
    let event = Arc::new(EventSummary::of(record));
    let rule = rule();
    let id = AlertId::new(
        rule.id.as_deref().unwrap_or_default(),
        event.recipient_account_id.as_deref(),
        event.event_id.as_deref(),
        record,
    );
    let object = ObjectRef {
        bucket: "my-trail".to_owned(),
        key: "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/05/01/\
              111122223333_CloudTrail_eu-west-1_20260501T1005Z_AbCdEfGhIjKlMnOp.json.gz"
            .to_owned(),
        version: None,
    };
    Alert {
        id,
        rule,
        event,
        source: AlertSource::Object { object, index: 41 },
        record: record.into(),
        kind: crate::AlertKind::Match,
        standing: None,
    }
}

fn rule() -> Metadata {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    Metadata {
        title: "CloudTrail logging was stopped".to_owned(),
        id: Some("4db60cc0-36fb-42b7-9b58-a5b53019fb74".to_owned()),
        name: Some("cloudtrail_logging_stopped".to_owned()),
        level: Level::High,
        status: Some(Status::Stable),
        description: Some("Stopping a trail hides what follows.".to_owned()),
        author: None,
        date: None,
        modified: None,
        references: texts(&["https://attack.mitre.org/techniques/T1562/008/"]),
        tags: texts(&["attack.defense-evasion", "attack.t1562.008"]),
        fields: texts(&["requestParameters.name", "userIdentity.sessionContext.attributes.mfaAuthenticated"]),
        falsepositives: texts(&["A trail is being replaced: ask the team that owns it."]),
        response: texts(&["Start the trail again.", "Look at what the caller did next; it is not in this trail."]),
        logsource: LogSource {
            product: Some("aws".to_owned()),
            service: Some("cloudtrail".to_owned()),
            category: None,
        },
    }
}
