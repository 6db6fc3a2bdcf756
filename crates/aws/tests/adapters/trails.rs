//! Looking at trails: what is asked where, and what each error means.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::credential_fn::provide_credentials_fn;
use aws_credential_types::provider::error::CredentialsError;
use jiff::Timestamp;
use trailhound_aws::trails::{
    Activity, AdvancedSelector, BasicSelector, DataResource, FieldSelector, Listing, LookError, Owner, Scope,
    Selectors, Status, Trail,
};
use trailhound_aws::{CallLimits, Trails};

use crate::stub_server::{Answer, StubServer};

const MAIN: &str = r#"{"Name": "main", "TrailARN": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main",
    "HomeRegion": "eu-west-1", "S3BucketName": "logs", "S3KeyPrefix": "", "KmsKeyId": "key",
    "IncludeGlobalServiceEvents": true, "IsMultiRegionTrail": true, "LogFileValidationEnabled": true,
    "IsOrganizationTrail": true, "HasCustomEventSelectors": true}"#;

pub(crate) async fn trails(server: &StubServer) -> Trails {
    let limits = CallLimits { attempt: Duration::from_millis(500), ..CallLimits::default() };
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
        .endpoint_url(server.address());
    Trails::connect_with(loader, &limits).await.unwrap()
}

fn json(body: &str) -> Answer {
    Answer::Whole(200, "Content-Type: application/x-amz-json-1.1\r\n", body.as_bytes().to_vec())
}

