//! What SNS refuses, found before it is asked.
//!
//! Emulators let most of this pass, so a notification that only AWS refuses
//! would first be seen in production.

use thiserror::Error;
use trailhound_pipeline::{Attribute, AttributeKind, Notification};

/// Largest notification in bytes: the message, and names, types and values of its attributes.
const MAX_BYTES: usize = 256 * 1024;
/// A subject has fewer characters than this.
const SUBJECT_CHARACTERS: usize = 100;
/// Most attributes; with more, queues that take messages raw lose them.
const MAX_ATTRIBUTES: usize = 10;
/// Longest name of an attribute, in bytes.
const MAX_ATTRIBUTE_NAME: usize = 256;
/// Numbers lie between this and its opposite.
const MAX_NUMBER: i64 = 1_000_000_000;

/// Why SNS would refuse a notification.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum NotificationProblem {
    /// No subject, or one that begins with white space.
    #[error("the subject is empty or begins with a blank")]
    SubjectStart,
    /// A subject of 100 characters or more.
    #[error("the subject has {0} characters, and fewer than {SUBJECT_CHARACTERS} are allowed")]
    SubjectLength(usize),
    /// Line breaks or other control characters in the subject.
    #[error("the subject holds a line break or control character")]
    SubjectControl,
    /// No message.
    #[error("the message is empty")]
    MessageEmpty,
    /// Message and attributes are larger than 256 KiB.
    #[error("message and attributes are {0} bytes, and {MAX_BYTES} are allowed")]
    TooLarge(usize),
    /// More than ten attributes.
    #[error("there are {0} attributes, and {MAX_ATTRIBUTES} are allowed")]
    Attributes(usize),
    /// A name SNS does not allow.
    #[error(
        "the attribute name `{0}` is not 1 to {MAX_ATTRIBUTE_NAME} letters, digits, `_`, `-` and single inner dots, or begins with `AWS.` or `Amazon.`"
    )]
    AttributeName(&'static str),
    /// The same name twice.
    #[error("the attribute `{0}` is there twice")]
    AttributeTwice(&'static str),
    /// An attribute without value.
    #[error("the attribute `{0}` is empty")]
    AttributeEmpty(&'static str),
    /// A character beyond the basic multilingual plane, such as an emoji.
    #[error("the attribute `{0}` holds a character beyond the basic multilingual plane")]
    AttributeCharacter(&'static str),
    /// No number, or one outside of what SNS can filter by.
    #[error("the attribute `{0}` is no number between -{MAX_NUMBER} and {MAX_NUMBER}")]
    AttributeNumber(&'static str),
}

/// Most notifications in one call.
const MAX_ENTRIES: usize = 10;

/// The notifications in as many lists as there have to be calls: each has at most ten, and no more bytes
/// together than one alone may have.
pub(crate) fn batches<'e, 'n>(entries: &'e [(usize, &'n Notification)]) -> Vec<&'e [(usize, &'n Notification)]> {
    let mut batches = Vec::new();
    let mut rest = entries;
    while !rest.is_empty() {
        let mut bytes = 0_usize;
        let fitting = rest.iter().take(MAX_ENTRIES).take_while(|(_, notification)| {
            bytes = bytes.saturating_add(size(notification));
            bytes <= MAX_BYTES
        });
        let (batch, after) = rest.split_at_checked(fitting.count().max(1)).unwrap_or((rest, &[]));
        batches.push(batch);
        rest = after;
    }
    batches
}

/// The first reason for which SNS would refuse the notification.
pub(crate) fn check(notification: &Notification) -> Result<(), NotificationProblem> {
    check_subject(&notification.subject)?;
    if notification.body.is_empty() {
        return Err(NotificationProblem::MessageEmpty);
    }
    check_attributes(&notification.attributes)?;
    match size(notification) {
        bytes if bytes > MAX_BYTES => Err(NotificationProblem::TooLarge(bytes)),
        _ => Ok(()),
    }
}

fn check_subject(subject: &str) -> Result<(), NotificationProblem> {
    let characters = subject.chars().count();
    if characters >= SUBJECT_CHARACTERS {
        return Err(NotificationProblem::SubjectLength(characters));
    }
    if subject.chars().any(char::is_control) {
        return Err(NotificationProblem::SubjectControl);
    }
    match subject.chars().next() {
        Some(first) if !first.is_whitespace() => Ok(()),
        _ => Err(NotificationProblem::SubjectStart),
    }
}

fn check_attributes(attributes: &[Attribute]) -> Result<(), NotificationProblem> {
    if attributes.len() > MAX_ATTRIBUTES {
        return Err(NotificationProblem::Attributes(attributes.len()));
    }
    for (index, attribute @ Attribute { name, .. }) in attributes.iter().enumerate() {
        if !is_attribute_name(name) {
            return Err(NotificationProblem::AttributeName(name));
        }
        if attributes.iter().take(index).any(|earlier| earlier.name == *name) {
            return Err(NotificationProblem::AttributeTwice(name));
        }
        check_value(attribute)?;
    }
    Ok(())
}

fn check_value(attribute: &Attribute) -> Result<(), NotificationProblem> {
    let Attribute { name, value, kind } = attribute;
    if value.is_empty() {
        return Err(NotificationProblem::AttributeEmpty(name));
    }
    if value.chars().any(|character| u32::from(character) > 0xFFFF) {
        return Err(NotificationProblem::AttributeCharacter(name));
    }
    let in_range = |number: i64| (-MAX_NUMBER..=MAX_NUMBER).contains(&number);
    match kind {
        AttributeKind::Number if !value.parse().is_ok_and(in_range) => Err(NotificationProblem::AttributeNumber(name)),
        AttributeKind::Number | AttributeKind::String | AttributeKind::StringArray => Ok(()),
    }
}

fn is_attribute_name(name: &str) -> bool {
    let reserved = ["AWS.", "Amazon."]
        .iter()
        .any(|prefix| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)));
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    !name.is_empty()
        && name.len() <= MAX_ATTRIBUTE_NAME
        && name.bytes().all(allowed)
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
        && !reserved
}

fn size(notification: &Notification) -> usize {
    let attributes = notification.attributes.iter().map(|Attribute { name, value, kind }| {
        name.len().saturating_add(kind.as_str().len()).saturating_add(value.len())
    });
    attributes.fold(notification.body.len(), usize::saturating_add)
}
