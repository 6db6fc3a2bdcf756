use std::{collections::BTreeMap, fmt::Write as _};

use trailhound_rule_engine::Metadata;

use super::{Account, console_link};
use crate::EventSummary;

/// What rendering can be told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RenderSettings {
    /// Names of accounts by their number.
    pub accounts: BTreeMap<String, String>,
    /// Address at which a rule is found: `{rule}` stands for its name and `{id}` for its id. Without
    /// either, the name is appended. Rules are not linked when there is none.
    pub rule_url: Option<String>,
    /// Address that opens the console, for those who reach it through a portal: `{url}` stands for the
    /// address of the event in the console, `{account}` for the account. When there is none, the event is
    /// linked directly.
    pub console_url: Option<String>,
}

impl RenderSettings {
    /// An account with its name.
    pub fn account(&self, id: &str) -> Account {
        Account { id: id.to_owned(), name: self.accounts.get(id).cloned() }
    }

    /// Where the event is found in the console.
    pub(super) fn event_link(&self, event: &EventSummary) -> Option<String> {
        let url = console_link(event)?;
        let Some(pattern) = &self.console_url else { return Some(url) };
        let account = event.recipient_account_id.as_deref().unwrap_or_default();
        Some(filled_in(pattern, &[("{url}", &url), ("{account}", account)]))
    }

    /// Where the rule is found.
    pub(super) fn rule_link(&self, rule: &Metadata) -> Option<String> {
        let pattern = self.rule_url.as_deref()?;
        let (handle, id) = (rule.handle(), rule.id.as_deref().unwrap_or_else(|| rule.handle()));
        if ["{rule}", "{id}"].iter().any(|word| pattern.contains(word)) {
            return Some(filled_in(pattern, &[("{rule}", handle), ("{id}", id)]));
        }
        Some(format!("{}/{}", pattern.trim_end_matches('/'), encoded(handle)))
    }
}

/// The pattern with each word replaced by its value, percent-encoded. A value that looks like a word is not
/// looked at again.
fn filled_in(pattern: &str, words: &[(&str, &str)]) -> String {
    let mut text = String::new();
    let mut rest = pattern;
    while !rest.is_empty() {
        let next = words.iter().find_map(|(word, value)| Some((rest.strip_prefix(word)?, value)));
        if let Some((after, value)) = next {
            text.push_str(&encoded(value));
            rest = after;
        } else {
            let mut characters = rest.chars();
            text.extend(characters.next());
            rest = characters.as_str();
        }
    }
    text
}

fn encoded(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_filled_in_and_values_encoded() {
        let cases = [
            ("https://x/{rule}.yml", "https://x/a%20b%2F%7Brule%7D.yml"),
            ("https://x/{id}/{rule}", "https://x/%7Brule%7D/a%20b%2F%7Brule%7D"),
            ("https://x/{other}", "https://x/{other}"),
        ];
        for (pattern, expected) in cases {
            assert_eq!(filled_in(pattern, &[("{rule}", "a b/{rule}"), ("{id}", "{rule}")]), expected);
        }
    }
}
