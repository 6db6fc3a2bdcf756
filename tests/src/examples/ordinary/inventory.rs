//! The vendor's monitoring reads the inventory of both regions every quarter of an hour.

use serde_json::{Value, json};

use super::super::actors::Actor;
use super::super::company::{Region, VENDOR_ACCOUNT, role_arn};
use super::super::moment::Moment;
use super::super::record::{Call, Record, Traffic};
use super::{assumed, rhythm};

const ROLE: &str = "monitoring-read-only";
const SESSION: &str = "inventory-collector";
const AGENT: &str = "Boto3/1.42.7 md/Botocore#1.42.7 ua/2.1 os/linux#6.12.40 md/arch#x86_64 lang/python#3.13.7 md/pyimpl#CPython cfg/retry-mode#adaptive Botocore/1.42.7";
const ADDRESS: &str = "192.0.2.201";

pub(super) fn records() -> Vec<Record> {
    let mut traffic = Traffic::named("inventory");
    for at in rhythm(&mut traffic.random, 900) {
        collect(&mut traffic, Region::Ireland, at, &ireland());
        collect(&mut traffic, Region::Virginia, at.plus(25), &virginia());
    }
    traffic.into_records()
}

/// One round: the vendor's account takes the role, the role reads.
fn collect(traffic: &mut Traffic, region: Region, at: Moment, calls: &[(&str, Value)]) {
    let vendor = Actor::outside(json!({
        "type": "AWSAccount",
        "principalId": format!("AROAQ7XH3MVENDOREXAMPLE:{SESSION}"),
        "accountId": VENDOR_ACCOUNT,
    }))
    .from(ADDRESS, AGENT);
    let role = role_arn(ROLE);
    traffic.send(
        Call::new(&vendor, "sts:AssumeRole", at)
            .region(region)
            .request(json!({
                "roleArn": role,
                "roleSessionName": SESSION,
                "externalId": "pebblewick-7f3c",
                "durationSeconds": 900,
            }))
            .response(assumed(ROLE, SESSION, at))
            .resource("AWS::IAM::Role", &role),
    );
    let reader = Actor::role(ROLE, SESSION, at).from(ADDRESS, AGENT);
    for (step, (event, request)) in (1_u32..).zip(calls) {
        let at = at.plus(step + traffic.random.below(2));
        traffic.send(Call::new(&reader, event, at).region(region).request(request.clone()));
    }
}

fn ireland() -> Vec<(&'static str, Value)> {
    vec![
        ("ec2:DescribeInstances", json!({"maxResults": 1000, "instancesSet": {}, "filterSet": {}})),
        ("ec2:DescribeInstanceStatus", json!({"instancesSet": {}, "includeAllInstances": false})),
        ("ec2:DescribeVolumes", json!({"volumeSet": {}, "filterSet": {}})),
        ("rds:DescribeDBInstances", json!({"maxRecords": 100})),
        ("elasticloadbalancing:DescribeLoadBalancers", json!({"pageSize": 400})),
        (
            "elasticloadbalancing:DescribeTargetHealth",
            json!({"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop-web/8d41f0c7a2be5936"}),
        ),
        ("ecs:ListClusters", Value::Null),
        ("ecs:DescribeServices", json!({"cluster": "shop", "services": ["shop-web", "shop-api", "orders-worker"]})),
        ("lambda:ListFunctions20150331", json!({"maxItems": 50})),
        ("monitoring:DescribeAlarms", json!({"maxRecords": 100, "stateValue": "ALARM"})),
        ("sqs:ListQueues", json!({"maxResults": 1000})),
        ("logs:DescribeLogGroups", json!({"limit": 50})),
    ]
}

fn virginia() -> Vec<(&'static str, Value)> {
    vec![
        ("ec2:DescribeInstances", json!({"maxResults": 1000, "instancesSet": {}, "filterSet": {}})),
        ("lambda:ListFunctions20150331", json!({"maxItems": 50})),
        ("cloudfront:ListDistributions2020_05_31", json!({"maxItems": "100"})),
        ("acm:ListCertificates", json!({"maxItems": 100})),
        ("s3:ListBuckets", Value::Null),
        ("iam:GetAccountSummary", Value::Null),
    ]
}
