//! Each service fails in each way that it can: nothing is lost, and what may be told twice is known.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::state::table;
use crate::cloud::Cloud;
use crate::events::batch_of_one;
use crate::logs::{key, object, trail_stopped};
use crate::servers::bootstrap::Function;
use crate::servers::faulty_proxy::{Call, Fault, FaultyProxy, Service, first};
use crate::servers::process::wait_with_pauses;
use crate::servers::runtime_api::Reply;

/// Time of one invocation: more than the function keeps back, and little, so that claims end soon.
pub(super) const TIME: Duration = Duration::from_secs(16);

/// After so long a delivery that failed comes again.
const PAUSE: Duration = Duration::from_secs(2);

/// Times a call is sent; the second setting is how long an answer may take.
const SETTINGS: [(&str, &str); 2] = [("TRAILHOUND_CALL_ATTEMPTS", "2"), ("TRAILHOUND_CALL_TIMEOUT", "1s")];

const XML: &str = "application/xml";
const TEXT_XML: &str = "text/xml";
const JSON: &str = "application/x-amz-json-1.0";

const SLOW_DOWN: Fault = Fault::Refused(
    503,
    XML,
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SlowDown</Code>\
     <Message>Please reduce your request rate.</Message><RequestId>R</RequestId><HostId>H</HostId></Error>",
);
const S3_INTERNAL: Fault = Fault::Refused(
    500,
    XML,
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InternalError</Code>\
     <Message>We encountered an internal error. Please try again.</Message><RequestId>R</RequestId></Error>",
);
const SNS_THROTTLING: Fault = Fault::Refused(
    400,
    TEXT_XML,
    "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
     <Code>Throttling</Code><Message>Rate exceeded</Message></Error><RequestId>R</RequestId></ErrorResponse>",
);
/// A code that the SDK does not take for throttling, and gives up on at once.
const SNS_THROTTLED: Fault = Fault::Refused(
    429,
    TEXT_XML,
    "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
     <Code>Throttled</Code><Message>Rate exceeded</Message></Error><RequestId>R</RequestId></ErrorResponse>",
);
const SNS_INTERNAL: Fault = Fault::Refused(
    500,
    TEXT_XML,
    "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Receiver</Type>\
     <Code>InternalFailure</Code><Message>try again</Message></Error><RequestId>R</RequestId></ErrorResponse>",
);
const TABLE_THROTTLED: Fault = Fault::Refused(
    400,
    JSON,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"The level of configured provisioned throughput for the table was exceeded."}"#,
);
const TABLE_INTERNAL: Fault = Fault::Refused(
    500,
    JSON,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"Internal server error"}"#,
);
/// From a load balancer on the way: no error of the service.
const UNAVAILABLE: Fault = Fault::Refused(503, "text/html", "<html><body>Service Unavailable</body></html>");

/// What comes of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// The invocation succeeds all the same.
    Done,
    /// It fails, and a later one succeeds.
    Later,
}
use Then::{Done, Later};

/// The first so many calls to a service are spoilt; what comes of it; how often the alert is told.
type Case = (Service, Fault, usize, Then, usize);

/// A call is sent twice, a body is read three times. DynamoDB is asked several times in an
/// invocation, so that its faults meet more than one call.
#[rustfmt::skip]
const CASES: &[Case] = &[
    (Service::S3, SLOW_DOWN, 1, Done, 1),
    (Service::S3, SLOW_DOWN, 2, Later, 1),
    (Service::S3, S3_INTERNAL, 1, Done, 1),
    (Service::S3, S3_INTERNAL, 2, Later, 1),
    (Service::S3, UNAVAILABLE, 1, Done, 1),
    (Service::S3, UNAVAILABLE, 2, Later, 1),
    (Service::S3, Fault::HungUp, 1, Done, 1),
    (Service::S3, Fault::HungUp, 2, Later, 1),
    (Service::S3, Fault::AnswerLost, 1, Done, 1),
    (Service::S3, Fault::AnswerLost, 2, Later, 1),
    (Service::S3, Fault::BrokenOff, 1, Done, 1),
    (Service::S3, Fault::BrokenOff, 3, Later, 1),
    (Service::S3, Fault::Silence, 1, Done, 1),
    (Service::S3, Fault::Silence, 2, Later, 1),
    (Service::Sns, SNS_THROTTLING, 1, Done, 1),
    (Service::Sns, SNS_THROTTLING, 2, Later, 1),
    (Service::Sns, SNS_THROTTLED, 1, Later, 1),
    (Service::Sns, SNS_INTERNAL, 1, Done, 1),
    (Service::Sns, SNS_INTERNAL, 2, Later, 1),
    (Service::Sns, UNAVAILABLE, 1, Done, 1),
    (Service::Sns, UNAVAILABLE, 2, Later, 1),
    (Service::Sns, Fault::HungUp, 1, Done, 1),
    (Service::Sns, Fault::HungUp, 2, Later, 1),
    (Service::Sns, Fault::Silence, 1, Done, 1),
    (Service::Sns, Fault::Silence, 2, Later, 1),
    // The one point where a repeat is possible: SNS has taken it, and nobody knows.
    (Service::Sns, Fault::AnswerLost, 1, Done, 2),
    (Service::Sns, Fault::AnswerLost, 2, Later, 3),
    (Service::Sns, Fault::SilenceAfter, 1, Done, 2),
    (Service::Sns, Fault::BrokenOff, 1, Done, 2),
    (Service::DynamoDb, TABLE_THROTTLED, 1, Done, 1),
    (Service::DynamoDb, TABLE_THROTTLED, 2, Later, 1),
    (Service::DynamoDb, TABLE_INTERNAL, 1, Done, 1),
    (Service::DynamoDb, TABLE_INTERNAL, 2, Later, 1),
    (Service::DynamoDb, UNAVAILABLE, 1, Done, 1),
    (Service::DynamoDb, UNAVAILABLE, 2, Later, 1),
    (Service::DynamoDb, Fault::HungUp, 1, Done, 1),
    (Service::DynamoDb, Fault::HungUp, 2, Later, 1),
    (Service::DynamoDb, Fault::AnswerLost, 1, Done, 1),
    (Service::DynamoDb, Fault::AnswerLost, 2, Later, 1),
    (Service::DynamoDb, Fault::BrokenOff, 1, Done, 1),
    (Service::DynamoDb, Fault::BrokenOff, 2, Later, 1),
    (Service::DynamoDb, Fault::Silence, 1, Done, 1),
    (Service::DynamoDb, Fault::Silence, 2, Later, 1),
    (Service::DynamoDb, Fault::SilenceAfter, 1, Done, 1),
    (Service::DynamoDb, Fault::SilenceAfter, 2, Later, 1),
];

