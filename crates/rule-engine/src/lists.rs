use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::civil::Date;

use crate::{catalog::Catalog, diagnostic::Diagnostic, limits::Limits, list_document, source::Source};

/// Named lists of values that rules refer to as `%name%` under the modifier `expand`: own accounts,
/// trusted networks, automation roles.
///
/// ```
/// use trailhound_rule_engine::Lists;
///
/// let mut lists = Lists::default();
/// lists.insert("own_accounts", ["111122223333", "444455556666"]);
/// assert_eq!(lists.get("own_accounts").map(<[String]>::len), Some(2));
/// assert_eq!(lists.get("trusted_networks"), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lists {
    values: BTreeMap<String, Vec<String>>,
}

impl Lists {
    /// Fills the list `name`, replacing what it held. An empty list is a list: what refers to it
    /// matches nothing.
    pub fn insert<V: Into<String>>(&mut self, name: impl Into<String>, values: impl IntoIterator<Item = V>) {
        self.values.insert(name.into(), values.into_iter().map(Into::into).collect());
    }

    /// The values of a list, or `None` if nobody filled it.
    pub fn get(&self, name: &str) -> Option<&[String]> {
        self.values.get(name).map(Vec::as_slice)
    }

    /// Reads a file of lists: a YAML or JSON map of names to lists of values, bare or under the key
    /// `lists`. What can be read is kept; the rest comes back as diagnostics.
    pub fn read(&mut self, source: &Source, limits: &Limits) -> Vec<Diagnostic> {
        list_document::read_file(source, limits, self)
    }

    /// Takes over the lists of `others` that are not filled here.
    pub(crate) fn add_missing(&mut self, others: Lists) {
        for (name, values) in others.values {
            self.values.entry(name).or_insert(values);
        }
    }

    /// The names of all lists, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }
}

/// What becomes of the tests beside rules when they are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tests {
    /// They are read and checked.
    #[default]
    Read,
    /// Tests at the end of a file are passed over, right or wrong: they are most of its text, and whoever
    /// only runs the rules does not need them. Other problems of the file are reported all the same.
    PassOver,
}

/// What rule files are loaded with.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What a file may cost.
    pub limits: Limits,
    /// The named lists. They come before those that `lists` documents among the rules fill, which are
    /// defaults.
    pub lists: Lists,
    /// Whether the tests beside the rules are wanted.
    pub tests: Tests,
    /// The day on which filters count as expired or not; without it, none is.
    pub today: Option<Date>,
    /// What lints judge names by; without it there are no lints.
    pub catalog: Option<Arc<Catalog>>,
    /// The names of the files that somebody looks at; without it, all. Of the others neither tests nor lints are
    /// wanted, which are most of the work.
    pub in_view: Option<BTreeSet<String>>,
}

impl Settings {
    /// What a file is read with that nobody looks at.
    pub(crate) fn out_of_view(&self) -> Settings {
        Settings { tests: Tests::PassOver, catalog: None, ..self.clone() }
    }

    pub(crate) fn is_in_view(&self, source: &Source) -> bool {
        self.in_view.as_ref().is_none_or(|names| names.contains(source.name()))
    }
}
