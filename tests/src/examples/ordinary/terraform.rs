//! Terraform, run by the pipeline: a long refresh that only reads, then a few changes.

use serde_json::{Value, json};

use super::super::actors::Actor;
use super::super::company::{ACCOUNT, BUCKETS, FLOW_LOGS, FUNCTIONS, INSTANCES, STATE_BUCKET, role_arn};
use super::super::moment::Moment;
use super::super::record::{Call, Record, Traffic};
use super::deployments::pipeline_takes_role;

const ROLE: &str = "terraform";
const AGENT: &str = "APN/1.0 HashiCorp/1.0 Terraform/1.11.4 (+https://www.terraform.io) terraform-provider-aws/6.2.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.39.0 ua/2.1 os/linux lang/go#1.24.6 md/GOOS#linux md/GOARCH#amd64";
const RUNNERS: &[&str] = &["192.0.2.131", "192.0.2.132", "192.0.2.133"];

pub(super) fn records() -> Vec<Record> {
    let mut traffic = Traffic::named("terraform");
    for (run, at) in (1_u32..).zip([Moment::at(8, 42), Moment::at(9, 57), Moment::at(13, 6)]) {
        let address = traffic.random.pick(RUNNERS);
        let session = format!("plan-apply-{}", 4410 + run);
        pipeline_takes_role(&mut traffic, ROLE, (&session, address), at);
        let terraform = Actor::role(ROLE, &session, at).from(address, AGENT);
        let mut clock = at.plus(6);
        for (event, request) in refresh() {
            clock = clock.plus(traffic.random.below(2));
            traffic.send(Call::new(&terraform, event, clock).request(request));
        }
        apply(&mut traffic, &terraform, clock.plus(4), run);
    }
    traffic.into_records()
}

/// What a refresh reads: the state, then every resource in it.
fn refresh() -> Vec<(&'static str, Value)> {
    let mut calls = vec![
        ("sts:GetCallerIdentity", Value::Null),
        ("s3:GetBucketLocation", json!({"bucketName": STATE_BUCKET, "location": ""})),
        ("kms:DescribeKey", json!({"keyId": "alias/shop-data"})),
        ("ec2:DescribeVpcs", json!({"vpcSet": {"items": [{"vpcId": "vpc-0d61b7f2a8c3e9045"}]}, "filterSet": {}})),
        ("ec2:DescribeFlowLogs", json!({"DescribeFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": FLOW_LOGS}}})),
        ("ecs:DescribeClusters", json!({"clusters": ["shop"], "include": ["TAGS"]})),
        ("rds:DescribeDBInstances", json!({"dBInstanceIdentifier": "shop-prod"})),
    ];
    for bucket in BUCKETS {
        calls.extend([
            ("s3:GetBucketPolicy", json!({"bucketName": bucket, "policy": ""})),
            ("s3:GetBucketAcl", json!({"bucketName": bucket, "acl": ""})),
            ("s3:GetBucketVersioning", json!({"bucketName": bucket, "versioning": ""})),
            ("s3:GetBucketEncryption", json!({"bucketName": bucket, "encryption": ""})),
            ("s3:GetBucketPublicAccessBlock", json!({"bucketName": bucket, "publicAccessBlock": ""})),
        ]);
    }
    for instance in INSTANCES {
        let one = json!({"instancesSet": {"items": [{"instanceId": instance}]}, "filterSet": {}});
        calls.extend([
            ("ec2:DescribeInstances", one),
            (
                "ec2:DescribeInstanceAttribute",
                json!({"instanceId": instance, "attribute": "instanceInitiatedShutdownBehavior"}),
            ),
            ("ec2:DescribeInstanceAttribute", json!({"instanceId": instance, "attribute": "disableApiTermination"})),
        ]);
    }
    for (function, role, _) in FUNCTIONS {
        calls.extend([
            ("lambda:GetFunction20150331v2", json!({"functionName": function})),
            ("lambda:ListVersionsByFunction20150331", json!({"functionName": function, "maxItems": 50})),
            ("iam:GetRole", json!({"roleName": role})),
            ("iam:ListRolePolicies", json!({"roleName": role})),
            ("iam:GetRolePolicy", json!({"roleName": role, "policyName": "inline"})),
            ("iam:ListAttachedRolePolicies", json!({"roleName": role})),
        ]);
    }
    calls
}

