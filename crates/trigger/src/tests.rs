//! Trigger decoding: cases as data, each event written as AWS sends it.
//!
//! In `tests/data/triggers`, `{"$text": …}` stands for the JSON text of what it holds, `{"$base64": …}` for
//! that text (or for a string as it is) in base64, and `{"$gzip": …}` for the same, packed before.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use trailhound_pipeline::{Delivery, ObjectRef};

use super::{DecodeError, Nothing, QueueOrder, Sender, Trigger, Unit, Work, decode};

/// All cases: name, event as text, what it is decoded to.
fn cases() -> Vec<(String, String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/triggers");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let cases = files.iter().flat_map(|file| {
        let text = fs::read_to_string(file).expect("a readable file");
        let cases: Vec<Value> =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        cases.into_iter().map(|case| {
            let name = format!("{}: {}", file.file_stem().expect("a name").display(), case["name"]);
            let event = case.get("text").map_or_else(|| write(&case["event"]).to_string(), as_text);
            (name, event, case["expect"].clone())
        })
    });
    cases.collect()
}

/// What the event really looks like.
fn write(value: &Value) -> Value {
    match value {
        Value::Object(members) => match members.iter().next() {
            Some((kind, content)) if kind.starts_with('$') => {
                let text = as_text(&write(content));
                Value::String(match kind.as_str() {
                    "$text" => text,
                    "$base64" => STANDARD.encode(text),
                    "$gzip" => STANDARD.encode(gzip(text.as_bytes())),
                    other => panic!("{other}"),
                })
            }
            _ => members.iter().map(|(key, value)| (key.clone(), write(value))).collect::<Map<_, _>>().into(),
        },
        Value::Array(elements) => elements.iter().map(write).collect(),
        scalar => scalar.clone(),
    }
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn describe(decoded: &Result<Trigger, DecodeError>) -> Value {
    match decoded {
        Err(error) => json!({"error": error.to_string()}),
        Ok(Trigger { sender, units }) => {
            let units: Vec<Value> = units.iter().map(|Unit { id, work }| json!([id, describe_work(work)])).collect();
            json!({"sender": describe_sender(sender), "units": units})
        }
    }
}

fn describe_sender(sender: &Sender) -> String {
    match sender {
        Sender::Asynchronous => "asynchronous".to_owned(),
        Sender::Queue(QueueOrder::Standard) => "queue".to_owned(),
        Sender::Queue(QueueOrder::Fifo) => "ordered queue".to_owned(),
        Sender::Stream => "stream".to_owned(),
        Sender::BatchOperations { schema, invocation } => format!("batch operations {schema} {invocation}"),
        Sender::Person => "person".to_owned(),
    }
}

fn describe_work(work: &Result<Vec<Work>, DecodeError>) -> Value {
    match work {
        Err(error) => json!({"error": error.to_string()}),
        Ok(work) => work.iter().map(describe_piece).collect(),
    }
}

fn describe_piece(work: &Work) -> Value {
    let url = |object: &ObjectRef| {
        let version = object.version.as_deref().map(|version| format!(" version {version}")).unwrap_or_default();
        format!("s3://{}/{}{version}", object.bucket, object.key)
    };
    match work {
        Work::Object { object, otherwise: None } => json!(url(object)),
        Work::Object { object, otherwise: Some(other) } => json!(format!("{} or {}", url(object), url(other))),
        Work::Records(Delivery::Records { origin, bytes }) => {
            let text = if bytes.starts_with(&[0x1f, 0x8b]) {
                let mut text = String::new();
                MultiGzDecoder::new(bytes.as_slice()).read_to_string(&mut text).expect("gzip of text");
                text
            } else {
                String::from_utf8_lossy(bytes).into_owned()
            };
            json!({origin: serde_json::from_str(&text).unwrap_or(Value::String(text))})
        }
        Work::Records(Delivery::Object(object)) => panic!("{object:?} did not come along"),
        Work::Sweep => json!("sweep"),
        Work::Canary => json!("canary"),
        Work::Nothing(Nothing::NotCreated { event, object }) => json!(format!("{event} of {}", url(object))),
        Work::Nothing(nothing) => json!(format!("{nothing:?}")),
    }
}

#[test]
fn every_event_is_decoded_as_its_case_says() {
    let cases = cases();
    assert!(cases.len() > 60, "only {} cases were found", cases.len());
    for (name, event, expected) in cases {
        let decoded = describe(&decode(&event));
        assert_eq!(decoded, expected, "{name}\n{decoded:#}");
    }
}

/// A batch with one message of this body.
fn queue(body: &str) -> String {
    let queue = "arn:aws:sqs:eu-west-1:111122223333:logs";
    json!({"Records": [{"messageId": "m1", "body": body, "eventSource": "aws:sqs", "eventSourceARN": queue}]})
        .to_string()
}

fn envelope(message: &str) -> String {
    json!({"Type": "Notification", "TopicArn": "arn:aws:sns:eu-west-1:111122223333:t", "Message": message}).to_string()
}

fn invocation_by_topic(message: &str) -> String {
    json!({"Records": [{"EventSource": "aws:sns", "Sns": {"Type": "Notification", "Message": message}}]}).to_string()
}

/// What the only message of a batch is decoded to.
fn work_of(event: &str) -> Value {
    match decode(event).map(|mut trigger| trigger.units.remove(0).work) {
        Ok(work) => describe_work(&work),
        Err(error) => json!({"error": error.to_string()}),
    }
}

#[test]
fn the_content_is_the_same_whatever_carries_it() {
    let batches =
        ["batch-operations: ", "kinesis: ", "sns: ", "sqs: ", "trail-topic: \"the test\"", "by-hand: \"nothing at"];
    for (name, event, expected) in cases() {
        if batches.iter().any(|batch| name.starts_with(batch)) {
            continue;
        }
        let alone = expected["units"].get(0).map_or(&expected, |unit| &unit[1]).clone();
        assert_eq!(work_of(&queue(&event)), alone, "{name}, in a queue or through raw delivery");
        assert_eq!(work_of(&queue(&envelope(&event))), alone, "{name}, through a topic and a queue");
        assert_eq!(work_of(&invocation_by_topic(&event)), alone, "{name}, through a topic");
    }
}

#[test]
fn what_a_record_says_reaches_the_rules_as_it_was_written() {
    // Half a character, a number beyond all bounds, a repeated key, and more brackets than any parser takes.
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let record = format!(r#"{{"eventName":"\ud800","a":1e999,"b":1.10,"b":2,"deep":{deep}}}"#);
    let event = format!(r#"{{"detail-type":"AWS API Call via CloudTrail","source":"aws.iam","detail":{record}}}"#);
    let in_a_queue = queue(&event);
    for event in [&event, &in_a_queue] {
        let mut trigger = decode(event).expect("a known shape");
        let work = trigger.units.remove(0).work.expect("work");
        let [Work::Records(Delivery::Records { bytes, .. })] = work.as_slice() else { panic!("{work:?}") };
        assert!(String::from_utf8_lossy(bytes).contains(&record), "the record was changed");
    }
}

#[test]
fn hostile_bodies_fail_their_own_message_only() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in ["", "not json", "{\"Records\":", "\u{0}", "null", "{}", deep.as_str()] {
        let good = json!({"s3Bucket": "b", "s3ObjectKey": ["k"]}).to_string();
        let records = [("m1", body), ("m2", &good)]
            .map(|(id, body)| json!({"messageId": id, "body": body, "eventSource": "aws:sqs"}));
        let trigger = decode(&json!({"Records": records}).to_string()).expect("a batch");
        assert!(trigger.units[0].work.is_err(), "{:?}", trigger.units[0]);
        assert_eq!(describe_work(&trigger.units[1].work), json!(["s3://b/k"]));
    }
}

/// Words that decide about shapes.
const WORDS: &str = "
    Records eventSource EventSource aws:s3 aws:sqs aws:sns aws:kinesis messageId body Sns Message Type
    Notification SubscriptionConfirmation Event s3:TestEvent source aws.s3 detail-type detail bucket
    object key name s3 s3Bucket s3ObjectKey awslogs data kinesis sequenceNumber H4sIAAAAAAAA
    invocationSchemaVersion 1.0 2.0 invocationId tasks taskId s3Key %FF s3BucketArn arn:aws:s3:::b
    eventVersion eventTime eventName ObjectCreated:Put eventSourceARN :q.fifo
";

/// JSON of any form, with the words that decide about shapes often among its keys and texts.
fn any_json() -> impl Strategy<Value = Value> {
    let words: Vec<&str> = WORDS.split_whitespace().chain(["Object Created", "AWS API Call via CloudTrail"]).collect();
    let words = prop::sample::select(words);
    let text = prop_oneof![words.prop_map(str::to_owned), ".{0,8}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        let embedded = inner.clone().prop_map(|value| Value::String(value.to_string()));
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((text.clone(), inner), 0..6).prop_map(|members| members.into_iter().collect()),
            embedded,
        ]
    })
}

