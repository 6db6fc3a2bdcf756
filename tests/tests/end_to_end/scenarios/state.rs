//! State in DynamoDB, as moto serves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_config::{BehaviorVersion, ConfigLoader, Region};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
use trailhound_aws::{CallLimits, DynamoState};
use trailhound_pipeline::{
    AlertId, AlertState, CellState, Claim, Clock, ManualClock, State, StateError, StateKey, contract,
};

use crate::cloud::Cloud;
use crate::events::batch_of_one;
use crate::logs::{key, object, trail_stopped};
use crate::servers::bootstrap::Function;
use crate::servers::faulty_proxy::{Fault, FaultyProxy};
use crate::servers::moto;
use crate::servers::runtime_api::Reply;

const LEASE: Duration = Duration::from_mins(15);

fn loader(endpoint: &str) -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
        .endpoint_url(endpoint)
}

/// A way to the table on which answers get lost when they should.
struct Lossy {
    proxy: FaultyProxy,
    losses: Arc<AtomicUsize>,
}

impl Lossy {
    fn start() -> Self {
        let losses = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&losses);
        let take = move || left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        Self { proxy: FaultyProxy::start(move |_| take().then_some(Fault::AnswerLost)), losses }
    }

    fn address(&self) -> String {
        self.proxy.address()
    }

    /// The answers to the next `count` requests get lost, once the server has done what they ask.
    fn lose(&self, count: usize) {
        self.losses.store(count, Ordering::SeqCst);
    }

    /// Whether all that should get lost has been lost.
    fn has_lost(&self) -> bool {
        self.losses.load(Ordering::SeqCst) == 0
    }
}

/// A new table in moto.
pub(super) async fn table(name: &str) {
    let client = Client::new(&loader(moto::serial_address()).load().await);
    let mut create = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    for (key, kind) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
        let attribute = AttributeDefinition::builder().attribute_name(key).attribute_type(ScalarAttributeType::S);
        create = create
            .attribute_definitions(attribute.build().unwrap())
            .key_schema(KeySchemaElement::builder().attribute_name(key).key_type(kind).build().unwrap());
    }
    create.send().await.unwrap();
}

pub(super) async fn state(endpoint: &str, table: &str, clock: &Arc<ManualClock>) -> DynamoState {
    let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(clock);
    DynamoState::connect_with(loader(endpoint), table, CallLimits::default(), clock).await
}

