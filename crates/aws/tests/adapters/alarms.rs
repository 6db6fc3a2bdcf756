//! Alarms, whose answers are CBOR: several pages, alarms on other alarms, and what nobody may ask.

use std::collections::BTreeMap;

use jiff::Timestamp;
use trailhound_aws::deployment::{AlarmFacts, AlarmState, AskError, Deployment, MetricFacts, Missing, Rings};

use crate::stub_server::{Answer, StubServer};
use crate::trails::trails;

/// 2026-03-10T12:00:00Z.
const NOON: u32 = 1_773_144_000;

fn text(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    [&[0x78, length], text.as_bytes()].concat()
}

/// Fewer than 24 of them.
fn list(items: &[Vec<u8>]) -> Vec<u8> {
    [vec![0x80 + u8::try_from(items.len()).unwrap()], items.concat()].concat()
}

fn map(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let inside = pairs.iter().flat_map(|(name, value)| [text(name), value.clone()]).collect::<Vec<_>>();
    [vec![0xa0 + u8::try_from(pairs.len()).unwrap()], inside.concat()].concat()
}

fn time(seconds: u32) -> Vec<u8> {
    [&[0xc1, 0x1a], &seconds.to_be_bytes()[..]].concat()
}

const NO: [u8; 1] = [0xf4];

fn cbor(status: u16, body: Vec<u8>) -> Answer {
    Answer::Whole(status, "smithy-protocol: rpc-v2-cbor\r\nContent-Type: application/cbor\r\n", body)
}

fn metric(name: &str) -> Vec<u8> {
    let dimension = map(&[("Name", text("QueueName")), ("Value", text("logs"))]);
    map(&[("Namespace", text("AWS/SQS")), ("MetricName", text(name)), ("Dimensions", list(&[dimension]))])
}

fn metric_facts(name: &str) -> MetricFacts {
    let dimensions = BTreeMap::from([("QueueName".to_owned(), "logs".to_owned())]);
    MetricFacts { namespace: "AWS/SQS".to_owned(), name: name.to_owned(), dimensions }
}

/// An alarm of one metric on the first page, of two and of other alarms on the second.
fn pages() -> [Answer; 2] {
    let one = map(&[
        ("AlarmName", text("one")),
        ("Namespace", text("AWS/SQS")),
        ("MetricName", text("Age")),
        ("Dimensions", list(&[map(&[("Name", text("QueueName")), ("Value", text("logs"))])])),
        ("ComparisonOperator", text("LessThanThreshold")),
        ("TreatMissingData", text("breaching")),
        ("AlarmActions", list(&[text("arn:topic")])),
        ("StateValue", text("ALARM")),
        ("StateUpdatedTimestamp", time(NOON)),
        ("StateTransitionedTimestamp", time(NOON - 60)),
    ]);
    let query = |name| map(&[("Id", text("id")), ("MetricStat", map(&[("Metric", metric(name))]))]);
    let sum = map(&[("Id", text("all")), ("Expression", text("SUM([a, b])"))]);
    let two = map(&[
        ("AlarmName", text("two")),
        ("ActionsEnabled", NO.to_vec()),
        ("ComparisonOperator", text("GreaterThanThreshold")),
        ("Metrics", list(&[sum, query("a"), query("b")])),
        ("StateValue", text("INSUFFICIENT_DATA")),
        ("StateUpdatedTimestamp", time(NOON)),
    ]);
    let above = map(&[("AlarmName", text("above")), ("AlarmRule", text("ALARM(one)"))]);
    let first = map(&[("MetricAlarms", list(&[one])), ("NextToken", text("second-page"))]);
    let second = map(&[("CompositeAlarms", list(&[above])), ("MetricAlarms", list(&[two]))]);
    [cbor(200, first), cbor(200, second)]
}

async fn ask(server: &StubServer) -> Result<Vec<AlarmFacts>, AskError> {
    Deployment::beside(&trails(server).await).alarms(Some("eu-central-1")).await
}

#[tokio::test]
async fn all_pages_are_read_and_all_kinds_of_alarms() {
    let server = StubServer::start(pages());
    let noon = Timestamp::from_second(NOON.into()).unwrap();
    let named = |name: &str| AlarmFacts { name: name.to_owned(), acts: true, ..AlarmFacts::default() };
    let one = AlarmFacts {
        metrics: vec![metric_facts("Age")],
        rings: Some(Rings::Below),
        missing: Missing::Breaching,
        actions: vec!["arn:topic".to_owned()],
        state: AlarmState::Alarm,
        since: Timestamp::from_second(i64::from(NOON) - 60).ok(),
        ..named("one")
    };
    let two = AlarmFacts {
        metrics: vec![metric_facts("a"), metric_facts("b")],
        rings: Some(Rings::Above),
        acts: false,
        state: AlarmState::InsufficientData,
        since: Some(noon),
        ..named("two")
    };
    let above = AlarmFacts { rule: Some("ALARM(one)".to_owned()), ..named("above") };
    assert_eq!(ask(&server).await, Ok(vec![one, two, above]));

    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|request| request.head.contains("/eu-central-1/monitoring/")), "{requests:?}");
    assert!(requests.iter().all(|request| request.body.contains("CompositeAlarm")), "{requests:?}");
    assert!(!requests[0].body.contains("NextToken") && requests[1].body.contains("second-page"), "{requests:?}");
}

#[tokio::test]
async fn what_is_not_allowed_is_told_by_its_action() {
    let refused = map(&[("__type", text("com.amazon.coral.service#AccessDeniedException")), ("message", text("m"))]);
    let server = StubServer::start([cbor(400, refused)]);
    assert_eq!(ask(&server).await, Err(AskError::Denied { action: "cloudwatch:DescribeAlarms" }));
}
