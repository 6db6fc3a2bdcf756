//! Asking for a new version: what is sent, and what each answer means.

use aws_config::{BehaviorVersion, Region};
use aws_sdk_s3::config::Credentials;
use trailhound_aws::{CallLimits, S3Versions};
use trailhound_pipeline::watching::{Versioned, VersionedObjects};
use trailhound_pipeline::{FetchError, ObjectRef};

use crate::stub_server::{Answer, StubServer};

async fn ask(server: &StubServer, known: Option<&str>) -> Result<Option<Versioned>, FetchError> {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
        .endpoint_url(server.address())
        .force_path_style(true)
        .build();
    let versions = S3Versions::new(aws_sdk_s3::Client::from_conf(config), CallLimits::default());
    let object = ObjectRef { bucket: "config".to_owned(), key: "trailhound.yml".to_owned(), version: None };
    versions.get_newer(&object, known).await
}

#[tokio::test]
async fn a_new_version_comes_with_its_tag() {
    let server = StubServer::start([Answer::Whole(200, "ETag: \"two\"\r\n", b"topics:".to_vec())]);
    let newer = ask(&server, Some("\"one\"")).await.unwrap();
    assert_eq!(newer, Some(Versioned { bytes: b"topics:".to_vec(), version: "\"two\"".to_owned() }));
    let head = server.requests().remove(0).head.to_ascii_lowercase();
    assert!(head.contains("if-none-match: \"one\"\r\n"), "{head}");
}

#[tokio::test]
async fn the_version_that_is_known_is_not_given_again() {
    let server = StubServer::start([Answer::Whole(304, "ETag: \"one\"\r\n", Vec::new())]);
    assert_eq!(ask(&server, Some("\"one\"")).await, Ok(None));
}

#[tokio::test]
async fn what_cannot_be_had_is_an_error() {
    let missing = StubServer::start([Answer::Whole(404, "", b"<Error><Code>NoSuchKey</Code></Error>".to_vec())]);
    assert_eq!(ask(&missing, None).await, Err(FetchError::Missing));
    let denied = StubServer::start([Answer::Whole(403, "", b"<Error><Code>AccessDenied</Code></Error>".to_vec())]);
    assert_eq!(ask(&denied, None).await, Err(FetchError::Denied));
}
