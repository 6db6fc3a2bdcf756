//! What names CloudTrail uses: event sources, event names, and the field paths seen below them.
//!
//! Rules are checked against a [`Catalog`]. One is built in; more can be read from text, and learnt from
//! records. Its text has one thing a line, names without `.amazonaws.com`:
//!
//! ```text
//! # a remark
//! record userIdentity.type s
//! source iam complete
//! names AddUserToGroup CreateGroup
//! event CreateUser 15
//! <userName s
//! >user.arn s
//! ```
//!
//! `record` is a path of all records. What follows a `source` belongs to it; `complete` says that other
//! names do not occur. `names` were never seen, `event` so many times, with the paths below it: `<` is short
//! for `requestParameters.`, `>` for `responseElements.`. Lists do not show in paths. Behind a path stand
//! the types of its values: `s` text, `i` integer, `f` float, `b` boolean, `-` anything else.

mod learn;
mod read;
mod view;

use std::{collections::BTreeMap, fmt};

pub use learn::NotARecord;
pub use read::BadCatalog;

use crate::diagnostic::nearest;

const BUILT_IN: &str = include_str!("../../data/catalog.txt");

/// What the names of event sources end with.
const HOSTS: [&str; 2] = [".amazonaws.com", ".amazonaws.com.cn"];

/// Names of event sources, events and fields.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalog {
    /// Paths of all records, `requestParameters` and the like without what is below.
    record: BTreeMap<String, Kinds>,
    /// By the name in lower case, without the host.
    sources: BTreeMap<String, EventSource>,
}

/// An event source and what it logs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct EventSource {
    pub(crate) name: String,
    /// The name as `eventSource` has it.
    pub(crate) host: String,
    /// Whether other event names do not occur.
    pub(crate) is_complete: bool,
    /// By the name in lower case, since that is how rules compare it.
    pub(crate) events: BTreeMap<String, EventNames>,
}

/// An event name and what was seen of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct EventNames {
    pub(crate) name: String,
    /// Records seen.
    pub(crate) seen: u64,
    pub(crate) paths: BTreeMap<String, Kinds>,
}

/// The JSON types of the values at a path, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kinds(u8);

impl Kinds {
    pub(crate) const TEXT: Kinds = Kinds(1);
    pub(crate) const INTEGER: Kinds = Kinds(2);
    pub(crate) const FLOAT: Kinds = Kinds(4);
    pub(crate) const BOOL: Kinds = Kinds(8);
    /// Null, an empty list or object, or a part that is not looked into.
    pub(crate) const OTHER: Kinds = Kinds(16);

    const LETTERS: [(char, Kinds); 5] =
        [('s', Kinds::TEXT), ('i', Kinds::INTEGER), ('f', Kinds::FLOAT), ('b', Kinds::BOOL), ('-', Kinds::OTHER)];

    pub(crate) fn with(self, more: Kinds) -> Kinds {
        Kinds(self.0 | more.0)
    }

    /// Whether anything may stand below such a path: an object that was empty so far, or a document in a text.
    pub(crate) fn may_hold_more(self) -> bool {
        self.0 & (Kinds::TEXT.0 | Kinds::OTHER.0) != 0
    }
}

impl Catalog {
    /// The catalogue that comes with Trailhound.
    pub fn built_in() -> Self {
        let mut catalog = Catalog::default();
        // A test reads it, so that no line of it is refused here.
        let _ = catalog.read(BUILT_IN);
        catalog
    }

    /// Whether records of an event have been seen with a value at this path; nothing where none of its paths
    /// is known, so that nothing can be said. Lists do not show in the path.
    pub fn has_event_field(&self, source: &str, event: &str, path: &str) -> Option<bool> {
        let event = self.source(source)?.event(event)?;
        (!event.paths.is_empty()).then(|| event.paths.contains_key(path))
    }

    /// The event sources as `eventSource` has them, by name.
    pub fn source_hosts(&self) -> impl Iterator<Item = String> {
        self.sources.values().map(|source| source.host.clone())
    }

    /// The event name nearest to one that the source, all of whose names are known, does not have.
    pub fn nearest_event(&self, source: &str, event: &str) -> Option<&str> {
        let source = self.source(source).filter(|source| source.is_complete && source.event(event).is_none())?;
        nearest(event, source.events.values().map(|known| known.name.as_str()))
    }

    /// Sources whose name fits, apart from their host.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &EventSource> {
        self.sources.values()
    }

    /// The source of this name, with or without host.
    pub(crate) fn source(&self, name: &str) -> Option<&EventSource> {
        self.sources.get(&without_host(&name.to_lowercase()).to_lowercase())
    }

    /// The types of a path that all records may have.
    pub(crate) fn record_path(&self, path: &str) -> Option<Kinds> {
        self.record.get(path).copied()
    }

    /// Paths that all records may have.
    pub(crate) fn record_paths(&self) -> impl Iterator<Item = &str> {
        self.record.keys().map(String::as_str)
    }

    /// The known source whose name is nearest.
    pub(crate) fn nearest_source(&self, name: &str) -> Option<&EventSource> {
        let name = name.to_lowercase();
        let name = without_host(&name);
        let plain = name.replace(['_', '-', ' '], "");
        let same = self.sources.values().find(|source| source.name.replace('-', "").eq_ignore_ascii_case(&plain));
        same.or_else(|| self.source(nearest(name, self.sources.values().map(|source| source.name.as_str()))?))
    }
}

impl EventSource {
    pub(crate) fn new(name: &str) -> Self {
        EventSource { name: name.to_owned(), host: format!("{name}{}", HOSTS[0]), ..EventSource::default() }
    }

    pub(crate) fn event(&self, name: &str) -> Option<&EventNames> {
        self.events.get(&name.to_lowercase())
    }
}

/// The name of an event source without its host.
pub(crate) fn without_host(name: &str) -> &str {
    HOSTS.iter().find_map(|host| name.strip_suffix(host)).unwrap_or(name)
}

impl fmt::Display for Catalog {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, kinds) in &self.record {
            writeln!(formatter, "record {path} {kinds}")?;
        }
        self.sources.values().try_for_each(|source| source.fmt(formatter))
    }
}

impl fmt::Display for EventSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "source {}{}", self.name, if self.is_complete { " complete" } else { "" })?;
        let unseen: Vec<&str> =
            self.events.values().filter(|event| event.is_unseen()).map(|event| event.name.as_str()).collect();
        for names in unseen.chunks(8) {
            writeln!(formatter, "names {}", names.join(" "))?;
        }
        self.events.values().filter(|event| !event.is_unseen()).try_for_each(|event| event.fmt(formatter))
    }
}

impl EventNames {
    fn is_unseen(&self) -> bool {
        self.seen == 0 && self.paths.is_empty()
    }
}

impl fmt::Display for EventNames {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "event {} {}", self.name, self.seen)?;
        for (path, kinds) in &self.paths {
            writeln!(formatter, "{} {kinds}", read::short(path))?;
        }
        Ok(())
    }
}

impl fmt::Display for Kinds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = Kinds::LETTERS.iter().filter(|(_, kind)| self.0 & kind.0 != 0);
        letters.map(|(letter, _)| letter).try_for_each(|letter| write!(formatter, "{letter}"))
    }
}
