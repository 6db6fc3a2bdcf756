use thiserror::Error;

use super::Shape;

/// Why an event or a message cannot be used. Never quotes the payload.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// It is no JSON.
    #[error("the message is no JSON: wrong at line {line}, column {column}")]
    NotJson {
        /// Line of the first error, from 1.
        line: usize,
        /// Column of the first error, from 1.
        column: usize,
    },
    /// A known shape where none of its kind belongs, such as a batch within a message.
    #[error("{0} does not belong inside another event")]
    Misplaced(Shape),
    /// None of the shapes AWS is known to send.
    #[error("the event has no known shape: docs/operations.md lists what the function can be triggered by")]
    Unknown,
    /// The shape is known, but a part of it is missing.
    #[error("{shape} without `{field}`")]
    Incomplete {
        /// The shape it was taken for.
        shape: Shape,
        /// Path of what is missing or has the wrong type.
        field: &'static str,
    },
    /// Another version than those that are known.
    #[error("{shape} of version {version}: only {known} known")]
    Version {
        /// The shape it was taken for.
        shape: Shape,
        /// What it says of itself; at most 20 characters.
        version: String,
        /// The versions that are.
        known: &'static str,
    },
    /// The decoded key is no UTF-8, which no key in S3 is.
    #[error("the object key in {0} is not UTF-8 once decoded")]
    Key(Shape),
    /// What has to be base64 is not.
    #[error("the data of {0} are not base64")]
    Base64(Shape),
}

impl DecodeError {
    /// An error about the version that `shape` states.
    pub(super) fn version(shape: Shape, version: &str, known: &'static str) -> Self {
        let printable = version.chars().filter(char::is_ascii_graphic);
        Self::Version { shape, version: printable.take(20).collect(), known }
    }
}
