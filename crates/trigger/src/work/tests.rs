//! How much is done at a time, in which order, and what becomes of it when time runs out.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use async_trait::async_trait;
use tokio::sync::Semaphore;
use trailhound_pipeline::memory::{MemoryNotifier, MemoryState};
use trailhound_pipeline::{InspectLimits, Inspector, ObjectStore, PipelineSettings, Ports, SystemClock};
use trailhound_rule_engine::{RuleSet, Settings};

use super::*;

const MINUTE: Duration = Duration::from_mins(1);

/// Objects whose key says what becomes of them: `…slow…` never comes, `…broken…` cannot be fetched,
/// `…missing…` and `…denied…` say so, and every other is an empty list of records once `gate` lets it pass.
#[derive(Debug)]
struct Scripted {
    gate: Semaphore,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
}

impl Scripted {
    fn new(open: usize) -> Arc<Self> {
        Arc::new(Self {
            gate: Semaphore::new(open),
            under_way: AtomicUsize::new(0),
            most_under_way: AtomicUsize::new(0),
        })
    }
}

#[async_trait]
impl ObjectStore for Scripted {
    async fn get(&self, object: &ObjectRef) -> Result<Vec<u8>, FetchError> {
        let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_under_way.fetch_max(under_way, Ordering::SeqCst);
        let answer = match &object.key {
            key if key.contains("slow") => std::future::pending().await,
            key if key.contains("broken") => Err(FetchError::Transient("503".to_owned())),
            key if key.contains("missing") => Err(FetchError::Missing),
            key if key.contains("denied") => Err(FetchError::Denied),
            _ => {
                let _pass = self.gate.acquire().await;
                Ok(b"{\"Records\":[]}".to_vec())
            }
        };
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        answer
    }
}

fn pipeline(objects: &Arc<Scripted>) -> Pipeline {
    let rules = RuleSet::load_with([], &Settings::default()).rules;
    let ports = Ports {
        objects: Arc::<Scripted>::clone(objects),
        state: Arc::new(MemoryState::new(Arc::new(SystemClock))),
        notifier: Arc::new(MemoryNotifier::default()),
        clock: Arc::new(SystemClock),
        quarantine: None,
    };
    Pipeline::new(Inspector::new(Arc::new(rules), InspectLimits::default()), ports, PipelineSettings::default())
}

fn object(name: &str) -> ObjectRef {
    let key = format!("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/05/01/{name}");
    ObjectRef { bucket: "logs".to_owned(), key, version: None }
}

fn created(name: &str) -> Work {
    Work::Object { object: object(name), otherwise: None }
}

fn unit(names: &[&str]) -> Unit {
    Unit { id: names.join("+"), work: Ok(names.iter().map(|name| created(name)).collect()) }
}

fn trigger(order: QueueOrder, units: Vec<Unit>) -> Trigger {
    Trigger { sender: Sender::Queue(order), units }
}

async fn run(objects: &Arc<Scripted>, time: Duration, trigger: Trigger) -> Vec<UnitOutcome> {
    run_with(objects, time, Reserves::default(), trigger).await
}

async fn run_with(objects: &Arc<Scripted>, time: Duration, reserves: Reserves, trigger: Trigger) -> Vec<UnitOutcome> {
    let pipeline = pipeline(objects);
    let deadline = SystemTime::now() + time;
    Worker { pipeline: &pipeline, concurrency: 3, deadline, stopping: None, reserves }.run(trigger).await
}

fn failed(outcomes: &[UnitOutcome]) -> Vec<&str> {
    outcomes.iter().filter(|unit| !unit.succeeded()).map(|unit| unit.id.as_str()).collect()
}

#[tokio::test]
async fn no_more_objects_at_a_time_than_are_allowed() {
    let objects = Scripted::new(0);
    let units = ["a", "b", "c", "d", "e", "f", "g"].map(|name| unit(&[name])).into();
    let (outcomes, ()) = tokio::join!(run(&objects, MINUTE, trigger(QueueOrder::Standard, units)), async {
        while objects.under_way.load(Ordering::SeqCst) < 3 {
            tokio::task::yield_now().await;
        }
        objects.gate.add_permits(1);
    });
    assert_eq!(objects.most_under_way.load(Ordering::SeqCst), 3);
    assert_eq!((outcomes.len(), failed(&outcomes)), (7, vec![]));
}

