use thiserror::Error;

/// Why a piece of JSON could not be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind} at byte {offset}")]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Zero-based byte offset into the text that was read.
    pub offset: usize,
}

/// The kinds of damage the reader tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text stops inside a value.
    #[error("the JSON ends too early")]
    UnexpectedEnd,
    /// A character that cannot stand here.
    #[error("unexpected character `{}`", character.escape_default())]
    Unexpected {
        /// The character that stands there.
        character: char,
    },
    /// A backslash in a string that starts no escape of JSON.
    #[error("invalid escape in a string")]
    InvalidEscape,
    /// A raw control character in a string.
    #[error("control character in a string")]
    ControlCharacter,
    /// A number that does not follow the grammar of JSON.
    #[error("invalid number")]
    InvalidNumber,
    /// More levels than [`MAX_DEPTH`](super::MAX_DEPTH).
    #[error("nested deeper than {} levels", super::MAX_DEPTH)]
    TooDeep,
    /// Text after the value where nothing more may follow.
    #[error("unexpected text after the value")]
    TrailingText,
}
