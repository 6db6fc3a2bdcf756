//! What the function answers, and its errors.

use aws_lambda_events::s3::batch_job::{S3BatchJobResponse, S3BatchJobResult};
use aws_lambda_events::sqs::SqsBatchResponse;
use aws_lambda_events::streams::KinesisEventResponse;
use lambda_runtime::Diagnostic;
use serde::Serialize;
use thiserror::Error;
use trailhound_pipeline::{
    AlertCounts, DeliveryError, DeliveryOutcome, DeliveryStatus, FetchError, ObjectResult, RecordCounts,
};

use crate::limits::RESULT_CHARS;
use trailhound_trigger::{DecodeError, Sender};
use trailhound_trigger::{UnitOutcome, WorkOutcome};

/// The answer to an invocation that did not fail as a whole.
#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    /// To a queue: the messages to deliver again. The mapping between queue
    /// and function must ask for `ReportBatchItemFailures`, or the list is ignored.
    Queue(SqsBatchResponse),
    /// To a stream: the first record to deliver again, and with it all that follow. Asks for the same.
    Stream(KinesisEventResponse),
    /// To a job of S3 Batch Operations: the result of each task.
    BatchOperations(S3BatchJobResponse),
    /// To somebody who handed records over.
    Person {
        /// What became of the records.
        records: RecordCounts,
        /// What became of their alerts.
        alerts: AlertCounts,
    },
    /// To all others, who look only at whether there is an error.
    Done,
}

/// Why an invocation failed as a whole, which makes Lambda repeat all of it.
#[derive(Debug, Error)]
pub(crate) enum InvocationError {
    /// The event cannot be used.
    #[error(transparent)]
    Event(#[from] DecodeError),
    /// Some of the event failed, and its sender understands nothing but an error.
    #[error("{failed} of {objects} objects failed; the first: {first}")]
    Objects {
        /// Number of objects in the event.
        objects: usize,
        /// Number of those that failed.
        failed: usize,
        /// Why the first of them failed.
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

impl Answer {
    /// The answer that `sender` expects.
    pub(crate) fn to(sender: Sender, outcomes: &[UnitOutcome]) -> Result<Self, InvocationError> {
        match sender {
            Sender::Queue(_) => Ok(Self::Queue(to_queue(outcomes))),
            Sender::Stream => Ok(Self::Stream(to_stream(outcomes))),
            Sender::BatchOperations { schema, invocation } => {
                Ok(Self::BatchOperations(to_batch_operations(schema, invocation, outcomes)))
            }
            Sender::Person => all_done(outcomes).map(|()| to_person(outcomes)),
            Sender::Asynchronous => all_done(outcomes).map(|()| Self::Done),
        }
    }
}

fn failed(outcomes: &[UnitOutcome]) -> impl Iterator<Item = &str> {
    outcomes.iter().filter(|unit| !unit.succeeded()).map(|unit| unit.id.as_str())
}

fn to_queue(outcomes: &[UnitOutcome]) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    failed(outcomes).for_each(|id| response.add_failure(id));
    response
}

fn to_stream(outcomes: &[UnitOutcome]) -> KinesisEventResponse {
    let mut response = KinesisEventResponse::default();
    failed(outcomes).take(1).for_each(|id| response.add_failure(id));
    response
}

fn to_batch_operations(schema: String, invocation: String, outcomes: &[UnitOutcome]) -> S3BatchJobResponse {
    let mut response = S3BatchJobResponse::default();
    response.invocation_schema_version = Some(schema);
    response.invocation_id = Some(invocation);
    // Every task has a result; if one were missing after all, it must not pass for done.
    response.treat_missing_keys_as = Some("TemporaryFailure".to_owned());
    response.results = outcomes.iter().map(task_result).collect();
    response
}

fn task_result(unit: &UnitOutcome) -> S3BatchJobResult {
    let (code, text) = match &unit.work {
        Err(error) => (Code::PermanentFailure, error.to_string()),
        Ok(work) => work.iter().map(task_of_work).max().unwrap_or((Code::Succeeded, String::new())),
    };
    let mut result = S3BatchJobResult::default();
    result.task_id = Some(unit.id.clone());
    result.result_code = Some(code.as_str().to_owned());
    result.result_string = Some(text.chars().take(RESULT_CHARS).collect());
    result
}

/// What S3 Batch Operations does about a task: nothing, nothing but report it, or repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Code {
    Succeeded,
    PermanentFailure,
    TemporaryFailure,
}

impl Code {
    fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "Succeeded",
            Self::PermanentFailure => "PermanentFailure",
            Self::TemporaryFailure => "TemporaryFailure",
        }
    }
}

fn task_of_work(work: &WorkOutcome) -> (Code, String) {
    match (work, work.failure()) {
        (WorkOutcome::Delivered(outcome), None) if outcome.object == ObjectResult::Missing => {
            // Whoever lists an object wants to know that it was not there.
            (Code::PermanentFailure, FetchError::Missing.to_string())
        }
        (WorkOutcome::Delivered(outcome), None) => (Code::Succeeded, summary(outcome)),
        (WorkOutcome::Delivered(outcome), Some(why)) if is_for_good(outcome) => (Code::PermanentFailure, why),
        (_, Some(why)) => (Code::TemporaryFailure, why),
        (_, None) => (Code::Succeeded, String::new()),
    }
}

/// Whether a job that repeats the task at once would fail again: a permission takes longer to be granted.
fn is_for_good(outcome: &DeliveryOutcome) -> bool {
    let DeliveryStatus::Failed { error, .. } = &outcome.status else { return false };
    match error {
        DeliveryError::Fetch(error) => !matches!(error, FetchError::Transient(_)),
        DeliveryError::Damaged { .. } => true,
        _ => false,
    }
}

fn summary(outcome: &DeliveryOutcome) -> String {
    if let DeliveryStatus::Ignored { why } = &outcome.status {
        return format!("ignored: {why}");
    }
    let (records, alerts) = (outcome.records, outcome.alerts);
    format!(
        "{} records: {} matched, {} refused; alerts: {} sent, {} sent before",
        records.records, records.matched, records.refused, alerts.sent, alerts.duplicate
    )
}

fn to_person(outcomes: &[UnitOutcome]) -> Answer {
    let work = outcomes.iter().filter_map(|unit| unit.work.as_ref().ok()).flatten();
    let mut delivered = work.filter_map(|work| match work {
        WorkOutcome::Delivered(outcome) => Some((outcome.records, outcome.alerts)),
        _ => None,
    });
    // There is one, for only one document can be handed over.
    let (records, alerts) = delivered.next().unwrap_or_default();
    Answer::Person { records, alerts }
}

fn all_done(outcomes: &[UnitOutcome]) -> Result<(), InvocationError> {
    let mut objects = 0;
    let mut failures = Vec::new();
    for unit in outcomes {
        match &unit.work {
            Ok(work) => {
                objects += work.len();
                failures.extend(work.iter().filter_map(WorkOutcome::failure));
            }
            Err(error) => {
                objects += 1;
                failures.push(error.to_string());
            }
        }
    }
    let failed = failures.len();
    match failures.into_iter().next() {
        Some(first) => Err(InvocationError::Objects { objects, failed, first }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
