//! Accounts for the tests of this command.

use jiff::{SignedDuration, Timestamp};
use trailhound_aws::deployment::{AlarmFacts, AlarmState, AskError, MetricFacts, QueueFacts};
use trailhound_aws::trails::{Activity, BasicSelector, Call, LookError, Owner, Scope, Selectors, Status, Trail};
use trailhound_cloudtrail::{EventCategory, EventProfile};
use trailhound_rule_engine::Level;

use super::judge::{Examined, Facts, Failure, Needs, Parts, Question};

/// 2026-03-10T12:00:00Z.
const NOON: i64 = 1_773_144_000;

/// Asks at noon for everything.
pub(super) const QUESTION: Question<'static> = Question {
    trail: None,
    bucket: None,
    stale_after: SignedDuration::from_hours(1),
    now: Timestamp::constant(NOON, 0),
};

/// So many minutes before noon.
pub(super) fn before_noon(minutes: i64) -> Timestamp {
    Timestamp::from_second(NOON - 60 * minutes).unwrap()
}

/// A trail at which nothing is wrong.
pub(super) fn healthy(name: &str) -> Examined {
    Examined {
        trail: Trail {
            arn: format!("arn:aws:cloudtrail:eu-west-1:111122223333:trail/{name}"),
            name: name.to_owned(),
            home_region: "eu-west-1".to_owned(),
            bucket: "example-logs".to_owned(),
            prefix: None,
            owner: Owner::Account,
            scope: Scope::AllRegions,
            global_services: true,
            validates: true,
            key: Some("arn:aws:kms:eu-west-1:111122223333:key/c17b58e4-20fd-4a96-b3d1-7e84f5a0296c".to_owned()),
            has_own_selectors: false,
        },
        status: Ok(Status {
            logging: true,
            started: Some(before_noon(3 * 24 * 60)),
            delivered: Some(before_noon(4)),
            digest_delivered: Some(before_noon(50)),
            ..Status::default()
        }),
        selectors: Ok(Selectors::Basic(Vec::new())),
    }
}

/// Rules of each kind of need.
pub(super) fn needs() -> Vec<Needs> {
    let event = |category, source: &str, resource: &[&str]| EventProfile {
        category,
        source: source.to_owned(),
        name: "Example".to_owned(),
        event_type: None,
        read_only: Some(false),
        resource_types: resource.iter().map(|resource| (*resource).to_owned()).collect(),
    };
    let user = || event(EventCategory::Management, "iam.amazonaws.com", &[]);
    let object = || event(EventCategory::Data, "s3.amazonaws.com", &["AWS::S3::Object", "AWS::S3::Bucket"]);
    let call = event(EventCategory::Data, "lambda.amazonaws.com", &["AWS::Lambda::Function"]);
    let needs = [
        ("denied-anywhere", vec![user(), object()]),
        ("invoked", vec![call]),
        ("object-read", vec![object()]),
        ("untested", Vec::new()),
        ("user-made", vec![user()]),
    ];
    let needs = needs.map(|(name, events)| Needs {
        name: name.to_owned(),
        level: Level::High,
        events: events.into_iter().collect(),
    });
    needs.to_vec()
}

/// A trail of an organization at which much is wrong.
fn neglected() -> Examined {
    let Examined { trail, .. } = healthy("organization");
    let excluded_sources = vec!["kms.amazonaws.com".to_owned(), "rdsdata.amazonaws.com".to_owned()];
    Examined {
        trail: Trail {
            prefix: Some("central".to_owned()),
            owner: Owner::Organization,
            scope: Scope::HomeRegion,
            validates: false,
            key: None,
            has_own_selectors: true,
            ..trail
        },
        status: Ok(Status {
            stopped: Some(before_noon(3 * 60 + 10)),
            delivered: Some(before_noon(3 * 60 + 5)),
            ..Status::default()
        }),
        selectors: Ok(Selectors::Basic(vec![BasicSelector {
            management: true,
            activity: Activity::Write,
            excluded_sources,
            data: Vec::new(),
        }])),
    }
}

/// One trail of each verdict, a region that does not answer, and an alarm.
pub(super) fn account() -> Facts {
    let denied = |call| LookError::Denied { call };
    let hidden = Examined {
        status: Err(denied(Call::GetTrailStatus)),
        selectors: Err(LookError::Throttled { call: Call::GetEventSelectors }),
        ..healthy("hidden")
    };
    Facts {
        regions: vec!["eu-west-1".to_owned(), "ap-east-1".to_owned()],
        failures: vec![Failure::Call {
            region: Some("ap-east-1".to_owned()),
            error: LookError::CredentialsRefused { code: "UnrecognizedClientException".to_owned() },
        }],
        trails: vec![hidden, healthy("main"), neglected()],
        others: Vec::new(),
        needs: needs(),
        parts: watched(),
    }
}

/// A queue with an alarm that has rung for hours, and that nobody hears.
fn watched() -> Parts {
    let arn = |service: &str, name: &str| format!("arn:aws:{service}:eu-west-1:111122223333:{name}");
    let queue = QueueFacts {
        arn: arn("sqs", "example-logs"),
        visibility: Some(360),
        policy: Some(r#"{"Principal": {"Service": "s3.amazonaws.com"}}"#.to_owned()),
        redrive: Some(r#"{"deadLetterTargetArn": "arn:example", "maxReceiveCount": 5}"#.to_owned()),
        ..QueueFacts::default()
    };
    let metric = MetricFacts {
        namespace: "AWS/SQS".to_owned(),
        name: "ApproximateAgeOfOldestMessage".to_owned(),
        dimensions: [("QueueName".to_owned(), "example-logs".to_owned())].into(),
    };
    let alarm = AlarmFacts {
        name: "old-messages".to_owned(),
        metrics: vec![metric],
        acts: true,
        actions: vec![arn("sns", "operations")],
        state: AlarmState::Alarm,
        since: Some(before_noon(200)),
        ..AlarmFacts::default()
    };
    Parts {
        queue: Some(("https://sqs.eu-west-1.amazonaws.com/111122223333/example-logs".to_owned(), Ok(queue))),
        alarms: Some(Ok(vec![alarm])),
        alarm_topics: vec![(arn("sns", "operations"), Err(AskError::Missing))],
        ..Parts::default()
    }
}
