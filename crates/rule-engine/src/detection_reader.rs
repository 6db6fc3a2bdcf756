//! Reads the logic of a rule or a filter: search identifiers and the condition over them.

use crate::{
    code::Code,
    condition::{self, Context},
    detection::{Condition, Detection, Identifier, Search},
    diagnostic::Problems,
    search::SearchReader,
    syntax::{Data, Entry, Node},
};

/// Reads the map under `detection`, `filter` or a block; `None` after a problem has been reported.
///
/// `reserved` keys of the map are no search identifiers.
pub(crate) fn read(entry: &Entry, reserved: &[&str], context: Context<'_>) -> Option<Detection> {
    let Context { terms, problems } = context;
    let Data::Map(entries) = &entry.value.data else {
        let message = format!("`{}` must be a map, this is {}", entry.key, entry.value.kind());
        problems.error(Code::WrongType, entry.value.span, message);
        return None;
    };
    let named: Vec<&Entry> =
        entries.iter().filter(|entry| entry.key != "condition" && !reserved.contains(&entry.key.as_str())).collect();
    let (identifiers, complete) = identifiers(&named, Context { terms, problems });
    let Some(condition_entry) = entries.iter().find(|entry| entry.key == "condition") else {
        problems
            .error(Code::MissingAttribute, entry.key_span, format!("`condition` is missing from `{}`", entry.key))
            .help("for a single search write `condition: selection`");
        return None;
    };
    if identifiers.is_empty() {
        problems.error(Code::NoIdentifier, entry.key_span, format!("`{}` has no search identifier", entry.key));
        return None;
    }
    let mut used = vec![false; identifiers.len()];
    let conditions = conditions(&condition_entry.value, &identifiers, &mut used, Context { terms, problems })?;
    warn_unused(&identifiers, &used, problems);
    complete.then_some(Detection { identifiers, condition: conditions })
}

/// The search identifiers, and whether all of them could be read. One that could not keeps its name, so
/// that the condition is still checked against it.
fn identifiers(entries: &[&Entry], context: Context<'_>) -> (Vec<Identifier>, bool) {
    let Context { terms, problems } = context;
    let mut identifiers = Vec::new();
    let mut complete = true;
    for entry in entries {
        if entry.key == "timeframe" {
            problems
                .error(Code::Timeframe, entry.key_span, "`timeframe` belongs to the aggregations that Sigma 2 removed")
                .help("write a correlation rule with `timespan` instead");
            complete = false;
            continue;
        }
        if !condition::is_identifier(&entry.key) {
            problems
                .error(Code::InvalidIdentifier, entry.key_span, format!("`{}` cannot name a search", entry.key))
                .help("use letters, digits, `_` and `-`, and none of the words `and`, `or`, `not`");
            complete = false;
            continue;
        }
        let search = SearchReader { terms, problems }.search(&entry.value);
        complete &= search.is_some();
        let search = search.unwrap_or(Search::Any(Vec::new()));
        identifiers.push(Identifier { name: entry.key.clone(), span: entry.key_span, search });
    }
    (identifiers, complete)
}

fn conditions(node: &Node, identifiers: &[Identifier], used: &mut [bool], context: Context<'_>) -> Option<Condition> {
    let Context { terms, problems } = context;
    let members = match &node.data {
        Data::List(members) if !members.is_empty() => members.as_slice(),
        Data::List(_) | Data::Scalar(_) | Data::Map(_) => std::slice::from_ref(node),
    };
    let mut alternatives = Vec::new();
    for member in members {
        match &member.data {
            Data::Scalar(scalar) if !scalar.text.trim().is_empty() => {
                let context = Context { terms, problems };
                alternatives.push(condition::parse(&scalar.text, member.span, identifiers, used, context));
            }
            _ => {
                let message = format!("a condition must be text, this is {}", member.kind());
                problems.error(Code::WrongType, member.span, message);
                alternatives.push(None);
            }
        }
    }
    let mut alternatives = alternatives.into_iter().collect::<Option<Vec<Condition>>>()?;
    if alternatives.len() == 1 { alternatives.pop() } else { Some(Condition::Any(alternatives)) }
}

fn warn_unused(identifiers: &[Identifier], used: &[bool], problems: &mut Problems) {
    for (identifier, _) in identifiers.iter().zip(used).filter(|(_, used)| !**used) {
        let message = format!("no condition uses the search `{}`", identifier.name);
        problems.warning(Code::UnusedIdentifier, identifier.span, message);
    }
}
