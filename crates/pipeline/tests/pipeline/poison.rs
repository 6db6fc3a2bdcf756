//! What cannot be read has a stated outcome each, and `docs/poison.md` states it.

use std::sync::Arc;

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use serde_json::Value;
use trailhound_pipeline::{
    Delivery, DeliveryError, DeliveryOutcome, DeliveryStatus, FetchError, FolderQuarantine, InspectLimits, Inspector,
    NotifyError, ObjectRef, Pipeline, PipelineSettings, Ports, Quarantine, QuarantineError, memory::MemoryQuarantine,
};

use crate::support::{KEY, World, assume_role, damaged_document, document, gzip, object, rules, stop_logging};

const FAILS: &str = "fails";
const DONE: &str = "done";
const IGNORED: &str = "ignored";

/// A row of the table.
struct Case {
    what: &'static str,
    /// What becomes of the sound records, in words.
    sound: &'static str,
    given: Given,
    /// Records in all, matched, unmatched, refused.
    counts: [u64; 4],
    /// What becomes of the delivery where there is no quarantine.
    alone: &'static str,
    /// The start of the reason with which it is quarantined where there is one.
    reason: Option<&'static str>,
}

enum Given {
    Bytes(Vec<u8>),
    Error(FetchError),
    Key(&'static str),
}

fn bytes(what: &'static str, sound: &'static str, bytes: Vec<u8>, counts: [u64; 4]) -> Case {
    Case { what, sound, given: Given::Bytes(bytes), counts, alone: DONE, reason: None }
}

/// The same, but something of it cannot be judged.
fn damaged(case: Case, reason: &'static str) -> Case {
    Case { alone: FAILS, reason: Some(reason), ..case }
}

/// The same, but only single records cannot.
fn refused(case: Case, reason: &'static str) -> Case {
    Case { reason: Some(reason), ..case }
}

fn other(what: &'static str, given: Given, alone: &'static str) -> Case {
    Case { what, sound: "—", given, counts: [0; 4], alone, reason: None }
}

/// `{"Records": […]}` with one that is given as text among others.
fn among(record: &str) -> Vec<u8> {
    let text = format!("{{\"Records\":[{},{record},{}]}}", stop_logging("one"), assume_role());
    gzip(text.as_bytes())
}

fn thousand() -> Vec<u8> {
    let mut records: Vec<String> = (0..999).map(|_| assume_role().to_string()).collect();
    records.insert(500, "{\"eventName\": oops}".to_owned());
    gzip(format!("{{\"Records\":[{}]}}", records.join(",")).as_bytes())
}

fn with_text(length: usize) -> String {
    let mut record = stop_logging("large");
    record["requestParameters"]["text"] = Value::from("x".repeat(length));
    record.to_string()
}

fn sound() -> Vec<u8> {
    document(&[stop_logging("one"), assume_role(), stop_logging("two")])
}

fn utf_16(bytes: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).unwrap();
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn flipped(mut packed: Vec<u8>) -> Vec<u8> {
    let at = packed.len() - 6;
    packed[at] ^= 1;
    packed
}

fn packings() -> Vec<Case> {
    let packed = gzip(&sound());
    let cut = packed[..packed.len() - 20].to_vec();
    let members = [gzip(&sound()[..40]), gzip(&sound()[40..])].concat();
    let bomb = gzip(&[sound(), vec![b' '; 3 << 20]].concat());
    let (all, before) = ("all are judged", "those before the damage are judged");
    vec![
        bytes("gzip of several members", all, members, [3, 2, 1, 0]),
        bytes("JSON that is not packed", all, sound(), [3, 2, 1, 0]),
        damaged(bytes("gzip that is cut off", before, cut, [3, 1, 1, 1]), "the gzip data end too early"),
        damaged(
            bytes("bytes behind the gzip", all, [packed.clone(), b"tail".to_vec()].concat(), [4, 2, 1, 1]),
            "4 bytes that are no gzip follow",
        ),
        damaged(
            bytes("gzip whose checksum does not match", all, flipped(packed), [4, 2, 1, 1]),
            "gzip member 0 is corrupt",
        ),
        damaged(
            bytes("gzip that inflates beyond the limit", "those within the limit are judged", bomb, [4, 2, 1, 1]),
            "the object holds more than the limit of 2097152 bytes",
        ),
    ]
}

fn documents() -> Vec<Case> {
    let none = "there are none";
    let half = sound()[..sound().len() - 30].to_vec();
    vec![
        bytes("`{\"Records\": []}`", none, gzip(b"{\"Records\":[]}"), [0; 4]),
        damaged(bytes("an object of no bytes", none, Vec::new(), [1, 0, 0, 1]), "the document is empty"),
        damaged(bytes("gzip of no bytes", none, gzip(b""), [1, 0, 0, 1]), "the document is empty"),
        damaged(bytes("no JSON", none, gzip(b"hello"), [1, 0, 0, 1]), "the document"),
        damaged(
            bytes("`Records` that is no list", none, gzip(b"{\"Records\":7}"), [1, 0, 0, 1]),
            "`Records` at byte 11",
        ),
        damaged(
            bytes("JSON that is cut off", "those before the damage are judged", gzip(&half), [3, 1, 1, 1]),
            "the document ends too early",
        ),
        damaged(
            bytes("a list of nothing that is a record", none, gzip(b"{\"Records\":[7,\"x\"]}"), [2, 0, 0, 2]),
            "none of the 2 records could be read",
        ),
        bytes("a byte order mark", "all are judged", [b"\xef\xbb\xbf".to_vec(), sound()].concat(), [3, 2, 1, 0]),
        damaged(bytes("UTF-16", none, utf_16(&sound()), [1, 0, 0, 1]), "the document"),
    ]
}

fn records() -> Vec<Case> {
    let (all, others) = ("all are judged", "all others are judged");
    let one = stop_logging("one").to_string();
    let latin = [&b"{\"Records\":[{\"userAgent\":\"caf\xe9\"},"[..], one.as_bytes(), b"]}"];
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    vec![
        bytes("a record of 256 KB", all, among(&with_text(256 << 10)), [3, 2, 1, 0]),
        bytes("half of a surrogate pair in a text", all, among("{\"userAgent\":\"\\ud800\"}"), [3, 1, 2, 0]),
        refused(bytes("a record beyond the limit", others, among(&with_text(1 << 20)), [3, 1, 1, 1]), "1 of 3 records"),
        refused(bytes("one broken record in a thousand", others, thousand(), [1_000, 0, 999, 1]), "1 of 1000 records"),
        refused(bytes("a record nested thousands deep", others, among(&deep), [3, 1, 1, 1]), "1 of 3 records"),
        refused(bytes("a record in Latin-1", others, gzip(&latin.concat()), [2, 1, 0, 1]), "1 of 2 records"),
        refused(bytes("something else where a record belongs", others, among("7"), [3, 1, 1, 1]), "1 of 3 records"),
    ]
}

fn objects() -> Vec<Case> {
    let too_large = Case {
        alone: FAILS,
        reason: Some("the object is larger than the limit of 9 bytes"),
        ..other("an object beyond the limit", Given::Error(FetchError::TooLarge { limit: 9 }), FAILS)
    };
    vec![
        too_large,
        other("a folder marker", Given::Key("AWSLogs/111122223333/CloudTrail/"), IGNORED),
        other("a digest, aggregated events, any other object", Given::Key("notes.txt"), IGNORED),
        other("an object that is gone", Given::Error(FetchError::Missing), DONE),
        other("an object that may not be read", Given::Error(FetchError::Denied), FAILS),
        other("an object whose key may not be used", Given::Error(FetchError::KeyDenied), FAILS),
        other("S3 does not answer", Given::Error(FetchError::Transient("503".to_owned())), FAILS),
    ]
}

fn cases() -> Vec<Case> {
    packings().into_iter().chain(documents()).chain(records()).chain(objects()).collect()
}

fn inspector() -> Inspector {
    let mut limits = InspectLimits::default();
    limits.log.inflated_bytes = 2 << 20;
    Inspector::new(rules(&[STOPPED]), limits)
}

const STOPPED: &str = "
title: Trail stopped
level: high
logsource: {product: aws, service: cloudtrail}
detection: {selection: {eventName: StopLogging}, condition: selection}
";

fn pipeline(ports: Ports) -> Pipeline {
    Pipeline::new(inspector(), ports, PipelineSettings::default())
}

fn delivery(case: &Case, world: &World) -> Delivery {
    match &case.given {
        Given::Bytes(bytes) => world.objects.put(object(KEY), bytes.clone()),
        Given::Error(error) => world.objects.fail(object(KEY), error.clone()),
        Given::Key(key) => return Delivery::Object(object(key)),
    }
    Delivery::Object(object(KEY))
}

fn status(outcome: &DeliveryOutcome) -> &'static str {
    match outcome.status {
        DeliveryStatus::Done => DONE,
        DeliveryStatus::Ignored { .. } => IGNORED,
        DeliveryStatus::Failed { .. } => FAILS,
    }
}

