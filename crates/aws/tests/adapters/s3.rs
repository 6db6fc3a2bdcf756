//! Fetching objects: versions, limits, broken bodies, and what each error of S3 means.

use trailhound_pipeline::{FetchError, ObjectRef, ObjectStore};

use crate::stub_server::{Answer, StubServer};
use crate::{MAX_OBJECT_BYTES, adapters};

const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

fn object(version: Option<&str>) -> ObjectRef {
    ObjectRef { bucket: "trail".to_owned(), key: "a b+c=d.gz".to_owned(), version: version.map(str::to_owned) }
}

fn whole(body: &[u8]) -> Answer {
    Answer::Whole(200, "", body.to_vec())
}

fn error(status: u16, code: &str) -> Answer {
    let body = format!("<Error><Code>{code}</Code><Message>m</Message><RequestId>r</RequestId></Error>");
    Answer::Whole(status, "Content-Type: application/xml\r\n", body.into_bytes())
}

async fn get(server: &StubServer) -> Result<Vec<u8>, FetchError> {
    adapters(server, TOPIC).await.objects.get(&object(None)).await
}

#[tokio::test]
async fn the_version_that_was_announced_is_fetched() {
    let server = StubServer::start([whole(b"abc")]);
    let bytes = adapters(&server, TOPIC).await.objects.get(&object(Some("v1"))).await;
    assert_eq!(bytes, Ok(b"abc".to_vec()));
    let head = &server.requests()[0].head;
    assert!(head.starts_with("GET /trail/a%20b%2Bc%3Dd.gz?"), "{head}");
    assert!(head.contains("versionId=v1"), "{head}");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_fetched_again() {
    let server =
        StubServer::start([Answer::Cut(b"abcdef".to_vec(), 3), Answer::Cut(b"abcdef".to_vec(), 0), whole(b"abcdef")]);
    assert_eq!(get(&server).await, Ok(b"abcdef".to_vec()));
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_body_that_keeps_breaking_off_is_transient() {
    let server = StubServer::start([Answer::Cut(b"abcdef".to_vec(), 3)]);
    let Err(FetchError::Transient(reason)) = get(&server).await else { panic!("not transient") };
    assert!(reason.starts_with("the object broke off 3 times, last: "), "{reason}");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn large_objects_are_refused_without_another_try() {
    let limit = usize::try_from(MAX_OBJECT_BYTES).unwrap();
    let server = StubServer::start([whole(&vec![b'x'; limit])]);
    assert_eq!(get(&server).await.map(|bytes| bytes.len()), Ok(limit));

    let server = StubServer::start([whole(&vec![b'x'; limit + 1])]);
    assert_eq!(get(&server).await, Err(FetchError::TooLarge { limit: MAX_OBJECT_BYTES }));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn every_error_is_sorted_by_what_is_to_be_done() {
    for (status, code, expected) in [
        (404, "NoSuchKey", "missing"),
        (404, "NoSuchVersion", "missing"),
        (405, "MethodNotAllowed", "missing"),
        (403, "AccessDenied", "denied"),
        (403, "InvalidObjectState", "denied"),
        (400, "KMS.DisabledException", "key denied"),
        (400, "ExpiredToken", "transient"),
        (404, "NoSuchBucket", "transient"),
        (500, "InternalError", "transient"),
        (503, "SlowDown", "transient"),
    ] {
        let server = StubServer::start([error(status, code)]);
        let (kind, reason) = match get(&server).await.expect_err(code) {
            FetchError::Missing => ("missing", code.to_owned()),
            FetchError::Denied => ("denied", code.to_owned()),
            FetchError::KeyDenied => ("key denied", code.to_owned()),
            FetchError::Transient(reason) => ("transient", reason),
            FetchError::TooLarge { .. } => panic!("{code}"),
        };
        assert_eq!(kind, expected, "{code}");
        assert!(reason.contains(code), "{reason}");
    }
}

#[tokio::test]
async fn a_403_is_told_apart_by_the_permission_that_it_names() {
    let user = "User: arn:aws:sts::111122223333:assumed-role/trailhound/x is not authorized to perform: ";
    for (reason, expected) in [
        ("Access Denied".to_owned(), FetchError::Denied),
        (
            format!("{user}s3:GetObject on resource: \"arn:aws:s3:::b/s3:ListBucket\" with an explicit deny"),
            FetchError::Denied,
        ),
        (
            format!(
                "{user}s3:ListBucket on resource: \"arn:aws:s3:::trail\" because no identity-based policy allows it"
            ),
            FetchError::Missing,
        ),
        (
            format!(
                "{user}kms:Decrypt on resource: arn:aws:kms:eu-west-1:111122223333:key/k because no policy allows it"
            ),
            FetchError::KeyDenied,
        ),
    ] {
        let body = format!("<Error><Code>AccessDenied</Code><Message>{reason}</Message></Error>");
        let server = StubServer::start([Answer::Whole(403, "Content-Type: application/xml\r\n", body.into_bytes())]);
        assert_eq!(get(&server).await, Err(expected), "{reason}");
    }
}

#[tokio::test]
async fn throttling_and_lost_connections_are_repeated() {
    let server = StubServer::start([error(503, "SlowDown"), Answer::HangUp, whole(b"abc")]);
    assert_eq!(get(&server).await, Ok(b"abc".to_vec()));
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn silence_is_transient() {
    let server = StubServer::start([Answer::Silence]);
    assert!(matches!(get(&server).await, Err(FetchError::Transient(_))));
}
