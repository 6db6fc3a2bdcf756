//! Digests and their signatures from S3, and keys from CloudTrail: those of a region and day once.

use trailhound_pipeline::{DigestStore as _, FetchError, ObjectRef};

use crate::stub_server::{Answer, StubServer};
use crate::{MAX_OBJECT_BYTES, adapters};

const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

fn object() -> ObjectRef {
    ObjectRef { bucket: "trail".to_owned(), key: "digest.json.gz".to_owned(), version: None }
}

#[tokio::test]
async fn the_signature_comes_with_the_digest() {
    let head = "x-amz-meta-signature: 0aff\r\nx-amz-meta-backfill-generation-timestamp: 2026-05-20T00:00:00.000Z\r\n";
    let server = StubServer::start([
        Answer::Whole(200, head, b"digest".to_vec()),
        Answer::Whole(200, "", b"plain".to_vec()),
        Answer::Whole(404, "", b"<Error><Code>NoSuchKey</Code></Error>".to_vec()),
    ]);
    let digests = adapters(&server, TOPIC).await.digests_up_to(MAX_OBJECT_BYTES);
    let fetched = digests.digest(&object()).await.unwrap();
    assert_eq!((fetched.digest.bytes, fetched.digest.signature.as_deref()), (b"digest".to_vec(), Some("0aff")));
    assert_eq!(fetched.made.unwrap().to_string(), "2026-05-20T00:00:00Z");
    let fetched = digests.digest(&object()).await.unwrap();
    assert_eq!((fetched.digest.signature, fetched.made), (None, None));
    assert_eq!(digests.digest(&object()).await, Err(FetchError::Missing));
}

#[tokio::test]
async fn keys_of_a_day_are_asked_for_once() {
    let keys = br#"{"PublicKeyList":[]}"#.to_vec();
    let server = StubServer::start([Answer::Whole(200, "Content-Type: application/x-amz-json-1.1\r\n", keys)]);
    let digests = adapters(&server, TOPIC).await.digests_up_to(MAX_OBJECT_BYTES);
    for time in ["2026-05-01T03:00:00Z", "2026-05-01T23:59:59Z", "2026-05-02T00:00:00Z"] {
        assert!(digests.keys("eu-west-1", time.parse().unwrap()).await.unwrap().is_empty());
    }
    assert!(digests.keys("us-east-1", "2026-05-01T03:00:00Z".parse().unwrap()).await.unwrap().is_empty());
    let asked = server.requests();
    assert_eq!(asked.len(), 3);
    // 2026-04-30T23:00 to 2026-05-02T01:00.
    assert_eq!(asked[0].body, r#"{"StartTime":1777590000,"EndTime":1777683600}"#);
}

#[tokio::test]
async fn a_refusal_of_keys_says_what_to_do() {
    let refusal = br#"{"__type":"AccessDeniedException","Message":"no"}"#.to_vec();
    let server = StubServer::start([Answer::Whole(400, "Content-Type: application/x-amz-json-1.1\r\n", refusal)]);
    let digests = adapters(&server, TOPIC).await.digests_up_to(MAX_OBJECT_BYTES);
    let error = digests.keys("eu-west-1", "2026-05-01T03:00:00Z".parse().unwrap()).await.unwrap_err().to_string();
    assert!(error.contains("cloudtrail:ListPublicKeys is not allowed; let a policy allow"), "{error}");
}
