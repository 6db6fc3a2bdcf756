use std::{fmt, str::FromStr};

use super::{
    AlertView, RenderSettings, Template, TemplateError, TemplateKind,
    attributes::attributes,
    chat, ocsf, of_kind,
    present::{one_line, presentable},
    structured,
};
use crate::{
    Alert, Attribute,
    limits::{ATTRIBUTE_TYPE_BYTES, DETAILS, Detail, NOTIFICATION_BYTES, SMS_CHARS, SUBJECT_CHARS, WIDEST_DETAIL},
};

/// The forms in which a topic gets its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Format {
    /// Plain text for people; what e-mail subscriptions need.
    #[default]
    Text,
    /// One line of at most 140 ASCII characters.
    Sms,
    /// JSON in the schema `trailhound.alert/1`.
    Json,
    /// JSON as an OCSF Detection Finding.
    Ocsf,
    /// A custom notification of Amazon Q Developer in chat applications.
    Chat,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 5] = [Format::Text, Format::Sms, Format::Json, Format::Ocsf, Format::Chat];

    /// The word for it in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Sms => "sms",
            Format::Json => "json",
            Format::Ocsf => "ocsf",
            Format::Chat => "chat",
        }
    }
}

impl FromStr for Format {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Format::ALL.into_iter().find(|format| format.as_str() == text).ok_or(())
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// An alert in a format, within the limits of SNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// One line of 1 to 99 characters without control characters, the first no white space.
    pub subject: String,
    /// Never empty.
    pub body: String,
    /// What subscriptions can filter by; at most ten, none empty, no character beyond the basic
    /// multilingual plane.
    pub attributes: Vec<Attribute>,
}

/// Makes messages of alerts. Never fails: what is too large is shortened, and a template of a user that
/// fails on an alert gives way to the one built in.
#[derive(Debug, Clone)]
pub struct Renderer {
    settings: RenderSettings,
    templates: Vec<Template>,
    built_in: Vec<Template>,
}

impl Renderer {
    /// A renderer with these settings, and templates in place of those built in.
    pub fn new(settings: RenderSettings, templates: Vec<Template>) -> Self {
        // Compiled in and tested; `plain` is there all the same.
        let built_in: Result<Vec<Template>, TemplateError> =
            TemplateKind::ALL.into_iter().map(|kind| Template::new(kind, kind.built_in())).collect();
        Renderer { settings, templates, built_in: built_in.unwrap_or_default() }
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &RenderSettings {
        &self.settings
    }

    /// The view of an alert.
    pub fn view(&self, alert: &Alert) -> AlertView {
        of_kind::view(alert, &self.settings)
    }

    /// The alert in a format.
    pub fn render(&self, view: &AlertView, format: Format) -> Message {
        let subject = self.subject(view);
        let attributes = attributes(view);
        let head = attributes.iter().fold(subject.len(), |sum, attribute| {
            sum.saturating_add(attribute.name.len() + attribute.value.len() + ATTRIBUTE_TYPE_BYTES)
        });
        let room = NOTIFICATION_BYTES.saturating_sub(head);
        let body = match format {
            Format::Text => self.text(view, room),
            Format::Sms => self.sms(view),
            Format::Json => fitting(room, |detail| structured::json(view, detail).to_string()),
            Format::Ocsf => fitting(room, |detail| ocsf::finding(view, detail).to_string()),
            Format::Chat => {
                chat::notification(view, &subject, |detail| self.template(TemplateKind::Chat, view, detail))
            }
        };
        Message { subject, body, attributes }
    }

    /// `[HIGH] title: actor in account/region`
    fn subject(&self, view: &AlertView) -> String {
        let rendered = self.template(TemplateKind::Subject, view, WIDEST_DETAIL);
        let line = one_line(&rendered, SUBJECT_CHARS);
        if line.is_empty() { one_line(&plain(view), SUBJECT_CHARS) } else { line }
    }

    fn text(&self, view: &AlertView, room: usize) -> String {
        let mut body = fitting(room, |detail| self.template(TemplateKind::Text, view, detail));
        // No alert of ours comes near this; a user's template may.
        body.truncate(body.floor_char_boundary(room));
        if body.trim().is_empty() { plain(view) } else { body }
    }

    /// One part of an SMS holds 140 characters in every alphabet only if they are ASCII.
    fn sms(&self, view: &AlertView) -> String {
        let rendered = one_line(&self.template(TemplateKind::Sms, view, WIDEST_DETAIL), usize::MAX);
        let ascii = |character: char| if character.is_ascii() { character } else { '?' };
        let line: String = rendered.chars().map(ascii).collect();
        match line.char_indices().nth(SMS_CHARS) {
            None => line,
            Some(_) => line.chars().take(SMS_CHARS - 3).chain("...".chars()).collect(),
        }
    }

    fn template(&self, kind: TemplateKind, view: &AlertView, detail: Detail) -> String {
        let own = self.templates.iter().find(|template| template.kind() == kind);
        let built_in = self.built_in.iter().find(|template| template.kind() == kind);
        own.into_iter()
            .chain(built_in)
            .find_map(|template| template.render(view, detail))
            .unwrap_or_else(|| plain(view))
    }
}

impl Default for Renderer {
    fn default() -> Self {
        Renderer::new(RenderSettings::default(), Vec::new())
    }
}

/// The first rendering that fits, else the shortest.
fn fitting(room: usize, render: impl Fn(Detail) -> String) -> String {
    let mut last = String::new();
    for detail in DETAILS {
        last = render(detail);
        if last.len() <= room {
            break;
        }
    }
    last
}

/// What is sent if no template can be used. An alert that is hard to read is better than none.
fn plain(view: &AlertView) -> String {
    format!("{}: {}. Alert {}\n", view.level, presentable(&view.headline, 300), view.id)
}
