//! The modifiers behind a field name: reading them, and which may stand together.

use crate::{
    code::Code,
    diagnostic::{Problems, suggestion},
    pattern::{Anchor, Case},
    source::Span,
};

/// A modifier of the Sigma specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Modifier {
    Position(Anchor),
    Re,
    RegexFlag(RegexFlag),
    Cidr,
    Exists,
    Compare(Comparison),
    Time(TimePart),
    FieldRef,
    Expand,
    WinDash,
    Utf16(Utf16),
    Base64(Base64),
    All,
    Cased,
    Neq,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RegexFlag {
    IgnoreCase,
    MultiLine,
    DotAll,
}

/// The numeric comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Comparison {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// A part of a date and time, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum TimePart {
    Minute,
    Hour,
    Day,
    /// Week of the year by ISO 8601.
    Week,
    Month,
    Year,
}

/// How text becomes UTF-16 bytes before it is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Utf16 {
    LittleEndian,
    BigEndian,
    /// A byte order mark, then little endian.
    Marked,
}

/// Base64 of the whole text, or its three possible forms within a longer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Base64 {
    Whole,
    Offset,
}

const MODIFIERS: &[(&str, Modifier)] = &[
    ("contains", Modifier::Position(Anchor::Anywhere)),
    ("startswith", Modifier::Position(Anchor::Start)),
    ("endswith", Modifier::Position(Anchor::End)),
    ("all", Modifier::All),
    ("cased", Modifier::Cased),
    ("exists", Modifier::Exists),
    ("neq", Modifier::Neq),
    ("re", Modifier::Re),
    ("i", Modifier::RegexFlag(RegexFlag::IgnoreCase)),
    ("m", Modifier::RegexFlag(RegexFlag::MultiLine)),
    ("s", Modifier::RegexFlag(RegexFlag::DotAll)),
    ("cidr", Modifier::Cidr),
    ("gt", Modifier::Compare(Comparison::Greater)),
    ("gte", Modifier::Compare(Comparison::GreaterOrEqual)),
    ("lt", Modifier::Compare(Comparison::Less)),
    ("lte", Modifier::Compare(Comparison::LessOrEqual)),
    ("minute", Modifier::Time(TimePart::Minute)),
    ("hour", Modifier::Time(TimePart::Hour)),
    ("day", Modifier::Time(TimePart::Day)),
    ("week", Modifier::Time(TimePart::Week)),
    ("month", Modifier::Time(TimePart::Month)),
    ("year", Modifier::Time(TimePart::Year)),
    ("fieldref", Modifier::FieldRef),
    ("expand", Modifier::Expand),
    ("windash", Modifier::WinDash),
    ("wide", Modifier::Utf16(Utf16::LittleEndian)),
    ("utf16le", Modifier::Utf16(Utf16::LittleEndian)),
    ("utf16be", Modifier::Utf16(Utf16::BigEndian)),
    ("utf16", Modifier::Utf16(Utf16::Marked)),
    ("base64", Modifier::Base64(Base64::Whole)),
    ("base64offset", Modifier::Base64(Base64::Offset)),
];

/// The names of all modifiers.
#[cfg(test)]
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    MODIFIERS.iter().map(|(name, _)| *name)
}

/// What a field's values are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Values of any type, by text or number.
    Plain,
    Text(Anchor),
    Regex(RegexFlags),
    Cidr,
    Exists,
    Compare(Comparison),
    /// Part of a date; equal where no comparison is named.
    Time(TimePart, Option<Comparison>),
    /// The value names another field of the record.
    FieldRef(Anchor),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct RegexFlags {
    pub(crate) ignore_case: bool,
    pub(crate) multi_line: bool,
    pub(crate) dot_all: bool,
}

/// What happens to a text before it is compared, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Transforms {
    pub(crate) expand: bool,
    pub(crate) windash: bool,
    pub(crate) utf16: Option<Utf16>,
    pub(crate) base64: Option<Base64>,
}

/// Whether one value has to be met, or each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Quantifier {
    Any,
    All,
}

/// The modifiers of one field, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chain {
    pub(crate) operation: Operation,
    pub(crate) transforms: Transforms,
    pub(crate) quantifier: Quantifier,
    pub(crate) case: Case,
    pub(crate) negated: bool,
}

/// One modifier as a rule writes it.
#[derive(Debug, Clone, Copy)]
struct Written<'k> {
    word: &'k str,
    span: Span,
    modifier: Modifier,
}

