//! Sigma text values: literal text with wildcards, compiled for matching.

use std::borrow::Cow;

/// One piece of a value: literal text, or a wildcard.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Literal(String),
    /// `?`: exactly one character.
    One,
    /// `*`: any number of characters, none included.
    Many,
}

/// Whether letters of different case are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Case {
    Ignored,
    Significant,
}

/// Where in the field the text has to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Anchor {
    Whole,
    Anywhere,
    Start,
    End,
}

/// A text value as a rule means it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Pattern {
    parts: Vec<Part>,
    case: Case,
}

impl Pattern {
    /// Reads wildcards and escapes (specification, "Escape Character"): a backslash takes the special
    /// meaning from `*`, `?` and `\`; before anything else it stands for itself.
    pub(crate) fn parse(text: &str, anchor: Anchor, case: Case) -> Self {
        let mut parts = Vec::new();
        if matches!(anchor, Anchor::Anywhere | Anchor::End) {
            push(&mut parts, Part::Many);
        }
        let mut chars = text.chars();
        while let Some(character) = chars.next() {
            match character {
                '*' => push(&mut parts, Part::Many),
                '?' => push(&mut parts, Part::One),
                '\\' => {
                    let mut ahead = chars.clone();
                    match ahead.next() {
                        Some(escaped @ ('*' | '?' | '\\')) => {
                            push_character(&mut parts, escaped, case);
                            chars = ahead;
                        }
                        _ => push_character(&mut parts, '\\', case),
                    }
                }
                other => push_character(&mut parts, other, case),
            }
        }
        if matches!(anchor, Anchor::Anywhere | Anchor::Start) {
            push(&mut parts, Part::Many);
        }
        Pattern { parts, case }
    }

    /// The same text with more room around it: at the start of a text, or anywhere within. `None` where the
    /// pattern has that room already, holds other wildcards, or would fit everything.
    pub(crate) fn widened(&self, anchor: Anchor) -> Option<Pattern> {
        let (open_start, open_end) = match anchor {
            Anchor::Whole => (false, false),
            Anchor::Anywhere => (true, true),
            Anchor::Start => (false, true),
            Anchor::End => (true, false),
        };
        let (starts_open, text, ends_open) = match self.parts.as_slice() {
            [Part::Literal(text)] => (false, text, false),
            [Part::Many, Part::Literal(text)] => (true, text, false),
            [Part::Literal(text), Part::Many] => (false, text, true),
            _ => return None,
        };
        let widens = (open_start && !starts_open) || (open_end && !ends_open);
        let keeps = (open_start || !starts_open) && (open_end || !ends_open);
        if !widens || !keeps {
            return None;
        }
        let around = |open: bool| open.then_some(Part::Many);
        let parts = [around(open_start), Some(Part::Literal(text.clone())), around(open_end)];
        Some(Pattern { parts: parts.into_iter().flatten().collect(), case: self.case })
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(crate) fn case(&self) -> Case {
        self.case
    }

    pub(crate) fn wildcards(&self) -> usize {
        self.parts.iter().filter(|part| !matches!(part, Part::Literal(_))).count()
    }

    /// The text, when there is no wildcard in it.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }
}

fn push(parts: &mut Vec<Part>, part: Part) {
    if part != Part::Many || parts.last() != Some(&Part::Many) {
        parts.push(part);
    }
}

fn push_character(parts: &mut Vec<Part>, character: char, case: Case) {
    if !matches!(parts.last(), Some(Part::Literal(_))) {
        parts.push(Part::Literal(String::new()));
    }
    if let Some(Part::Literal(text)) = parts.last_mut() {
        match case {
            Case::Significant => text.push(character),
            Case::Ignored => text.extend(character.to_lowercase()),
        }
    }
}

/// Lower case character by character, so that a piece of a text lowers as it does within the whole.
pub(crate) fn lower(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        }
    } else {
        Cow::Owned(text.chars().flat_map(char::to_lowercase).collect())
    }
}

/// A pattern in the form that is cheapest to match.
#[derive(Debug, Clone)]
pub(crate) struct Matcher {
    shape: Shape,
    case: Case,
}