fn counts(outcome: &DeliveryOutcome) -> [u64; 4] {
    let counts = outcome.records;
    [counts.records, counts.matched, counts.unmatched, counts.refused]
}

#[tokio::test]
async fn everything_that_cannot_be_read_has_its_outcome() {
    let mut wrong = Vec::new();
    for case in cases() {
        let world = World::new();
        let outcome = pipeline(world.ports()).deliver(&delivery(&case, &world)).await;
        let expected = (case.counts, case.alone, case.counts[1]);
        let found = (counts(&outcome), status(&outcome), outcome.alerts.sent + outcome.alerts.grouped);
        if found != expected || outcome.quarantined || found.0[0] != found.0[1..].iter().sum::<u64>() {
            wrong.push((case.what, expected, outcome));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn with_a_quarantine_it_is_kept_and_acknowledged() {
    for case in cases() {
        let world = World::new();
        let quarantine = Arc::new(MemoryQuarantine::default());
        let ports = Ports { quarantine: Some(Arc::<MemoryQuarantine>::clone(&quarantine)), ..world.ports() };
        let pipeline = pipeline(ports);
        let delivery = delivery(&case, &world);
        let outcome = pipeline.deliver(&delivery).await;
        assert_eq!(counts(&outcome), case.counts, "{}", case.what);
        assert_eq!(outcome.alerts.sent + outcome.alerts.grouped, case.counts[1], "{}", case.what);
        let Some(reason) = case.reason else {
            assert_eq!(status(&outcome), case.alone, "{}", case.what);
            assert_eq!((outcome.quarantined, quarantine.entries()), (false, Vec::new()), "{}", case.what);
            continue;
        };
        assert_eq!((status(&outcome), outcome.quarantined), (DONE, true), "{}: {outcome:?}", case.what);
        let first = quarantine.entries();
        let entry: Value = serde_json::from_str(first[0].json()).unwrap();
        assert!(entry["reason"].as_str().unwrap().starts_with(reason), "{}: {entry}", case.what);
        assert_eq!(entry["records"]["refused"], case.counts[3], "{}", case.what);
        assert_eq!(entry["object"], serde_json::to_value(object(KEY)).unwrap(), "{}", case.what);

        pipeline.deliver(&delivery).await;
        assert_eq!(quarantine.entries(), first, "{}: a repeat takes its own place", case.what);
        for content in ["mallory", "StopLogging", "oops", "192.0.2.10"] {
            assert!(!first[0].json().contains(content), "{}: {content} of a record is kept", case.what);
        }
    }
}

#[test]
fn the_documented_table_is_this_one() {
    let with = |case: &Case| match case.reason {
        Some(_) => "done, quarantined",
        None => case.alone,
    };
    let rows = cases().into_iter().map(|case| {
        format!("| {} | {} | {} | {} | {} |", case.what, case.sound, case.counts[3], case.alone, with(&case))
    });
    let table = rows.collect::<Vec<_>>().join("\n");
    let page = include_str!("../../../../docs/poison.md");
    assert!(page.contains(&table), "the table in docs/poison.md has to be:\n{table}");
}

fn refused_document() -> Vec<u8> {
    gzip(format!("{{\"Records\":[{},{{\"a\":b}}]}}", stop_logging("one")).as_bytes())
}

fn quarantined(world: &World) -> (Pipeline, Arc<MemoryQuarantine>) {
    let quarantine = Arc::new(MemoryQuarantine::default());
    let ports = Ports { quarantine: Some(Arc::<MemoryQuarantine>::clone(&quarantine)), ..world.ports() };
    (pipeline(ports), quarantine)
}

#[tokio::test]
async fn an_entry_says_where_the_delivery_is_and_which_records_were_refused() {
    let world = World::new();
    let (pipeline, quarantine) = quarantined(&world);
    let stored = ObjectRef { version: Some("v1".to_owned()), ..object(KEY) };
    world.objects.put(stored.clone(), refused_document());
    pipeline.deliver(&Delivery::Object(stored)).await;
    let entry: Value = serde_json::from_str(quarantine.entries()[0].json()).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&entry).unwrap());
}

#[tokio::test]
async fn records_that_came_along_are_kept_as_they_came() {
    let world = World::new();
    let (pipeline, quarantine) = quarantined(&world);
    let packed = refused_document();
    for bytes in [packed.clone(), b"no log".to_vec()] {
        let delivery = Delivery::Records { origin: "CloudWatch Logs".to_owned(), bytes };
        assert_eq!(pipeline.deliver(&delivery).await.status, DeliveryStatus::Done);
    }
    let contents: Vec<Vec<u8>> = quarantine
        .entries()
        .iter()
        .map(|entry| {
            let entry: Value = serde_json::from_str(entry.json()).unwrap();
            assert_eq!(entry["origin"], "CloudWatch Logs");
            base64::Engine::decode(
                &base64::engine::general_purpose::STANDARD,
                entry["content"].as_str().expect("the records"),
            )
            .unwrap()
        })
        .collect();
    assert!(contents.contains(&packed), "what came packed stays as it was");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    std::io::Write::write_all(&mut encoder, b"no log").unwrap();
    assert!(contents.contains(&encoder.finish().unwrap()), "what came as it is gets packed");
}

#[tokio::test]
async fn what_cannot_be_kept_fails_and_is_kept_later() {
    let world = World::with_object(refused_document());
    let (pipeline, quarantine) = quarantined(&world);
    let error = QuarantineError::Transient("slow down".to_owned());
    quarantine.fail_next(error.clone());
    let delivery = Delivery::Object(object(KEY));
    let outcome = pipeline.deliver(&delivery).await;
    assert_eq!(outcome.status, DeliveryStatus::Failed { retry: true, error: DeliveryError::Quarantine(error) });
    assert!(!outcome.quarantined);
    let outcome = pipeline.deliver(&delivery).await;
    assert_eq!((outcome.status, outcome.quarantined), (DeliveryStatus::Done, true));
    assert_eq!((quarantine.entries().len(), world.notifier.sent().len()), (1, 1));
}

#[tokio::test]
async fn alerts_come_before_the_quarantine() {
    let packed = gzip(&sound());
    let world = World::with_object(packed[..packed.len() - 60].to_vec());
    let (pipeline, quarantine) = quarantined(&world);
    world.notifier.fail_next(NotifyError::Transient("slow down".to_owned()));
    let delivery = Delivery::Object(object(KEY));
    let outcome = pipeline.deliver(&delivery).await;
    assert!(matches!(outcome.status, DeliveryStatus::Failed { error: DeliveryError::Alerts { .. }, .. }));
    assert_eq!(quarantine.entries().len(), 0);
    assert_eq!(pipeline.deliver(&delivery).await.status, DeliveryStatus::Done);
    assert_eq!((quarantine.entries().len(), world.notifier.sent().len()), (1, 1));
}

#[tokio::test]
async fn an_entry_of_the_quarantine_is_not_read_as_a_log() {
    let world = World::new();
    let (pipeline, quarantine) = quarantined(&world);
    let note = ObjectRef { bucket: MemoryQuarantine::BUCKET.to_owned(), ..object(KEY) };
    world.objects.put(note.clone(), b"no log".to_vec());
    let outcome = pipeline.deliver(&Delivery::Object(note)).await;
    assert!(matches!(outcome.status, DeliveryStatus::Ignored { .. }), "{outcome:?}");
    assert_eq!(quarantine.entries().len(), 0);
}

#[tokio::test]
async fn a_folder_keeps_entries_as_files() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("kept");
    let world = World::with_object(refused_document());
    let quarantine: Arc<dyn Quarantine> = Arc::new(FolderQuarantine::new(&place));
    let pipeline = pipeline(Ports { quarantine: Some(quarantine), ..world.ports() });
    for _ in 0..2 {
        assert!(pipeline.deliver(&Delivery::Object(object(KEY))).await.quarantined);
    }
    let files: Vec<_> = std::fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [file] = files.as_slice() else { panic!("{files:?}") };
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.ends_with("}\n"), "{text}");
    let entry: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(entry["object"]["key"], KEY);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_fails_the_delivery() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let world = World::with_object(refused_document());
    let quarantine: Arc<dyn Quarantine> = Arc::new(FolderQuarantine::new(file.join("kept")));
    let outcome =
        pipeline(Ports { quarantine: Some(quarantine), ..world.ports() }).deliver(&Delivery::Object(object(KEY))).await;
    let DeliveryStatus::Failed { error: DeliveryError::Quarantine(QuarantineError::Rejected(_)), .. } = outcome.status
    else {
        panic!("{outcome:?}")
    };
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever happens to an object, it is judged as far as it can be and kept where it cannot.
    #[test]
    fn nothing_is_acknowledged_that_is_neither_judged_nor_kept(bytes in damaged_document()) {
        let world = World::with_object(bytes);
        let (pipeline, quarantine) = quarantined(&world);
        let outcome = runtime().block_on(pipeline.deliver(&Delivery::Object(object(KEY))));
        let counts = outcome.records;
        prop_assert_eq!(counts.records, counts.matched + counts.unmatched + counts.refused);
        prop_assert_eq!(&outcome.status, &DeliveryStatus::Done);
        prop_assert_eq!(outcome.quarantined, counts.refused > 0);
        prop_assert_eq!(quarantine.entries().len(), usize::from(counts.refused > 0));
        prop_assert_eq!(world.notifier.sent().len() as u64, outcome.alerts.sent);
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}