/// Reads what stands behind the field name in `key`; `None` after a problem has been reported.
pub(crate) fn parse(key: &str, key_span: Span, problems: &mut Problems) -> Option<Chain> {
    let errors = problems.errors();
    let mut chain = Chain {
        operation: Operation::Plain,
        transforms: Transforms::default(),
        quantifier: Quantifier::Any,
        case: Case::Ignored,
        negated: false,
    };
    let mut earlier: Vec<Written<'_>> = Vec::new();
    for word in key.split('|').skip(1) {
        let span = word_span(key, word, key_span, problems);
        let Some(modifier) = known(word, span, problems) else { continue };
        let written = Written { word, span, modifier };
        match conflict(modifier, &earlier) {
            Some(reason) => drop(problems.error(Code::ModifierCombination, span, reason.message(word))),
            None => apply(&mut chain, modifier),
        }
        earlier.push(written);
    }
    check_utf16(&earlier, problems);
    (problems.errors() == errors).then_some(chain)
}

/// The stretch of one modifier in the file; the whole key where its text is not written as it reads.
fn word_span(key: &str, word: &str, key_span: Span, problems: &Problems) -> Span {
    let written = problems.source().text().get(key_span.start..key_span.end).unwrap_or_default();
    let offset = word.as_ptr() as usize - key.as_ptr() as usize;
    match written.find(key) {
        Some(at) if !word.is_empty() => {
            Span::new(key_span.start + at + offset, key_span.start + at + offset + word.len())
        }
        _ => key_span,
    }
}

fn known(word: &str, span: Span, problems: &mut Problems) -> Option<Modifier> {
    if word.is_empty() {
        problems
            .error(Code::EmptyModifier, span, "a modifier is missing after `|`")
            .help("remove the `|` or name a modifier after it");
        return None;
    }
    let found = MODIFIERS.iter().find(|(name, _)| *name == word).map(|(_, modifier)| *modifier);
    if found.is_none() {
        problems
            .error(Code::UnknownModifier, span, format!("unknown modifier `{word}`"))
            .maybe_help(suggestion(word, MODIFIERS.iter().map(|(name, _)| *name)));
    }
    found
}

/// UTF-16 bytes are no text, so they mean something only to an encoding that follows.
fn check_utf16(chain: &[Written<'_>], problems: &mut Problems) {
    let encoded = chain.iter().any(|written| matches!(written.modifier, Modifier::Base64(_)));
    if let Some(utf16) = chain.iter().find(|written| matches!(written.modifier, Modifier::Utf16(_)) && !encoded) {
        problems
            .error(Code::ModifierCombination, utf16.span, format!("`{}` needs an encoding after it", utf16.word))
            .help(format!("write `{0}|base64` or `{0}|base64offset|contains`", utf16.word));
    }
}

/// Why a modifier cannot follow those before it.
enum Conflict<'w> {
    Twice,
    With(&'w str),
    OnlyAfterRe,
    OnlyBefore(&'w str),
}

impl Conflict<'_> {
    fn message(&self, word: &str) -> String {
        match self {
            Conflict::Twice => format!("the modifier `{word}` stands twice"),
            Conflict::With(other) => format!("the modifiers `{other}` and `{word}` cannot stand together"),
            Conflict::OnlyAfterRe => format!("the modifier `{word}` belongs after `re`"),
            Conflict::OnlyBefore(other) => format!("the modifier `{word}` belongs before `{other}`"),
        }
    }
}

/// The combinations that the specification rules out, and those that no order could give a meaning.
fn conflict<'w>(modifier: Modifier, earlier: &[Written<'w>]) -> Option<Conflict<'w>> {
    let first = |wanted: &dyn Fn(Modifier) -> bool| {
        earlier.iter().find(|before| wanted(before.modifier)).map(|before| before.word)
    };
    let with = |word: Option<&'w str>| word.map(Conflict::With);
    if first(&|before| before == modifier).is_some() {
        return Some(Conflict::Twice);
    }
    if let Some(word) = first(&|before| before == Modifier::Exists) {
        return Some(Conflict::With(word));
    }
    match modifier {
        Modifier::All | Modifier::Neq => None,
        Modifier::Exists => with(first(&|_| true)),
        Modifier::RegexFlag(_) => first(&|before| before == Modifier::Re).is_none().then_some(Conflict::OnlyAfterRe),
        Modifier::Cased => with(first(&|before| is_test(before) && before != Modifier::FieldRef)),
        Modifier::Position(_) => {
            with(first(&|before| is_position(before) || (is_test(before) && before != Modifier::FieldRef)))
        }
        Modifier::Compare(_) => {
            let other_test = |before| is_test(before) && !matches!(before, Modifier::Time(_));
            with(first(&|before| other_test(before) || changes_text(before)))
        }
        Modifier::Cidr => {
            with(first(&|before| is_test(before) || (changes_text(before) && before != Modifier::Expand)))
        }
        Modifier::Re | Modifier::Time(_) => with(first(&|before| is_test(before) || changes_text(before))),
        Modifier::FieldRef => {
            with(first(&|before| is_test(before) || (changes_text(before) && before != Modifier::Cased)))
        }
        Modifier::Expand => with(first(&|before| is_test(before) && before != Modifier::Cidr))
            .or_else(|| first(&is_encoding).map(Conflict::OnlyBefore)),
        Modifier::WinDash => with(first(&is_test)).or_else(|| first(&is_encoding).map(Conflict::OnlyBefore)),
        Modifier::Utf16(_) => with(first(&|before| is_test(before) || matches!(before, Modifier::Utf16(_))))
            .or_else(|| first(&|before| is_position(before) || is_base64(before)).map(Conflict::OnlyBefore)),
        Modifier::Base64(_) => with(first(&|before| is_test(before) || is_base64(before)))
            .or_else(|| first(&is_position).map(Conflict::OnlyBefore)),
    }
}