#[tokio::test]
async fn a_message_fails_if_any_of_its_objects_failed() {
    let units = vec![unit(&["a", "broken", "b"]), unit(&["c"]), unit(&[]), unit(&["denied"])];
    let outcomes = run(&Scripted::new(9), MINUTE, trigger(QueueOrder::Standard, units)).await;
    assert_eq!(failed(&outcomes), ["a+broken+b", "denied"]);
}

#[tokio::test]
async fn in_an_ordered_queue_nothing_overtakes_what_failed() {
    let refused = Unit { id: "refused".to_owned(), work: Err(DecodeError::Unknown) };
    for bad in [unit(&["broken"]), refused] {
        let id = bad.id.clone();
        let units = vec![unit(&["a"]), bad, unit(&["b"]), unit(&["c"])];
        let objects = Scripted::new(9);
        let outcomes = run(&objects, MINUTE, trigger(QueueOrder::Fifo, units)).await;
        assert_eq!(failed(&outcomes), [id.as_str(), "b", "c"]);
        assert!(matches!(outcomes[2].work.as_deref(), Ok([WorkOutcome::NotBegun])), "{:?}", outcomes[2]);
        assert_eq!(objects.most_under_way.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn without_time_nothing_is_begun() {
    let objects = Scripted::new(9);
    let outcomes = run(&objects, Reserves::default().to_begin, trigger(QueueOrder::Standard, vec![unit(&["a"])])).await;
    assert_eq!(failed(&outcomes), ["a"]);
    assert_eq!(objects.most_under_way.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn whoever_stops_begins_nothing() {
    let objects = Scripted::new(9);
    let (pipeline, stopping) = (pipeline(&objects), AtomicBool::new(true));
    let worker = Worker {
        pipeline: &pipeline,
        concurrency: 3,
        deadline: SystemTime::now() + MINUTE,
        stopping: Some(&stopping),
        reserves: Reserves::default(),
    };
    let outcomes = worker.run(trigger(QueueOrder::Standard, vec![unit(&["a"])])).await;
    assert!(matches!(outcomes[0].work.as_deref(), Ok([WorkOutcome::NotBegun])), "{:?}", outcomes[0]);
    assert_eq!(objects.most_under_way.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_slow_object_is_given_up_alone() {
    let units = ["a", "slow", "b", "c", "d"].map(|name| unit(&[name])).into();
    let reserves = Reserves { to_answer: MINUTE.saturating_sub(Duration::from_millis(50)), ..Reserves::default() };
    let outcomes = run_with(&Scripted::new(9), MINUTE, reserves, trigger(QueueOrder::Standard, units)).await;
    assert_eq!(failed(&outcomes), ["slow"]);
    assert!(matches!(outcomes[1].work.as_deref(), Ok([WorkOutcome::CutOff])), "{:?}", outcomes[1]);
}

#[tokio::test]
async fn an_object_of_uncertain_key_is_found_under_the_other() {
    let missing = |outcome: &WorkOutcome| matches!(outcome, WorkOutcome::Delivered(outcome) if outcome.object == ObjectResult::Missing);
    for (first, second, succeeds, is_missing) in [
        ("missing", "there", true, false),
        ("denied", "there", true, false),
        ("there", "broken", true, false),
        ("missing", "missing too", true, true),
        ("denied", "missing too", false, false),
        ("missing", "broken", false, false),
    ] {
        let work = Work::Object { object: object(first), otherwise: Some(object(second)) };
        let units = vec![Unit { id: first.to_owned(), work: Ok(vec![work]) }];
        let outcomes = run(&Scripted::new(9), MINUTE, trigger(QueueOrder::Standard, units)).await;
        assert_eq!(outcomes[0].succeeded(), succeeds, "{first}, {second}");
        let work = outcomes[0].work.as_ref().expect("work");
        assert_eq!(missing(&work[0]), is_missing, "{first}, {second}: {work:?}");
    }
}
