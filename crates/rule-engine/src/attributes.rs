//! Reads the attributes that describe a rule.

use crate::{
    code::Code,
    diagnostic::{Problems, suggestion},
    metadata::{Level, LogSource, Metadata, Status},
    source::Span,
    syntax::{Data, Entry, Node},
};

/// Attributes that rules, correlations and filters share, those of the specification and ours.
pub(crate) const COMMON: &[&str] = &[
    "title",
    "id",
    "name",
    "related",
    "taxonomy",
    "status",
    "description",
    "license",
    "author",
    "references",
    "date",
    "modified",
    "fields",
    "falsepositives",
    "level",
    "tags",
    "scope",
    "response",
    "tests",
    "sigma-version",
    "allow",
];

pub(crate) const TITLE_CHARACTERS: usize = 256;
pub(crate) const NAME_CHARACTERS: usize = 256;
pub(crate) const DESCRIPTION_CHARACTERS: usize = 65_535;
pub(crate) const FALSE_POSITIVE_CHARACTERS: usize = 2;

/// The top-level map of one document.
pub(crate) struct Attributes<'d, 'p> {
    pub(crate) entries: &'d [Entry],
    pub(crate) span: Span,
    pub(crate) problems: &'p mut Problems,
}

impl<'d> Attributes<'d, '_> {
    /// An attribute; one that is written without a value is not there.
    pub(crate) fn get(&self, key: &str) -> Option<&'d Entry> {
        self.entries.iter().find(|entry| entry.key == key && !entry.value.is_null())
    }

    /// A required attribute; reports when it is missing.
    pub(crate) fn require(&mut self, key: &str) -> Option<&'d Entry> {
        let entry = self.get(key);
        if entry.is_none() {
            self.problems.error(Code::MissingAttribute, self.start(), format!("`{key}` is missing"));
        }
        entry
    }

    /// Reads everything that describes the rule but its log source. Problems are reported; what can be read is kept.
    pub(crate) fn metadata(&mut self) -> Metadata {
        let title = self.require("title").and_then(|entry| self.text(entry)).unwrap_or_default();
        self.check_length("title", 1..=TITLE_CHARACTERS);
        self.check_length("name", 1..=NAME_CHARACTERS);
        self.check_length("description", 0..=DESCRIPTION_CHARACTERS);
        Metadata {
            title,
            id: self.optional_text("id"),
            name: self.optional_text("name"),
            level: self.word("level", &Level::ALL, Level::as_str).unwrap_or(Level::Medium),
            status: self.word("status", &Status::ALL, Status::as_str),
            description: self.optional_text("description").map(|text| text.trim().to_owned()),
            author: self.optional_text("author"),
            date: self.date("date"),
            modified: self.date("modified"),
            references: self.texts("references"),
            tags: self.tags(),
            fields: self.texts("fields"),
            falsepositives: self.falsepositives(),
            response: self.texts("response"),
            logsource: LogSource::default(),
        }
    }

    pub(crate) fn start(&self) -> Span {
        self.entries.first().map_or(self.span, |entry| entry.key_span)
    }

    /// Further keys are allowed, so only one that looks like a known one is worth a warning. `own` are the
    /// keys of this kind of document beside the common ones.
    pub(crate) fn check_spelling(&mut self, own: &[&'static str]) {
        let known = [COMMON, own].concat();
        for entry in self.entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let missing = known.iter().copied().filter(|known| self.get(known).is_none());
            if let Some(help) = suggestion(&entry.key, missing).filter(|_| entry.key.len() > 3) {
                let message = format!("unknown attribute `{}` is ignored", entry.key);
                self.problems.warning(Code::MisspeltAttribute, entry.key_span, message).help(help);
            }
        }
    }

    fn text(&mut self, entry: &Entry) -> Option<String> {
        match &entry.value.data {
            Data::Scalar(scalar) if !scalar.text.is_empty() => Some(scalar.text.clone()),
            _ => {
                self.wrong_type(&entry.key, &entry.value, "text");
                None
            }
        }
    }

    pub(crate) fn optional_text(&mut self, key: &str) -> Option<String> {
        self.get(key).and_then(|entry| self.text(entry))
    }

    fn wrong_type(&mut self, key: &str, node: &Node, wanted: &str) {
        let message = format!("`{key}` must be {wanted}, this is {}", node.kind());
        self.problems.error(Code::WrongType, node.span, message);
    }

    fn check_length(&mut self, key: &str, allowed: std::ops::RangeInclusive<usize>) {
        let Some(entry) = self.get(key) else { return };
        let Data::Scalar(scalar) = &entry.value.data else { return };
        let length = scalar.text.chars().count();
        if length > *allowed.end() {
            let message = format!("`{key}` has {length} characters, the specification allows {}", allowed.end());
            self.problems.error(Code::TextLength, entry.value.span, message);
        }
    }

    fn word<T: Copy>(&mut self, key: &str, all: &[T], spelling: fn(T) -> &'static str) -> Option<T> {
        let entry = self.get(key)?;
        let text = self.text(entry)?;
        let word = all.iter().copied().find(|candidate| spelling(*candidate).eq_ignore_ascii_case(&text));
        match word {
            Some(word) if spelling(word) == text => {}
            Some(word) => {
                self.problems
                    .warning(Code::LetterCase, entry.value.span, format!("`{text}` is not in lower case"))
                    .help(format!("write `{}`; other tools refuse it", spelling(word)));
            }
            None => {
                let known: Vec<&str> = all.iter().map(|candidate| spelling(*candidate)).collect();
                let help = format!("the values are {}", known.join(", "));
                let help = suggestion(&text, known).unwrap_or(help);
                self.problems.error(Code::UnknownWord, entry.value.span, format!("`{text}` is no {key}")).help(help);
            }
        }
        word
    }

    pub(crate) fn date(&mut self, key: &str) -> Option<String> {
        let entry = self.get(key)?;
        let text = self.text(entry)?;
        if is_date(&text) {
            return Some(text);
        }
        let dashed = text.replace('/', "-");
        if is_date(&dashed) {
            let message = format!("`{text}` is the form that Sigma 2 dropped");
            self.problems.warning(Code::InvalidDate, entry.value.span, message).help(format!("write `{dashed}`"));
            return Some(dashed);
        }
        self.problems
            .error(Code::InvalidDate, entry.value.span, format!("`{text}` is no date"))
            .help("write it as `YYYY-MM-DD`");
        None
    }

    /// A list of texts; a single text counts as a list of one.
    fn texts(&mut self, key: &str) -> Vec<String> {
        let Some(entry) = self.get(key) else { return Vec::new() };
        match &entry.value.data {
            Data::Scalar(scalar) => vec![scalar.text.trim().to_owned()],
            Data::List(members) => members.iter().filter_map(|member| self.member(key, member)).collect(),
            Data::Map(_) => {
                self.wrong_type(key, &entry.value, "a list of texts");
                Vec::new()
            }
        }
    }

    fn member(&mut self, key: &str, node: &Node) -> Option<String> {
        if let Data::Scalar(scalar) = &node.data {
            return Some(scalar.text.trim().to_owned());
        }
        self.wrong_type(key, node, "a list of texts");
        None
    }

    fn tags(&mut self) -> Vec<String> {
        let tags = self.texts("tags");
        for (index, tag) in tags.iter().enumerate() {
            let span = self.member_span("tags", index);
            if !is_tag(&tag.to_lowercase()) {
                self.problems
                    .error(Code::InvalidTag, span, format!("`{tag}` is no tag"))
                    .help("a tag is a name space, a dot and a name, as in `attack.t1078.004`");
            } else if let Some(first) = tags.iter().take(index).position(|earlier| earlier.eq_ignore_ascii_case(tag)) {
                let first = self.member_span("tags", first);
                self.problems
                    .warning(Code::RepeatedEntry, span, format!("the tag `{tag}` stands twice"))
                    .related(first);
            }
        }
        tags.into_iter().map(|tag| tag.to_lowercase()).collect()
    }

    fn falsepositives(&mut self) -> Vec<String> {
        let texts = self.texts("falsepositives");
        for (index, text) in texts.iter().enumerate() {
            if text.chars().count() < FALSE_POSITIVE_CHARACTERS {
                let span = self.member_span("falsepositives", index);
                let message = format!("a false positive needs at least {FALSE_POSITIVE_CHARACTERS} characters");
                self.problems.error(Code::TextLength, span, message);
            }
        }
        texts
    }

    fn member_span(&self, key: &str, index: usize) -> Span {
        let Some(entry) = self.get(key) else { return self.span };
        match &entry.value.data {
            Data::List(members) => members.get(index).map_or(entry.value.span, |member| member.span),
            Data::Scalar(_) | Data::Map(_) => entry.value.span,
        }
    }

    pub(crate) fn logsource(&mut self) -> LogSource {
        let Some(entry) = self.require("logsource") else { return LogSource::default() };
        let Data::Map(parts) = &entry.value.data else {
            self.wrong_type("logsource", &entry.value, "a map");
            return LogSource::default();
        };
        let mut inner = Attributes { entries: parts, span: entry.value.span, problems: self.problems };
        let logsource = LogSource {
            product: inner.optional_text("product"),
            service: inner.optional_text("service"),
            category: inner.optional_text("category"),
        };
        if logsource == LogSource::default() {
            let span = if parts.is_empty() { entry.value.span } else { entry.key_span };
            self.problems
                .error(Code::EmptyLogSource, span, "the log source names no product, service or category")
                .help("CloudTrail is `product: aws`, `service: cloudtrail`");
        }
        logsource
    }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |part: &str, length| {
        (part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    number(year, 4).is_some()
        && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
}

fn is_tag(tag: &str) -> bool {
    let simple = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    tag.split_once('.').is_some_and(|(space, name)| {
        !space.is_empty()
            && space.bytes().all(simple)
            && !name.is_empty()
            && name.bytes().all(|byte| simple(byte) || byte == b'.')
    })
}
