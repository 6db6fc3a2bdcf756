//! Errors of the SDK in one line.

use std::error::Error;

/// The error and everything that caused it. The errors of the SDK say only
/// `service error` themselves and leave the reason to their sources.
pub(crate) fn error_text(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let reason = source.to_string();
        if !text.ends_with(&reason) {
            text.push_str(": ");
            text.push_str(&reason);
        }
        next = source.source();
    }
    text
}
