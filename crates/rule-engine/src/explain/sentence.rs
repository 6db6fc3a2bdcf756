//! Words for the nearest miss.

use std::fmt::{self, Display, Formatter};

use super::{Change, NearestMiss, Needs, PartKind, TestSeen, ValueSeen, Wanted};

/// So many changes, values or values seen are named; further ones are counted.
const NAMED: usize = 4;

impl Display for NearestMiss {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let verdict = if self.would_match { "match" } else { "not match" };
        let changes: Vec<String> = self.changes.iter().map(ToString::to_string).collect();
        write!(formatter, "it would {verdict} if {}", listed(&changes, " and "))
    }
}

impl Display for Change {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match &self.part.kind {
            PartKind::Test(test) => test_sentence(test, !self.part.held, formatter),
            PartKind::Block { field, needs: Needs::Any | Needs::All } if self.part.parts.is_empty() => {
                write!(formatter, "`{field}` had an element that fits (it has none)")
            }
            PartKind::Block { field, .. } => write!(formatter, "`{field}` had other elements"),
            PartKind::Not | PartKind::All | PartKind::Any | PartKind::Search(_) | PartKind::Element(_) => Ok(()),
        }
    }
}

/// What a test that `should_hold` or should not asks of the record.
fn test_sentence(test: &TestSeen, should_hold: bool, formatter: &mut Formatter<'_>) -> fmt::Result {
    let subject = test.field.as_ref().map_or_else(|| "the record".to_owned(), |field| format!("`{field}`"));
    let asked = asked(test, should_hold != test.negated);
    write!(formatter, "{subject} {asked}")?;
    let seen: Vec<String> = test.seen.iter().map(|seen| format!("`{seen}`")).collect();
    match (&test.field, seen.as_slice()) {
        (None, _) => Ok(()),
        (Some(_), []) => write!(formatter, " (it is absent)"),
        (Some(_), seen) => write!(formatter, " (it is {})", listed(seen, ", ")),
    }
}

fn asked(test: &TestSeen, positive: bool) -> String {
    match (&test.wanted, positive) {
        (Wanted::Null, true) => "were absent or null".to_owned(),
        (Wanted::Null, false) => "had a value".to_owned(),
        (Wanted::Exists(wanted), positive) if *wanted == positive => "were there".to_owned(),
        (Wanted::Exists(_), _) => "were not there".to_owned(),
        (Wanted::AnyOf(values), true) => format!("{} {}", verb(test).0, several("one of ", values)),
        (Wanted::AnyOf(values), false) => format!("{} {}", verb(test).1, several("any of ", values)),
        (Wanted::AllOf(values), positive) => {
            let (does, does_not) = verb(test);
            format!("{} {}", if positive { does } else { does_not }, several("all of ", values))
        }
    }
}

fn several(joined: &str, values: &[ValueSeen]) -> String {
    let named: Vec<String> = values.iter().map(|value| format!("`{}`", value.written)).collect();
    if named.len() == 1 { listed(&named, ", ") } else { format!("{joined}{}", listed(&named, ", ")) }
}

/// How a test is said, in the positive and in the negative.
fn verb(test: &TestSeen) -> (String, String) {
    const VERBS: [(&str, &str, &str); 11] = [
        ("contains", "contained", "did not contain"),
        ("startswith", "started with", "did not start with"),
        ("endswith", "ended with", "did not end with"),
        ("re", "matched", "did not match"),
        ("cidr", "lay in", "did not lie in"),
        ("gt", "were greater than", "were not greater than"),
        ("gte", "were at least", "were less than"),
        ("lt", "were less than", "were at least"),
        ("lte", "were at most", "were greater than"),
        ("base64offset", "contained in Base64", "did not contain in Base64"),
        ("base64", "were in Base64", "were not in Base64"),
    ];
    const PARTS: [&str; 6] = ["minute", "hour", "day", "week", "month", "year"];
    let words: Vec<&str> = test.modifiers.split('|').collect();
    let part = words.iter().find(|word| PARTS.contains(word));
    let part = part.map_or_else(String::new, |part| format!("had a {part} that "));
    let known = VERBS.iter().find(|(word, ..)| words.contains(word));
    let (does, does_not) = match known {
        Some((_, does, does_not)) => (*does, *does_not),
        None if test.field.is_none() => ("contained", "did not contain"),
        None if words.contains(&"fieldref") => ("equalled", "did not equal"),
        None => ("were", "were not"),
    };
    let object = if words.contains(&"fieldref") { " the field" } else { "" };
    (format!("{part}{does}{object}"), format!("{part}{does_not}{object}"))
}

/// The first few, with how many more there are.
fn listed(words: &[String], joint: &str) -> String {
    let named: Vec<&str> = words.iter().take(NAMED).map(String::as_str).collect();
    match words.len().saturating_sub(NAMED) {
        0 => named.join(joint),
        more => format!("{} and {more} more", named.join(joint)),
    }
}