#[derive(Debug, Clone)]
enum Shape {
    Anything,
    Equal(String),
    Starts(String),
    Ends(String),
    Holds(String),
    Wild(Vec<Part>),
}

impl Matcher {
    pub(crate) fn new(pattern: &Pattern) -> Self {
        let shape = match pattern.parts() {
            [] => Shape::Equal(String::new()),
            [Part::Many] => Shape::Anything,
            [Part::Literal(text)] => Shape::Equal(text.clone()),
            [Part::Literal(text), Part::Many] => Shape::Starts(text.clone()),
            [Part::Many, Part::Literal(text)] => Shape::Ends(text.clone()),
            [Part::Many, Part::Literal(text), Part::Many] => Shape::Holds(text.clone()),
            parts => Shape::Wild(parts.to_vec()),
        };
        Matcher { shape, case: pattern.case() }
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        match self.case {
            Case::Significant => self.matches_exactly(text),
            Case::Ignored if text.is_ascii() => self.matches_ascii(text),
            Case::Ignored => self.matches_exactly(&lower(text)),
        }
    }

    fn matches_exactly(&self, text: &str) -> bool {
        match &self.shape {
            Shape::Anything => true,
            Shape::Equal(wanted) => text == wanted,
            Shape::Starts(wanted) => text.starts_with(wanted.as_str()),
            Shape::Ends(wanted) => text.ends_with(wanted.as_str()),
            Shape::Holds(wanted) => memchr::memmem::find(text.as_bytes(), wanted.as_bytes()).is_some(),
            Shape::Wild(parts) => wild(parts, text),
        }
    }

    /// `text` is ASCII and case does not matter; the wanted texts are in lower case already.
    fn matches_ascii(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let same = |stretch: Option<&[u8]>, wanted: &str| {
            stretch.is_some_and(|stretch| stretch.eq_ignore_ascii_case(wanted.as_bytes()))
        };
        match &self.shape {
            Shape::Anything => true,
            Shape::Equal(wanted) => bytes.eq_ignore_ascii_case(wanted.as_bytes()),
            Shape::Starts(wanted) => same(bytes.get(..wanted.len()), wanted),
            Shape::Ends(wanted) => {
                same(bytes.len().checked_sub(wanted.len()).and_then(|start| bytes.get(start..)), wanted)
            }
            Shape::Holds(wanted) => holds_ignoring_case(bytes, wanted.as_bytes()),
            Shape::Wild(parts) => wild(parts, &lower(text)),
        }
    }
}

fn holds_ignoring_case(text: &[u8], wanted: &[u8]) -> bool {
    let Some(&first) = wanted.first() else { return true };
    let mut rest = text;
    while let Some(at) = memchr::memchr2(first, first.to_ascii_uppercase(), rest) {
        match rest.get(at..at + wanted.len()) {
            Some(stretch) if stretch.eq_ignore_ascii_case(wanted) => return true,
            Some(_) => rest = rest.get(at + 1..).unwrap_or_default(),
            None => return false,
        }
    }
    false
}

/// Matches left to right, going back only to the last `*`: each literal is taken at the earliest place
/// it fits, which is right because what follows a `*` can always be reached from further left.
fn wild(parts: &[Part], text: &str) -> bool {
    let (mut parts_left, mut text_left) = (parts, text);
    let mut retry: Option<(&[Part], &str)> = None;
    loop {
        let advanced = match parts_left.split_first() {
            None if text_left.is_empty() => return true,
            None => None,
            Some((Part::Many, rest)) => {
                retry = Some((rest, text_left));
                Some((rest, text_left))
            }
            Some((Part::One, rest)) => without_first(text_left).map(|left| (rest, left)),
            Some((Part::Literal(wanted), rest)) => text_left.strip_prefix(wanted.as_str()).map(|left| (rest, left)),
        };
        (parts_left, text_left) = match (advanced, retry) {
            (Some(state), _) => state,
            (None, None) => return false,
            (None, Some((after_star, tried))) => {
                let Some(later) = without_first(tried) else { return false };
                retry = Some((after_star, later));
                (after_star, later)
            }
        };
    }
}

fn without_first(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    chars.next().map(|_| chars.as_str())
}
