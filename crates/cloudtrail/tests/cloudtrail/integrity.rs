//! Chains of digests, intact and tampered with in every way.

use std::fmt::Write as _;

use trailhound_cloudtrail::{
    Chain, Cover, DigestState, Found, HoleCause, Limits, LogFingerprint, Paths, PublicKey, PublicKeys, Range,
    StoredDigest, inflate, judge_digests,
};

use crate::trail::{BUCKET, Encoding, FINGERPRINT, Hour, Signer, Trail, log_key, moment};

fn keys(signer: &Signer) -> PublicKeys {
    let mut keys = PublicKeys::default();
    keys.insert_listed(&signer.key_file(Encoding::Pkcs1)).unwrap();
    keys
}

fn chains(trail: &Trail, keys: &PublicKeys) -> Vec<Chain> {
    let digests = trail.objects.iter().filter(|(path, _)| path.contains("-Digest"));
    let stored = digests.map(|(path, bytes)| StoredDigest {
        path: path.clone(),
        bytes: bytes.clone(),
        signature: trail.signatures.get(path).cloned(),
    });
    judge_digests(stored.collect(), keys, &Limits::default())
}

/// What is not as it should be, a line each; hours instead of times.
fn report(chains: &[Chain], trail: &Trail) -> String {
    let mut report = String::new();
    let hour = |text: &str| text.get(11..13).unwrap().to_owned();
    for chain in chains {
        for digest in &chain.digests {
            let time = digest.path.rsplit_once("20260310T").map_or("??", |(_, time)| &time[..2]);
            match &digest.state {
                DigestState::Valid => {}
                DigestState::Unsigned => writeln!(report, "digest {time}: unsigned").unwrap(),
                DigestState::Invalid(fault) => writeln!(report, "digest {time}: {fault}").unwrap(),
            }
        }
        for hole in &chain.holes {
            let (from, until) = (hour(&hole.from.to_string()), hour(&hole.until.to_string()));
            let cause = match &hole.cause {
                HoleCause::Missing { .. } => "missing",
                HoleCause::Invalid { .. } => "invalid",
                HoleCause::Restart => "restart",
                HoleCause::Times => "times",
                HoleCause::End => "end",
            };
            writeln!(report, "hole {from}-{until}: {cause}, {}", hole.expected_digests()).unwrap();
        }
        for listed in chain.logs() {
            let name = listed.key.rsplit_once("20260310T").map_or("??", |(_, name)| name.trim_end_matches(".json.gz"));
            match trail.objects.get(&listed.key) {
                None => writeln!(report, "log {name}: missing").unwrap(),
                Some(bytes) => match LogFingerprint::of(&inflate(bytes, 1 << 20)).compare(listed) {
                    Ok(()) => {}
                    Err(fault) => writeln!(report, "log {name}: {fault}").unwrap(),
                },
            }
        }
    }
    report
}

/// A way to tamper with four hours, and what is then reported.
type Case = (&'static str, fn(&mut Trail, &Signer), &'static str);

