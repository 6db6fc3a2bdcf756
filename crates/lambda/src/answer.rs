//! What the function answers, and its errors.

use aws_lambda_events::sqs::SqsBatchResponse;
use lambda_runtime::Diagnostic;
use serde::Serialize;
use thiserror::Error;

use crate::trigger::DecodeError;

/// The answer to an invocation that did not fail as a whole.
#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    /// To a queue: the messages to deliver again. The mapping between queue
    /// and function must ask for `ReportBatchItemFailures`, or the list is ignored.
    Queue(SqsBatchResponse),
    /// To S3, which looks only at whether there is an error.
    Done,
}

/// Why an invocation failed as a whole, which makes Lambda repeat all of it.
#[derive(Debug, Error)]
pub(crate) enum InvocationError {
    /// The event cannot be used.
    #[error(transparent)]
    Event(#[from] DecodeError),
    /// Objects of a notification that came without a queue.
    #[error("{failed} of {objects} objects failed; the first: {first}")]
    Objects {
        /// Number of objects in the notification.
        objects: usize,
        /// Number of those that failed.
        failed: usize,
        /// Error of the first that failed.
        first: String,
    },
}

impl From<InvocationError> for Diagnostic {
    fn from(error: InvocationError) -> Self {
        let error_type = match &error {
            InvocationError::Event(_) => "UnusableEvent",
            InvocationError::Objects { .. } => "ObjectsFailed",
        };
        Self { error_type: error_type.to_owned(), error_message: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;

    #[test]
    fn answers_have_the_form_that_lambda_reads() {
        let mut response = SqsBatchResponse::default();
        assert_eq!(to_value(Answer::Queue(response.clone())).expect("JSON"), json!({"batchItemFailures": []}));
        response.add_failure("m1");
        let expected = json!({"batchItemFailures": [{"itemIdentifier": "m1"}]});
        assert_eq!(to_value(Answer::Queue(response)).expect("JSON"), expected);
        assert_eq!(to_value(Answer::Done).expect("JSON"), json!(null));
    }

    #[test]
    fn errors_carry_a_stable_type_and_the_reason() {
        let diagnostic = Diagnostic::from(InvocationError::from(DecodeError::Unknown));
        assert_eq!(diagnostic.error_type, "UnusableEvent");
        assert!(diagnostic.error_message.starts_with("the event has no known shape"), "{diagnostic:?}");
    }
}
