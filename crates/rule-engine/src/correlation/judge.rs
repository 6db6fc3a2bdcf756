use std::{collections::HashMap, ops::Deref};

use jiff::Timestamp;

use super::{Correlation, Judging, Occurrence, Verdict, sliding::Sliding};

/// Judges the events of one group one by one, oldest first, for whoever cannot hold all of them in memory.
///
/// `O` leads to an occurrence and may carry what else its owner knows about it: `&Occurrence`, or an `Rc` of
/// a type that dereferences to one. What is kept is a window's worth of events, and nothing of a window that
/// has been told about.
#[derive(Debug)]
pub struct Judge<'c, O> {
    correlation: &'c Correlation,
    latest: Option<O>,
    way: Way<'c, O>,
}

/// A window in which a correlation holds, with what stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held<O> {
    /// What there is to tell.
    pub verdict: Verdict,
    /// The events, oldest first: one that matched several rules once for each.
    pub window: Vec<O>,
}

#[derive(Debug)]
enum Way<'c, O> {
    /// Once it holds, it is silent until its window has been empty.
    Sliding {
        sliding: Sliding<'c, O>,
        is_silent: bool,
    },
    /// Windows that begin with the first event after the one before and last for the timespan.
    Closing(Vec<O>),
    FirstSight(Memory),
}

/// The values that a group has shown.
#[derive(Debug)]
struct Memory {
    learning: i64,
    since: Option<Timestamp>,
    last_seen: HashMap<Vec<String>, Timestamp>,
    /// How many values there may be before those that are forgotten are looked for.
    full: usize,
}

/// Values kept before the first look for forgotten ones; 1,024.
const FEW_VALUES: usize = 1_024;

impl<'c, O: Deref<Target = Occurrence> + Clone> Judge<'c, O> {
    /// A judge of one group.
    pub fn new(correlation: &'c Correlation) -> Self {
        let way = match correlation.judging() {
            Judging::FirstSight { learning } => {
                Way::FirstSight(Memory { learning, since: None, last_seen: HashMap::new(), full: FEW_VALUES })
            }
            Judging::AtTheEnd => Way::Closing(Vec::new()),
            Judging::AtEachEvent => Way::Sliding { sliding: Sliding::new(correlation), is_silent: false },
        };
        Judge { correlation, latest: None, way }
    }

    /// Takes the next event in the order of [`Occurrence`]; one that is the same as the one before counts
    /// once. What came to hold with it, or with the window that it is the first event after.
    pub fn take(&mut self, event: O) -> Option<Held<O>> {
        let latest = self.latest.replace(event.clone());
        if latest.as_ref().is_some_and(|latest| **latest == *event) {
            return None;
        }
        let window = match &mut self.way {
            Way::FirstSight(memory) => memory.is_new(self.correlation, &event).then(|| vec![event])?,
            Way::Closing(window) => {
                let is_over =
                    window.first().is_some_and(|first| self.correlation.is_older_than_window(first.time, event.time));
                let over = if is_over { std::mem::take(window) } else { Vec::new() };
                window.push(event);
                over
            }
            Way::Sliding { sliding, is_silent } => {
                let was_empty =
                    latest.is_none_or(|latest| self.correlation.is_older_than_window(latest.time, event.time));
                *is_silent &= !was_empty;
                if *is_silent {
                    return None;
                }
                sliding.slide_to(event);
                *is_silent = sliding.holds();
                if *is_silent { sliding.take() } else { Vec::new() }
            }
        };
        self.correlation.held(window)
    }

    /// There are no more events: judges the window that is still open.
    pub fn finish(self) -> Option<Held<O>> {
        match self.way {
            Way::Closing(window) => self.correlation.held(window),
            Way::Sliding { .. } | Way::FirstSight(_) => None,
        }
    }
}

impl Memory {
    /// Whether the value did not occur in the timespan before the event, once the group has been learnt.
    fn is_new(&mut self, correlation: &Correlation, event: &Occurrence) -> bool {
        let since = *self.since.get_or_insert(event.time);
        let Some(value) = &event.value else { return false };
        let before = match self.last_seen.get_mut(value) {
            Some(time) => Some(std::mem::replace(time, event.time)),
            None => self.last_seen.insert(value.clone(), event.time),
        };
        if self.last_seen.len() > self.full {
            self.last_seen.retain(|_, time| !correlation.is_older_than_window(*time, event.time));
            self.full = (self.last_seen.len() * 2).max(FEW_VALUES);
        }
        event.time.duration_since(since).as_secs() >= self.learning
            && before.is_none_or(|before| correlation.is_older_than_window(before, event.time))
    }
}
