//! The template of `infra/`: what it deploys works together, and its role allows what is done and no more.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cloud::Cloud;
use crate::events::{job, object_created, told_by_trail};
use crate::logs::{call_of_trail, digest_key, gzip, key, object, trail_stopped};
use crate::servers::deployment::Deployment;

const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/levels");
/// What calls match a rule of each level there.
const LEVELS: [(&str, &str); 5] = [
    ("CriticalTopic", "DeleteTrail"),
    ("HighTopic", "StopLogging"),
    ("MediumTopic", "UpdateTrail"),
    ("LowTopic", "PutEventSelectors"),
    ("AlertTopic", "CreateTrail"),
];

#[tokio::test]
async fn an_object_becomes_an_alert_by_every_way_in() {
    let topic = "arn:aws:sns:eu-west-1:123456789012:way-of-topic";
    let ways = [
        ("way-bucket", json!({"LogBucketName": "way-of-bucket"})),
        ("way-bus", json!({"LogBucketName": "way-of-bus", "ObjectsAnnouncedBy": "event-bus"})),
        ("way-topic", json!({"LogBucketName": "way-of-topic", "ObjectsAnnouncedBy": "topic", "ObjectTopicArn": topic})),
        ("way-trail", json!({"LogBucketName": "way-of-trail", "CreateTrail": "account"})),
    ];
    for (stack, parameters) in ways {
        let mut deployment = Deployment::new(stack, &parameters, &[("TRAILHOUND_RULES", RULES)]).await;
        deployment.put(&key(stack), object(&[trail_stopped("e1")])).await;
        deployment.put("AWSLogs/notes.txt", b"no log".to_vec()).await;
        assert!(deployment.poll().await.is_empty(), "{stack}");
        let topic = deployment.deployed.topics["AlertTopic"].arn.clone();
        assert_eq!(deployment.heard(&topic).await.len(), 1, "{stack}");
    }
}

#[tokio::test]
async fn what_keeps_failing_ends_as_a_dead_letter() {
    let parameters = json!({"LogBucketName": "dead-letters"});
    let mut deployment = Deployment::new("dead-letters", &parameters, &[("TRAILHOUND_RULES", RULES)]).await;
    deployment.put(&key("bad"), b"no log".to_vec()).await;
    for _ in 0..5 {
        let failed = deployment.poll().await;
        assert_eq!(failed.len(), 1);
        deployment.forgive(&failed).await;
    }
    assert!(deployment.poll().await.is_empty());
    assert_eq!(deployment.dead_letters().await, 1);
}

#[tokio::test]
async fn the_role_allows_every_call_and_nothing_besides() {
    let Some(simulator) = simulator() else {
        // Not through a macro: the test runner would swallow the line.
        writeln!(io::stderr(), "SKIPPED: there is no Node for the simulator of policies").unwrap();
        return;
    };
    let mut stacks = vec![new_trail_and_a_topic_for_each_level().await];
    stacks.push(existing_bucket_and_all_options().await);
    stacks.push(old_logs().await);
    let recorded = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recorded-calls.json");
    fs::write(&recorded, serde_json::to_vec_pretty(&stacks).unwrap()).unwrap();
    let proof = Command::new("node").arg(simulator).arg(&recorded).output().unwrap();
    let text = String::from_utf8_lossy(&proof.stdout);
    assert!(proof.status.success(), "{text}{}", String::from_utf8_lossy(&proof.stderr));
    writeln!(io::stderr(), "{}", text.trim()).unwrap();
}

