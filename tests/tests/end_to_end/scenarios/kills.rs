//! The function is killed at each call it makes, before it reaches the service and after; and the answer to
//! each call gets lost.

use serde_json::Value;
use tokio::runtime::Runtime;

use super::faults::{TIME, deliver_until_done, done, function, several_at_a_time, world, world_of};
use crate::events::{batch_of_one, object_created};
use crate::logs::key;
use crate::servers::faulty_proxy::{Call, Fault, FaultyProxy, Service};
use crate::servers::runtime_api::Reply;

/// What happens: rules, and the events of one object. One alert comes of it.
#[derive(Debug, Clone, Copy)]
struct Story {
    name: &'static str,
    rules: &'static str,
    events: &'static [&'static str],
}

const STORIES: [Story; 2] = [
    Story { name: "alert", rules: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/rules"), events: &["e1"] },
    Story {
        name: "correlation",
        rules: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/correlations"),
        events: &["e1", "e2", "e3"],
    },
];

impl Story {
    fn settings(self) -> [(&'static str, &'static str); 2] {
        [("TRAILHOUND_RULES", self.rules), ("TRAILHOUND_CALL_ATTEMPTS", "2")]
    }

    /// What a clean run asks for, one call after the other.
    fn clean_run(self, prefix: &str) -> Vec<Call> {
        let name = format!("{prefix}-{}-clean", self.name);
        let runtime = runtime();
        let proxy = FaultyProxy::start(|_| None);
        let (cloud, mut function) = runtime.block_on(world_of(self.events, &name, &proxy, &self.settings()));
        assert_eq!(function.invoke_within(&batch_of_one(&name, &key("a")), TIME), done());
        assert_eq!(runtime.block_on(cloud.notifications()).len(), 1);
        let calls: Vec<Call> = proxy.calls().into_iter().map(|(call, _)| call).collect();
        assert_eq!(calls.iter().filter(|call| call.service == Service::Sns).count(), 1, "{calls:?}");
        calls
    }

    /// How often the alert is told in the end if the function is killed at this call.
    fn killed_at(self, call: &Call, fault: Fault) -> usize {
        let number = call.number;
        let name = format!("kill-{}-{number}-{}", self.name, if fault.is_after() { "after" } else { "before" });
        let runtime = runtime();
        let proxy = FaultyProxy::start(move |call| (call.number == number).then_some(fault));
        let (cloud, mut killed) = runtime.block_on(world_of(self.events, &name, &proxy, &self.settings()));
        killed.begin_within(&batch_of_one(&name, &key("a")), TIME);
        proxy.wait_until_silent();
        killed.kill();
        let sound = FaultyProxy::start(|_| None);
        deliver_until_done(&mut function(&cloud, &name, &sound, &self.settings()), &name);
        runtime.block_on(cloud.notifications()).len()
    }

    /// How often the alert is told in the end if so many answers get lost, from this call on.
    fn unanswered_from(self, call: &Call, count: usize) -> usize {
        let name = format!("lost-{}-{}-{count}", self.name, call.number);
        let spoilt = call.number..call.number + count;
        let runtime = runtime();
        let proxy = FaultyProxy::start(move |call| spoilt.contains(&call.number).then_some(Fault::AnswerLost));
        let (cloud, mut function) = runtime.block_on(world_of(self.events, &name, &proxy, &self.settings()));
        deliver_until_done(&mut function, &name);
        runtime.block_on(cloud.notifications()).len()
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_kill_at_any_call_loses_nothing_and_repeats_at_one_point_only() {
    let mut points = Vec::new();
    for story in STORIES {
        let calls = story.clean_run("kill");
        let published = calls.iter().position(|call| call.service == Service::Sns).unwrap();
        for call in calls {
            // SNS has it, and the next call, which notes that, has not been made.
            let is_unnoted = |fault| (call.number, fault) == (published, Fault::SilenceAfter);
            let is_unnoted = |fault| is_unnoted(fault) || (call.number, fault) == (published + 1, Fault::Silence);
            for fault in [Fault::Silence, Fault::SilenceAfter] {
                points.push((story, call.clone(), fault, if is_unnoted(fault) { 2 } else { 1 }));
            }
        }
    }
    let wrong = several_at_a_time(points, |(story, call, fault, expected)| {
        let told = story.killed_at(&call, fault);
        (told != expected).then(|| format!("{}, {fault:?} {call:?}: told {told} times, not {expected}", story.name))
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_answer_lost_at_any_call_loses_nothing() {
    let mut points = Vec::new();
    for story in STORIES {
        points
            .extend(story.clean_run("lost").into_iter().flat_map(|call| [(story, call.clone(), 1), (story, call, 2)]));
    }
    let wrong = several_at_a_time(points, |(story, call, count)| {
        let told = story.unanswered_from(&call, count);
        // SNS takes a notification as often as it is sent.
        let expected = if call.service == Service::Sns { 1 + count } else { 1 };
        (told != expected).then(|| format!("{}, {count} lost from {call:?}: told {told} times", story.name))
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What Lambda repeats twice and no more does not find the claim of a killed worker in its way.
#[test]
fn an_invocation_that_is_not_repeated_for_long_waits_for_what_a_killed_one_held() {
    let runtime = runtime();
    let proxy = FaultyProxy::start(|call| (call.service == Service::Sns).then_some(Fault::Silence));
    let (cloud, mut killed) = runtime.block_on(world("kill-waiting", &proxy, &[]));
    let event = object_created("kill-waiting", &key("a"));
    killed.begin_within(&event, TIME);
    proxy.wait_until_silent();
    killed.kill();
    let sound = FaultyProxy::start(|_| None);
    let mut repeat = function(&cloud, "kill-waiting", &sound, &[]);
    let reply = repeat.invoke(&event);
    assert!(matches!(reply, Reply::Response(_)), "{reply:?}");
    assert_eq!(runtime.block_on(cloud.notifications()).len(), 1);
    let held = |line: &Value| line["message"] == "delivery" && line["held"] == 1;
    assert!(repeat.log().iter().any(held), "it found the claim held: {:?}", repeat.log());
}
