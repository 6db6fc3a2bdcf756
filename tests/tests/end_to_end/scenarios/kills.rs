//! The function is killed at each call it makes, before it reaches the service and after; and the answer to
//! each call gets lost.

use serde_json::Value;

use super::faults::{TIME, deliver_until_done, done, function, several_at_a_time, world};
use crate::events::{batch_of_one, object_created};
use crate::logs::key;
use crate::servers::faulty_proxy::{Call, Fault, FaultyProxy, Service};
use crate::servers::runtime_api::Reply;

/// What a clean run asks for, one call after the other.
fn clean_run(name: &str) -> Vec<Call> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let proxy = FaultyProxy::start(|_| None);
    let (cloud, mut function) = runtime.block_on(world(name, &proxy, &[]));
    assert_eq!(function.invoke_within(&batch_of_one(name, &key("a")), TIME), done());
    assert_eq!(runtime.block_on(cloud.notifications()).len(), 1);
    proxy.calls().into_iter().map(|(call, _)| call).collect()
}

#[test]
fn a_kill_at_any_call_loses_nothing_and_repeats_at_one_point_only() {
    let calls = clean_run("kill-clean");
    let published = calls.iter().position(|call| call.service == Service::Sns).unwrap();
    assert_eq!(calls.iter().filter(|call| call.service == Service::Sns).count(), 1, "{calls:?}");
    let points = (0..calls.len()).flat_map(|number| [(number, Fault::Silence), (number, Fault::SilenceAfter)]);
    let wrong = several_at_a_time(points.collect(), |(number, fault)| {
        // SNS has it, and the next call, which notes that, has not been made.
        let may_repeat =
            (number, fault) == (published, Fault::SilenceAfter) || (number, fault) == (published + 1, Fault::Silence);
        let (call, told) = killed_at(number, fault);
        let expected = if may_repeat { 2 } else { 1 };
        (told != expected).then(|| format!("killed at {call:?}, {fault:?}: told {told} times, not {expected}"))
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_answer_lost_at_any_call_loses_nothing() {
    let points = clean_run("lost-clean").into_iter().flat_map(|call| [(call.clone(), 1), (call, 2)]);
    let wrong = several_at_a_time(points.collect(), |(call, count)| {
        let name = format!("lost-{}-{count}", call.number);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let spoilt = call.number..call.number + count;
        let proxy = FaultyProxy::start(move |call| spoilt.contains(&call.number).then_some(Fault::AnswerLost));
        let (cloud, mut function) = runtime.block_on(world(&name, &proxy, &[("TRAILHOUND_CALL_ATTEMPTS", "2")]));
        deliver_until_done(&mut function, &name);
        let told = runtime.block_on(cloud.notifications()).len();
        // SNS takes a notification as often as it is sent.
        let expected = if call.service == Service::Sns { 1 + count } else { 1 };
        (told != expected).then(|| format!("{count} lost from {call:?}: told {told} times, not {expected}"))
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What Lambda repeats twice and no more does not find the claim of a killed worker in its way.
#[test]
fn an_invocation_that_is_not_repeated_for_long_waits_for_what_a_killed_one_held() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
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

/// Where it was killed, and how often the alert was told in the end.
fn killed_at(number: usize, fault: Fault) -> (Call, usize) {
    let name = format!("kill-{number}-{}", if fault.is_after() { "after" } else { "before" });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let proxy = FaultyProxy::start(move |call| (call.number == number).then_some(fault));
    let (cloud, mut killed) = runtime.block_on(world(&name, &proxy, &[]));
    killed.begin_within(&batch_of_one(&name, &key("a")), TIME);
    proxy.wait_until_silent();
    killed.kill();
    let sound = FaultyProxy::start(|_| None);
    deliver_until_done(&mut function(&cloud, &name, &sound, &[]), &name);
    let told = runtime.block_on(cloud.notifications()).len();
    (proxy.calls().into_iter().map(|(call, _)| call).nth(number).unwrap(), told)
}