#[tokio::test]
async fn a_table_keeps_every_promise_of_the_ports() {
    table("contract").await;
    let clock = Arc::new(ManualClock::default());
    let mut handles: Vec<Arc<dyn State>> = Vec::new();
    for _ in 0..3 {
        handles.push(Arc::new(state(moto::serial_address(), "contract", &clock).await));
    }
    for run in ["first", "second"] {
        contract::state(&handles, &clock, run).await;
    }
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_recognised_as_its_own() {
    table("lossy").await;
    let (proxy, clock) = (Lossy::start(), Arc::new(ManualClock::default()));
    let state = state(&proxy.address(), "lossy", &clock).await;
    let alert = AlertId::new("rule", Some("111122223333"), Some("event"), "");

    proxy.lose(1);
    let Claim::Granted(token) = state.claim(&alert, LEASE).await.unwrap() else { panic!("the claim is its own") };
    assert!(proxy.has_lost());
    assert_eq!(state.claim(&alert, LEASE).await, Ok(Claim::Held), "and nobody else's");
    proxy.lose(1);
    assert_eq!(state.complete(&alert, &token).await, Ok(()));
    assert!(proxy.has_lost());
    assert_eq!(state.claim(&alert, LEASE).await, Ok(Claim::Completed));

    let key = StateKey::new("lossy", ["cell"]);
    let until = clock.now().saturating_add(LEASE).unwrap();
    for document in ["one", "two"] {
        let seen = state.load(&key).await.unwrap().map(|cell| cell.version);
        proxy.lose(1);
        assert_eq!(state.swap(&key, seen.as_deref(), document, until).await, Ok(true), "{document}");
        assert!(proxy.has_lost());
        assert_eq!(state.load(&key).await.unwrap().unwrap().document, document);
    }

    let other = AlertId::new("rule", Some("111122223333"), Some("other"), "");
    let Claim::Granted(token) = state.claim(&other, LEASE).await.unwrap() else { panic!("nobody has it") };
    proxy.lose(1);
    assert_eq!(state.release(&other, &token).await, Ok(()));
    assert!(matches!(state.claim(&other, LEASE).await, Ok(Claim::Granted(_))));
}

#[tokio::test]
async fn a_table_that_is_not_there_is_an_error() {
    let state = state(moto::serial_address(), "no-such-table", &Arc::new(ManualClock::default())).await;
    let alert = AlertId::new("rule", None, Some("event"), "");
    let error = state.claim(&alert, LEASE).await.unwrap_err();
    assert!(matches!(&error, StateError::Transient(reason) if reason.contains("ResourceNotFound")), "{error}");
}

/// A function with state in a table of the name of its cloud.
fn function(cloud: &Cloud, table: &str, endpoint: &str, settings: &[(&'static str, &str)]) -> Function {
    let known = cloud.settings();
    let mut all: Vec<(&str, &str)> = known.iter().map(|(name, value)| (*name, value.as_str())).collect();
    all.extend([("TRAILHOUND_STATE_TABLE", table), ("AWS_ENDPOINT_URL_DYNAMODB", endpoint)]);
    all.extend(settings);
    Function::start(&all)
}

fn done() -> Reply {
    Reply::Response(serde_json::json!({"batchItemFailures": []}))
}

#[tokio::test]
async fn two_environments_of_the_function_share_what_they_remember() {
    table("shared-state").await;
    let cloud = Cloud::new("shared-state").await;
    cloud.put(&key("a"), object(&[trail_stopped("e1")])).await;
    for _ in 0..2 {
        let mut function = function(&cloud, "shared-state", moto::serial_address(), &[]);
        assert_eq!(function.invoke(&batch_of_one("shared-state", &key("a"))), done());
    }
    assert_eq!(cloud.notifications().await.len(), 1);
}

#[tokio::test]
async fn a_correlation_is_judged_over_what_several_environments_have_seen() {
    table("correlated").await;
    let cloud = Cloud::new("correlated").await;
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/correlations");
    for name in ["a", "b", "c", "d"] {
        cloud.put(&key(name), object(&[trail_stopped(name)])).await;
        let mut function = function(&cloud, "correlated", moto::serial_address(), &[("TRAILHOUND_RULES", rules)]);
        assert_eq!(function.invoke(&batch_of_one("correlated", &key(name))), done());
    }
    let notifications = cloud.notifications().await;
    let subjects: Vec<&str> = notifications.iter().map(|told| told["Subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, ["[HIGH] Trail stopped again and again: 3 events, 111122223333 in 111122223333/eu-west-1"]);
}

/// Of a design that claims an alert once and for all, this loses it.
#[tokio::test]
async fn what_sns_did_not_take_is_no_duplicate_when_it_comes_again() {
    table("not-taken").await;
    let cloud = Cloud::without_topic("not-taken").await;
    cloud.put(&key("a"), object(&[trail_stopped("e1")])).await;
    let invoke =
        || function(&cloud, "not-taken", moto::serial_address(), &[]).invoke(&batch_of_one("not-taken", &key("a")));
    assert_ne!(invoke(), done());
    cloud.create_topic().await;
    for _ in 0..2 {
        assert_eq!(invoke(), done());
    }
    assert_eq!(cloud.notifications().await.len(), 1);
}

/// Of a design that does not know its own writes, this loses the alert for good.
#[tokio::test]
async fn lost_answers_of_the_table_lose_no_alert() {
    table("lost-answers").await;
    let proxy = Lossy::start();
    let cloud = Cloud::new("lost-answers").await;
    for losses in 1..=2 {
        let id = format!("e{losses}");
        cloud.put(&key(&id), object(&[trail_stopped(&id)])).await;
        let mut function = function(&cloud, "lost-answers", &proxy.address(), &[]);
        proxy.lose(losses);
        assert_eq!(function.invoke(&batch_of_one("lost-answers", &key(&id))), done());
        assert!(proxy.has_lost());
        assert_eq!(function.invoke(&batch_of_one("lost-answers", &key(&id))), done());
        assert_eq!(cloud.notifications().await.len(), 1, "{losses} answers lost");
    }
}