/// The ways in which calls to a service are spoilt.
pub(super) fn faults_of(service: Service) -> Vec<Fault> {
    CASES.iter().filter(|case| case.0 == service).map(|case| case.1).collect()
}

/// Cases that run at the same time: they mostly wait.
const AT_A_TIME: usize = 16;

#[test]
fn a_service_that_fails_loses_no_alert() {
    let numbered: Vec<(usize, &Case)> = CASES.iter().enumerate().collect();
    let wrong = several_at_a_time(numbered, |(number, case)| {
        let (service, fault, count, ..) = *case;
        let plan = first(count, fault, move |call: &Call| call.service == service);
        check(&format!("fault-{number}"), plan, case)
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong, if anything.
fn check(name: &str, plan: impl Fn(&Call) -> Option<Fault> + Send + Sync + 'static, case: &Case) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let proxy = FaultyProxy::start(plan);
    let (cloud, mut function) = runtime.block_on(world(name, &proxy, &SETTINGS));
    let event = batch_of_one(name, &key("a"));
    let then = if function.invoke_within(&event, TIME) == done() { Done } else { Later };
    deliver_until_done(&mut function, name);
    let told = runtime.block_on(cloud.notifications()).len();
    // It comes once more, and nothing is told.
    assert_eq!(function.invoke(&event), done());
    assert_eq!(runtime.block_on(cloud.notifications()).len(), 0, "{case:?}");
    let (service, fault, count, ..) = *case;
    ((service, fault, count, then, told) != *case).then(|| format!("{case:?} came to {then:?}, {told}"))
}

/// A bucket with one object, a topic, a table, and a function whose calls go through the proxy.
pub(super) async fn world(name: &str, proxy: &FaultyProxy, settings: &[(&str, &str)]) -> (Cloud, Function) {
    world_of(&[trail_stopped("e1")], name, proxy, settings).await
}

/// The same with these records in the object.
pub(super) async fn world_of(
    records: &[Value],
    name: &str,
    proxy: &FaultyProxy,
    settings: &[(&str, &str)],
) -> (Cloud, Function) {
    let cloud = Cloud::new(name.to_owned().leak()).await;
    table(name).await;
    cloud.put(&key("a"), object(records)).await;
    let function = function(&cloud, name, proxy, settings);
    (cloud, function)
}

/// The function with its state in a table of this name, all of whose calls go through the proxy.
pub(super) fn function(cloud: &Cloud, table: &str, proxy: &FaultyProxy, settings: &[(&str, &str)]) -> Function {
    let address = proxy.address();
    let all = [("TRAILHOUND_STATE_TABLE", table), ("AWS_ENDPOINT_URL", &address)];
    cloud.function_with(&[&all, settings].concat())
}

/// Delivers the object again and again, as a queue does.
pub(super) fn deliver_until_done(function: &mut Function, name: &str) {
    let event = batch_of_one(name, &key("a"));
    wait_with_pauses("the delivery to be done", PAUSE, || (function.invoke(&event) == done()).then_some(()));
}

pub(super) fn done() -> Reply {
    Reply::Response(json!({"batchItemFailures": []}))
}

/// Checks all of these, some at a time; what is wrong.
pub(super) fn several_at_a_time<T: Send>(cases: Vec<T>, check: impl Fn(T) -> Option<String> + Sync) -> Vec<String> {
    // One test after the other: what makes the machine slow makes deadlines pass.
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let waiting = Mutex::new(cases.into_iter());
    let wrong = Mutex::new(Vec::new());
    let next = || waiting.lock().unwrap().next();
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(case) = next() {
                    let found = check(case);
                    wrong.lock().unwrap().extend(found);
                }
            });
        }
    });
    wrong.into_inner().unwrap()
}
