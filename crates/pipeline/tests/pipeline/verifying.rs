//! Digests as they arrive: what is broken is an alert, and alerts say what is known of their object.

use std::{collections::BTreeMap, sync::Arc};

use trailhound_cloudtrail::PublicKeys;
use trailhound_pipeline::{
    Delivery, DeliveryOutcome, DeliveryStatus, Depth, DigestMeasures, IgnoredWhy, InspectLimits, Inspector, Integrity,
    ObjectRef, Pipeline,
    configuration::{Configuration, NoFiles},
    memory::MemoryDigests,
};
use trailhound_rule_engine::{Level, Source};

use crate::{
    support::{World, rules, ungrouped},
    trail::{BUCKET, Encoding, FINGERPRINT, Hour, Signer, Trail, gzip},
};

/// The records of the trail have names and identifiers, nothing else.
const STOPPED: &str = "
title: CloudTrail logging was stopped
level: high
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventName: StopLogging}
  condition: selection
";

/// What lies in the bucket, and a pipeline that checks it.
struct Bucket {
    world: World,
    trail: Trail,
    pipeline: Pipeline,
}

impl Bucket {
    fn of(trail: Trail, keys: &Signer, depth: Depth) -> Self {
        let world = World::new();
        let mut known = PublicKeys::default();
        let encoding = if depth == Depth::Logs { Encoding::Pkcs1 } else { Encoding::Spki };
        known.insert_listed(&keys.key_file(encoding)).unwrap();
        let digests = MemoryDigests::new(Arc::clone(&world.objects), known);
        for (key, bytes) in &trail.objects {
            world.objects.put(place(key), bytes.clone());
        }
        for (key, signature) in &trail.signatures {
            digests.sign(key, signature);
        }
        let inspector = Inspector::new(rules(&[STOPPED]), InspectLimits::default());
        let pipeline = Pipeline::new(inspector, world.ports(), ungrouped());
        let pipeline = pipeline.with_integrity(Integrity::new(Arc::new(digests), depth));
        Bucket { world, trail, pipeline }
    }

    async fn deliver(&self, key: &str) -> DeliveryOutcome {
        self.pipeline.deliver(&Delivery::Object(place(key))).await
    }

    /// Delivers all digests that are there, in the order of time, and says what people were told: the level,
    /// then what is broken, a line each.
    async fn told(&self) -> Vec<String> {
        for key in self.trail.digests.iter().filter(|key| self.trail.objects.contains_key(*key)) {
            let outcome = self.deliver(key).await;
            assert_eq!(outcome.status, DeliveryStatus::Done, "{key}");
        }
        let accepted = self.world.notifier.sent();
        accepted.iter().map(|notification| broken(notification.level, &notification.body)).collect()
    }
}

fn place(key: &str) -> ObjectRef {
    ObjectRef { bucket: BUCKET.to_owned(), key: key.to_owned(), version: None }
}

/// The lines below `What`, without folders.
fn broken(level: Level, body: &str) -> String {
    let what = body.split("What\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let lines = what.lines().map(|line| {
        let words = line.split_whitespace().map(|word| word.rsplit('/').next().unwrap());
        let words: Vec<&str> = words.collect();
        words.join(" ").replace("111122223333_CloudTrail", "")
    });
    let lines: Vec<String> = lines.collect();
    format!("{level}: {}", lines.join("; "))
}

