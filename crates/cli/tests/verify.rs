//! `trailhound verify` over copies of a bucket, intact and tampered with.
//!
//! `RECORD=1 cargo test -p trailhound-cli verify` writes the reports anew; look at what changed.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};

use crate::trail::{Encoding, FINGERPRINT, Hour, Signer, Trail, gzip, log_key};

/// Writes the bucket and the signatures below `copy`, and the keys beside it.
fn write(folder: &Path, trail: &Trail, signer: &Signer) {
    for (key, bytes) in &trail.objects {
        let path = folder.join("copy").join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    for (key, signature) in &trail.signatures {
        let metadata = json!({"signature": signature, "signature-algorithm": "SHA256withRSA"});
        let path = folder.join("copy").join(format!("{key}.head.json"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, json!({"ContentLength": 1, "Metadata": metadata}).to_string()).unwrap();
    }
    fs::write(folder.join("keys.json"), signer.key_file(Encoding::Pkcs1)).unwrap();
}

fn verify(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailhound"));
    command.current_dir(folder).args(["verify", "copy", "--keys", "keys.json"]).args(arguments);
    command.output().unwrap()
}

fn run(trail: &Trail, signer: &Signer, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), trail, signer);
    verify(folder.path(), arguments)
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(crate) fn compare(name: &str, output: &Output) {
    assert_eq!(text(&output.stderr), "", "{name}");
    let path = format!("{}/tests/data/verify/{name}", env!("CARGO_MANIFEST_DIR"));
    let is = text(&output.stdout);
    if std::env::var_os("RECORD").is_some() {
        fs::write(&path, &is).unwrap();
    }
    assert_eq!(is, fs::read_to_string(&path).unwrap(), "{path}");
}

/// Something of everything: of eight hours two digests are gone and one is damaged, of the logs one is changed,
/// one gone, one moved, one planted and one too young for a digest.
pub(crate) fn tampered(signer: &Signer) -> Trail {
    let mut trail = Trail::of_hours(signer, 2..10);
    trail.delete_digests([1, 2]);
    trail.damage_digest(5);
    trail.change_log(0);
    trail.delete_log(1);
    trail.move_log(7);
    trail.objects.insert(log_key("0725", "Planted"), gzip(b"{\"Records\": []}"));
    trail.objects.insert(log_key("0925", "Young"), gzip(b"{\"Records\": []}"));
    trail
}

#[test]
fn an_intact_copy_reads_as_recorded() {
    let signer = Signer::new(FINGERPRINT);
    let mut trail = Trail::of_hours(&signer, 2..6);
    // The others stand in the digests that follow.
    let last = trail.digests[3].clone();
    trail.signatures.retain(|key, _| *key == last);
    let output = run(&trail, &signer, &[]);
    compare("intact.txt", &output);
    assert_eq!(output.status.code(), Some(0));
    trail.restart();
    trail.deliver(&signer, Hour { end: 4, logs: 1, suffix: "_backfill" });
    let output = run(&trail, &signer, &["--format", "json"]);
    compare("backfill.json", &output);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_broken_copy_reads_as_recorded() {
    let signer = Signer::new(FINGERPRINT);
    let trail = tampered(&signer);
    for (name, arguments) in [
        ("broken.txt", &[][..]),
        ("broken.json", &["--format", "json", "--threads", "3"]),
        ("range.txt", &["--since", "2026-03-10T08:30:00Z", "--until", "2026-03-10T12:00:00Z"]),
    ] {
        let output = run(&trail, &signer, arguments);
        compare(name, &output);
        assert_eq!(output.status.code(), Some(1), "{name}");
    }
}

#[test]
fn what_is_not_asked_for_is_not_judged() {
    let signer = Signer::new(FINGERPRINT);
    let trail = tampered(&signer);
    let intact = &["--since", "2026-03-10T08:10:00Z", "--until", "2026-03-10T09:00:00Z"];
    assert_eq!(run(&trail, &signer, intact).status.code(), Some(0));
    for arguments in [["--account", "444455556666"], ["--region", "us-east-1"], ["--trail", "other"]] {
        let output = run(&trail, &signer, &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(text(&output.stderr), "error: copy: no digest of what is asked for\n");
    }
    let all = run(&trail, &signer, &["--account", "111122223333", "--region", "eu-west-1", "--trail", "main"]);
    assert_eq!(all.status.code(), Some(1));
}

#[test]
fn a_digest_without_signature_is_well_only_at_the_end() {
    let signer = Signer::new(FINGERPRINT);
    let mut trail = Trail::of_hours(&signer, 2..6);
    trail.signatures.clear();
    let verdict = |trail: &Trail| {
        let output = run(trail, &signer, &["--format", "json"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), report["summary"]["digests_unsigned"].clone(), report["summary"]["verdict"].clone())
    };
    assert_eq!(verdict(&trail), (Some(0), json!(1), json!("intact")));
    trail.delete_digests([2]);
    assert_eq!(verdict(&trail), (Some(1), json!(2), json!("broken")));
    let mut single = Trail::of_hours(&signer, 2..3);
    single.signatures.clear();
    assert_eq!(verdict(&single), (Some(2), json!(1), json!("unknown")));
}

#[test]
fn logs_of_a_region_without_digests_are_not_called_intact() {
    let signer = Signer::new(FINGERPRINT);
    let mut trail = Trail::of_hours(&signer, 2..6);
    let foreign = log_key("0325", "Other").replace("eu-west-1", "us-east-1");
    trail.objects.insert(foreign, gzip(b"{\"Records\": []}"));
    let output = run(&trail, &signer, &[]);
    compare("no-digests.txt", &output);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(run(&trail, &signer, &["--region", "eu-west-1"]).status.code(), Some(0));
}

#[test]
fn what_cannot_be_read_ends_with_two() {
    let signer = Signer::new(FINGERPRINT);
    let folder = tempfile::tempdir().unwrap();
    let trail = Trail::of_hours(&signer, 2..4);
    write(folder.path(), &trail, &signer);
    let head = folder.path().join("copy").join(format!("{}.head.json", trail.digests[1]));
    fs::write(&head, "{}").unwrap();
    let output = verify(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("not what `aws s3api head-object` prints of a digest"));
    fs::write(folder.path().join("keys.json"), "{}").unwrap();
    let output = verify(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    let message = text(&output.stderr);
    assert!(message.starts_with("error: keys.json: not what `aws cloudtrail list-public-keys` prints: "), "{message}");
    fs::remove_dir_all(folder.path().join("copy")).unwrap();
    fs::write(folder.path().join("keys.json"), signer.key_file(Encoding::Spki)).unwrap();
    let output = verify(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("error: copy: no such file or folder\n"));
}