fn error(status: u16, code: &str) -> Answer {
    let body = format!(r#"{{"__type": "{code}", "message": "m"}}"#);
    Answer::Whole(status, "Content-Type: application/x-amz-json-1.1\r\n", body.into_bytes())
}

fn trail() -> Trail {
    Trail {
        arn: "arn:aws:cloudtrail:eu-central-1:111122223333:trail/main".to_owned(),
        name: "main".to_owned(),
        home_region: "eu-central-1".to_owned(),
        bucket: "logs".to_owned(),
        prefix: None,
        owner: Owner::Account,
        scope: Scope::HomeRegion,
        global_services: false,
        validates: false,
        key: None,
        has_own_selectors: false,
    }
}

async fn list(server: &StubServer, regions: &[&str]) -> Listing {
    let regions: Vec<String> = regions.iter().map(|region| (*region).to_owned()).collect();
    trails(server).await.list(&regions).await
}

#[tokio::test]
async fn each_region_is_asked_and_each_trail_listed_once() {
    let both = format!(r#"{{"trailList": [{MAIN}, {{"Name": "a", "TrailARN": "arn:a"}}]}}"#);
    let main = format!(r#"{{"trailList": [{MAIN}]}}"#);
    let server = StubServer::start([json(&both), json(&main), error(400, "AccessDeniedException")]);
    let listing = list(&server, &["eu-west-1", "us-east-1", "ap-east-1"]).await;

    let bare = Trail { arn: "arn:a".to_owned(), name: "a".to_owned(), home_region: "eu-west-1".to_owned(), ..trail() };
    let main = Trail {
        arn: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main".to_owned(),
        home_region: "eu-west-1".to_owned(),
        owner: Owner::Organization,
        scope: Scope::AllRegions,
        global_services: true,
        validates: true,
        key: Some("key".to_owned()),
        has_own_selectors: true,
        ..trail()
    };
    assert_eq!(listing.trails, [Trail { bucket: String::new(), ..bare }, main]);
    let [(region, LookError::Denied { call })] = listing.failures.as_slice() else { panic!("{listing:?}") };
    assert_eq!((region.as_str(), call.to_string().as_str()), ("ap-east-1", "cloudtrail:DescribeTrails"));

    let requests = server.requests();
    for (request, region) in requests.iter().zip(["eu-west-1", "us-east-1", "ap-east-1"]) {
        assert!(request.head.contains(&format!("/{region}/cloudtrail/")), "{}", request.head);
        assert_eq!(request.body, r#"{"includeShadowTrails":true}"#);
    }
}

#[tokio::test]
async fn status_is_asked_by_arn_in_the_home_region() {
    let server = StubServer::start([json(
        r#"{"IsLogging": true, "StartLoggingTime": 1000, "StopLoggingTime": 900.5, "LatestDeliveryTime": 2000,
            "LatestDeliveryError": "", "LatestDigestDeliveryTime": 1500, "LatestDigestDeliveryError": "NoSuchBucket"}"#,
    )]);
    let second = |second| Some(Timestamp::from_second(second).unwrap());
    let expected = Status {
        logging: true,
        started: second(1000),
        stopped: second(900),
        delivered: second(2000),
        delivery_error: None,
        digest_delivered: second(1500),
        digest_error: Some("NoSuchBucket".to_owned()),
    };
    assert_eq!(trails(&server).await.status(&trail()).await.unwrap(), expected);
    let request = server.requests().remove(0);
    assert!(request.head.contains("/eu-central-1/cloudtrail/"), "{}", request.head);
    assert_eq!(request.body, format!(r#"{{"Name":"{}"}}"#, trail().arn));
}

#[tokio::test]
async fn selectors_are_read_in_both_forms() {
    let basic = |management, activity, excluded: &[&str]| BasicSelector {
        management,
        activity,
        excluded_sources: excluded.iter().map(|source| (*source).to_owned()).collect(),
        data: Vec::new(),
    };
    let objects = DataResource { resource_type: "AWS::S3::Object".to_owned(), prefixes: vec!["arn:aws:s3".to_owned()] };
    let field = |field: &str, equals: &[&str]| FieldSelector {
        field: field.to_owned(),
        equals: equals.iter().map(|value| (*value).to_owned()).collect(),
        ..FieldSelector::default()
    };
    let advanced = vec![
        field("eventCategory", &["Management"]),
        FieldSelector { not_equals: vec!["a".to_owned()], ..field("eventSource", &[]) },
        FieldSelector { not_starts_with: vec!["b".to_owned()], ..field("eventName", &[]) },
    ];
    for (answer, expected) in [
        (r"{}", Selectors::Basic(Vec::new())),
        (r#"{"EventSelectors": [], "AdvancedEventSelectors": null}"#, Selectors::Basic(Vec::new())),
        (r#"{"EventSelectors": [{}]}"#, Selectors::Basic(vec![basic(true, Activity::All, &[])])),
        (
            r#"{"EventSelectors": [{"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}]}"#,
            Selectors::Basic(vec![BasicSelector { data: vec![objects], ..basic(true, Activity::All, &[]) }]),
        ),
        (
            r#"{"EventSelectors": [{"ReadWriteType": "WriteOnly", "ExcludeManagementEventSources": ["kms"]},
                {"ReadWriteType": "ReadOnly", "IncludeManagementEvents": false}, {"ReadWriteType": "New"}]}"#,
            Selectors::Basic(vec![
                basic(true, Activity::Write, &["kms"]),
                basic(false, Activity::Read, &[]),
                basic(true, Activity::Unknown, &[]),
            ]),
        ),
        (
            r#"{"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]},
                {"Field": "eventSource", "NotEquals": ["a"]}, {"Field": "eventName", "NotStartsWith": ["b"]}]}]}"#,
            Selectors::Advanced(vec![AdvancedSelector { fields: advanced }]),
        ),
    ] {
        let server = StubServer::start([json(answer)]);
        assert_eq!(trails(&server).await.selectors(&trail()).await.unwrap(), expected, "{answer}");
        assert_eq!(server.requests()[0].body, format!(r#"{{"TrailName":"{}"}}"#, trail().arn));
    }
}

#[tokio::test]
async fn every_error_is_sorted_by_what_a_person_does_about_it() {
    for (status, code, reason, advice) in [
        (400, "AccessDeniedException", "cloudtrail:GetTrailStatus is not allowed", "allow cloudtrail:GetTrailStatus"),
        (403, "AccessDenied", "cloudtrail:GetTrailStatus is not allowed", "allow cloudtrail:GetTrailStatus"),
        (400, "ExpiredTokenException", "AWS does not accept the credentials: ExpiredTokenException", "sign in again"),
        (400, "UnrecognizedClientException", "does not accept the credentials", "region is switched on"),
        (400, "ThrottlingException", "cloudtrail:GetTrailStatus is throttled", "wait"),
        (400, "TrailNotFoundException", "the trail is gone", "look again"),
        (400, "Odd", "cloudtrail:GetTrailStatus failed: Odd: m", "what AWS says"),
    ] {
        let server = StubServer::start([error(status, code)]);
        let failure = trails(&server).await.status(&trail()).await.unwrap_err();
        assert!(failure.reason().contains(reason), "{failure:?}");
        assert!(failure.advice().contains(advice), "{failure:?}");
    }
    let server = StubServer::start([Answer::HangUp]);
    let failure = trails(&server).await.status(&trail()).await.unwrap_err();
    assert!(failure.reason().starts_with("no answer to cloudtrail:GetTrailStatus: "), "{failure:?}");
}

#[tokio::test]
async fn throttling_is_repeated_until_it_passes() {
    let server = StubServer::start([error(400, "ThrottlingException"), json(r#"{"IsLogging": true}"#)]);
    assert!(trails(&server).await.status(&trail()).await.unwrap().logging);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn credentials_that_are_missing_and_credentials_that_fail_are_told_apart() {
    let missing = provide_credentials_fn(|| async { Err(CredentialsError::not_loaded("nowhere")) });
    let failing = provide_credentials_fn(|| async { Err(CredentialsError::provider_error("the session has expired")) });
    for (loader, reason) in [
        (aws_config::defaults(BehaviorVersion::latest()).credentials_provider(missing), "there are no AWS credentials"),
        (
            aws_config::defaults(BehaviorVersion::latest()).credentials_provider(failing),
            "the AWS credentials cannot be loaded: an error occurred while loading credentials: the session has expired",
        ),
    ] {
        let loader = loader.region(Region::new("eu-west-1"));
        let error = Trails::connect_with(loader, &CallLimits::default()).await.unwrap_err();
        assert_eq!(error.reason(), reason);
    }
}