/// The script, with what it needs installed beside a copy of it; nothing where there is no Node.
fn simulator() -> Option<std::path::PathBuf> {
    let is_there = |program| Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok();
    if !["node", "npm"].into_iter().all(is_there) {
        return None;
    }
    let (from, to) =
        (Path::new(env!("CARGO_MANIFEST_DIR")).join("iam"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("iam"));
    fs::create_dir_all(&to).unwrap();
    let is_current = fs::read(from.join("package-lock.json")).ok() == fs::read(to.join("installed")).ok();
    for name in ["package.json", "package-lock.json", "prove.mjs"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
    if !is_current {
        let install = Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--silent"]).current_dir(&to).status();
        assert!(install.unwrap().success(), "`npm ci` failed in {}", to.display());
        fs::copy(from.join("package-lock.json"), to.join("installed")).unwrap();
    }
    Some(to.join("prove.mjs"))
}

async fn new_trail_and_a_topic_for_each_level() -> Value {
    let parameters = json!({
        "LogBucketName": "role-of-trail", "CreateTrail": "account", "TopicPerLevel": "yes",
        "MinimumLevel": "informational", "LogKeyPrefix": "logs/of", "Integrity": "digests",
    });
    let mut deployment = Deployment::new("role-trail", &parameters, &[("TRAILHOUND_RULES", RULES)]).await;
    for (topic, name) in LEVELS {
        deployment.put(&under_prefix(name), object(&[call_of_trail(name, name)])).await;
        assert!(deployment.poll().await.is_empty());
        let arn = deployment.deployed.topics[topic].arn.clone();
        assert_eq!(deployment.heard(&arn).await.len(), 1, "{topic}");
    }
    // Without a signature.
    deployment.put(&format!("logs/of/{}", digest_key()), gzip(b"{}")).await;
    assert!(deployment.poll().await.is_empty());
    let topic = deployment.deployed.topics["CriticalTopic"].arn.clone();
    let told = deployment.heard(&topic).await;
    assert_eq!(told[0]["MessageAttributes"]["kind"]["Value"], "integrity", "{told:?}");
    let topic = deployment.deployed.topics["HighTopic"].arn.clone();
    all_calls(&mut deployment, &topic, under_prefix).await;
    recorded(&deployment, "a new trail, and a topic for each level")
}

async fn existing_bucket_and_all_options() -> Value {
    let cloud = Cloud::new("role-options").await;
    let rules = fs::read(Path::new(RULES).join("levels.yml")).unwrap();
    let hash = Sha256::digest(&rules).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    cloud.put("rules.yml", rules).await;
    let more = "arn:aws:sns:eu-west-1:123456789012:role-options";
    let configuration = json!({
        "rules": {"from": "s3://role-options/rules.yml", "sha256": hash},
        "topics": {"more": more, "canary": "arn:aws:sns:eu-west-1:123456789012:role-bucket-CanaryTopic"},
        "canaries": ["canary"], "minimum_level": "low",
        "routes": [{"match": {"level": ["high", "low"]}, "to": "default"}, {"to": "more"}],
    });
    cloud.put("trailhound.yml", configuration.to_string().into_bytes()).await;
    let parameters = json!({
        "LogBucketName": "role-of-bucket", "ConfigurationObject": "role-options/trailhound.yml",
        "RulesObject": "role-options/rules.yml", "QuarantinePrefix": "role-options/notes", "MoreTopicArns": more,
        "TrailKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    });
    let mut deployment = Deployment::new("role-bucket", &parameters, &[]).await;
    deployment.put(&key("medium"), object(&[call_of_trail("UpdateTrail", "medium")])).await;
    deployment.put(&key("broken"), b"no log".to_vec()).await;
    assert!(deployment.poll().await.is_empty());
    assert_eq!(cloud.notifications().await.len(), 1);
    assert_eq!(cloud.objects("notes/").await.len(), 1);
    let topic = deployment.deployed.topics["AlertTopic"].arn.clone();
    all_calls(&mut deployment, &topic, key).await;
    recorded(&deployment, "an existing bucket, and all options")
}

/// Jobs of S3 Batch Operations: one alert of a rule, and of the others word that there are more.
async fn old_logs() -> Value {
    let parameters = json!({
        "LogBucketName": "role-of-old", "JobBucketName": "jobs",
        "TrailKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    });
    let rules = [("TRAILHOUND_RULES", RULES)];
    let mut deployment = Deployment::of("backfill/template.yaml", "role-old", &parameters, &rules).await;
    let topic = deployment.deployed.topics["OldAlertsTopic"].arn.clone();
    assert_eq!(examine(&mut deployment, &key("gone"), None), "PermanentFailure");

    deployment.put(&key("refused"), object(&[trail_stopped("refused")])).await;
    deployment.sns.delete_topic().topic_arn(&topic).send().await.unwrap();
    assert_eq!(examine(&mut deployment, &key("refused"), None), "TemporaryFailure");
    deployment.sns.create_topic().name(topic.rsplit(':').next().unwrap()).send().await.unwrap();
    deployment.listen(&topic).await;
    assert_eq!(examine(&mut deployment, &key("refused"), None), "Succeeded");

    let version = deployment.put(&key("more"), object(&["e1", "e2", "e3"].map(trail_stopped))).await;
    assert_eq!(examine(&mut deployment, &key("more"), Some(&version)), "Succeeded");
    let heard = deployment.heard(&topic).await;
    assert_eq!(heard.len(), 3, "an alert, that there are more, and their correlation: {heard:?}");
    recorded(&deployment, "old logs")
}

/// The result of a job's task.
fn examine(deployment: &mut Deployment, key: &str, version: Option<&str>) -> String {
    let mut event = job(&deployment.deployed.bucket, &[key]);
    event["tasks"][0]["s3VersionId"] = json!(version);
    deployment.invoke(&event)["results"][0]["resultCode"].as_str().unwrap().to_owned()
}

fn under_prefix(unique: &str) -> String {
    format!("logs/of/{}", key(unique))
}

/// What makes the function do all it can do: sing as a canary, publish and fail to, remember and forget, correlate, read
/// objects by their versions and without, and miss one. `topic` gets alerts of level high.
async fn all_calls(deployment: &mut Deployment, topic: &str, key: fn(&str) -> String) {
    deployment.sing();
    let canaries = deployment.deployed.topics["CanaryTopic"].arn.clone();
    let heard = deployment.heard(&canaries).await;
    assert_eq!(heard[0]["MessageAttributes"]["kind"]["Value"], "canary", "{heard:?}");

    deployment.put(&key("gone"), object(&[trail_stopped("gone")])).await;
    deployment.remove(&key("gone")).await;
    assert!(deployment.poll().await.is_empty());

    deployment.put(&key("refused"), object(&[trail_stopped("refused")])).await;
    deployment.sns.delete_topic().topic_arn(topic).send().await.unwrap();
    let failed = deployment.poll().await;
    assert_eq!(failed.len(), 1);
    deployment.sns.create_topic().name(topic.rsplit(':').next().unwrap()).send().await.unwrap();
    deployment.listen(topic).await;
    deployment.forgive(&failed).await;
    assert!(deployment.poll().await.is_empty());
    assert_eq!(deployment.heard(topic).await.len(), 1);

    // The emulator's notifications name no version, while those of S3 do.
    let version = deployment.put(&key("version"), object(&[trail_stopped("version")])).await;
    let bucket = deployment.deployed.bucket.clone();
    let mut created = object_created(&bucket, &key("version"));
    created["Records"][0]["s3"]["object"]["versionId"] = json!(version);
    deployment.tell(&created).await;
    assert!(deployment.poll().await.is_empty());

    // The topic of a trail names none.
    deployment.put(&key("more"), object(&["e1", "e2", "e3"].map(trail_stopped))).await;
    deployment.tell(&told_by_trail(&bucket, &[&key("more")])).await;
    assert!(deployment.poll().await.is_empty());
    assert!(deployment.heard(topic).await.len() >= 5, "four alerts and their correlation");
}

fn recorded(deployment: &Deployment, name: &str) -> Value {
    let deployed = &deployment.deployed;
    let topics = deployed.topics.values().map(|topic| (topic.arn.clone(), json!(topic.key)));
    json!({
        "name": name, "policy": deployed.policy, "log_group": deployed.log_group,
        "topic_keys": topics.collect::<serde_json::Map<_, _>>(), "calls": deployment.calls(),
    })
}
