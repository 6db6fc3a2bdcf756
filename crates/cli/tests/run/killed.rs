use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use super::{Place, ended, length, stopped};

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

/// Runs to the end, killed on the way after every so many alerts and a moment more; how often it was.
fn killed_on_the_way(place: &Place, outlet: &[&str], growth: u64, most: usize) -> usize {
    let (mut dice, mut kills) = (Dice(7), 0);
    loop {
        let before = length(&place.path("alerts"));
        let arguments = [&["--once"], outlet].concat();
        let mut run = place.run("killed.sqlite", &arguments).spawn().unwrap();
        let goal = before + 1 + dice.below(growth);
        let moment = Duration::from_micros(dice.below(4_000));
        let start = Instant::now();
        let status = loop {
            if let Some(status) = run.try_wait().unwrap() {
                break Some(status);
            }
            if kills < most && length(&place.path("alerts")) >= goal {
                thread::sleep(moment);
                break None;
            }
            assert!(start.elapsed() < super::PATIENCE, "neither an alert nor an end");
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
    let kills = killed_on_the_way(&place, &["--to-file", "alerts"], 50_000, 60);
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
    let kills = killed_on_the_way(&place, &["--to-command", &script], 15_000, 40);
    assert!(kills >= 12, "only {kills} kills");
    let got = place.alerts("alerts");
    assert_eq!(got.len(), events);
    let repeats: usize = got.values().map(|times| times - 1).sum();
    assert!(repeats <= kills, "{repeats} repeats after {kills} kills");
}
