//! How a value or a text of a rule's author is written in a format.

use std::borrow::Cow;

use super::{
    Phrase,
    phrase::Part,
    present::{presentable, presentable_lines},
};

/// The languages that formats are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Markup {
    /// Text without any.
    Plain,
    /// What Slack and Microsoft Teams have in common.
    Chat,
}

impl Markup {
    /// A value of a record or of the configuration, at most about `chars` long.
    pub(super) fn value(self, value: &str, chars: usize) -> String {
        let shown = presentable(value, chars);
        match self {
            Markup::Plain => shown,
            // Nothing is interpreted inside a code span but the characters that are escaped here. An empty
            // one would be two backticks, which open a span up to the next value.
            Markup::Chat if shown.trim().is_empty() => "` `".to_owned(),
            Markup::Chat => format!("`{}`", chat_text(&shown).replace('`', "'")),
        }
    }

    /// A text of the author of a rule, at most about `chars` long. Its lines are kept.
    pub(super) fn author(self, text: &str, chars: usize) -> String {
        let shown = presentable_lines(text, chars);
        match self {
            Markup::Plain => shown,
            Markup::Chat => chat_text(&shown).into_owned(),
        }
    }

    pub(super) fn phrase(self, phrase: &Phrase, chars: usize) -> String {
        let parts = phrase.parts().map(|part| match part {
            Part::Words(words) => Cow::Borrowed(words.as_ref()),
            Part::Value(value) => Cow::Owned(self.value(value, chars)),
        });
        parts.collect()
    }
}

/// Text in which chat sees neither markup in angle brackets, such as `<!channel>`, nor a mention. The
/// sign of mentions becomes its full-width twin, which people read alike.
pub(super) fn chat_text(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '@']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '@' => escaped.push('\u{ff20}'),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}
