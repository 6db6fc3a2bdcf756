use std::{cmp::Ordering, collections::BTreeMap, io};

use trailhound_pipeline::EventSummary;
use trailhound_rule_engine::{Metadata, RuleIndex, RuleSet};

use super::{correlating::Fired, report::Sighting, tally::caller_account};
use crate::output::{Output, count, printable};

/// Matches for people: sorted by event time, repeats of one rule by one actor folded into one entry.
///
/// What is kept grows with the number of different rules and actors, not with the number of matches.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    entries: BTreeMap<(RuleIndex, Actor), Entry>,
    seen: u64,
}

/// Whose repeats are folded.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Actor {
    Known {
        name: String,
        account: Option<String>,
    },
    /// Two unknown actors need not be the same, so each match stands for itself.
    Unknown {
        order: u64,
    },
}

#[derive(Debug)]
struct Entry {
    /// The earliest of them, which is shown.
    first: Sighting,
    /// How many came before it in the order of the inputs, to keep equal times in that order.
    order: u64,
    repeats: u64,
    latest: Option<String>,
}

/// Details stand under the time: after the longest common level and two blanks.
const INDENT: usize = 10;

impl Timeline {
    pub(super) fn add(&mut self, sighting: Sighting) {
        let order = self.seen;
        self.seen += 1;
        let key = (sighting.rule, Actor::of(&sighting.event, order));
        let latest = sighting.event.event_time.clone();
        match self.entries.get_mut(&key) {
            Some(entry) => entry.repeat(sighting, order),
            None => {
                self.entries.insert(key, Entry { first: sighting, order, repeats: 0, latest });
            }
        }
    }

    pub(super) fn print(self, rules: &RuleSet, output: &mut Output) -> io::Result<()> {
        let mut entries: Vec<Entry> = self.entries.into_values().collect();
        entries.sort_by(Entry::by_time);
        for entry in &entries {
            if let Some(rule) = rules.get(entry.first.rule) {
                entry.print(rule.metadata(), output)?;
            }
        }
        Ok(())
    }
}

impl Actor {
    fn of(event: &EventSummary, order: u64) -> Self {
        match event.actor.clone() {
            Some(name) => Actor::Known { name, account: caller_account(event).cloned() },
            None => Actor::Unknown { order },
        }
    }
}

impl Entry {
    fn repeat(&mut self, sighting: Sighting, order: u64) {
        self.repeats += 1;
        let time = sighting.event.event_time.as_ref();
        if time.is_some() && time > self.latest.as_ref() {
            self.latest = time.cloned();
        }
        if earlier(time, self.first.event.event_time.as_ref()) == Ordering::Less {
            self.first = sighting;
            self.order = order;
        }
    }

    fn by_time(&self, other: &Self) -> Ordering {
        let (this, that) = (&self.first.event.event_time, &other.first.event.event_time);
        earlier(this.as_ref(), that.as_ref()).then(self.order.cmp(&other.order))
    }

    fn print(&self, rule: &Metadata, output: &mut Output) -> io::Result<()> {
        let paint = output.paint();
        let event = &self.first.event;
        let time = event.event_time.as_deref().map_or_else(|| "unknown time".to_owned(), printable);
        output.line(format_args!(
            "{:8}  {time:20}  {}",
            paint.level(rule.level),
            paint.bold(printable(&rule.title))
        ))?;
        let place = format!("{}#{}", printable(&self.first.path), self.first.index);
        for detail in [who(event), what(event), place] {
            output.line(format_args!("{:INDENT$}{detail}", ""))?;
        }
        if self.repeats > 0 {
            let until = self.latest.as_deref().map_or(String::new(), |time| format!(" until {}", printable(time)));
            output.line(format_args!("{:INDENT$}… and {} more{until}", "", self.repeats))?;
        }
        output.line("")
    }
}

/// Prints a correlation that holds: what, for whom, how many events, and where the last one stands.
pub(super) fn print_fired(rule: &Metadata, fired: &Fired, output: &mut Output) -> io::Result<()> {
    let paint = output.paint();
    let verdict = &fired.verdict;
    output.line(format_args!(
        "{:8}  {:20}  {}",
        paint.level(rule.level),
        verdict.time.to_string(),
        paint.bold(printable(&rule.title))
    ))?;
    let group: Vec<String> =
        fired.group.iter().map(|(name, value)| format!("{} {}", printable(name), printable(value))).collect();
    let events = format!("{} since {}", count(fired.events.len(), "event"), verdict.first);
    let place = format!("{}#{}", printable(&fired.source.path), fired.source.index);
    for detail in [group.join(", "), events, place].into_iter().filter(|detail| !detail.is_empty()) {
        output.line(format_args!("{:INDENT$}{detail}", ""))?;
    }
    output.line("")
}

/// The order of event times, which CloudTrail writes in one form of UTC; an event without one is last.
fn earlier(this: Option<&String>, that: Option<&String>) -> Ordering {
    this.is_none().cmp(&that.is_none()).then_with(|| this.cmp(&that))
}

/// The actor, the account it comes from where that is another one, and the address.
fn who(event: &EventSummary) -> String {
    let mut who = event.actor.as_deref().map_or_else(|| "unknown actor".to_owned(), printable);
    let account = caller_account(event).filter(|&account| event.recipient_account_id.as_ref() != Some(account));
    for (word, part) in [(" of account ", account), (" from ", event.source_ip_address.as_ref())] {
        if let Some(part) = part {
            who.push_str(word);
            who.push_str(&printable(part));
        }
    }
    who
}

/// Account and region where they are known, the call, and how it failed.
fn what(event: &EventSummary) -> String {
    let place = [&event.recipient_account_id, &event.aws_region];
    let place: Vec<String> = place.into_iter().flatten().map(|part| printable(part)).collect();
    let call = [&event.event_source, &event.event_name].map(|part| part.as_deref().map_or_else(unknown, printable));
    let error = event.error_code.iter().map(|code| format!("({})", printable(code)));
    let parts = [place.join("/"), call.join(":")].into_iter().chain(error);
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn unknown() -> String {
    "?".to_owned()
}
