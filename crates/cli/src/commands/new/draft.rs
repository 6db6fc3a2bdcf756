//! A rule under way, and its text.

use std::fmt::Write as _;

use serde_json::Value;
use trailhound_rule_engine::Level;

use super::{
    conditions::Condition,
    identity::words,
    near_miss::NearMiss,
    yaml::{flow, scalar, value},
};
use crate::{
    arguments::Outcome,
    output::{clipped, wrapped},
};

/// Characters of a title; the README of the rules asks for no more.
const TITLE: usize = 80;

/// Columns of a text that is folded.
const FOLDED: usize = 96;

/// What a rule says, and the tests it carries.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) title: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) author: Option<String>,
    /// `YYYY-MM-DD`
    pub(super) date: String,
    pub(super) references: Vec<String>,
    pub(super) tags: Vec<String>,
    pub(super) level: Level,
    pub(super) conditions: Vec<Condition>,
    pub(super) outcome: Outcome,
    pub(super) false_positives: Vec<String>,
    pub(super) event: Value,
    pub(super) near_misses: Vec<NearMiss>,
}

impl Outcome {
    /// The word as `trailhound.outcome` has it.
    pub(super) fn word(self) -> Option<&'static str> {
        match self {
            Outcome::Success => Some("success"),
            Outcome::Denied => Some("denied"),
            Outcome::Failed => Some("failed"),
            Outcome::Any => None,
        }
    }
}

impl Draft {
    /// The first line of an alert about such a call.
    pub(super) fn title_of(service: &str, event: &str, outcome: Outcome) -> String {
        let mut title = words(without_date(event)).join(" ");
        if let Some(first) = title.get(..1).map(str::to_uppercase) {
            title.replace_range(..1, &first);
        }
        let title = if title.is_empty() { "New rule".to_owned() } else { title };
        let went = match outcome {
            Outcome::Denied => " denied",
            Outcome::Failed => " failed",
            Outcome::Success | Outcome::Any => "",
        };
        clipped(&format!("{title}{went} ({})", service_words(service)), TITLE)
    }

    /// The name of a rule about such a call, which is also that of its file.
    pub(super) fn name_of(service: &str, event: &str, outcome: Outcome) -> String {
        let mut all = words(service_words(service));
        all.extend(words(without_date(event)));
        if matches!(outcome, Outcome::Denied | Outcome::Failed) {
            all.extend(outcome.word().map(str::to_owned));
        }
        let name: String = all.join("-").chars().take(TITLE).collect();
        if name.is_empty() { "new-rule".to_owned() } else { name }
    }

    /// The file.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        self.write_metadata(&mut text);
        self.write_detection(&mut text);
        self.write_rest(&mut text);
        self.write_tests(&mut text);
        text
    }

    fn write_metadata(&self, text: &mut String) {
        // Writing into a string cannot fail, here and below.
        let _ = writeln!(text, "title: {}", scalar(&self.title));
        let _ = writeln!(text, "id: '{}'", self.id);
        let _ = writeln!(text, "name: {}", scalar(&self.name));
        let _ = writeln!(text, "status: experimental");
        write_folded(text, "description", &self.description);
        if let Some(author) = &self.author {
            let _ = writeln!(text, "author: {}", scalar(author));
        }
        let _ = writeln!(text, "date: '{}'", self.date);
        write_list(text, "references", &self.references);
        write_list(text, "tags", &self.tags);
        let _ = writeln!(text, "logsource:\n  product: aws\n  service: cloudtrail");
    }

    fn write_detection(&self, text: &mut String) {
        let _ = writeln!(text, "detection:\n  selection:");
        for condition in &self.conditions {
            let _ = writeln!(text, "    {}: {}", condition.key(), flow(&literal(&condition.value)));
        }
        let went = self.outcome.word();
        if let Some(went) = went {
            let _ = writeln!(text, "  {went}:\n    trailhound.outcome: {went}");
        }
        let joined = went.map_or_else(String::new, |went| format!(" and {went}"));
        let _ = writeln!(text, "  condition: selection{joined}");
    }

    fn write_rest(&self, text: &mut String) {
        let mut fields: Vec<&str> = vec!["userIdentity.arn", "sourceIPAddress", "awsRegion"];
        let asked = self.conditions.iter().map(|condition| condition.field.as_str());
        fields.extend(asked.filter(|field| !matches!(*field, "eventSource" | "eventName")));
        let _ = writeln!(text, "fields:");
        for field in fields {
            let _ = writeln!(text, "  - {field}");
        }
        write_list(text, "falsepositives", &self.false_positives);
        let _ = writeln!(text, "level: {}", self.level);
    }

    fn write_tests(&self, text: &mut String) {
        let _ = writeln!(text, "tests:");
        write_test(text, "the call as it was seen", (true, &self.event));
        for near_miss in &self.near_misses {
            write_test(text, &near_miss.name, (false, &near_miss.event));
        }
    }
}

fn write_test(text: &mut String, name: &str, (matches, event): (bool, &Value)) {
    let _ = write!(text, "  - name: {}\n    match: {matches}\n    event:{}", scalar(name), value(event, 4, 6));
}

fn write_list(text: &mut String, key: &str, members: &[String]) {
    if members.is_empty() {
        return;
    }
    let _ = writeln!(text, "{key}:");
    for member in members {
        let _ = writeln!(text, "  - {}", if is_address(member) { member.clone() } else { scalar(member) });
    }
}

fn is_address(text: &str) -> bool {
    text.starts_with("https://") && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/._-".contains(&byte))
}

/// A text over several lines, where it has no signs that would have to be escaped.
fn write_folded(text: &mut String, key: &str, content: &str) {
    let is_plain =
        content.chars().all(|letter| letter == ' ' || letter.is_ascii_graphic()) && !content.starts_with(' ');
    if !is_plain {
        let _ = writeln!(text, "{key}: {}", scalar(content));
        return;
    }
    let _ = writeln!(text, "{key}: >-");
    for line in wrapped(content, FOLDED) {
        let _ = writeln!(text, "  {line}");
    }
}

/// The value with what Sigma takes for wildcards escaped.
fn literal(value: &Value) -> Value {
    match value.as_str() {
        Some(text) => text.replace('\\', "\\\\").replace('*', "\\*").replace('?', "\\?").into(),
        None => value.clone(),
    }
}

/// The event name without the date of the API that some end with.
fn without_date(event: &str) -> &str {
    let short = event.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '_' || letter == 'v');
    if event.len() - short.len() >= 8 { short } else { event }
}

/// An event source as people say it.
fn service_words(source: &str) -> &str {
    source.strip_suffix(".amazonaws.com").unwrap_or(source)
}
