//! What the memory of correlations and groups has to do.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use jiff::Timestamp;
use trailhound_rule_engine::Occurrence;

use super::together;
use crate::{Agenda, AgendaEntry, CellState, Clock, ManualClock, OccurrenceState, State, StateKey};

const HOUR: Duration = Duration::from_hours(1);

/// Every promise of [`OccurrenceState`].
pub async fn occurrences(state: &dyn OccurrenceState, clock: &ManualClock, run: &str) {
    an_occurrence_is_there_once(state, clock, run).await;
    a_window_holds_both_of_its_ends(state, clock, run).await;
    many_occurrences_come_back_sorted(state, clock, run).await;
    occurrences_end(state, clock, run).await;
}

/// Recording is idempotent, and tells occurrences apart by all that they are.
pub async fn an_occurrence_is_there_once(state: &dyn OccurrenceState, clock: &ManualClock, run: &str) {
    let (group, other) = (key(run, "once"), key(run, "not once"));
    let mut both = vec![occurrence(1, "a"), Occurrence { member: 1, value: None, ..occurrence(1, "a") }];
    both.sort();
    for known in [&both[..1], &both, &both[1..]] {
        state.record(&group, known, end(clock)).await.expect("recorded");
    }
    assert_eq!(window(state, &group, 0, 9).await, both, "each occurrence is there once");
    assert!(window(state, &other, 0, 9).await.is_empty(), "groups do not touch each other");
    state.record(&group, &[], end(clock)).await.expect("nothing to record is no error");
}

/// From and to are included, and what lies a nanosecond outside is not.
pub async fn a_window_holds_both_of_its_ends(state: &dyn OccurrenceState, clock: &ManualClock, run: &str) {
    let group = key(run, "ends");
    let at = |second: i64, nanosecond: i32| Timestamp::new(1_767_225_600 + second, nanosecond).expect("a time");
    let all: Vec<Occurrence> = [at(9, 999_999_999), at(10, 0), at(10, 1), at(20, 0), at(20, 1)]
        .into_iter()
        .map(|time| Occurrence { time, ..occurrence(0, "e") })
        .collect();
    state.record(&group, &all, end(clock)).await.expect("recorded");
    let found = state.window(&group, at(10, 0), at(20, 0)).await.expect("read");
    assert_eq!(found, all[1..4], "a window includes its ends and nothing beyond");
    let before = Occurrence { time: Timestamp::new(-5, 0).expect("a time"), ..occurrence(0, "before 1970") };
    state.record(&group, std::slice::from_ref(&before), end(clock)).await.expect("recorded");
    let found = state.window(&group, Timestamp::MIN, Timestamp::UNIX_EPOCH).await.expect("read");
    assert_eq!(found, [before], "times before 1970 are times");
}

/// More occurrences than a store takes or gives at once, with texts of every kind.
pub async fn many_occurrences_come_back_sorted(state: &dyn OccurrenceState, clock: &ManualClock, run: &str) {
    let group = key(run, "many");
    // A long value makes a few hundred occurrences more than a page of any store.
    let long = "ü#\u{0}\n".repeat(800);
    let mut all: Vec<Occurrence> = (0..400)
        .map(|number| Occurrence {
            value: Some(vec![long.clone(), String::new()]),
            ..occurrence(number, &format!("event #{number}\u{1f525}"))
        })
        .collect();
    state.record(&group, &all, end(clock)).await.expect("recorded");
    all.sort();
    let found = window(state, &group, 0, 400).await;
    assert_eq!(found.len(), all.len(), "all are there");
    assert!(found == all, "sorted, and as they were");
}

/// What has ended is gone; what was recorded again later is not.
pub async fn occurrences_end(state: &dyn OccurrenceState, clock: &ManualClock, run: &str) {
    let group = key(run, "end");
    let (short, long) = (occurrence(1, "short"), occurrence(2, "long"));
    let soon = end(clock);
    let late = soon.saturating_add(HOUR).expect("a time");
    state.record(&group, &[short.clone(), long.clone()], soon).await.expect("recorded");
    state.record(&group, std::slice::from_ref(&long), late).await.expect("recorded");
    clock.advance(HOUR + Duration::from_secs(2));
    assert_eq!(window(state, &group, 0, 9).await, [long], "what has ended is gone, what was recorded again is not");
}

/// Many workers record overlapping parts at once.
pub async fn of_many_workers_all_are_recorded(handles: &[Arc<dyn State>], clock: &ManualClock, run: &str) {
    let (group, until) = (key(run, "workers"), end(clock));
    let target = group.clone();
    together(handles, 8, move |state, worker| {
        let group = target.clone();
        async move {
            let first = i64::try_from(worker).unwrap_or_default() * 5;
            let own: Vec<Occurrence> =
                (first..first + 10).map(|number| occurrence(number, &number.to_string())).collect();
            state.record(&group, &own, until).await.expect("recorded");
            let found = window(&*state, &group, 0, 100).await;
            assert!(own.iter().all(|own| found.contains(own)), "who has recorded finds it");
        }
    })
    .await;
    let handle = handles.first().expect("a handle");
    let found: BTreeSet<Timestamp> = window(&**handle, &group, 0, 100).await.iter().map(|found| found.time).collect();
    assert_eq!(found.len(), 45, "all are there");
}