fn is_position(modifier: Modifier) -> bool {
    matches!(modifier, Modifier::Position(_))
}

fn is_base64(modifier: Modifier) -> bool {
    matches!(modifier, Modifier::Base64(_))
}

fn is_encoding(modifier: Modifier) -> bool {
    matches!(modifier, Modifier::Base64(_) | Modifier::Utf16(_))
}

/// Whether the modifier compares in a way of its own, not text with text.
fn is_test(modifier: Modifier) -> bool {
    matches!(
        modifier,
        Modifier::Re
            | Modifier::Cidr
            | Modifier::Exists
            | Modifier::Compare(_)
            | Modifier::Time(_)
            | Modifier::FieldRef
    )
}

/// Whether the modifier means something for text values alone.
fn changes_text(modifier: Modifier) -> bool {
    is_position(modifier)
        || is_encoding(modifier)
        || matches!(modifier, Modifier::Expand | Modifier::WinDash | Modifier::Cased)
}

fn apply(chain: &mut Chain, modifier: Modifier) {
    match modifier {
        Modifier::Position(anchor) => {
            chain.operation = match chain.operation {
                Operation::FieldRef(_) => Operation::FieldRef(anchor),
                _ => Operation::Text(anchor),
            }
        }
        Modifier::Re => chain.operation = Operation::Regex(RegexFlags::default()),
        Modifier::RegexFlag(flag) => set_flag(chain, flag),
        Modifier::Cidr => chain.operation = Operation::Cidr,
        Modifier::Exists => chain.operation = Operation::Exists,
        Modifier::Compare(comparison) => {
            chain.operation = match chain.operation {
                Operation::Time(part, _) => Operation::Time(part, Some(comparison)),
                _ => Operation::Compare(comparison),
            }
        }
        Modifier::Time(part) => chain.operation = Operation::Time(part, None),
        Modifier::FieldRef => chain.operation = Operation::FieldRef(Anchor::Whole),
        Modifier::Expand => chain.transforms.expand = true,
        Modifier::WinDash => chain.transforms.windash = true,
        Modifier::Utf16(kind) => chain.transforms.utf16 = Some(kind),
        Modifier::Base64(kind) => chain.transforms.base64 = Some(kind),
        Modifier::All => chain.quantifier = Quantifier::All,
        Modifier::Cased => chain.case = Case::Significant,
        Modifier::Neq => chain.negated = true,
    }
}

fn set_flag(chain: &mut Chain, flag: RegexFlag) {
    if let Operation::Regex(flags) = &mut chain.operation {
        match flag {
            RegexFlag::IgnoreCase => flags.ignore_case = true,
            RegexFlag::MultiLine => flags.multi_line = true,
            RegexFlag::DotAll => flags.dot_all = true,
        }
    }
}
