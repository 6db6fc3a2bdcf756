use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde_json::Value;

use super::{Place, ended, length, stopped, written};

/// Two rules, and a correlation about the alerts of the first.
const RULES: &str = "
title: Trail stopped
id: 6a7a1c1e-0c52-4c0e-9a55-3f7e8a6b6f20
name: stopped
status: stable
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventSource: cloudtrail.amazonaws.com, eventName: StopLogging}
  condition: selection
level: high
---
title: Trail stopped again and again
id: 6a7a1c1e-0c52-4c0e-9a55-3f7e8a6b6f21
status: stable
level: high
correlation:
  type: event_count
  rules: [stopped]
  group-by: [userIdentity.arn]
  timespan: 10m
  condition: {gte: 5}
  generate: true
---
title: Trail changed
id: 6a7a1c1e-0c52-4c0e-9a55-3f7e8a6b6f22
status: stable
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventSource: cloudtrail.amazonaws.com, eventName: UpdateTrail}
  condition: selection
level: high
";

/// How many alerts of a rule are told one by one.
const RATE: usize = 20;

/// A generator of numbers that gives the same ones every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Objects of four alerts each; one in five is a repeat of an earlier one, as CloudTrail has it.
fn fill(place: &Place, objects: usize) -> usize {
    let mut dice = Dice(1);
    let mut events = 0;
    for object in 0..objects {
        let records: Vec<_> = (0..4)
            .map(|_| {
                if events > 0 && dice.below(5) == 0 {
                    return stopped(usize::try_from(dice.below(events as u64)).unwrap());
                }
                events += 1;
                stopped(events - 1)
            })
            .collect();
        place.put(&format!("{object:04}.json.gz"), &records);
    }
    events
}

/// When a run is killed.
#[derive(Clone, Copy)]
enum When {
    /// After as many bytes of alerts, at most, as are said here.
    Told(u64),
    /// After the state has been written to.
    Noted,
}

/// Runs to the end, killed on the way again and again, and a moment after that at which it could be; how often
/// it was.
fn killed_on_the_way(place: &Place, outlet: &[&str], when: When, most: usize) -> usize {
    let (mut dice, mut kills) = (Dice(7), 0);
    let seen = || match when {
        When::Told(_) => u128::from(length(&place.path("alerts"))),
        When::Noted => written(&place.path("killed.sqlite-wal")),
    };
    loop {
        let before = seen();
        let arguments = [&["--once"], outlet].concat();
        let mut run = place.run("killed.sqlite", &arguments).spawn().unwrap();
        let (growth, longest) = match when {
            When::Told(bytes) => (dice.below(bytes), 4_000),
            When::Noted => (0, 60_000),
        };
        let goal = before + 1 + u128::from(growth);
        let moment = Duration::from_micros(dice.below(longest));
        let start = Instant::now();
        let status = loop {
            if let Some(status) = run.try_wait().unwrap() {
                break Some(status);
            }
            if kills < most && seen() >= goal {
                thread::sleep(moment);
                break None;
            }
            assert!(start.elapsed() < super::PATIENCE, "neither an alert nor an end");
            thread::sleep(Duration::from_micros(100));
        };
        if status.is_some() {
            let (status, messages) = ended(run);
            assert_eq!(status, Some(0), "{messages}");
            return kills;
        }
        run.kill().unwrap();
        run.wait().unwrap();
        kills += 1;
    }
}

fn clean(place: &Place) -> BTreeMap<String, usize> {
    let (status, messages) = ended(place.run("clean.sqlite", &["--once", "--to-file", "clean"]).spawn().unwrap());
    assert_eq!(status, Some(0), "{messages}");
    place.alerts("clean")
}

#[test]
fn a_file_has_each_alert_once_however_often_the_run_is_killed() {
    let place = Place::new();
    let events = fill(&place, 250);
    let expected = clean(&place);
    assert_eq!(expected.len(), events);
    let kills = killed_on_the_way(&place, &["--to-file", "alerts"], When::Told(50_000), 60);
    assert!(kills >= 24, "only {kills} kills");
    assert_eq!(place.alerts("alerts"), expected, "after {kills} kills");
    let (_, messages) = ended(place.run("killed.sqlite", &["--once", "--to-file", "alerts"]).spawn().unwrap());
    assert!(messages.contains("objects: 0 read"), "{messages}");
}

#[test]
fn a_command_gets_no_more_repeats_than_the_run_has_been_killed() {
    let place = Place::new();
    let events = fill(&place, 60);
    let script = place.script("command", "exec cat >> alerts");
    let kills = killed_on_the_way(&place, &["--to-command", &script], When::Told(15_000), 40);
    assert!(kills >= 12, "only {kills} kills");
    let got = place.alerts("alerts");
    assert_eq!(got.len(), events);
    let repeats: usize = got.values().map(|times| times - 1).sum();
    assert!(repeats <= kills, "{repeats} repeats after {kills} kills");
}

/// Objects of four alerts each: three of the first rule, by one of eight actors, and one of the other, by an
/// actor of its own.
fn fill_crowds(place: &Place, objects: usize) {
    for object in 0..objects {
        let records: Vec<_> = (0..4)
            .map(|place| {
                let mut record = stopped(4 * object + place);
                if place == 0 {
                    record["eventName"] = "UpdateTrail".into();
                } else {
                    record["userIdentity"]["arn"] =
                        format!("arn:aws:iam::111122223333:user/{}", (object + place) % 8).into();
                }
                record
            })
            .collect();
        place.put(&format!("{object:04}.json.gz"), &records);
    }
}

/// What each alert of a file says, without which of several events it says it of.
fn said(place: &Place, name: &str) -> BTreeMap<String, usize> {
    let mut said = BTreeMap::new();
    for alert in place.lines(name) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let is_any = text(&alert["title"]).starts_with("Trail changed");
        // Which of them are told one by one, and which is the first that is not, is a matter of their order.
        let who = if is_any { String::new() } else { text(&alert["group"]) };
        // Killed before it told that a group has ten, the next run may know of more when it does.
        let digits = alert["extent"]["count"].as_u64().map(|count| count.to_string().len());
        let key = format!("{} {} {who} {digits:?}", text(&alert["kind"]), text(&alert["title"]));
        *said.entry(key).or_default() += 1;
    }
    said
}

/// Whether all of it was in one hour of the clock, in which alerts told one by one are counted.
fn crowds_are_told_as_by_a_clean_run() -> bool {
    let hour = || Timestamp::now().as_second() / 3_600;
    let begin = hour();
    let place = Place::with(RULES, &format!("digest: {{rule_rate: {RATE}, overall_rate: 5000}}\n"));
    fill_crowds(&place, 60);
    clean(&place);
    let kills = killed_on_the_way(&place, &["--to-file", "alerts"], When::Noted, 40);
    if hour() != begin {
        return false;
    }
    assert!(kills >= 12, "only {kills} kills");
    let repeated: Vec<_> = place.alerts("alerts").into_iter().filter(|(_, times)| *times > 1).collect();
    assert_eq!(repeated, [], "after {kills} kills");
    let (found, expected) = (said(&place, "alerts"), said(&place, "clean"));
    assert_eq!(found, expected, "after {kills} kills");
    true
}

#[test]
fn correlations_groups_and_digests_are_told_once_however_often_the_run_is_killed() {
    assert!(crowds_are_told_as_by_a_clean_run() || crowds_are_told_as_by_a_clean_run(), "an hour ended twice");
}
