//! Alerts that are not about one event that a rule matches.

use std::fmt::Write as _;

use super::present::{one_line, presentable};
use crate::{Alert, AlertKind, limits::SUBJECT_CHARS};

/// Events that the text names; all of them are counted.
const EVENTS: usize = 10;
/// Characters of a value.
const CHARS: usize = 200;

/// Subject and what comes before the rest of the text; `None` for a match.
pub(super) fn subject_and_lead(alert: &Alert) -> Option<(String, String)> {
    let title = &alert.rule.title;
    let who = alert.event.actor.as_deref().filter(|actor| !actor.is_empty()).unwrap_or("an unknown caller");
    let (short, lead) = match &alert.kind {
        AlertKind::Match => return None,
        AlertKind::Correlation { group, count, first, last, events } => {
            let values: Vec<&str> = group.iter().map(|(_, value)| value.as_str()).collect();
            (format!("{title}: {}", values.join(", ")), correlation(group, *count, (first, last), events))
        }
        AlertKind::GroupUpdate { count, since, closed: false } => (
            format!("{title}: {count} times by {who}"),
            format!("{count} alerts of this rule and actor since {since}; one of them was sent."),
        ),
        AlertKind::GroupUpdate { count, since, closed: true } => (
            format!("{title}: {count} times in all by {who}"),
            format!("{count} alerts of this rule and actor since {since} in all, and no more are expected."),
        ),
        AlertKind::DigestNotice { since } => (
            format!("{title}: too many, a digest follows"),
            format!(
                "This rule has sent as many notifications as are allowed in the hour from {since}. Its further \
                 alerts of that hour are counted, and one digest tells how many there were."
            ),
        ),
        AlertKind::Digest { count, since } => (
            format!("{title}: {count} more held back"),
            format!(
                "{count} notifications of this rule in the hour from {since} were held back. Each would have been \
                 about one actor, and about all alerts of that actor in an hour."
            ),
        ),
    };
    let subject = one_line(&format!("[{}] {short}", alert.rule.level.as_str().to_uppercase()), SUBJECT_CHARS);
    Some((subject, lead))
}

/// The whole text of an alert without a record to show.
pub(super) fn body(alert: &Alert, lead: &str) -> String {
    let mut text =
        format!("{}: {}\n\n{lead}\n", alert.rule.level.as_str().to_uppercase(), presentable(&alert.rule.title, CHARS));
    let event = &alert.event;
    let known = [("actor", &event.actor), ("region", &event.aws_region), ("event", &event.event_id)];
    for (name, value) in known.into_iter().chain([("account", &event.recipient_account_id)]) {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            line(&mut text, name, value);
        }
    }
    line(&mut text, "rule", alert.rule.handle());
    line(&mut text, "alert", alert.id.as_str());
    text
}

fn correlation(
    group: &[(String, String)],
    count: usize,
    (first, last): (&jiff::Timestamp, &jiff::Timestamp),
    events: &[String],
) -> String {
    // Writing to a string cannot fail.
    let mut text = format!("{count} from {first} to {last}, and together they mean this.");
    for (name, value) in group {
        let _ = write!(text, "\n  {}: {}", presentable(name, CHARS), presentable(value, CHARS));
    }
    if !events.is_empty() {
        let named: Vec<String> = events.iter().take(EVENTS).map(|event| presentable(event, CHARS)).collect();
        let _ = write!(text, "\n  events: {}", named.join(", "));
        if events.len() > EVENTS {
            text.push_str(", and more");
        }
    }
    text
}

fn line(text: &mut String, name: &str, value: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "  {}: {}", presentable(name, CHARS), presentable(value, CHARS));
}
