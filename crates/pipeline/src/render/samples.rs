//! Alerts that never happened: what templates are tried on, and what the documentation shows.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::{Timestamp, civil::Date};
use trailhound_rule_engine::{Level, Limits, LogSource, Metadata, RuleSet, Source, Status};

use super::{AlertKind, AlertView, Counted, Extent, ExtentEvent, Phrase, RenderSettings, Row, of_kind, of_match};
use crate::{Alert, AlertId, AlertSource, EventSummary, GroupKey, ObjectRef, routing::notices, sending::from_state};

const RECORD: &str = include_str!("samples/record.json");

/// The beginning of the hour that all of it happened in: 2026-05-01T10:00:00Z.
const HOUR: Timestamp = Timestamp::constant(1_777_629_600, 0);

/// One alert of every kind: a match with all there can be, one of a record with next to nothing,
/// correlations, groups that have grown and that are closed, digests, and notices about the product itself.
pub fn views() -> Vec<AlertView> {
    vec![
        stopped(),
        sparse(),
        correlation(),
        different_values(),
        of(crate::AlertKind::GroupUpdate { count: 100, since: HOUR, closed: false }),
        of_state(crate::AlertKind::GroupUpdate { count: 117, since: HOUR, closed: true }, remembered()),
        of(crate::AlertKind::DigestNotice { since: HOUR }),
        of_state(crate::AlertKind::Digest { count: 34, since: HOUR }, EventSummary::default()),
        expiring(),
        refused(),
    ]
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
            counted: Counted::Events,
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

/// An alert about several records.
fn of(kind: crate::AlertKind) -> AlertView {
    of_kind::view(&Alert { kind, ..alert(RECORD) }, &settings())
}

/// Of a time at which no record is at hand, but as much of an event as this.
fn of_state(kind: crate::AlertKind, event: EventSummary) -> AlertView {
    let alert = Alert { kind, event: Arc::new(event), source: from_state(), record: Arc::from(""), ..alert(RECORD) };
    of_kind::view(&alert, &settings())
}

/// What is remembered of the events of a group.
fn remembered() -> EventSummary {
    let EventSummary { aws_region, recipient_account_id, actor, .. } = EventSummary::of(RECORD);
    EventSummary { aws_region, recipient_account_id, actor, ..EventSummary::default() }
}

fn different_values() -> AlertView {
    let moment = |second| HOUR.saturating_add(Duration::from_secs(second)).unwrap_or(HOUR);
    of(crate::AlertKind::Correlation {
        group: vec![("sourceIPAddress".to_owned(), "192.0.2.10".to_owned())],
        count: 7,
        counted: Counted::Values,
        first: HOUR,
        last: moment(540),
        events: vec!["6f2a1c3e-0000-4000-8000-000000000000".to_owned()],
    })
}

fn expiring() -> AlertView {
    const FILTER: &str = "title: The backup role stops trails\nname: backup-stops-trails\n\
        logsource: {product: aws, service: cloudtrail}\n\
        filter: {rules: any, selection: {userIdentity.userName: backup}, condition: not selection}\n\
        owner: platform team\nreason: a migration\nexpires: 2026-05-04\n";
    let rules = RuleSet::load([Source::new("suppressions.yml", FILTER)], &Limits::default()).rules;
    let mut notices = notices::expiring_suppressions(&rules, Date::constant(2026, 5, 1));
    notices.pop().unwrap_or_else(refused)
}

fn refused() -> AlertView {
    let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    notices::refused_version("rules", "s3://my-bucket/rules.yml", hash, "the hash is another")
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
