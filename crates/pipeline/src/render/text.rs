use std::sync::LazyLock;

use minijinja::{
    Environment, Error, ErrorKind, Output, Value,
    value::{Serde, ValueKind},
};

use super::{
    attributes,
    context::Context,
    kinds,
    present::{one_line, presentable, presentable_lines},
};
use crate::{
    Alert, AlertKind, Notification,
    limits::{DETAILS, Detail, NOTIFICATION_BYTES, RULE_TEXT_CHARS, SUBJECT_CHARS},
};

const TEMPLATE: &str = include_str!("alert.txt.jinja");

/// One environment for each [`Detail`]: how long a value may be is a matter of the formatter.
static ENVIRONMENTS: LazyLock<Vec<Result<Environment<'static>, Error>>> =
    LazyLock::new(|| DETAILS.map(environment).into());

/// An alert as a message to people, within the limits of SNS whatever the record holds: evidence is
/// shortened until the message fits.
pub fn text(alert: &Alert) -> Notification {
    let other = kinds::subject_and_lead(alert);
    let subject = other.as_ref().map_or_else(|| subject(alert), |(subject, _)| subject.clone());
    let attributes = attributes(alert);
    let room = NOTIFICATION_BYTES
        .saturating_sub(subject.len())
        .saturating_sub(attributes.iter().map(|attribute| attribute.name.len() + attribute.value.len() + 6).sum());
    let body = match other {
        None => body(alert, room),
        Some((_, lead)) if alert.record.is_empty() || !matches!(alert.kind, AlertKind::Correlation { .. }) => {
            kinds::body(alert, &lead)
        }
        Some((_, lead)) => {
            format!("{lead}\n\nThe event that made it so:\n\n{}", body(alert, room.saturating_sub(lead.len() + 100)))
        }
    };
    Notification { alert: alert.id.clone(), level: alert.rule.level, subject, body, attributes }
}

fn body(alert: &Alert, room: usize) -> String {
    let mut last = String::new();
    for (detail, environment) in DETAILS.into_iter().zip(ENVIRONMENTS.iter()) {
        last = rendered(alert, detail, environment.as_ref());
        if last.len() <= room {
            return last;
        }
    }
    last.truncate(last.floor_char_boundary(room));
    last
}

fn rendered(alert: &Alert, detail: Detail, environment: Result<&Environment<'static>, &Error>) -> String {
    let template = environment.ok().and_then(|environment| environment.get_template("alert.txt").ok());
    template
        .and_then(|template| template.render(Serde(Context::new(alert, detail))).ok())
        .unwrap_or_else(|| plain(alert))
}

/// What is sent if the template fails. It is compiled in and tested, so this is not expected; but an
/// alert that is hard to read is better than none.
fn plain(alert: &Alert) -> String {
    let event = &alert.event;
    let parts = [&event.event_name, &event.actor, &event.aws_region, &event.event_time, &event.event_id];
    let known: Vec<String> = parts.into_iter().flatten().map(|part| presentable(part, 200)).collect();
    format!(
        "{}: {}\n\n{}\nAlert: {}\n",
        alert.rule.level,
        presentable(&alert.rule.title, 300),
        known.join("\n"),
        alert.id
    )
}

/// `[HIGH] title: actor in account/region`
fn subject(alert: &Alert) -> String {
    let known = |text: Option<&str>| text.filter(|text| !text.trim().is_empty()).unwrap_or("unknown").to_owned();
    let line = format!(
        "[{}] {}: {} in {}/{}",
        alert.rule.level.as_str().to_uppercase(),
        alert.rule.title,
        known(alert.event.actor.as_deref()),
        known(alert.account()),
        known(alert.event.aws_region.as_deref()),
    );
    one_line(&line, SUBJECT_CHARS)
}

fn environment(detail: Detail) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::empty();
    environment.set_formatter(move |output, _state, value| format_value(output, value, detail.chars));
    environment.add_filter("upper", |text: String| text.to_uppercase());
    // Text of the rule's author may have lines; they are kept, and indented.
    environment.add_filter("lines", |text: String, indent: usize| {
        let indented = format!("\n{}", " ".repeat(indent));
        Value::from_safe_string(presentable_lines(&text, RULE_TEXT_CHARS).replace('\n', &indented))
    });
    // For what this crate has made itself out of checked parts.
    environment.add_filter("verbatim", |text: String| Value::from_safe_string(text));
    environment.add_template("alert.txt", TEMPLATE)?;
    Ok(environment)
}

/// Every value that the template prints comes by here: text is made presentable unless a filter has
/// already seen to it.
fn format_value(output: &mut Output<'_>, value: &Value, chars: usize) -> Result<(), Error> {
    let written = match value.kind() {
        ValueKind::String if value.is_safe() => output.write_str(value.as_str().unwrap_or_default()),
        ValueKind::String => output.write_str(&presentable(value.as_str().unwrap_or_default(), chars)),
        ValueKind::Number => output.write_str(&value.to_string()),
        kind => {
            return Err(Error::new(ErrorKind::BadSerialization, format!("the template prints a value of kind {kind}")));
        }
    };
    written.map_err(|_| Error::new(ErrorKind::WriteFailure, "the text could not be written"))
}
