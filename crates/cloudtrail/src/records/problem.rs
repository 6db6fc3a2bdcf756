use thiserror::Error;
use trailhound_rule_engine::json::{self, Kind};

/// Why one record was passed over. Offsets count bytes of the document from zero.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecordRefusal {
    /// It is no valid JSON, or nested too deep, or the sink refused it.
    #[error("the record at byte {offset} is refused: {error}")]
    Json {
        /// Where the record starts.
        offset: u64,
        /// What is wrong; its offset counts from the start of the document.
        error: json::Error,
    },
    /// It holds bytes that are no UTF-8.
    #[error("the record at byte {offset} is no UTF-8: invalid byte at {invalid}")]
    NotUtf8 {
        /// Where the record starts.
        offset: u64,
        /// The first byte that belongs to no character.
        invalid: u64,
    },
    /// Something else stands where a record belongs.
    #[error("the record at byte {offset} is {}, not an object", name(*found))]
    NotAnObject {
        /// Where it starts.
        offset: u64,
        /// What it is instead.
        found: Kind,
    },
    /// It is larger than the limit allows.
    #[error("the record at byte {offset} is larger than the limit of {limit} bytes")]
    TooLarge {
        /// Where the record starts.
        offset: u64,
        /// The limit in bytes.
        limit: usize,
    },
    /// A string that has to hold a record holds none.
    #[error("the text at byte {offset} holds no record: {error} of that text")]
    Embedded {
        /// Where the string starts.
        offset: u64,
        /// What is wrong; its offset counts from the start of the decoded string.
        error: json::Error,
    },
    /// A wrapper lacks the key that holds its record.
    #[error("the entry at byte {offset} has no `{key}`")]
    NoRecord {
        /// Where the wrapper starts.
        offset: u64,
        /// The key that is missing.
        key: &'static str,
    },
}

impl RecordRefusal {
    /// Where in the document the refused record starts.
    pub fn offset(&self) -> u64 {
        match self {
            RecordRefusal::Json { offset, .. }
            | RecordRefusal::NotUtf8 { offset, .. }
            | RecordRefusal::NotAnObject { offset, .. }
            | RecordRefusal::TooLarge { offset, .. }
            | RecordRefusal::Embedded { offset, .. }
            | RecordRefusal::NoRecord { offset, .. } => *offset,
        }
    }
}

/// Why a document could not be read to its end, so that an unknown number of records is missing.
/// Offsets count bytes of the document from zero.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DocumentProblem {
    /// There is nothing in it.
    #[error("the document is empty")]
    Empty,
    /// `Records` (or what another form has in its place) is there and is no list.
    #[error("`{key}` at byte {offset} is {}, not a list", name(*found))]
    NotAList {
        /// The key.
        key: &'static str,
        /// Where its value starts.
        offset: u64,
        /// What the value is instead.
        found: Kind,
    },
    /// It stops inside a record or before its last bracket.
    #[error("the document ends too early: record {index}, from byte {offset} on, is not complete")]
    EndsEarly {
        /// Zero-based position of the record that is incomplete or that was to follow.
        index: u64,
        /// Where that record starts.
        offset: u64,
    },
    /// The end of a broken record could not be found.
    #[error("the document cannot be read from record {index} at byte {offset} on: {error}")]
    Unbalanced {
        /// Zero-based position of the broken record.
        index: u64,
        /// Where it starts.
        offset: u64,
        /// What is wrong with it.
        error: json::Error,
    },
}

impl DocumentProblem {
    /// Position of the first record that is missing, where one can be named.
    pub fn index(&self) -> Option<u64> {
        match self {
            DocumentProblem::Empty | DocumentProblem::NotAList { .. } => None,
            DocumentProblem::EndsEarly { index, .. } | DocumentProblem::Unbalanced { index, .. } => Some(*index),
        }
    }

    /// Where in the document the unread part starts.
    pub fn offset(&self) -> u64 {
        match self {
            DocumentProblem::Empty => 0,
            DocumentProblem::NotAList { offset, .. }
            | DocumentProblem::EndsEarly { offset, .. }
            | DocumentProblem::Unbalanced { offset, .. } => *offset,
        }
    }
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Object => "an object",
        Kind::Array => "a list",
        Kind::String => "a string",
        Kind::Number => "a number",
        Kind::True | Kind::False => "a boolean",
        Kind::Null => "null",
    }
}
