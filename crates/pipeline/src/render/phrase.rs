use std::borrow::Cow;

/// A sentence of words of ours and values of a record, kept apart: each format shows values in a way
/// in which they cannot pass for more than values.
///
/// ```
/// use trailhound_pipeline::render::Phrase;
///
/// let phrase = Phrase::default().value("alice").words(" called ").value("StopLogging").words(".");
/// assert_eq!(phrase.plain(), "alice called StopLogging.");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Phrase(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Words(Cow<'static, str>),
    Value(String),
}

impl Phrase {
    /// Adds words that no record has a say in.
    #[must_use]
    pub fn words(mut self, words: impl Into<Cow<'static, str>>) -> Self {
        self.0.push(Part::Words(words.into()));
        self
    }

    /// Adds a value as it stands in a record or in the configuration.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.0.push(Part::Value(value.into()));
        self
    }

    /// Adds the words and the value, if there is one.
    #[must_use]
    pub fn maybe(self, words: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.words(words).value(value),
            None => self,
        }
    }

    /// The sentence with its values as they are: neither masked nor neutralised.
    pub fn plain(&self) -> String {
        self.parts()
            .map(|part| match part {
                Part::Words(words) => words.as_ref(),
                Part::Value(value) => value.as_str(),
            })
            .collect()
    }

    pub(super) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.0.iter()
    }
}
