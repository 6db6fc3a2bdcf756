//! Lints: what loads, and is probably not what its author meant.
//!
//! They look at the rule as written, with its positions, and at a [`Catalog`] of names. An entry of the
//! attribute `allow` takes one back for a rule, with a reason.

mod allow;
mod alternatives;
mod attack;
mod exclusions;
mod fields;
mod metadata;
mod model;
mod names;
mod sigma;
mod titles;
mod users;
mod values;

use crate::{
    catalog::Catalog,
    condition::Naming,
    detection::Detection,
    diagnostic::Problems,
    filter::Filter,
    rule::Rule,
    source::Span,
    syntax::{Data, Entry, Node},
};

use self::{alternatives::Places, model::Logic};

#[cfg(test)]
pub(crate) use attack::is_known;
pub(crate) use attack::{renamed, techniques};
pub(crate) use titles::repeated;

/// A document that was read without an error.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Subject<'d> {
    Rule(&'d Rule),
    Filter(&'d Filter),
    Correlation,
}

/// What every lint sees.
struct Document<'d> {
    entries: &'d [Entry],
    subject: Subject<'d>,
    catalog: &'d Catalog,
}

/// Judges one document, whose top-level map is `entries`.
pub(crate) fn judge(
    entries: &[Entry],
    subject: Subject<'_>,
    (naming, catalog): (Naming, &Catalog),
    problems: &mut Problems,
) {
    if let Subject::Rule(rule) = subject
        && !rule.metadata().logsource.covers_cloudtrail()
    {
        return;
    }
    let mut own = Problems::new(problems.source());
    let document = Document { entries, subject, catalog };
    metadata::judge(&document, &mut own);
    attack::judge(&document, &mut own);
    if let Some((body, detection)) = document.logic() {
        let logic = Logic::read(body, detection, naming);
        judge_logic(&document, &logic, &mut own);
    }
    problems.extend(allow::apply(&document, own));
}

fn judge_logic(document: &Document<'_>, logic: &Logic<'_>, problems: &mut Problems) {
    let alternatives = alternatives::of(logic, logic.condition).unwrap_or_default();
    let places = Places::of(&alternatives, document.catalog);
    names::judge(logic, (&alternatives, &places), document, problems);
    fields::judge(logic, &places, document.catalog, problems);
    values::judge(logic, &places, document.catalog, problems);
    users::judge(logic, &alternatives, problems);
    exclusions::judge(logic, problems);
    sigma::judge(logic, problems);
}

impl<'d> Document<'d> {
    fn get(&self, key: &str) -> Option<&'d Entry> {
        self.entries.iter().find(|entry| entry.key == key && !entry.value.is_null())
    }

    /// Where the document starts.
    fn start(&self) -> Span {
        self.entries.first().map(|entry| entry.key_span).unwrap_or_default()
    }

    /// The map with searches and condition, as written and as read.
    fn logic(&self) -> Option<(&'d [Entry], &'d Detection)> {
        let (key, detection) = match self.subject {
            Subject::Rule(rule) => ("detection", rule.detection()),
            Subject::Filter(filter) => ("filter", filter.detection()),
            Subject::Correlation => return None,
        };
        match &self.get(key)?.value.data {
            Data::Map(entries) => Some((entries, detection)),
            Data::Scalar(_) | Data::List(_) => None,
        }
    }

    fn is_filter(&self) -> bool {
        matches!(self.subject, Subject::Filter(_))
    }
}

/// The members of a list, or the value itself.
fn members(node: &Node) -> &[Node] {
    match &node.data {
        Data::List(members) => members,
        Data::Scalar(_) | Data::Map(_) => std::slice::from_ref(node),
    }
}
