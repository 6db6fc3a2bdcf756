//! Values of settings, each read with all that is wrong with it.

use std::{collections::BTreeMap, time::Duration};

use jiff::SignedDuration;
use trailhound_rule_engine::{
    Code, Level, Span,
    yaml::{Data, Entry, Node, Problems, suggestion},
};

use crate::routing::Glob;

/// Reports a value that a setting does not take.
pub(super) fn wrong<T>(span: Span, message: String, help: &str, problems: &mut Problems) -> Option<T> {
    problems.error(Code::InvalidSetting, span, message).help(help);
    None
}

/// A single text.
pub(super) fn text(node: &Node, what: &str, problems: &mut Problems) -> Option<String> {
    match &node.data {
        Data::Scalar(scalar) if !scalar.text.trim().is_empty() => Some(scalar.text.clone()),
        Data::Scalar(_) => wrong(node.span, format!("{what} is empty"), "give a value or remove the key", problems),
        Data::List(_) | Data::Map(_) => wrong(
            node.span,
            format!("{what} must be one value, this is {}", node.kind()),
            "write a single text",
            problems,
        ),
    }
}

/// The entries of a map.
pub(super) fn entries<'n>(node: &'n Node, what: &str, problems: &mut Problems) -> Option<&'n [Entry]> {
    match &node.data {
        Data::Map(entries) => Some(entries),
        Data::Scalar(_) | Data::List(_) => {
            problems.error(Code::NotAMap, node.span, format!("{what} must be a map, this is {}", node.kind()));
            None
        }
    }
}

/// The members of a list; a value that is no list counts as a list of one.
pub(super) fn members(node: &Node) -> &[Node] {
    match &node.data {
        Data::List(members) => members,
        Data::Scalar(_) | Data::Map(_) => std::slice::from_ref(node),
    }
}

/// Every member read by `read`; `None` if one cannot be.
pub(super) fn each<T>(
    node: &Node,
    problems: &mut Problems,
    read: impl Fn(&Node, &mut Problems) -> Option<T>,
) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = members(node).iter().map(|member| read(member, problems)).collect();
    read.into_iter().collect()
}

/// One of some words, with a proposal for a misspelt one.
pub(super) fn word<T: Copy>(
    node: &Node,
    what: &str,
    words: &[(&'static str, T)],
    problems: &mut Problems,
) -> Option<T> {
    let text = text(node, what, problems)?;
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Some(*value);
    }
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let help = suggestion(&text, known.iter().copied()).unwrap_or_else(|| format!("write one of {}", known.join(", ")));
    wrong(node.span, format!("`{text}` is no {what}"), &help, problems)
}

pub(super) fn level(node: &Node, problems: &mut Problems) -> Option<Level> {
    word(node, "level", &Level::ALL.map(|level| (level.as_str(), level)), problems)
}

pub(super) fn glob(node: &Node, problems: &mut Problems) -> Option<Glob> {
    text(node, "a pattern", problems).map(Glob::new)
}

/// Units of sizes, the longest suffix first.
const UNITS: [(&str, u64); 5] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1), ("", 1)];

/// A number of bytes above 0: `1048576`, `1024KiB`, `1 MiB`.
pub(super) fn bytes(node: &Node, problems: &mut Problems) -> Option<u64> {
    let text = text(node, "a size", problems)?;
    let parsed = UNITS.into_iter().find_map(|(suffix, unit)| {
        let number: u64 = text.strip_suffix(suffix)?.trim_end().parse().ok()?;
        number.checked_mul(unit).filter(|bytes| *bytes > 0)
    });
    let help = "write a whole number above 0, with or without KiB, MiB or GiB after it";
    parsed.or_else(|| wrong(node.span, format!("`{text}` is no number of bytes"), help, problems))
}

/// A size as people write it.
pub(super) fn show_bytes(bytes: u64) -> String {
    let fitting = UNITS
        .into_iter()
        .rev()
        .find(|&(suffix, unit)| suffix.ends_with("iB") && bytes >= unit && bytes.is_multiple_of(unit));
    fitting.map_or_else(|| bytes.to_string(), |(suffix, unit)| format!("{}{suffix}", bytes / unit))
}

