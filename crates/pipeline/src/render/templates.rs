//! The templates: those built in, and those a user puts in their place.

use std::{
    fmt::{self, Write as _},
    ops::Range,
    sync::Arc,
};

use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, filters, value::ValueKind};

use super::{AlertView, context, markup::Markup, samples};
use crate::limits::{Detail, ROW_NAME_CHARS, TEMPLATE_FUEL, WIDEST_DETAIL};

/// What a template is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TemplateKind {
    /// The subject of every notification, in one line.
    Subject,
    /// The body for e-mail.
    Text,
    /// The body for SMS.
    Sms,
    /// The description in a chat message.
    Chat,
}

impl TemplateKind {
    /// All kinds.
    pub const ALL: [TemplateKind; 4] =
        [TemplateKind::Subject, TemplateKind::Text, TemplateKind::Sms, TemplateKind::Chat];

    /// The word for it in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            TemplateKind::Subject => "subject",
            TemplateKind::Text => "text",
            TemplateKind::Sms => "sms",
            TemplateKind::Chat => "chat",
        }
    }

    /// The template that is used when nobody gives another.
    pub fn built_in(self) -> &'static str {
        match self {
            TemplateKind::Subject => include_str!("templates/subject.jinja"),
            TemplateKind::Text => include_str!("templates/text.jinja"),
            TemplateKind::Sms => include_str!("templates/sms.jinja"),
            TemplateKind::Chat => include_str!("templates/chat.jinja"),
        }
    }

    fn markup(self) -> Markup {
        match self {
            TemplateKind::Chat => Markup::Chat,
            TemplateKind::Subject | TemplateKind::Text | TemplateKind::Sms => Markup::Plain,
        }
    }
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// Where, in bytes of the template.
    pub span: Range<usize>,
    /// What, in one line.
    pub message: String,
}

/// A template that compiles, and renders alerts of every kind.
#[derive(Clone)]
pub struct Template {
    kind: TemplateKind,
    text: Arc<str>,
    environment: Arc<Environment<'static>>,
}

const NAME: &str = "template";

impl Template {
    /// Compiles a template and tries it on alerts of every kind, with much and with next to nothing known:
    /// what a template asks for wrongly shows now and not at the first alert.
    pub fn new(kind: TemplateKind, text: &str) -> Result<Self, TemplateError> {
        let mut environment = environment(kind.markup());
        environment.add_template_owned(NAME, text.to_owned()).map_err(|error| problem(&error, text))?;
        let template = Template { kind, text: text.into(), environment: Arc::new(environment) };
        for view in samples::views() {
            template.try_render(&view, WIDEST_DETAIL).map_err(|error| problem(&error, text))?;
        }
        Ok(template)
    }

    /// What it is for.
    pub fn kind(&self) -> TemplateKind {
        self.kind
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn render(&self, view: &AlertView, detail: Detail) -> Option<String> {
        let rendered = self.try_render(view, detail);
        if let Err(error) = &rendered {
            // Of the error only its kind: its text could quote the record.
            tracing::warn!(template = self.kind.as_str(), line = error.line(), kind = ?error.kind(), "template failed");
        }
        rendered.ok()
    }

    fn try_render(&self, view: &AlertView, detail: Detail) -> Result<String, Error> {
        let context = context::context(view, self.kind.markup(), detail);
        self.environment.get_template(NAME)?.render(context)
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Template").field("kind", &self.kind).finish_non_exhaustive()
    }
}

fn environment(markup: Markup) -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_debug(true);
    environment.set_fuel(Some(TEMPLATE_FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
        .set_formatter(move |output, state, value| format_value(output, value, markup, context::detail(state).chars));
    environment.add_filter("upper", |text: String| text.to_uppercase());
    environment.add_filter("lower", |text: String| text.to_lowercase());
    environment.add_filter("length", filters::length);
    environment.add_filter("join", filters::join);
    environment.add_filter("default", filters::default);
    // Text of the rule's author may have lines; they are kept, and indented.
    environment.add_filter("author", move |state: &State<'_, '_>, text: String, indent: Option<usize>| {
        let shown = markup.author(&text, context::detail(state).author_chars);
        Value::from_safe_string(shown.replace('\n', &format!("\n{}", " ".repeat(indent.unwrap_or_default()))))
    });
    // A row of a table: its name, filled up to the width of the column, and its values.
    environment.add_filter("cells", move |state: &State<'_, '_>, row: Value, width: usize| {
        cells(&row, width, markup, context::detail(state).chars).map(Value::from_safe_string)
    });
    environment
}

fn cells(row: &Value, width: usize, markup: Markup, chars: usize) -> Result<String, Error> {
    let name = row.get_attr("name")?;
    let name = Markup::Plain.value(name.as_str().unwrap_or_default(), ROW_NAME_CHARS);
    let name = if markup == Markup::Chat { super::markup::chat_text(&name).into_owned() } else { name };
    let mut text = if width == 0 { format!("{name}: ") } else { format!("{name:width$}  ") };
    for (index, value) in row.get_attr("values")?.try_iter()?.enumerate() {
        text.push_str(if index == 0 { "" } else { ", " });
        text.push_str(&markup.value(value.as_str().unwrap_or_default(), chars));
    }
    match row.get_attr("more")?.as_usize().unwrap_or_default() {
        0 => {}
        // Writing to a string cannot fail.
        more => drop(write!(text, ", and {more} more")),
    }
    Ok(text)
}

/// Every value that a template prints comes by here: text is made presentable unless a filter has
/// already seen to it.
fn format_value(output: &mut Output<'_>, value: &Value, markup: Markup, chars: usize) -> Result<(), Error> {
    let written = match value.kind() {
        ValueKind::String if value.is_safe() => output.write_str(value.as_str().unwrap_or_default()),
        ValueKind::String => output.write_str(&markup.value(value.as_str().unwrap_or_default(), chars)),
        ValueKind::Number | ValueKind::Bool => output.write_str(&value.to_string()),
        ValueKind::None => Ok(()),
        ValueKind::Undefined => return Err(Error::new(ErrorKind::UndefinedError, "there is no such variable")),
        kind => {
            return Err(Error::new(ErrorKind::BadSerialization, format!("a value of kind {kind} cannot be printed")));
        }
    };
    written.map_err(|_| Error::new(ErrorKind::WriteFailure, "the text could not be written"))
}

fn problem(error: &Error, text: &str) -> TemplateError {
    let line_start =
        |line: usize| -> usize { text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum() };
    let span = error.range().unwrap_or_else(|| {
        let start = error.line().map_or(0, line_start);
        let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        start..start + line.len()
    });
    let message = match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    };
    TemplateError { span, message }
}
