use std::fmt;

use crate::source::Span;

/// One change of a rule; shows itself in a few words, such as ``without `errorCode: null` ``.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What is done.
    pub kind: ChangeKind,
    /// To what, as the rule writes it.
    pub what: String,
    /// Where that stands in the rule.
    pub span: Span,
}

/// What is done to a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// A term of the condition is dropped: a search, or a filter term.
    DropTerm,
    /// An entry of a map is dropped.
    DropEntry,
    /// An alternative of a list of searches is dropped.
    DropAlternative,
    /// A value of a list is dropped.
    DropValue,
    /// A term of the condition means its opposite.
    Negate,
    /// A value may stand at the start of a longer text.
    WidenToStart,
    /// A value may stand anywhere in a text.
    WidenToAnywhere,
    /// A comparison takes or leaves its bound.
    ShiftComparison,
    /// A correlation asks for one more.
    RaiseThreshold,
    /// A correlation asks for one fewer.
    LowerThreshold,
    /// A window lasts twice as long.
    LengthenTimespan,
    /// A window lasts half as long.
    ShortenTimespan,
    /// Events are not told apart by a field.
    DropGroupField,
    /// The order of events does not matter.
    IgnoreOrder,
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = &self.what;
        match self.kind {
            ChangeKind::DropTerm | ChangeKind::DropEntry | ChangeKind::DropAlternative => {
                write!(formatter, "without `{what}`")
            }
            ChangeKind::DropValue => write!(formatter, "without the value `{what}`"),
            ChangeKind::Negate => write!(formatter, "with `{what}` turned into its opposite"),
            ChangeKind::WidenToStart => write!(formatter, "with whatever starts with `{what}`"),
            ChangeKind::WidenToAnywhere => write!(formatter, "with whatever contains `{what}`"),
            ChangeKind::ShiftComparison => write!(formatter, "with the bound of `{what}` on the other side"),
            ChangeKind::RaiseThreshold => write!(formatter, "with the threshold {what} raised by one"),
            ChangeKind::LowerThreshold => write!(formatter, "with the threshold {what} lowered by one"),
            ChangeKind::LengthenTimespan => write!(formatter, "with twice the timespan of {what}"),
            ChangeKind::ShortenTimespan => write!(formatter, "with half the timespan of {what}"),
            ChangeKind::DropGroupField => write!(formatter, "without `{what}` in `group-by`"),
            ChangeKind::IgnoreOrder => write!(formatter, "in any order of the rules"),
        }
    }
}
