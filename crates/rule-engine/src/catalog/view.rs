//! What the catalogue tells people who write rules.

use std::collections::BTreeMap;

use super::{Catalog, EventSource, Kinds};

impl Catalog {
    /// All event sources as `eventSource` has them, such as `iam.amazonaws.com`.
    pub fn event_sources(&self) -> impl Iterator<Item = String> {
        self.sources().map(|source| source.host.clone())
    }

    /// The event sources, as `eventSource` has them, that log an event of this name in any letter case; those of
    /// which most such records were seen come first.
    pub fn sources_of(&self, event: &str) -> Vec<String> {
        let logging = self.sources().filter_map(|source| Some((source.event(event)?.seen, source)));
        let mut logging: Vec<(u64, &EventSource)> = logging.collect();
        logging.sort_by(|left, right| right.0.cmp(&left.0).then_with(|| left.1.name.cmp(&right.1.name)));
        logging.into_iter().map(|(_, source)| source.host.clone()).collect()
    }

    /// Names of events with how many records of each were seen: of one event source, or of all.
    pub fn event_names(&self, source: Option<&str>) -> impl Iterator<Item = (&str, u64)> {
        let wanted = source.map(|name| self.source(name));
        let chosen = self.sources().filter(move |known| match wanted {
            None => true,
            Some(wanted) => wanted.is_some_and(|wanted| wanted.name == known.name),
        });
        chosen.flat_map(|source| source.events.values().map(|event| (event.name.as_str(), event.seen)))
    }

    /// Field paths with the types of their values: those of all records, and those of the events of these names.
    /// Without sources all that log such an event count, without events all events of the sources.
    pub fn fields(&self, sources: &[String], events: &[String]) -> BTreeMap<&str, Kinds> {
        let mut fields: BTreeMap<&str, Kinds> =
            self.record.iter().map(|(path, kinds)| (path.as_str(), *kinds)).collect();
        if sources.is_empty() && events.is_empty() {
            return fields;
        }
        let known: Vec<&EventSource> = sources.iter().filter_map(|name| self.source(name)).collect();
        let of_sources =
            self.sources().filter(|source| known.is_empty() || known.iter().any(|known| known.name == source.name));
        for source in of_sources {
            let wanted = |name: &str| events.is_empty() || events.iter().any(|event| event.eq_ignore_ascii_case(name));
            let paths = source.events.values().filter(|event| wanted(&event.name)).flat_map(|event| &event.paths);
            for (path, kinds) in paths {
                let all = fields.entry(path.as_str()).or_default();
                *all = all.with(*kinds);
            }
        }
        fields
    }
}

impl Kinds {
    /// The types in words, such as `text or number`.
    pub fn in_words(self) -> String {
        let has = |kind: Kinds| self.0 & kind.0 != 0;
        let number = has(Kinds::INTEGER) || has(Kinds::FLOAT);
        let words = [(has(Kinds::TEXT), "text"), (number, "number"), (has(Kinds::BOOL), "boolean")];
        let mut words: Vec<&str> = words.into_iter().filter(|(there, _)| *there).map(|(_, word)| word).collect();
        if words.is_empty() {
            words.push("no value seen, or one that is not looked into");
        }
        words.join(" or ")
    }
}
