//! `trailhound doctor` says what is wrong with the trails of an account.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::types::{AdvancedEventSelector, AdvancedFieldSelector, EventSelector, ReadWriteType};
use serde_json::{Value, json};

use crate::cloud::{Cloud, REGION, sdk_config_at};
use crate::servers::command_line::{Answer, run};
use crate::servers::moto;

const NAME: &str = "doctored";
const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/6f0d2a1e-93b4-4c58-8e17-b2a5c94d7f03";

fn doctor(arguments: &[&str], endpoint: &str) -> Answer {
    let arguments = [&["doctor"], arguments].concat();
    let credentials = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    let places = [("AWS_REGION", REGION), ("AWS_ENDPOINT_URL", endpoint)];
    run(&arguments, &[credentials, places].concat())
}

/// The exit status, and the checks that are not ok, as `name: verdict`. Those of the account stand first.
fn complaints(arguments: &[&str]) -> (i32, Vec<String>) {
    let answer = doctor(&[&["--format", "json"], arguments].concat(), moto::account_address());
    assert_eq!(answer.messages, "");
    let report = answer.json();
    let trails = report["trails"].as_array().unwrap();
    let lists = [&report["checks"]].into_iter().chain(trails.iter().map(|trail| &trail["checks"]));
    let lists = lists.chain(report["rules"].get("checks"));
    let checks = lists.flat_map(|checks| checks.as_array().unwrap()).filter(|check| check["verdict"] != "ok");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let shown = checks.map(|check| format!("{}: {}", text(&check["check"]), text(&check["verdict"]))).collect();
    (answer.status, shown)
}

/// moto delivers no digests, so there is always something to wait for.
const NO_DIGEST: &str = "validation: warning";

async fn create(client: &Client) {
    client
        .create_trail()
        .name(NAME)
        .s3_bucket_name(NAME)
        .is_multi_region_trail(true)
        .include_global_service_events(true)
        .enable_log_file_validation(true)
        .kms_key_id(KEY)
        .send()
        .await
        .unwrap();
}

async fn select(client: &Client, selector: EventSelector) {
    client.put_event_selectors().trail_name(NAME).event_selectors(selector).send().await.unwrap();
}

/// The project has rules about data events of three services, which a trail does not record by itself.
const NO_DATA: [&str; 3] = ["rules: warning"; 3];

/// One test, because trails for all regions are seen by all tests of a server.
#[tokio::test]
async fn a_trail_is_followed_from_before_it_is_there_to_its_end() {
    let _cloud = Cloud::at(moto::account_address(), NAME).await;
    let client = Client::new(&sdk_config_at(moto::account_address()).await);
    let status = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    assert_eq!(complaints(&[]), (1, status(&["trail: problem"])));

    create(&client).await;
    let with_rules = |lines: &[&str]| status(&[lines, &NO_DATA].concat());
    let never = ["logging: problem", "delivery: problem", NO_DIGEST];
    assert_eq!(complaints(&[]), (1, with_rules(&never)));

    client.start_logging().name(NAME).send().await.unwrap();
    // The bucket tells nobody, which is said of the deployment.
    assert_eq!(complaints(&["--bucket", NAME]), (1, with_rules(&[NO_DIGEST])));
    assert_eq!(complaints(&["--region", "us-east-1", "--trail", NAME]), (0, with_rules(&[NO_DIGEST])));
    assert_eq!(complaints(&["--bucket", "elsewhere"]), (1, with_rules(&[NO_DIGEST, "bucket: problem"])));
    assert_eq!(complaints(&["--trail", "other"]), (1, status(&["trail: problem"])));

    weaken(&client).await;
    let weak = ["validation: problem", "regions: problem", "management-events: problem"];
    let silent = ["rules: problem", NO_DATA[0], NO_DATA[1], NO_DATA[2]];
    assert_eq!(complaints(&[]), (1, status(&[&weak[..], &silent].concat())));

    client.stop_logging().name(NAME).send().await.unwrap();
    assert_eq!(complaints(&[]), (1, status(&[&["logging: problem"], &weak[..], &silent].concat())));
    let arn = format!("arn:aws:cloudtrail:{REGION}:123456789012:trail/{NAME}");
    let text = doctor(&["--trail", &arn], moto::account_address());
    assert!(text.results.contains("\n  problem  logging            logging is off since 20"), "{text:?}");
    assert!(text.results.contains("those of kms.amazonaws.com are"), "{text:?}");
    assert!(text.results.lines().all(|line| line.chars().count() <= 80), "{text:?}");

    // Last, because moto keeps advanced selectors when basic ones follow, which AWS does not.
    record_data(&client).await;
    let rest = ["logging: problem", "validation: problem", "regions: problem"];
    assert_eq!(complaints(&[]), (1, status(&rest)));
}

async fn weaken(client: &Client) {
    client
        .update_trail()
        .name(NAME)
        .is_multi_region_trail(false)
        .enable_log_file_validation(false)
        .send()
        .await
        .unwrap();
    let weak = EventSelector::builder()
        .read_write_type(ReadWriteType::WriteOnly)
        .include_management_events(true)
        .exclude_management_event_sources("kms.amazonaws.com");
    select(client, weak.build()).await;
}

/// Puts on what `doctor` proposes, beside management events.
async fn record_data(client: &Client) {
    let report = doctor(&["--format", "json"], moto::account_address()).json();
    let proposed = report["rules"]["advanced_event_selectors"].as_array().unwrap().clone();
    let management = json!({"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]});
    let field = |field: &Value| {
        let equals = field["Equals"].as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned());
        let name = field["Field"].as_str().unwrap();
        AdvancedFieldSelector::builder().field(name).set_equals(Some(equals.collect())).build().unwrap()
    };
    let selector = |selector: &Value| {
        let fields = selector["FieldSelectors"].as_array().unwrap().iter().map(field);
        AdvancedEventSelector::builder().set_field_selectors(Some(fields.collect())).build().unwrap()
    };
    let selectors = proposed.iter().chain([&management]).map(selector).collect();
    client.put_event_selectors().trail_name(NAME).set_advanced_event_selectors(Some(selectors)).send().await.unwrap();
}

#[test]
fn where_nobody_listens_nothing_can_be_said_and_soon() {
    // Bound and dropped: nobody listens there now.
    let endpoint = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let begin = Instant::now();
    let answer = doctor(&["--format", "json"], &endpoint);
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
    assert_eq!((answer.status, answer.messages.as_str()), (2, "error: CloudTrail could not be looked at\n"));
    let check = &answer.json()["checks"][0];
    assert_eq!(check["verdict"], "unknown");
    let seen = check["seen"].as_str().unwrap();
    assert!(
        seen.starts_with("the trails of eu-west-1 cannot be listed: no answer to cloudtrail:DescribeTrails"),
        "{seen}"
    );
}

#[test]
fn without_credentials_or_region_it_says_what_to_set() {
    let keys = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    for (settings, seen, advice) in [
        (&[("AWS_REGION", REGION)][..], "there are no AWS credentials", "aws sso login"),
        (&keys[..], "no region is set", "`--region`"),
    ] {
        let answer = run(&["doctor"], settings);
        assert_eq!(answer.status, 2, "{answer:?}");
        assert_eq!(answer.messages, "error: CloudTrail could not be looked at\n");
        let text = answer.results.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(seen) && text.contains(advice), "{answer:?}");
    }
}
