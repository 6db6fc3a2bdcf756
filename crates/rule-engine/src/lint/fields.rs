//! Fields that no record has.

use crate::{
    catalog::{Catalog, EventNames, Kinds},
    code::Code,
    derived,
    diagnostic::{Problems, nearest},
};

use super::{
    alternatives::Places,
    model::{Logic, Test},
};

/// Keys of a record below which each event has its own names.
const OWN: [&str; 4] = ["requestParameters", "responseElements", "additionalEventData", "serviceEventDetails"];

/// Names with fewer letters are near to too many others; 6.
const SHORTEST: usize = 6;

/// A field that is not there.
struct Unknown {
    whose: &'static str,
    help: Option<String>,
}

pub(super) fn judge(logic: &Logic<'_>, places: &Places<'_, '_, '_>, catalog: &Catalog, problems: &mut Problems) {
    for test in logic.tests() {
        let referenced = test.values.iter().filter(|_| test.has("fieldref")).map(|value| (value.text(), value.span));
        for (path, span) in [(test.field.as_str(), test.key_span)].into_iter().chain(referenced) {
            let path = path.strip_prefix(derived::RECORD).unwrap_or(path);
            if let Some(unknown) = unknown(path, test, places, catalog) {
                let message = format!("{} have no field `{path}`", unknown.whose);
                problems.lint(Code::UnknownField, span, message).maybe_help(unknown.help);
            }
        }
    }
}

fn unknown(path: &str, test: &Test<'_>, places: &Places<'_, '_, '_>, catalog: &Catalog) -> Option<Unknown> {
    if path.starts_with(derived::PREFIX) || path.is_empty() {
        return None;
    }
    let key = path.split('.').next().unwrap_or_default();
    if OWN.contains(&key) {
        return places.events(test).and_then(|events| unknown_in_events(path, &events));
    }
    unknown_in_record(path, catalog)
}

fn unknown_in_record(path: &str, catalog: &Catalog) -> Option<Unknown> {
    let is_known = |known: &str| {
        path == known
            || is_below(known, path)
            || (is_below(path, known) && catalog.record_path(known) == Some(Kinds::OTHER))
    };
    if catalog.record_paths().any(is_known) {
        return None;
    }
    let unwrapped = path.strip_prefix("detail.").or_else(|| path.strip_prefix("Records."));
    let help = match unwrapped {
        Some(unwrapped) => Some(format!("records are seen without what is around them: write `{unwrapped}`")),
        None => {
            nearest(path, catalog.record_paths()).or_else(|| same_last_name(path, catalog.record_paths())).map(meant)
        }
    };
    Some(Unknown { whose: "records", help })
}

/// A path that no event has while one has a path that is nearly the same. A catalogue never holds every
/// path, so that alone a path proves nothing.
fn unknown_in_events(path: &str, events: &[&EventNames]) -> Option<Unknown> {
    let known = || events.iter().flat_map(|event| &event.paths);
    let is_known = |(known, kinds): (&String, &Kinds)| {
        path == known || is_below(known, path) || (is_below(path, known) && kinds.may_hold_more())
    };
    if known().any(is_known) {
        return None;
    }
    let root = path.split('.').next().unwrap_or_default();
    let paths = || known().map(|(path, _)| path.as_str()).filter(|known| is_below(known, root));
    let prefixes = || {
        paths().filter_map(|known| known.get(..path.len()).filter(|start| *start == known || is_below(known, start)))
    };
    let near = prefixes().find(|known| known.eq_ignore_ascii_case(path));
    let near = near.or_else(|| paths().find(|known| is_misspelt(path, known)));
    let has_parent = || path.rsplit_once('.').is_some_and(|(parent, _)| paths().any(|known| is_below(known, parent)));
    let near = near.or_else(|| same_last_name(path, paths()).filter(|_| has_parent()));
    near.map(|near| Unknown { whose: "records of these events", help: Some(meant(near)) })
}

fn meant(path: &str) -> String {
    format!("did you mean `{path}`?")
}

/// Whether `path` goes on below `container`.
fn is_below(path: &str, container: &str) -> bool {
    path.strip_prefix(container).is_some_and(|rest| rest.starts_with('.'))
}

/// One letter more, less or other in the last name; `s` at its end makes another name, and so does a digit.
fn is_misspelt(path: &str, known: &str) -> bool {
    let (Some((parent, name)), Some((known_parent, known_name))) = (path.rsplit_once('.'), known.rsplit_once('.'))
    else {
        return false;
    };
    parent == known_parent
        && name.len() >= SHORTEST
        && stem(name) != stem(known_name)
        && strsim::osa_distance(name, known_name) == 1
}

fn stem(name: &str) -> &str {
    name.trim_end_matches(|letter: char| letter == 's' || letter.is_ascii_digit())
}

/// The only path that ends with the same name below another parent.
fn same_last_name<'p>(path: &str, known: impl Iterator<Item = &'p str>) -> Option<&'p str> {
    let name = path.rsplit('.').next().filter(|name| name.len() >= SHORTEST)?;
    let mut same = known.filter(|known| known.rsplit('.').next() == Some(name));
    let first = same.next()?;
    same.all(|other| other == first).then_some(first)
}