/// A time from `least` to `most`: `90s`, `15m`, `1h 30m`.
pub(super) fn duration(node: &Node, [least, most]: [Duration; 2], problems: &mut Problems) -> Option<Duration> {
    let text = text(node, "a time", problems)?;
    let parsed: Option<Duration> =
        text.parse::<SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
    let range = format!("from {} to {}", show_duration(least), show_duration(most));
    match parsed {
        Some(duration) if (least..=most).contains(&duration) => Some(duration),
        Some(_) => wrong(node.span, format!("`{text}` is out of range"), &format!("write a time {range}"), problems),
        None => {
            let help = format!("write hours, minutes or seconds {range}, such as 90s, 15m or 1h");
            wrong(node.span, format!("`{text}` is no time"), &help, problems)
        }
    }
}

/// A time as people write it.
pub(super) fn show_duration(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds > 0 && seconds.is_multiple_of(3600) => format!("{}h", seconds / 3600),
        seconds if seconds > 0 && seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

/// A whole number from `least` upwards.
pub(super) fn count(node: &Node, least: u64, problems: &mut Problems) -> Option<u64> {
    let text = text(node, "a number", problems)?;
    let parsed = text.parse::<u64>().ok().filter(|number| *number >= least);
    let help = format!("write a whole number from {least} upwards");
    parsed.or_else(|| wrong(node.span, format!("`{text}` is no number that can stand here"), &help, problems))
}

/// A whole number from 1 to `most`.
pub(super) fn count_up_to(node: &Node, most: u64, problems: &mut Problems) -> Option<u64> {
    let number = count(node, 1, problems)?;
    if number > most {
        let help = format!("write a number from 1 to {most}");
        return wrong(node.span, format!("`{number}` is too many"), &help, problems);
    }
    Some(number)
}

/// Names of accounts by their 12 digits.
pub(super) fn accounts(node: &Node, problems: &mut Problems) -> Option<BTreeMap<String, String>> {
    let mut accounts = BTreeMap::new();
    for entry in entries(node, "`accounts`", problems)? {
        if entry.key.len() != 12 || !entry.key.bytes().all(|byte| byte.is_ascii_digit()) {
            let message = format!("`{}` is no account", entry.key);
            wrong::<()>(entry.key_span, message, "an account has 12 digits; write `'111122223333': name`", problems);
        } else if let Some(name) = text(&entry.value, "the name of an account", problems) {
            accounts.insert(entry.key.clone(), name);
        }
    }
    Some(accounts)
}

/// Named lists.
pub(super) fn lists(node: &Node, problems: &mut Problems) -> Option<BTreeMap<String, Vec<String>>> {
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-.".contains(letter))
    };
    let mut lists = BTreeMap::new();
    for entry in entries(node, "`lists`", problems)? {
        if !is_name(&entry.key) {
            let message = format!("`{}` cannot name a list", entry.key);
            wrong::<()>(entry.key_span, message, "use letters, digits, `_`, `-` and `.`", problems);
        } else if !matches!(entry.value.data, Data::List(_)) {
            let message = format!("a list of values is needed, this is {}", entry.value.kind());
            wrong::<()>(entry.value.span, message, "write the values in square brackets", problems);
        } else if let Some(values) = each(&entry.value, problems, |member, problems| text(member, "a value", problems))
        {
            lists.insert(entry.key.clone(), values);
        }
    }
    Some(lists)
}

/// An address that begins with `https://` or `http://`.
pub(super) fn url(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = text(node, "an address", problems)?;
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_url = rest.is_some_and(|rest| !rest.is_empty() && !rest.contains([' ', '"', '<', '>', '`']));
    if is_url {
        Some(text)
    } else {
        wrong(node.span, format!("`{text}` is no address"), "write it with `https://` and without blanks", problems)
    }
}

/// What CloudWatch allows; what begins with `AWS/` is its own.
pub(super) fn namespace(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = text(node, "the namespace", problems)?;
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/#:".contains(&byte);
    if text.len() <= 255 && text.bytes().all(is_allowed) && !text.starts_with("AWS/") {
        return Some(text);
    }
    let help = "give 1 to 255 letters, digits and `.-_/#:`, not beginning with `AWS/`";
    wrong(node.span, format!("`{text}` is no namespace"), help, problems)
}
