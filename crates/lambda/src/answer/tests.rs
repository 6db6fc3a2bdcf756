//! What each sender is told, over all that can become of a piece of work.

use serde_json::{Value, json, to_value};
use trailhound_pipeline::{IgnoredWhy, NotifyError};

use super::*;
use trailhound_trigger::QueueOrder;

fn outcome(status: DeliveryStatus, object: ObjectResult) -> WorkOutcome {
    let records = RecordCounts { records: 3, matched: 2, unmatched: 1, refused: 0 };
    let alerts = AlertCounts { sent: 1, duplicate: 1, ..AlertCounts::default() };
    WorkOutcome::Delivered(Box::new(DeliveryOutcome { records, alerts, ..DeliveryOutcome::new(status, object) }))
}

fn done() -> WorkOutcome {
    outcome(DeliveryStatus::Done, ObjectResult::Read)
}

fn failed_with(error: impl Into<DeliveryError>) -> WorkOutcome {
    let error = error.into();
    outcome(DeliveryStatus::Failed { retry: error.retry(), error }, ObjectResult::Unreadable)
}

fn transient() -> WorkOutcome {
    failed_with(FetchError::Transient("503".to_owned()))
}

fn unit(id: &str, work: Vec<WorkOutcome>) -> UnitOutcome {
    UnitOutcome { id: id.to_owned(), work: Ok(work) }
}

fn refused(id: &str) -> UnitOutcome {
    UnitOutcome { id: id.to_owned(), work: Err(DecodeError::Unknown) }
}

fn answer(sender: Sender, outcomes: &[UnitOutcome]) -> Value {
    match Answer::to(sender, outcomes) {
        Ok(answer) => to_value(answer).expect("JSON"),
        Err(error) => to_value(Diagnostic::from(error)).expect("JSON"),
    }
}

/// One unit of which all is done, one that failed in part, one that cannot be read, one done.
fn mixed() -> Vec<UnitOutcome> {
    vec![
        unit("u1", vec![done(), WorkOutcome::Nothing]),
        unit("u2", vec![done(), transient()]),
        refused("u3"),
        unit("u4", vec![]),
    ]
}

#[test]
fn a_queue_is_told_every_message_that_failed() {
    for order in [QueueOrder::Standard, QueueOrder::Fifo] {
        let told = answer(Sender::Queue(order), &mixed());
        assert_eq!(told, json!({"batchItemFailures": [{"itemIdentifier": "u2"}, {"itemIdentifier": "u3"}]}));
        assert_eq!(answer(Sender::Queue(order), &[unit("m", vec![done()])]), json!({"batchItemFailures": []}));
    }
}

#[test]
fn a_stream_is_told_the_first_record_that_failed() {
    assert_eq!(answer(Sender::Stream, &mixed()), json!({"batchItemFailures": [{"itemIdentifier": "u2"}]}));
    assert_eq!(answer(Sender::Stream, &[unit("1", vec![done()])]), json!({"batchItemFailures": []}));
}

#[test]
fn lambda_is_told_an_error_or_nothing() {
    assert_eq!(answer(Sender::Asynchronous, &[unit("", vec![done(), WorkOutcome::Nothing])]), json!(null));
    let told = answer(Sender::Asynchronous, &mixed());
    let message = "2 of 5 objects failed; the first: the object could not be fetched: 503";
    assert_eq!(told, json!({"errorType": "ObjectsFailed", "errorMessage": message}));
    for work in [WorkOutcome::NotBegun, WorkOutcome::CutOff] {
        let told = answer(Sender::Asynchronous, &[unit("", vec![work])]);
        assert!(told["errorMessage"].as_str().expect("text").ends_with("in the time of this invocation"), "{told}");
    }
}

#[test]
fn a_person_is_told_the_counts() {
    let told = answer(Sender::Person, &[unit("", vec![done()])]);
    assert_eq!(told["records"], json!({"records": 3, "matched": 2, "unmatched": 1, "refused": 0}));
    assert_eq!(told["alerts"]["sent"], 1);
    let damaged = DeliveryError::Damaged { reason: "half".to_owned() };
    assert_eq!(answer(Sender::Person, &[unit("", vec![failed_with(damaged)])])["errorType"], "ObjectsFailed");
}

#[test]
fn batch_operations_is_told_the_result_of_every_task() {
    let ignored = DeliveryStatus::Ignored { why: IgnoredWhy::FolderMarker };
    let not_sent = DeliveryError::Alerts { failed: 1, first: NotifyError::Transient("slow".to_owned()).into() };
    let cases = [
        (done(), "Succeeded", "3 records: 2 matched, 0 refused; alerts: 1 sent, 1 sent before"),
        (WorkOutcome::Nothing, "Succeeded", ""),
        (outcome(ignored, ObjectResult::Ignored), "Succeeded", "ignored: a folder marker"),
        (outcome(DeliveryStatus::Done, ObjectResult::Missing), "PermanentFailure", "the object does not exist"),
        (failed_with(FetchError::Denied), "PermanentFailure", "access to the object is denied"),
        (
            failed_with(FetchError::TooLarge { limit: 9 }),
            "PermanentFailure",
            "the object is larger than the limit of 9 bytes",
        ),
        (
            failed_with(DeliveryError::Damaged { reason: "half".to_owned() }),
            "PermanentFailure",
            "the object is damaged: half",
        ),
        (transient(), "TemporaryFailure", "the object could not be fetched: 503"),
        (failed_with(DeliveryError::Held { held: 1 }), "TemporaryFailure", "1 alerts are being sent by another worker"),
        (
            failed_with(not_sent),
            "TemporaryFailure",
            "1 alerts could not be sent, the first because: the notification could not be handed over: slow",
        ),
        (WorkOutcome::NotBegun, "TemporaryFailure", "not begun in the time of this invocation"),
        (WorkOutcome::CutOff, "TemporaryFailure", "not done in the time of this invocation"),
    ];
    let (work, expected): (Vec<_>, Vec<_>) =
        cases.into_iter().map(|(work, code, text)| (unit("t", vec![work]), (code, text))).unzip();
    let sender = || Sender::BatchOperations { schema: "2.0".to_owned(), invocation: "i".to_owned() };
    let told = answer(sender(), &work);
    assert_eq!(told["invocationSchemaVersion"], "2.0");
    assert_eq!((&told["invocationId"], &told["treatMissingKeysAs"]), (&json!("i"), &json!("TemporaryFailure")));
    for (result, (code, text)) in told["results"].as_array().expect("results").iter().zip(expected) {
        assert_eq!(*result, json!({"taskId": "t", "resultCode": code, "resultString": text}));
    }
    let told = answer(sender(), &[refused("t")]);
    assert_eq!(told["results"][0]["resultCode"], "PermanentFailure");
    let long = FetchError::Transient("é".repeat(2_000));
    let told = answer(sender(), &[unit("t", vec![failed_with(long)])]);
    assert_eq!(told["results"][0]["resultString"].as_str().expect("text").chars().count(), RESULT_CHARS);
}

#[test]
fn errors_carry_a_stable_type_and_the_reason() {
    let diagnostic = Diagnostic::from(InvocationError::from(DecodeError::Unknown));
    assert_eq!(diagnostic.error_type, "UnusableEvent");
    assert!(diagnostic.error_message.starts_with("the event has no known shape"), "{diagnostic:?}");
}
