//! Keeping notes: where they go, and what each error means. The notes are made by a pipeline, since nothing
//! else can make one.

use std::sync::Arc;

use trailhound_pipeline::memory::{MemoryNotifier, MemoryObjects, MemoryState};
use trailhound_pipeline::{
    Delivery, DeliveryError, DeliveryOutcome, DeliveryStatus, InspectLimits, Inspector, ObjectRef, Pipeline,
    PipelineSettings, Ports, Quarantine, QuarantineError, SystemClock,
};
use trailhound_rule_engine::{RuleSet, Settings};

use crate::adapters_with;
use crate::stub_server::{Answer, StubServer};

const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";
const KEY: &str = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/05/01/x.json.gz";

async fn quarantine(server: &StubServer, place: &str) -> Arc<dyn Quarantine> {
    adapters_with(server, TOPIC, Some(place.parse().unwrap())).await.quarantine.unwrap()
}

/// Delivers an object that is no log at all.
async fn deliver(quarantine: Arc<dyn Quarantine>) -> DeliveryOutcome {
    let object = ObjectRef { bucket: "trail".to_owned(), key: KEY.to_owned(), version: None };
    let objects = MemoryObjects::default();
    objects.put(object.clone(), b"no log".to_vec());
    let ports = Ports {
        objects: Arc::new(objects),
        state: Arc::new(MemoryState::new(Arc::new(SystemClock))),
        notifier: Arc::new(MemoryNotifier::default()),
        clock: Arc::new(SystemClock),
        quarantine: Some(quarantine),
    };
    let rules = Arc::new(RuleSet::load_with([], &Settings::default()).rules);
    let inspector = Inspector::new(rules, InspectLimits::default());
    Pipeline::new(inspector, ports, PipelineSettings::default()).deliver(&Delivery::Object(object)).await
}

fn queue(server: &StubServer, name: &str) -> String {
    format!("{}/111122223333/{name}", server.address())
}

fn sent() -> Answer {
    // The client checks what the queue says it has got.
    Answer::Whole(200, "Content-Type: application/x-amz-json-1.0\r\n", br#"{"MessageId":"m"}"#.to_vec())
}

#[tokio::test]
async fn a_note_becomes_an_object_of_a_lasting_name() {
    let server = StubServer::start([Answer::Whole(200, "", Vec::new())]);
    let quarantine = quarantine(&server, "s3://notes/of/trailhound").await;
    for _ in 0..2 {
        assert!(deliver(Arc::clone(&quarantine)).await.quarantined);
    }
    let requests = server.requests();
    let paths: Vec<&str> = requests.iter().map(|request| request.head.split(['?', ' ']).nth(1).unwrap()).collect();
    assert_eq!(paths[0], paths[1]);
    let name = paths[0].strip_prefix("/notes/of/trailhound/").unwrap().strip_suffix(".json").unwrap();
    assert_eq!(name.len(), 64, "{name}");
    assert!(requests[0].head.starts_with("PUT "), "{}", requests[0].head);
    assert!(requests[0].body.contains(KEY), "{}", requests[0].body);

    let object = |key: String| ObjectRef { bucket: "notes".to_owned(), key, version: None };
    assert!(quarantine.holds(&object(format!("of/trailhound/{name}.json"))));
    assert!(!quarantine.holds(&object(format!("of/others/{name}.json"))));
    assert!(!quarantine.holds(&object(format!("of/trailhound/{KEY}"))));
}

#[tokio::test]
async fn a_note_becomes_a_message() {
    for (name, in_order) in [("notes", false), ("notes.fifo", true)] {
        let server = StubServer::start([sent()]);
        let outcome = deliver(quarantine(&server, &queue(&server, name)).await).await;
        assert!(outcome.quarantined, "{outcome:?}");
        let body = &server.requests()[0].body;
        assert!(body.contains(KEY), "{body}");
        assert_eq!(body.contains("MessageDeduplicationId"), in_order, "{body}");
    }
}

#[tokio::test]
async fn a_note_that_is_not_taken_fails_the_delivery() {
    for (status, code, for_good) in [
        (403, "AccessDenied", true),
        (404, "NoSuchBucket", true),
        (503, "SlowDown", false),
        (400, "ExpiredToken", false),
    ] {
        let body = format!("<Error><Code>{code}</Code><Message>m</Message></Error>");
        let server = StubServer::start([Answer::Whole(status, "Content-Type: application/xml\r\n", body.into_bytes())]);
        let outcome = deliver(quarantine(&server, "s3://notes").await).await;
        let DeliveryStatus::Failed { retry: true, error: DeliveryError::Quarantine(error) } = outcome.status else {
            panic!("{outcome:?}")
        };
        assert_eq!(matches!(error, QuarantineError::Rejected(_)), for_good, "{error}");
        assert!(error.to_string().contains(code), "{error}");
    }
}
