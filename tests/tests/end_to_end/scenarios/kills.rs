//! The function is killed at each call it makes, before it reaches the service and after; and the answer to
//! each call gets lost.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::runtime::Runtime;
use trailhound_pipeline::{Agenda, ManualClock};

use super::faults::{TIME, deliver_until_done, function, several_at_a_time, world, world_of};
use super::schedule::{RULES as WINDOWS, two_hours_ago};
use super::state::state;
use crate::cloud::Cloud;
use crate::events::{batch_of_one, object_created, scheduled};
use crate::logs::{key, trail_stopped};
use crate::servers::bootstrap::Function;
use crate::servers::faulty_proxy::{Call, Fault, FaultyProxy, Service};
use crate::servers::moto;
use crate::servers::process::{wait_for, wait_with_pauses};
use crate::servers::runtime_api::Reply;

/// Pause before a schedule invokes the function again.
const PAUSE: Duration = Duration::from_secs(2);

/// What happens to the function, and what is told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Story {
    /// An event matches.
    Alert,
    /// Ten events of one actor: the first is told, that there are ten, and that a correlation holds.
    Growth,
    /// A schedule comes when a window of a correlation and a group of alerts are over.
    End,
}

const STORIES: [Story; 3] = [Story::Alert, Story::Growth, Story::End];

/// The invocation came to its end before the call.
struct OverBefore;

/// How often each subject was told.
type Told = BTreeMap<String, usize>;

impl Story {
    fn settings(self) -> [(&'static str, &'static str); 2] {
        let rules = match self {
            Story::Alert => concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/rules"),
            Story::Growth => concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/stories"),
            Story::End => WINDOWS,
        };
        [("TRAILHOUND_RULES", rules), ("TRAILHOUND_CALL_ATTEMPTS", "2")]
    }

