//! The fields that a record of the event at hand may have.

use std::collections::BTreeMap;

use trailhound_rule_engine::catalog::{Catalog, Kinds};

use crate::outline::Outline;

/// What the searches of a document say about the event.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) sources: Vec<String>,
    pub(crate) names: Vec<String>,
}

impl Event {
    pub(crate) fn of(outline: &Outline<'_>, document: usize) -> Self {
        Event { sources: outline.values_of(document, "eventSource"), names: outline.values_of(document, "eventName") }
    }

    pub(crate) fn fields<'c>(&self, catalog: &'c Catalog) -> BTreeMap<&'c str, Kinds> {
        // A name that is being typed is no name yet.
        let names: Vec<String> =
            self.names.iter().filter(|name| !catalog.sources_of(name).is_empty()).cloned().collect();
        catalog.fields(&self.sources, &names)
    }

    /// What to call it.
    pub(crate) fn in_words(&self) -> String {
        let few = |names: &[String]| {
            let shown: Vec<String> = names.iter().take(3).map(|name| format!("`{name}`")).collect();
            shown.join(", ") + if names.len() > 3 { " and others" } else { "" }
        };
        match (self.sources.is_empty(), self.names.is_empty()) {
            (_, false) => few(&self.names),
            (false, true) => few(&self.sources),
            (true, true) => "all records".to_owned(),
        }
    }
}