/// Every promise of [`CellState`].
pub async fn cells(state: &dyn CellState, clock: &ManualClock, run: &str) {
    let key = key(run, "cell");
    let until = end(clock);
    assert_eq!(state.load(&key).await.expect("read"), None, "nothing is there at first");
    assert!(!swap(state, &key, Some("1"), "x", until).await, "what is not there has no version");
    assert!(swap(state, &key, None, "{\"a\":\"ü\"}", until).await, "the first is written");
    assert!(!swap(state, &key, None, "x", until).await, "and is no longer the first");
    let first = state.load(&key).await.expect("read").expect("there");
    assert_eq!(first.document, "{\"a\":\"ü\"}");
    assert!(swap(state, &key, Some(&first.version), "two", until).await, "the version seen is replaced");
    assert!(!swap(state, &key, Some(&first.version), "three", until).await, "once");
    let second = state.load(&key).await.expect("read").expect("there");
    assert_eq!(second.document, "two");
    assert_ne!(first.version, second.version, "versions differ");
    clock.advance(HOUR + Duration::from_secs(2));
    assert_eq!(state.load(&key).await.expect("read"), None, "what has ended is gone");
    assert!(swap(state, &key, None, "anew", end(clock)).await, "and can be written as if it had never been");
    let third = state.load(&key).await.expect("read").expect("there");
    assert_ne!((&first.version, &second.version), (&third.version, &third.version), "versions are never used again");
}

/// Many workers count in one document, and no step is lost.
pub async fn no_write_is_lost(handles: &[Arc<dyn State>], clock: &ManualClock, run: &str) {
    let (key, until) = (key(run, "count"), end(clock));
    let target = key.clone();
    together(handles, 8, move |state, _| {
        let key = target.clone();
        async move {
            for _ in 0..4 {
                loop {
                    let cell = state.load(&key).await.expect("read");
                    let count: u64 = cell.as_ref().map_or(0, |cell| cell.document.parse().expect("a number"));
                    let seen = cell.as_ref().map(|cell| cell.version.as_str());
                    if swap(&*state, &key, seen, &(count + 1).to_string(), until).await {
                        break;
                    }
                }
            }
        }
    })
    .await;
    let handle = handles.first().expect("a handle");
    let cell = handle.load(&key).await.expect("read").expect("there");
    assert_eq!(cell.document, "32", "eight workers have counted to four each");
}

/// Every promise of [`Agenda`]. Uses times that nothing else in the store may use.
pub async fn agenda(state: &dyn Agenda, clock: &ManualClock, run: &str) {
    let now = clock.now();
    let entry = |seconds: u64, note: &str| AgendaEntry {
        due: now.saturating_add(Duration::from_secs(seconds)).expect("a time"),
        key: key(run, "agenda"),
        note: note.to_owned(),
    };
    for entry in [entry(20, "later"), entry(10, "ü"), entry(10, "ü")] {
        state.schedule(&entry).await.expect("scheduled");
    }
    let due = async |limit| state.due(clock.now(), limit).await.expect("read");
    assert_eq!(due(10).await, [], "nothing is due yet");
    clock.advance(Duration::from_secs(10));
    assert_eq!(due(10).await, [entry(10, "ü")], "what is due is there, once");
    clock.advance(Duration::from_secs(10));
    assert_eq!(due(10).await, [entry(10, "ü"), entry(20, "later")], "the longest due comes first");
    assert_eq!(due(1).await, [entry(10, "ü")], "no more than was asked for");
    for _ in 0..2 {
        state.unschedule(&entry(10, "ü")).await.expect("removed, or not there");
    }
    assert_eq!(due(10).await, [entry(20, "later")]);
    state.unschedule(&entry(20, "later")).await.expect("removed");
    assert_eq!(due(10).await, []);
}

fn key(run: &str, case: &str) -> StateKey {
    StateKey::new("contract", [run, case])
}

fn end(clock: &ManualClock) -> Timestamp {
    clock.now().saturating_add(HOUR).expect("a time")
}

fn occurrence(second: i64, event: &str) -> Occurrence {
    let time = Timestamp::from_second(1_767_225_600 + second).expect("a time");
    Occurrence { time, event: event.to_owned(), member: 0, value: Some(vec!["one".to_owned(), "two".to_owned()]) }
}

async fn window(state: &(impl OccurrenceState + ?Sized), group: &StateKey, from: i64, to: i64) -> Vec<Occurrence> {
    let at = |second| occurrence(second, "").time;
    state.window(group, at(from), at(to)).await.expect("read")
}

async fn swap(
    state: &(impl CellState + ?Sized),
    key: &StateKey,
    seen: Option<&str>,
    document: &str,
    until: Timestamp,
) -> bool {
    state.swap(key, seen, document, until).await.expect("the state can be reached")
}
