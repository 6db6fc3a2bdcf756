use std::borrow::Cow;

use super::{Catalog, EventNames, EventSource, Kinds, without_host};

/// A line of a catalogue that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the catalogue: {reason}")]
pub struct BadCatalog {
    /// From one.
    pub line: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// Abbreviations at the start of a path.
const SHORT: [(char, &str); 2] = [('<', "requestParameters."), ('>', "responseElements.")];

/// The path as the text of a catalogue has it.
pub(super) fn short(path: &str) -> Cow<'_, str> {
    let short =
        SHORT.iter().find_map(|(letter, prefix)| path.strip_prefix(prefix).map(|rest| format!("{letter}{rest}")));
    short.map_or(Cow::Borrowed(path), Cow::Owned)
}

fn long(path: &str) -> String {
    let long =
        SHORT.iter().find_map(|(letter, prefix)| path.strip_prefix(*letter).map(|rest| format!("{prefix}{rest}")));
    long.unwrap_or_else(|| path.to_owned())
}

/// Where the lines that follow belong.
#[derive(Default)]
struct Place {
    source: Option<String>,
    event: Option<String>,
}

impl Catalog {
    /// Adds what the text of another catalogue says. Samples add up; a source is complete if either says so.
    pub fn read(&mut self, text: &str) -> Result<(), BadCatalog> {
        let mut place = Place::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            self.read_line(line, &mut place).map_err(|reason| BadCatalog { line: index + 1, reason })?;
        }
        Ok(())
    }

    fn read_line(&mut self, line: &str, place: &mut Place) -> Result<(), &'static str> {
        let (word, rest) = line.split_once(' ').ok_or("a word and something behind it are needed")?;
        match word {
            "record" => {
                let (path, kinds) = rest.split_once(' ').ok_or("a path and its types are needed")?;
                let kinds = Kinds::parse(kinds)?;
                let known = self.record.entry(path.to_owned()).or_default();
                *known = known.with(kinds);
            }
            "source" => {
                let (name, flag) = rest.split_once(' ').unwrap_or((rest, ""));
                if !matches!(flag, "" | "complete") {
                    return Err("behind a source stands `complete` or nothing");
                }
                self.add_source(name).is_complete |= flag == "complete";
                *place = Place { source: Some(name.to_owned()), event: None };
            }
            "names" => {
                let source = self.add_source(place.source.as_deref().ok_or("names without a source before them")?);
                for name in rest.split_ascii_whitespace() {
                    source.add_event(name);
                }
            }
            "event" => {
                let (name, seen) = rest.split_once(' ').ok_or("an event name and how often it was seen are needed")?;
                let seen: u64 = seen.parse().map_err(|_| "how often it was seen is no number")?;
                let source = place.source.as_deref().ok_or("an event without a source before it")?;
                let event = self.add_source(source).add_event(name);
                event.seen = event.seen.saturating_add(seen);
                place.event = Some(name.to_owned());
            }
            path => {
                let (Some(source), Some(event)) = (&place.source, &place.event) else {
                    return Err("a path without an event before it");
                };
                let kinds = Kinds::parse(rest)?;
                self.add_source(source).add_event(event).add_path(&long(path), kinds);
            }
        }
        Ok(())
    }

    pub(super) fn add_source(&mut self, name: &str) -> &mut EventSource {
        let name = without_host(name);
        self.sources.entry(name.to_lowercase()).or_insert_with(|| EventSource::new(name))
    }
}

impl EventSource {
    pub(super) fn add_event(&mut self, name: &str) -> &mut EventNames {
        self.events
            .entry(name.to_lowercase())
            .or_insert_with(|| EventNames { name: name.to_owned(), ..EventNames::default() })
    }
}

impl EventNames {
    pub(super) fn add_path(&mut self, path: &str, kinds: Kinds) {
        let known = self.paths.entry(path.to_owned()).or_default();
        *known = known.with(kinds);
    }
}

impl Kinds {
    fn parse(letters: &str) -> Result<Self, &'static str> {
        letters.chars().try_fold(Kinds::default(), |kinds, letter| {
            let known = Kinds::LETTERS.iter().find(|(known, _)| *known == letter);
            known.map(|(_, kind)| kinds.with(*kind)).ok_or("the types of a path are the letters s, i, f, b and -")
        })
    }
}
