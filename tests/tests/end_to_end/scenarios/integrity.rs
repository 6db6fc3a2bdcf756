//! Digests are checked as they arrive, and what they show to be tampered with is an alert.

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::events::batch;
use crate::servers::bootstrap::Function;
use crate::servers::public_keys;
use crate::servers::runtime_api::Reply;
use crate::trail::{BUCKET, Encoding, FINGERPRINT, Signer, Trail};

/// Hands over what the bucket has announced since the last call.
async fn hand_over(cloud: &Cloud, queue: &str, function: &mut Function) {
    let messages = cloud.take_messages(queue).await;
    assert!(!messages.is_empty(), "S3 announced nothing");
    let event = batch(messages.iter().map(|(id, body)| (id.as_str(), body.clone())));
    assert_eq!(function.invoke(&event), Reply::Response(json!({"batchItemFailures": []})));
}

/// The keys as CloudTrail sends them: times are numbers.
fn listed(signer: &Signer) -> Value {
    let mut keys: Value = serde_json::from_str(&signer.key_file(Encoding::Pkcs1)).unwrap();
    for (name, time) in [("ValidityStartTime", 1_772_323_200), ("ValidityEndTime", 1_775_001_600)] {
        keys["PublicKeyList"][0][name] = json!(time);
    }
    keys
}

#[tokio::test]
async fn a_log_that_was_tampered_with_is_told_when_its_digest_arrives() {
    let signer = Signer::new(FINGERPRINT);
    let mut trail = Trail::of_hours(&signer, 2..4);
    trail.change_log(2);
    let changed = trail.logs[2].clone();
    let cloud = Cloud::new(BUCKET).await;
    let queue = cloud.announce_objects().await;
    let keys = public_keys::serve(&listed(&signer));
    let mut function = cloud.function_with(&[("TRAILHOUND_INTEGRITY", "logs"), ("AWS_ENDPOINT_URL_CLOUDTRAIL", &keys)]);
    for key in &trail.logs {
        cloud.put(key, trail.objects[key].clone()).await;
    }
    hand_over(&cloud, &queue, &mut function).await;
    let [sound, broken] = trail.digests.as_slice() else { panic!("{:?}", trail.digests) };

    cloud.put_digest(sound, trail.objects[sound].clone(), &trail.signatures[sound]).await;
    hand_over(&cloud, &queue, &mut function).await;
    assert!(cloud.notifications().await.is_empty(), "all that it lists is as it was delivered");

    cloud.put_digest(broken, trail.objects[broken].clone(), &trail.signatures[broken]).await;
    hand_over(&cloud, &queue, &mut function).await;
    let told = cloud.notifications().await;
    assert_eq!(told.len(), 1, "{told:?}");
    let attribute = |name: &str| told[0]["MessageAttributes"][name]["Value"].as_str().unwrap();
    assert_eq!((attribute("kind"), attribute("level")), ("integrity", "critical"));
    let text = told[0]["Message"].as_str().unwrap();
    assert!(text.contains("log changed") && text.contains(&changed), "{text}");

    let lines = function.metrics(3);
    let broken: Vec<u64> = lines.iter().map(|line| line["IntegrityBroken"].as_u64().unwrap()).collect();
    assert_eq!(broken, [0, 0, 1]);
}