    /// What is told, once each.
    fn subjects(self) -> &'static [&'static str] {
        match self {
            Story::Alert => &["[HIGH] Trail stopped: alice-e1 in 111122223333/eu-west-1"],
            Story::Growth => &[
                "[HIGH] Trail stopped again and again: 3 events, 111122223333 in 111122223333/eu-west-1",
                "[HIGH] Trail stopped, again: 10 alerts, alice in 111122223333/eu-west-1",
                "[HIGH] Trail stopped: alice in 111122223333/eu-west-1",
            ],
            Story::End => &[
                "[HIGH] Trail stopped once or twice: 2 events, 111122223333 in 111122223333/eu-west-1",
                "[HIGH] Trail stopped, in all: 2 alerts, alice in 111122223333/eu-west-1",
            ],
        }
    }

    async fn world(self, name: &str, proxy: &FaultyProxy) -> (Cloud, Function) {
        let records = match self {
            Story::Growth => (0..10).map(|number| by_alice(&format!("e{number}"))).collect(),
            Story::Alert | Story::End => vec![trail_stopped("e1")],
        };
        let world = world_of(&records, name, proxy, &self.settings()).await;
        if self == Story::End {
            two_hours_ago(name).await;
        }
        world
    }

    /// What invokes the function.
    fn event(self, name: &str) -> Value {
        match self {
            Story::Alert | Story::Growth => batch_of_one(name, &key("a")),
            Story::End => scheduled(),
        }
    }

    /// Invokes the function until nothing is left to do; how often each thing was told in all.
    fn end(self, runtime: &Runtime, name: &str, cloud: &Cloud, function: &mut Function) -> Told {
        if self == Story::End {
            let clock = Arc::new(ManualClock::new(Timestamp::now()));
            let state = runtime.block_on(state(moto::serial_address(), name, &clock));
            wait_with_pauses("nothing to be due", PAUSE, || {
                function.invoke(&scheduled());
                runtime.block_on(state.due(Timestamp::now(), 1)).unwrap().is_empty().then_some(())
            });
        } else {
            deliver_until_done(function, name);
        }
        let mut told = Told::new();
        for notification in runtime.block_on(cloud.notifications()) {
            *told.entry(notification["Subject"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        told
    }

    /// What a clean run asks for, one call after the other.
    fn clean_run(self, prefix: &str) -> Vec<Call> {
        let name = format!("{prefix}-{self:?}-clean").to_lowercase();
        let runtime = runtime();
        let proxy = FaultyProxy::start(|_| None);
        let (cloud, mut function) = runtime.block_on(self.world(&name, &proxy));
        assert!(matches!(function.invoke_within(&self.event(&name), TIME), Reply::Response(_)));
        let calls: Vec<Call> = proxy.calls().into_iter().map(|(call, _)| call).collect();
        let told = self.end(&runtime, &name, &cloud, &mut function);
        assert_eq!(told, self.subjects().iter().map(|subject| ((*subject).to_owned(), 1)).collect());
        calls
    }

    /// What is wrong if the function is killed at this call.
    fn killed_at(self, number: usize, fault: Fault) -> Option<String> {
        // Claims end with the time of an invocation, so a short one is waited for less; on a slow machine it may
        // not come as far as the call.
        [TIME, 8 * TIME]
            .into_iter()
            .find_map(|time| self.killed_within(time, number, fault).ok())
            .unwrap_or_else(|| Some(format!("{self:?}, {fault:?}: call {number} was never made")))
    }

    /// The same for an invocation of so much time.
    fn killed_within(self, time: Duration, number: usize, fault: Fault) -> Result<Option<String>, OverBefore> {
        let moment = if fault.is_after() { "after" } else { "before" };
        let name = format!("kill-{self:?}-{number}-{moment}-{}", time.as_secs()).to_lowercase();
        let runtime = runtime();
        let proxy = FaultyProxy::start(move |call| (call.number == number).then_some(fault));
        let (cloud, mut killed) = runtime.block_on(self.world(&name, &proxy));
        killed.begin_within(&self.event(&name), time);
        let is_silent = wait_for("a call without an answer", || {
            let is_silent = proxy.is_silent();
            (is_silent || killed.has_answered()).then_some(is_silent)
        });
        killed.kill();
        if !is_silent {
            return Err(OverBefore);
        }
        let calls = proxy.calls();
        let sound = FaultyProxy::start(|_| None);
        let told = self.end(&runtime, &name, &cloud, &mut function(&cloud, &name, &sound, &self.settings()));
        let published = |number: Option<usize>| {
            number.and_then(|number| calls.get(number)).is_some_and(|(call, _)| call.service == Service::Sns)
        };
        // SNS has it, and the next call, which notes that, has not been made.
        let is_unnoted = if fault.is_after() { published(Some(number)) } else { published(number.checked_sub(1)) };
        let wrong = self.wrong(&told, is_unnoted);
        Ok(wrong.map(|wrong| format!("{self:?}, {fault:?} at {:?}: {wrong}", calls.get(number))))
    }

    /// What is wrong if so many answers get lost, from this call on.
    fn unanswered_from(self, call: &Call, count: usize) -> Option<String> {
        let name = format!("lost-{self:?}-{}-{count}", call.number).to_lowercase();
        let spoilt = call.number..call.number + count;
        let runtime = runtime();
        let proxy = FaultyProxy::start(move |call| spoilt.contains(&call.number).then_some(Fault::AnswerLost));
        let (cloud, mut function) = runtime.block_on(self.world(&name, &proxy));
        let told = self.end(&runtime, &name, &cloud, &mut function);
        let unheard = |(call, fault): &(Call, Option<Fault>)| call.service == Service::Sns && fault.is_some();
        let was_published_unheard = proxy.calls().iter().any(unheard);
        self.wrong(&told, was_published_unheard).map(|wrong| format!("{self:?}, {count} lost from {call:?}: {wrong}"))
    }

    /// Each subject has to be told, and more than once if something of it has to be repeated, and only then.
    fn wrong(self, told: &Told, is_repeated: bool) -> Option<String> {
        let all = told.keys().map(String::as_str).eq(sorted(self.subjects()));
        let repeats: usize = told.values().map(|times| times - 1).sum();
        (!all || (repeats > 0) != is_repeated || repeats > 2 * told.len())
            .then(|| format!("{repeats} repeats, {told:#?}"))
    }
}

fn sorted(subjects: &[&'static str]) -> Vec<&'static str> {
    let mut subjects = subjects.to_vec();
    subjects.sort_unstable();
    subjects
}

fn by_alice(event: &str) -> Value {
    let mut record = trail_stopped(event);
    record["userIdentity"]["userName"] = "alice".into();
    record
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Of the longer stories one call in so many is looked at, and all of them, several times as long, where
/// `TESTED_TRAILHOUND_KILLS=all`.
const ONE_IN: usize = 8;

/// The calls of all stories at which something is to happen.
fn points(prefix: &str) -> Vec<(Story, Call)> {
    let all = std::env::var_os("TESTED_TRAILHOUND_KILLS").is_some_and(|which| which == "all");
    let of_story = |story: Story| {
        let step = if all || story == Story::Alert { 1 } else { ONE_IN };
        story.clean_run(prefix).into_iter().step_by(step).map(move |call| (story, call))
    };
    STORIES.into_iter().flat_map(of_story).collect()
}

#[test]
fn a_kill_at_any_call_loses_nothing_and_repeats_at_one_point_only() {
    let points = points("kill")
        .into_iter()
        .flat_map(|(story, call)| [(story, call.number, Fault::Silence), (story, call.number, Fault::SilenceAfter)]);
    let wrong = several_at_a_time(points.collect(), |(story, call, fault)| story.killed_at(call, fault));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_answer_lost_at_any_call_loses_nothing() {
    let points = points("lost").into_iter().flat_map(|(story, call)| [(story, call.clone(), 1), (story, call, 2)]);
    let wrong = several_at_a_time(points.collect(), |(story, call, count)| story.unanswered_from(&call, count));
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