const CASES: &[Case] = &[
    ("nothing", |_, _| (), ""),
    (
        "a log changed",
        |trail, _| trail.change_log(2),
        "log 0210Z_Log0: its content is not what was delivered: the SHA-256 differs\n",
    ),
    ("a log deleted", |trail, _| trail.delete_log(2), "log 0210Z_Log0: missing\n"),
    (
        "two logs swapped",
        |trail, _| trail.swap_logs(0, 3),
        "log 0110Z_Log0: its content is not what was delivered: the SHA-256 differs\nlog 0215Z_Log1: its content is not what was delivered: the SHA-256 differs\n",
    ),
    (
        "a log truncated",
        |trail, _| trail.truncate_log(2),
        "log 0210Z_Log0: the gzip data end too early, at byte 147 in member 0\n",
    ),
    (
        "something after a log",
        |trail, _| {
            let key = trail.logs[2].clone();
            trail.objects.get_mut(&key).unwrap().extend(b"more");
        },
        "log 0210Z_Log0: 4 bytes that are no gzip follow the last member, from byte 156\n",
    ),
    (
        "a log packed anew",
        |trail, _| {
            let key = trail.logs[2].clone();
            let content = inflate(&trail.objects[&key], 1 << 20).bytes.into_owned();
            trail.objects.insert(key, content);
        },
        "",
    ),
    (
        "a digest changed",
        |trail, _| trail.change_digest(1),
        "digest 03: its signature does not verify\nhole 02-03: invalid, 1\n",
    ),
    (
        "a digest damaged",
        |trail, _| trail.damage_digest(1),
        "digest 03: it is no digest: missing field `awsAccountId` at line 1 column 2\nhole 02-03: invalid, 1\n",
    ),
    ("a digest deleted", |trail, _| trail.delete_digests([1]), "hole 02-03: missing, 1\n"),
    ("two digests deleted", |trail, _| trail.delete_digests([1, 2]), "hole 02-04: missing, 2\n"),
    (
        "two digests swapped",
        |trail, _| trail.swap_digests(1, 2),
        "digest 03: it has been moved\ndigest 04: it has been moved\nhole 02-04: invalid, 2\n",
    ),
    (
        "a digest signed by another key of the same name",
        |trail, _| trail.sign_without_logs(1, &Signer::new(FINGERPRINT)),
        "digest 03: its signature does not verify\nhole 02-03: invalid, 1\n",
    ),
    (
        "the last digest signed by another key",
        |trail, _| trail.sign_by_unknown_key(3),
        "digest 05: none of the public keys has its fingerprint ffffffffffffffffffffffffffffffff\n",
    ),
    (
        "a digest signed anew by CloudTrail's own key",
        |trail, signer| trail.sign_without_logs(1, signer),
        "digest 03: the digest after it names another content\nhole 02-03: invalid, 1\n",
    ),
    (
        "no signature of the last digest",
        |trail, _| {
            trail.signatures.clear();
        },
        "digest 05: unsigned\n",
    ),
    (
        "no signature of any digest, one deleted",
        |trail, _| {
            trail.signatures.clear();
            let key = trail.digests[2].clone();
            trail.objects.remove(&key);
        },
        "digest 03: unsigned\ndigest 05: unsigned\n",
    ),
    ("switched off and on", |trail, signer| trail.switch_off_until(signer, 9), "hole 05-08: restart, 3\n"),
    (
        "times that do not meet",
        |trail, signer| trail.deliver(signer, Hour { end: 8, logs: 1, suffix: "" }),
        "hole 05-07: times, 2\n",
    ),
];

#[test]
fn tampering_is_seen() {
    let signer = Signer::new(FINGERPRINT);
    let keys = keys(&signer);
    let intact = Trail::of_hours(&signer, 2..6);
    for (name, tamper, expected) in CASES {
        let mut trail = intact.clone();
        tamper(&mut trail, &signer);
        let reported = report(&chains(&trail, &keys), &trail);
        let shortened: String = reported
            .lines()
            .map(|line| match line.split_once(": it was delivered as") {
                Some((start, _)) => format!("{start}\n"),
                None => format!("{line}\n"),
            })
            .collect();
        assert_eq!(shortened, *expected, "{name}");
    }
}

#[test]
fn keys_come_in_two_encodings() {
    let signer = Signer::new(FINGERPRINT);
    let trail = Trail::of_hours(&signer, 2..4);
    for (encoding, length) in [(Encoding::Pkcs1, 270), (Encoding::Spki, 294)] {
        assert_eq!(signer.public_key(encoding).len(), length);
        let mut keys = PublicKeys::default();
        keys.insert_listed(&signer.key_file(encoding)).unwrap();
        assert_eq!(report(&chains(&trail, &keys), &trail), "");
    }
}

