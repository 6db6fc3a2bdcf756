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
    Contains,
    StartsWith,
    EndsWith,
    All,
    Cased,
    Exists,
    Neq,
    Re,
    IgnoreCase,
    MultiLine,
    DotAll,
    Cidr,
    Compare(Comparison),
    /// Known to Sigma, not to this version.
    Later,
}

/// The numeric comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Comparison {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

const MODIFIERS: &[(&str, Modifier)] = &[
    ("contains", Modifier::Contains),
    ("startswith", Modifier::StartsWith),
    ("endswith", Modifier::EndsWith),
    ("all", Modifier::All),
    ("cased", Modifier::Cased),
    ("exists", Modifier::Exists),
    ("neq", Modifier::Neq),
    ("re", Modifier::Re),
    ("i", Modifier::IgnoreCase),
    ("m", Modifier::MultiLine),
    ("s", Modifier::DotAll),
    ("cidr", Modifier::Cidr),
    ("gt", Modifier::Compare(Comparison::Greater)),
    ("gte", Modifier::Compare(Comparison::GreaterOrEqual)),
    ("lt", Modifier::Compare(Comparison::Less)),
    ("lte", Modifier::Compare(Comparison::LessOrEqual)),
    ("base64", Modifier::Later),
    ("base64offset", Modifier::Later),
    ("wide", Modifier::Later),
    ("utf16", Modifier::Later),
    ("utf16le", Modifier::Later),
    ("utf16be", Modifier::Later),
    ("windash", Modifier::Later),
    ("expand", Modifier::Later),
    ("fieldref", Modifier::Later),
    ("minute", Modifier::Later),
    ("hour", Modifier::Later),
    ("day", Modifier::Later),
    ("week", Modifier::Later),
    ("month", Modifier::Later),
    ("year", Modifier::Later),
];

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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct RegexFlags {
    pub(crate) ignore_case: bool,
    pub(crate) multi_line: bool,
    pub(crate) dot_all: bool,
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
    pub(crate) quantifier: Quantifier,
    pub(crate) case: Case,
    pub(crate) negated: bool,
}

/// Reads what stands behind the field name in `key`; `None` after a problem has been reported.
pub(crate) fn parse(key: &str, key_span: Span, problems: &mut Problems<'_>) -> Option<Chain> {
    let errors = problems.errors();
    let mut chain =
        Chain { operation: Operation::Plain, quantifier: Quantifier::Any, case: Case::Ignored, negated: false };
    let mut earlier: Vec<(&str, Modifier)> = Vec::new();
    for word in key.split('|').skip(1) {
        let span = word_span(key, word, key_span, problems);
        if let Some(modifier) = known(word, span, problems) {
            if let Some(reason) = conflict(modifier, &earlier) {
                problems.error(Code::ModifierCombination, span, reason.message(word));
            } else {
                apply(&mut chain, modifier);
            }
            earlier.push((word, modifier));
        }
    }
    (problems.errors() == errors).then_some(chain)
}

/// The stretch of one modifier in the file; the whole key where its text is not written as it reads.
fn word_span(key: &str, word: &str, key_span: Span, problems: &Problems<'_>) -> Span {
    let written = problems.source().text().get(key_span.start..key_span.end).unwrap_or_default();
    let offset = word.as_ptr() as usize - key.as_ptr() as usize;
    match written.find(key) {
        Some(at) if !word.is_empty() => {
            Span::new(key_span.start + at + offset, key_span.start + at + offset + word.len())
        }
        _ => key_span,
    }
}