/// Puts arbitrary parts into the places where decoding looks for something.
fn any_event() -> impl Strategy<Value = Value> {
    (any_json(), any_json(), prop::sample::select(cases()), any::<prop::sample::Index>()).prop_map(
        |(part, other, (_, event, _), place)| {
            let Ok(mut event) = serde_json::from_str::<Value>(&event) else { return part };
            let mut paths = Vec::new();
            collect_paths(&event, String::new(), &mut paths);
            let path = &paths[place.index(paths.len())];
            *event.pointer_mut(path).expect("a path of the event") = part;
            if path.len() % 2 == 0 { event } else { json!({"Records": [event, other]}) }
        },
    )
}

fn collect_paths(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                collect_paths(value, format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), paths);
            }
        }
        Value::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                collect_paths(value, format!("{path}/{index}"), paths);
            }
        }
        _ => {}
    }
    paths.push(path);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_json_whatsoever_panics(event in prop_oneof![any_json(), any_event()]) {
        let text = event.to_string();
        let _ = decode(&text);
        let _ = decode(&queue(&text));
        let _ = decode(&invocation_by_topic(&text));
    }

    #[test]
    fn no_text_whatsoever_panics(text in ".{0,200}") {
        let _ = decode(&text);
        let _ = decode(&queue(&text));
    }

    /// Whatever is damaged, each message of a batch is answered for, and under its own name.
    #[test]
    fn no_message_of_a_batch_vanishes(bodies in prop::collection::vec(any_event(), 1..6)) {
        let names: Vec<String> = (0..bodies.len()).map(|index| format!("m{index}")).collect();
        let records: Vec<Value> = bodies.iter().zip(&names).map(|(body, id)| {
            json!({"messageId": id, "body": body.to_string(), "eventSource": "aws:sqs"})
        }).collect();
        let trigger = decode(&json!({"Records": records}).to_string()).expect("a batch");
        let answered: Vec<&str> = trigger.units.iter().map(|unit| unit.id.as_str()).collect();
        prop_assert_eq!(answered, names);
    }
}
