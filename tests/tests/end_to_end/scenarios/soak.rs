//! Many objects through a queue and the function, while one call in twenty fails: nothing is lost, what is
//! told twice is counted, and memory stays as it is.
//!
//! A hundred objects, or as many as `TESTED_TRAILHOUND_SOAK` says.

use std::collections::BTreeMap;
use std::env;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::faults::{faults_of, function};
use super::state::table;
use crate::cloud::Cloud;
use crate::events::batch;
use crate::logs::{harmless, key, object, trail_stopped};
use crate::servers::faulty_proxy::{Call, Fault, FaultyProxy, Service};
use crate::servers::runtime_api::Reply;

const OBJECTS: &str = "TESTED_TRAILHOUND_SOAK";

/// One call in so many fails.
const ONE_IN: u64 = 20;

/// Messages of one invocation, as with the template.
const BATCH: usize = 10;

/// Time of one invocation; what is held by one that failed is free ten seconds after it.
const TIME: Duration = Duration::from_secs(20);

/// After so many seconds a message that failed comes again.
const PAUSE: i32 = 3;

/// Held claims and late answers make some invocations slow; nothing may take so long that it is not done.
const PATIENCE: Duration = Duration::from_hours(1);

/// Rates at which nothing is held back for a digest.
const SETTINGS: &[(&str, &str)] = &[
    ("TRAILHOUND_CALL_TIMEOUT", "1s"),
    ("TRAILHOUND_DIGEST_RULE_RATE", "5000"),
    ("TRAILHOUND_DIGEST_OVERALL_RATE", "5000"),
];

/// Chooses by a generator of its own which call fails and how.
fn one_in_twenty() -> impl Fn(&Call) -> Option<Fault> + Send + Sync {
    let state = Mutex::new(0x5eed_u64);
    move |call| {
        let mut state = state.lock().unwrap();
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let drawn = *state >> 33;
        let fitting = faults_of(call.service);
        let chosen = usize::try_from(drawn / ONE_IN).unwrap().checked_rem(fitting.len())?;
        drawn.is_multiple_of(ONE_IN).then(|| fitting[chosen])
    }
}

struct Soak {
    cloud: Cloud,
    queue: String,
    /// Bytes of memory after each invocation.
    memory: Vec<u64>,
    failed_messages: usize,
}

#[tokio::test]
async fn nothing_is_lost_while_one_call_in_twenty_fails() {
    let count = env::var(OBJECTS).map_or(100, |count| count.parse().unwrap());
    let begin = Instant::now();
    let cloud = Cloud::new("soak").await;
    table("soak").await;
    let queue = cloud.announce_objects().await;
    let proxy = FaultyProxy::start(one_in_twenty());
    let mut soak = Soak { cloud, queue, memory: Vec::new(), failed_messages: 0 };
    let told = soak.run(count, &proxy).await;

    let missing = (0..count).filter(|number| !told.contains_key(&id(*number))).count();
    let again: usize = told.values().map(|times| times - 1).sum();
    let calls = proxy.calls();
    let spoilt = calls.iter().filter(|(_, fault)| fault.is_some()).count();
    let unheard =
        |(call, fault): &&(Call, Option<Fault>)| call.service == Service::Sns && fault.is_some_and(Fault::is_after);
    let unheard = calls.iter().filter(unheard).count();
    let [first, last] = quarters(&soak.memory);
    eprintln!(
        "soak: {count} objects in {:?}, {} calls of which {spoilt} were spoilt, {} invocations, {} messages failed; \
         {missing} alerts lost, {again} told again, {unheard} answers of SNS lost; memory {} KiB in the first quarter, \
         {} KiB in the last",
        begin.elapsed(),
        calls.len(),
        soak.memory.len(),
        soak.failed_messages,
        first >> 10,
        last >> 10
    );
    assert_eq!(missing, 0);
    assert!(again <= unheard, "told again only where SNS had it and nobody knew");
    assert!(last <= first + first / 10 + (4 << 20), "memory has grown from {first} to {last} bytes");
}

impl Soak {
    /// Puts the objects, and invokes the function until the queue is empty; how often each alert was told.
    async fn run(&mut self, count: usize, proxy: &FaultyProxy) -> BTreeMap<String, usize> {
        let mut function = function(&self.cloud, "soak", proxy, SETTINGS);
        let (mut put, mut done_messages) = (0, 0);
        let mut told = BTreeMap::new();
        let end = Instant::now() + PATIENCE;
        while done_messages < count {
            assert!(Instant::now() < end, "{done_messages} of {count} objects are done");
            let next = put..count.min(put + BATCH);
            put = next.end;
            for number in next {
                let records = [harmless(&format!("h{number}")), trail_stopped(&id(number))];
                self.cloud.put(&key(&format!("{number:06}")), object(&records)).await;
            }
            let messages = self.cloud.receive(&self.queue).await;
            if messages.is_empty() {
                continue;
            }
            let bodies = messages.iter().map(|message| (message.id.as_str(), message.body.clone()));
            let reply = function.invoke_within(&batch(bodies), TIME);
            let failed = failed(&reply);
            self.failed_messages += failed.len();
            for message in messages.iter().filter(|message| !failed.contains(&message.id)) {
                self.cloud.delete(&self.queue, message).await;
                done_messages += usize::from(message.body.contains("ObjectCreated"));
            }
            for message in messages.iter().filter(|message| failed.contains(&message.id)) {
                self.cloud.return_after(&self.queue, message, PAUSE).await;
            }
            self.memory.extend(function.resident_bytes());
            self.count(&mut told).await;
        }
        told
    }

    async fn count(&self, told: &mut BTreeMap<String, usize>) {
        for notification in self.cloud.notifications().await {
            *told.entry(event_in(&notification)).or_default() += 1;
        }
    }
}

/// The event that a notification is about.
pub(super) fn event_in(notification: &Value) -> String {
    let text = notification["Message"].as_str().unwrap();
    let line = text.lines().find_map(|line| line.trim().strip_prefix("event ")).unwrap();
    line.trim().to_owned()
}

fn id(number: usize) -> String {
    format!("soak-{number:06}")
}

/// The messages that the function names as failed.
fn failed(reply: &Reply) -> Vec<String> {
    let Reply::Response(response) = reply else { panic!("no answer to the batch: {reply:?}") };
    let items = response["batchItemFailures"].as_array().unwrap();
    items.iter().map(|item| item["itemIdentifier"].as_str().unwrap().to_owned()).collect()
}

/// The median of the first quarter of some numbers and of the last.
fn quarters(numbers: &[u64]) -> [u64; 2] {
    let quarter = (numbers.len() / 4).max(1);
    let (first, rest) = numbers.split_at(quarter.min(numbers.len()));
    [first, &rest[rest.len().saturating_sub(quarter)..]].map(|part| {
        let mut sorted = part.to_vec();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    })
}