#[test]
fn what_is_no_key_is_refused() {
    let der = Signer::new(FINGERPRINT).public_key(Encoding::Spki);
    for cut in 0..der.len() {
        assert!(PublicKey::from_der(&der[..cut]).is_err(), "{cut}");
    }
    let mut longer = der.clone();
    longer.push(0);
    assert!(PublicKey::from_der(&longer).is_err());
    let mut other_algorithm = der;
    other_algorithm[14] ^= 1;
    assert!(PublicKey::from_der(&other_algorithm).is_err());
    assert!(PublicKey::from_der(b"-----BEGIN PUBLIC KEY-----").is_err());
    let refusals = [
        ("{}", "not what `aws cloudtrail list-public-keys` prints: missing field `PublicKeyList` at line 1 column 2"),
        (r#"{"PublicKeyList": [{"Value": "*", "Fingerprint": "a"}]}"#, "the key `a` is not base64"),
        (
            r#"{"PublicKeyList": [{"Value": "AAAA", "Fingerprint": "a"}]}"#,
            "the key `a` is neither PKCS#1 nor SPKI in DER",
        ),
    ];
    for (json, message) in refusals {
        assert_eq!(PublicKeys::default().insert_listed(json).unwrap_err().to_string(), message);
    }
}

#[test]
fn a_key_of_another_region_verifies_nothing() {
    let signer = Signer::new(FINGERPRINT);
    let trail = Trail::of_hours(&signer, 2..4);
    let other = keys(&Signer::new("ffffffffffffffffffffffffffffffff"));
    let reported = report(&chains(&trail, &other), &trail);
    assert_eq!(reported.matches("none of the public keys has its fingerprint").count(), 2, "{reported}");
}

#[test]
fn backfills_are_a_chain_of_their_own() {
    let signer = Signer::new(FINGERPRINT);
    let mut trail = Trail::of_hours(&signer, 2..6);
    trail.restart();
    for end in [3, 5, 9] {
        trail.deliver(&signer, Hour { end, logs: 1, suffix: "_backfill" });
    }
    let keys = keys(&signer);
    let judged = chains(&trail, &keys);
    assert_eq!(judged.iter().map(|chain| chain.digests.len()).collect::<Vec<_>>(), [4, 3]);
    assert_eq!(report(&judged, &trail), "");
    // No hour is missing where a backfill is, but the one that the next names is.
    let middle = trail.digests[5].clone();
    trail.objects.remove(&middle);
    assert_eq!(report(&chains(&trail, &keys), &trail), "hole 03-08: missing, 5\n");
}

#[test]
fn a_range_has_to_be_covered_to_its_limits() {
    let signer = Signer::new(FINGERPRINT);
    let mut trail = Trail::of_hours(&signer, 2..9);
    let keys = keys(&signer);
    for key in [trail.digests[0].clone(), trail.digests[3].clone()] {
        trail.objects.remove(&key);
    }
    let judged = chains(&trail, &keys);
    let within = |since: Option<u32>, until: Option<u32>| {
        let at = |hour: u32| moment(hour).parse().unwrap();
        let chain = judged[0].within(&Range { since: since.map(at), until: until.map(at) });
        (chain.digests.len(), report(&[Chain { digests: Vec::new(), ..chain }], &Trail::default()))
    };
    assert_eq!(within(None, None), (5, "hole 04-05: missing, 1\n".to_owned()));
    assert_eq!(within(Some(6), Some(7)), (2, String::new()));
    assert_eq!(within(Some(1), Some(3)), (1, "hole 01-02: missing, 1\n".to_owned()));
    assert_eq!(within(Some(7), Some(12)), (2, "hole 08-12: end, 4\n".to_owned()));
    assert_eq!(within(Some(10), Some(12)), (0, "hole 10-12: end, 2\n".to_owned()));
    assert!(judged[0].earlier.is_some());
}

#[test]
fn cover_ends_a_while_before_the_digests_do() {
    let signer = Signer::new(FINGERPRINT);
    let trail = Trail::of_hours(&signer, 2..6);
    let cover = Cover::of(&chains(&trail, &keys(&signer)));
    let holds =
        |time: &str| cover.holds("111122223333", "eu-west-1", format!("2026-03-10T{time}:00Z").parse().unwrap());
    assert!(!holds("01:00") && holds("01:01") && holds("03:00") && holds("04:45"));
    assert!(!holds("04:46") && !holds("05:30"));
    assert!(!cover.holds("111122223333", "us-east-1", "2026-03-10T03:00:00Z".parse().unwrap()));
}

#[test]
fn copies_may_start_anywhere() {
    let key = format!("logs/{}", log_key("0110", "Log0"));
    let name = key.rsplit('/').next().unwrap();
    for path in [key.clone(), format!("backup/{BUCKET}/{key}"), log_key("0110", "Log0"), name.to_owned()] {
        assert_eq!(Paths::new([path.clone()]).find(&key), Found::Here(vec![&path]), "{path}");
    }
    let elsewhere = format!("10/copy/{name}");
    assert_eq!(Paths::new([elsewhere.clone()]).find(&key), Found::Elsewhere(&elsewhere));
    assert_eq!(Paths::new([key.replace("Log0", "Log1")]).find(&key), Found::Nowhere);
    assert_eq!(Paths::default().find(""), Found::Nowhere);
}