/// Each run changes something else; all of it looks like something bad and is not.
fn apply(traffic: &mut Traffic, terraform: &Actor, at: Moment, run: u32) {
    let call = match run {
        1 => allow_inside(traffic, terraform, at),
        2 => protect_instance(terraform, at),
        _ => change_settings(terraform, at),
    };
    traffic.send(call);
    traffic.send(Call::new(terraform, "s3:PutBucketPublicAccessBlock", at.plus(2)).request(json!({
        "bucketName": "pebblewick-shop-images",
        "publicAccessBlock": "",
        "PublicAccessBlockConfiguration": {
            "xmlns": "http://s3.amazonaws.com/doc/2006-03-01/",
            "BlockPublicAcls": true,
            "IgnorePublicAcls": true,
            "BlockPublicPolicy": true,
            "RestrictPublicBuckets": true,
        },
    })));
    let statement = json!({
        "Effect": "Allow",
        "Action": ["sqs:SendMessage"],
        "Resource": format!("arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"),
    });
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    traffic.send(Call::new(terraform, "iam:PutRolePolicy", at.plus(3)).request(json!({
        "roleName": "stock-sync-role",
        "policyName": "inline",
        "policyDocument": policy,
    })));
}

/// A port opened to the company's own network, in the nested form of the request.
fn allow_inside<'a>(traffic: &mut Traffic, terraform: &'a Actor, at: Moment) -> Call<'a> {
    let rule = format!("sgr-{}", traffic.random.hex(17));
    let range = json!({"items": [{"cidrIp": "10.20.0.0/16", "description": "search from the VPC"}]});
    Call::new(terraform, "ec2:AuthorizeSecurityGroupIngress", at)
        .request(json!({
            "groupId": "sg-0a7d3c91e5f86b240",
            "ipPermissions": {"items": [{
                "ipProtocol": "tcp",
                "fromPort": 9200,
                "toPort": 9200,
                "groups": {},
                "ipRanges": range,
                "ipv6Ranges": {},
                "prefixListIds": {},
            }]},
        }))
        .response(json!({
            "_return": true,
            "securityGroupRuleSet": {"items": [{
                "groupOwnerId": ACCOUNT,
                "groupId": "sg-0a7d3c91e5f86b240",
                "securityGroupRuleId": rule,
                "isEgress": false,
                "ipProtocol": "tcp",
                "fromPort": 9200,
                "toPort": 9200,
                "cidrIpv4": "10.20.0.0/16",
            }]},
        }))
}

/// The same event name as a change of user data, with another attribute.
fn protect_instance(terraform: &Actor, at: Moment) -> Call<'_> {
    Call::new(terraform, "ec2:ModifyInstanceAttribute", at)
        .request(json!({
            "instanceId": INSTANCES.first(),
            "disableApiTermination": {"value": true},
        }))
        .response(json!({"_return": true}))
}

fn change_settings(terraform: &Actor, at: Moment) -> Call<'_> {
    Call::new(terraform, "lambda:UpdateFunctionConfiguration20150331v2", at)
        .request(json!({"functionName": "stock-sync", "timeout": 60, "memorySize": 512}))
        .response(json!({
            "functionName": "stock-sync",
            "functionArn": format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:stock-sync"),
            "runtime": "python3.13",
            "role": role_arn("stock-sync-role"),
            "handler": "stock.sync",
            "timeout": 60,
            "memorySize": 512,
            "lastModified": "2026-03-10T13:08:41.000+0000",
            "version": "$LATEST",
            "tracingConfig": {"mode": "PassThrough"},
        }))
}