fn known(word: &str, span: Span, problems: &mut Problems<'_>) -> Option<Modifier> {
    if word.is_empty() {
        problems
            .error(Code::EmptyModifier, span, "a modifier is missing after `|`")
            .help("remove the `|` or name a modifier after it");
        return None;
    }
    match MODIFIERS.iter().find(|(name, _)| *name == word) {
        Some((_, Modifier::Later)) => {
            problems
                .error(Code::UnsupportedModifier, span, format!("the modifier `{word}` is not supported yet"))
                .help("a rule that uses it cannot be loaded by this version");
            None
        }
        Some(&(_, modifier)) => Some(modifier),
        None => {
            let names = MODIFIERS.iter().filter(|(_, modifier)| *modifier != Modifier::Later).map(|(name, _)| *name);
            problems
                .error(Code::UnknownModifier, span, format!("unknown modifier `{word}`"))
                .maybe_help(suggestion(word, names));
            None
        }
    }
}

/// Why a modifier cannot follow those before it.
enum Conflict<'w> {
    Twice,
    With(&'w str),
    OnlyAfterRe,
}

impl Conflict<'_> {
    fn message(&self, word: &str) -> String {
        match self {
            Conflict::Twice => format!("the modifier `{word}` stands twice"),
            Conflict::With(other) => format!("the modifiers `{other}` and `{word}` cannot stand together"),
            Conflict::OnlyAfterRe => format!("the modifier `{word}` belongs after `re`"),
        }
    }
}

/// Sigma fact sheet, "Illegal combinations".
fn conflict<'w>(modifier: Modifier, earlier: &[(&'w str, Modifier)]) -> Option<Conflict<'w>> {
    use Modifier::{All, Cased, DotAll, Exists, IgnoreCase, MultiLine, Neq, Re};
    if earlier.iter().any(|(_, before)| *before == modifier) {
        return Some(Conflict::Twice);
    }
    let first =
        |wanted: fn(Modifier) -> bool| earlier.iter().find(|(_, before)| wanted(*before)).map(|(word, _)| *word);
    if let Some(word) = first(|before| before == Exists) {
        return Some(Conflict::With(word));
    }
    match modifier {
        IgnoreCase | MultiLine | DotAll => first(|before| before == Re).is_none().then_some(Conflict::OnlyAfterRe),
        All | Neq => None,
        Exists => earlier.first().map(|(word, _)| Conflict::With(word)),
        Cased => first(|before| is_operation(before) && !is_position(before)).map(Conflict::With),
        operation if is_position(operation) => first(is_operation).map(Conflict::With),
        _ => first(|before| is_operation(before) || before == Cased).map(Conflict::With),
    }
}

fn is_position(modifier: Modifier) -> bool {
    matches!(modifier, Modifier::Contains | Modifier::StartsWith | Modifier::EndsWith)
}

fn is_operation(modifier: Modifier) -> bool {
    is_position(modifier) || matches!(modifier, Modifier::Re | Modifier::Cidr | Modifier::Exists | Modifier::Compare(_))
}

fn apply(chain: &mut Chain, modifier: Modifier) {
    match modifier {
        Modifier::Contains => chain.operation = Operation::Text(Anchor::Anywhere),
        Modifier::StartsWith => chain.operation = Operation::Text(Anchor::Start),
        Modifier::EndsWith => chain.operation = Operation::Text(Anchor::End),
        Modifier::Re => chain.operation = Operation::Regex(RegexFlags::default()),
        Modifier::Cidr => chain.operation = Operation::Cidr,
        Modifier::Exists => chain.operation = Operation::Exists,
        Modifier::Compare(comparison) => chain.operation = Operation::Compare(comparison),
        Modifier::All => chain.quantifier = Quantifier::All,
        Modifier::Cased => chain.case = Case::Significant,
        Modifier::Neq => chain.negated = true,
        Modifier::IgnoreCase | Modifier::MultiLine | Modifier::DotAll => set_flag(chain, modifier),
        Modifier::Later => {}
    }
}

fn set_flag(chain: &mut Chain, modifier: Modifier) {
    if let Operation::Regex(flags) = &mut chain.operation {
        match modifier {
            Modifier::IgnoreCase => flags.ignore_case = true,
            Modifier::MultiLine => flags.multi_line = true,
            _ => flags.dot_all = true,
        }
    }
}