/// A way to tamper with four hours, and what people are told when the digests arrive.
type Case = (&'static str, fn(&mut Trail, &Signer), &'static [&'static str]);

const CASES: &[Case] = &[
    ("nothing", |_, _| (), &[]),
    (
        "a log changed",
        |trail, _| trail.change_log(2),
        &[
            "critical: log changed _eu-west-1_20260310T0210Z_Log0.json.gz: its content is not what was delivered: the SHA-256 differs",
        ],
    ),
    (
        "a log deleted",
        |trail, _| trail.delete_log(2),
        &["critical: log missing _eu-west-1_20260310T0210Z_Log0.json.gz"],
    ),
    (
        "two logs swapped",
        |trail, _| trail.swap_logs(0, 3),
        &[
            "critical: log changed _eu-west-1_20260310T0110Z_Log0.json.gz: its content is not what was delivered: the SHA-256 differs",
            "critical: log changed _eu-west-1_20260310T0215Z_Log1.json.gz: its content is not what was delivered: the SHA-256 differs",
        ],
    ),
    ("a log moved", |trail, _| trail.move_log(2), &["critical: log missing _eu-west-1_20260310T0210Z_Log0.json.gz"]),
    (
        "a log truncated",
        |trail, _| trail.truncate_log(2),
        &[
            "critical: log changed _eu-west-1_20260310T0210Z_Log0.json.gz: the gzip data end too early, at byte 147 in member 0",
        ],
    ),
    (
        "a digest deleted",
        |trail, _| trail.delete_digests([1]),
        &[
            "critical: digest missing -Digest_eu-west-1_main_us-east-1_20260310T030030Z.json.gz; time without digests 2026-03-10T02:00:30Z to 2026-03-10T03:00:30Z",
        ],
    ),
    (
        "two digests deleted: the hole from the last one seen",
        |trail, _| trail.delete_digests([1, 2]),
        &[
            "critical: digest missing -Digest_eu-west-1_main_us-east-1_20260310T040030Z.json.gz; time without digests 2026-03-10T02:00:30Z to 2026-03-10T04:00:30Z",
        ],
    ),
    (
        "a digest that others signed",
        |trail, _| trail.sign_anew(3, &Signer::new(FINGERPRINT)),
        &["critical: digest not authentic its signature does not verify"],
    ),
    (
        "a digest of an unknown key",
        |trail, _| trail.sign_by_unknown_key(3),
        &[
            "critical: digest not authentic none of the public keys has its fingerprint ffffffffffffffffffffffffffffffff",
        ],
    ),
    (
        "a digest signed anew with other logs",
        |trail, signer| trail.sign_without_logs(2, signer),
        &[
            "critical: digest changed -Digest_eu-west-1_main_us-east-1_20260310T040030Z.json.gz: its content is not what was delivered: the SHA-256 differs",
        ],
    ),
    (
        "a signature taken away",
        |trail, _| {
            let key = trail.digests[3].clone();
            trail.signatures.remove(&key);
        },
        &["critical: digest not authentic it carries no signature"],
    ),
    (
        "switched off and on",
        |trail, signer| trail.switch_off_until(signer, 9),
        &["high: time before the chain began anew 2026-03-10T05:00:30Z to 2026-03-10T08:00:30Z"],
    ),
    (
        "times that do not meet",
        |trail, signer| trail.deliver(signer, Hour { end: 8, logs: 1, suffix: "" }),
        &["critical: time between linked digests 2026-03-10T05:00:30Z to 2026-03-10T07:00:30Z"],
    ),
    (
        "a backfill, which is a chain of its own",
        |trail, signer| {
            trail.restart();
            trail.deliver(signer, Hour { end: 4, logs: 1, suffix: "_backfill" });
        },
        &[],
    ),
];

#[tokio::test]
async fn what_is_broken_is_an_alert() {
    let signer = Signer::new(FINGERPRINT);
    let intact = Trail::of_hours(&signer, 2..6);
    for (name, tamper, expected) in CASES {
        let mut trail = intact.clone();
        tamper(&mut trail, &signer);
        let bucket = Bucket::of(trail, &signer, Depth::Logs);
        let told: Vec<String> = bucket.told().await;
        assert_eq!(told, *expected, "{name}");
        // Delivered again, nobody is told again.
        assert_eq!(bucket.told().await.len(), expected.len(), "{name}, again");
    }
}

#[tokio::test]
async fn swapped_digests_do_not_lie_where_they_say() {
    let signer = Signer::new(FINGERPRINT);
    let mut trail = Trail::of_hours(&signer, 2..6);
    trail.swap_digests(1, 2);
    let bucket = Bucket::of(trail, &signer, Depth::Digests);
    let told = bucket.told().await;
    assert!(told[0].starts_with("critical: digest not authentic it has been moved: it was delivered as"), "{told:?}");
    assert_eq!(told.len(), 3, "{told:?}");
}

#[tokio::test]
async fn without_logs_only_the_chain_is_followed() {
    let signer = Signer::new(FINGERPRINT);
    let mut trail = Trail::of_hours(&signer, 2..6);
    trail.delete_log(2);
    assert_eq!(Bucket::of(trail, &signer, Depth::Digests).told().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_alert_says_what_is_known_of_its_object() {
    let signer = Signer::new(FINGERPRINT);
    let trail = Trail::of_hours(&signer, 2..4);
    let (first, second, third) = (trail.logs[0].clone(), trail.logs[1].clone(), trail.logs[2].clone());
    let bucket = Bucket::of(trail, &signer, Depth::Logs);
    assert_eq!(bucket.deliver(&first).await.status, DeliveryStatus::Done);
    bucket
        .world
        .objects
        .put(place(&third), gzip(b"{\"Records\": [{\"eventName\": \"StopLogging\", \"eventID\": \"x\"}]}"));
    for digest in &bucket.trail.digests {
        let outcome = bucket.deliver(digest).await;
        let broken = u64::from(*digest == bucket.trail.digests[1]);
        assert_eq!(outcome.measures.digest, Some(DigestMeasures { broken, unchecked: 0 }));
    }
    for key in [&second, &third] {
        assert_eq!(bucket.deliver(key).await.status, DeliveryStatus::Done);
    }
    let accepted = bucket.world.notifier.sent();
    let said: Vec<&str> = accepted
        .iter()
        .filter_map(|notification| notification.body.lines().find_map(|line| line.trim().strip_prefix("log object")))
        .map(str::trim)
        .collect();
    assert_eq!(
        said,
        [
            "not yet covered by a digest",
            "as CloudTrail delivered it, by its digest",
            "NOT as CloudTrail delivered it, by its digest"
        ]
    );
}

#[tokio::test]
async fn digests_are_passed_over_unless_it_is_asked_for() {
    let signer = Signer::new(FINGERPRINT);
    let trail = Trail::of_hours(&signer, 2..3);
    let world = World::new();
    let outcome = world.pipeline().deliver(&Delivery::Object(place(&trail.digests[0]))).await;
    assert!(matches!(outcome.status, DeliveryStatus::Ignored { why: IgnoredWhy::Family(_) }));
    for (word, depth) in [("off", None), ("digests", Some(Depth::Digests)), ("logs", Some(Depth::Logs))] {
        let text = format!("topic_arn: arn:aws:sns:eu-west-1:111122223333:alerts\nintegrity: {word}\n");
        let read = Configuration::read(Some(&Source::new("c.yml", text)), &BTreeMap::new(), &NoFiles);
        assert_eq!(read.configuration.unwrap().integrity, depth, "{word}");
    }
}
