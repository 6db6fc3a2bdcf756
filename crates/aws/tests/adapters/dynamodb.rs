//! State in a table: what an emulator never does.

use std::sync::Arc;
use std::time::Duration;

use trailhound_aws::{CallLimits, DynamoState};
use trailhound_pipeline::{OccurrenceState, StateError, StateKey, SystemClock};
use trailhound_rule_engine::Occurrence;

use crate::loader;
use crate::stub_server::{Answer, StubServer};

async fn state(server: &StubServer) -> DynamoState {
    let limits = CallLimits { unprocessed_pause: Duration::from_millis(1), ..CallLimits::default() };
    DynamoState::connect_with(loader(server), "table", limits, Arc::new(SystemClock)).await
}

fn json(body: &str) -> Answer {
    Answer::Whole(200, "Content-Type: application/x-amz-json-1.0\r\n", body.as_bytes().to_vec())
}

/// One item was left undone: the table is short of capacity.
const UNDONE: &str = r#"{"UnprocessedItems": {"table": [{"PutRequest": {"Item": {"pk": {"S": "left"}}}}]}}"#;

async fn record(server: &StubServer) -> Result<(), StateError> {
    let occurrence = |number: usize| Occurrence {
        time: jiff::Timestamp::UNIX_EPOCH,
        event: number.to_string(),
        member: 0,
        value: None,
    };
    let all: Vec<Occurrence> = (0..30).chain(0..30).map(occurrence).collect();
    state(server).await.record(&StateKey::new("events", ["group"]), &all, jiff::Timestamp::MAX).await
}

#[tokio::test]
async fn items_that_were_left_undone_are_sent_again() {
    let server = StubServer::start([json(UNDONE), json("{}")]);
    record(&server).await.unwrap();
    let puts: Vec<usize> = server.requests().iter().map(|request| request.body.matches("PutRequest").count()).collect();
    // Twenty-five, the one that was left, and the rest; repeats within a request are refused by AWS.
    assert_eq!(puts, [25, 1, 5]);
}

#[tokio::test]
async fn items_that_stay_undone_are_an_error() {
    let server = StubServer::start([json(UNDONE)]);
    let error = record(&server).await.unwrap_err();
    assert_eq!(error.to_string(), "the state could not be reached: 1 items were left undone each time");
    assert_eq!(server.requests().len(), 6);
}
