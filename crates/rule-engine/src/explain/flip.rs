//! The nearest miss: which tests would have to come out otherwise for the verdict to turn.

use std::collections::BTreeSet;

use super::{Explanation, Needs, Part, PartKind};
use crate::{filter::FilterIndex, source::Span};

/// The fewest changes that would turn a verdict; shows itself as half a sentence, such as
/// ``it would match if `eventName` were `StopLogging` (it is `StartLogging`)``.
#[derive(Debug, Clone)]
pub struct NearestMiss {
    /// Whether the rule would match then.
    pub would_match: bool,
    /// What would have to be otherwise, all of it, in the order of the rule.
    pub changes: Vec<Change>,
}

/// A test, or a list without elements, that would have to come out otherwise.
#[derive(Debug, Clone)]
pub struct Change {
    /// The test or block as it is.
    pub part: Part,
    /// Whose it is.
    pub owner: Owner,
}

/// What a condition belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The rule.
    Rule,
    /// A filter that is joined to it.
    Filter(FilterIndex),
}

impl Change {
    /// Where it stands in the file of its owner.
    pub fn span(&self) -> Span {
        self.part.span.unwrap_or_default()
    }
}

/// Tests to turn, by their identity.
type Turned = BTreeSet<usize>;

pub(super) fn nearest_miss(explanation: &Explanation) -> Option<NearestMiss> {
    let parts: Vec<(Owner, &Part)> = [(Owner::Rule, &explanation.rule)]
        .into_iter()
        .chain(explanation.filters.iter().map(|(index, part)| (Owner::Filter(*index), part)))
        .collect();
    let matches = explanation.matches();
    let turned = turn_all(&parts.iter().map(|(_, part)| *part).collect::<Vec<_>>(), matches)?;
    // A search that is named twice may work for and against.
    let would_match = parts.iter().all(|(_, part)| holds(part, &turned));
    if would_match == matches {
        return None;
    }
    let mut changes = Vec::new();
    let mut left = turned;
    for (owner, part) in parts {
        collect(part, owner, &mut left, &mut changes);
    }
    Some(NearestMiss { would_match, changes })
}

/// The fewest tests that turn a part; `None` if none can.
fn turn(part: &Part) -> Option<Turned> {
    let parts: Vec<&Part> = part.parts.iter().collect();
    match &part.kind {
        PartKind::Test(_) => Some(Turned::from([part.identity])),
        PartKind::Not | PartKind::Search(_) | PartKind::Element(_) => turn(parts.first()?),
        PartKind::All => turn_all(&parts, part.held),
        PartKind::Any => turn_any(&parts, part.held),
        PartKind::Block { needs, .. } => {
            let turned = match needs {
                _ if parts.is_empty() => None,
                Needs::Any => turn_any(&parts, part.held),
                Needs::None => turn_any(&parts, !part.held),
                Needs::All | Needs::AllOrEmpty => turn_all(&parts, part.held),
            };
            Some(turned.unwrap_or_else(|| Turned::from([part.identity])))
        }
    }
}

/// Of those that all have to hold: one that does, the last of the cheapest, or all that do not.
fn turn_all(parts: &[&Part], held: bool) -> Option<Turned> {
    if held {
        parts.iter().rev().filter_map(|part| turn(part)).min_by_key(BTreeSet::len)
    } else {
        turn_each(parts.iter().copied().filter(|part| !part.held))
    }
}

/// Of those of which one has to hold: one that does not, the first of the cheapest, or all that do.
fn turn_any(parts: &[&Part], held: bool) -> Option<Turned> {
    if held {
        turn_each(parts.iter().copied().filter(|part| part.held))
    } else {
        parts.iter().filter_map(|part| turn(part)).min_by_key(BTreeSet::len)
    }
}

fn turn_each<'p>(parts: impl Iterator<Item = &'p Part>) -> Option<Turned> {
    parts.map(turn).try_fold(Turned::new(), |mut all, turned| {
        all.extend(turned?);
        Some(all)
    })
}

/// Whether a part holds once some tests have been turned.
fn holds(part: &Part, turned: &Turned) -> bool {
    let mut parts = part.parts.iter().map(|part| holds(part, turned));
    match &part.kind {
        PartKind::Test(_) => part.held != turned.contains(&part.identity),
        PartKind::Block { .. } if turned.contains(&part.identity) => !part.held,
        PartKind::Not => !parts.all(|held| held),
        PartKind::Search(_) | PartKind::All => parts.all(|held| held),
        PartKind::Element(_) => !part.parts.is_empty() && parts.all(|held| held),
        PartKind::Any => parts.any(|held| held),
        PartKind::Block { needs, .. } => match needs {
            Needs::Any => parts.any(|held| held),
            Needs::None => !parts.any(|held| held),
            Needs::All => !part.parts.is_empty() && parts.all(|held| held),
            Needs::AllOrEmpty => parts.all(|held| held),
        },
    }
}

fn collect(part: &Part, owner: Owner, left: &mut Turned, changes: &mut Vec<Change>) {
    if matches!(part.kind, PartKind::Test(_) | PartKind::Block { .. }) && left.remove(&part.identity) {
        changes.push(Change { part: part.clone(), owner });
    }
    for part in &part.parts {
        collect(part, owner, left, changes);
    }
}
