//! Calls that AWS services make on their own: the larger half of any account's records.

use serde_json::json;

use super::super::actors::Actor;
use super::super::company::{
    ACCOUNT, BUCKETS, DATA_KEY, OPS_TRAIL, OPS_TRAIL_BUCKET, Region, SERVICES, TRAIL_KEY, arn,
};
use super::super::moment::Moment;
use super::super::record::{Call, Record, Traffic};
use super::{assume_role, rhythm};

pub(super) fn records() -> Vec<Record> {
    let mut traffic = Traffic::named("services");
    trail_deliveries(&mut traffic, Region::Ireland, 300);
    trail_deliveries(&mut traffic, Region::Virginia, 560);
    load_balancer_logs(&mut traffic);
    queue_encryption(&mut traffic);
    task_starts(&mut traffic);
    scheduled_tasks(&mut traffic);
    scaling(&mut traffic);
    recorder(&mut traffic);
    nightly_backup_tail(&mut traffic);
    traffic.into_records()
}

/// Each delivery of a log object looks at the bucket and asks for a data key.
fn trail_deliveries(traffic: &mut Traffic, region: Region, period: u32) {
    let cloudtrail = Actor::service("cloudtrail");
    let trail = arn("cloudtrail", "eu-west-1", &format!("trail/{OPS_TRAIL}"));
    for at in rhythm(&mut traffic.random, period) {
        traffic.send(
            Call::new(&cloudtrail, "s3:GetBucketAcl", at).request(json!({"bucketName": OPS_TRAIL_BUCKET, "acl": ""})),
        );
        let name = format!(
            "AWSLogs/{ACCOUNT}/CloudTrail/{region}/2026/03/10/{ACCOUNT}_CloudTrail_{region}_{}_{}.json.gz",
            at.minute_stamp(),
            traffic.random.alphanumeric(16),
            region = region.name(),
        );
        let object = format!("arn:aws:s3:::{OPS_TRAIL_BUCKET}/{name}");
        traffic.send(
            Call::new(&cloudtrail, "kms:GenerateDataKey", at.plus(1))
                .request(json!({
                    "keyId": TRAIL_KEY,
                    "keySpec": "AES_256",
                    "encryptionContext": {
                        "aws:cloudtrail:arn": trail,
                        "aws:s3:arn": object,
                    },
                }))
                .resource("AWS::KMS::Key", TRAIL_KEY),
        );
    }
}

fn load_balancer_logs(traffic: &mut Traffic) {
    let delivery = Actor::service("delivery.logs");
    for at in rhythm(&mut traffic.random, 240) {
        traffic.send(
            Call::new(&delivery, "s3:GetBucketAcl", at).request(json!({"bucketName": "pebblewick-lb-logs", "acl": ""})),
        );
    }
}

/// SNS writes into encrypted queues and SQS hands their data keys out.
fn queue_encryption(traffic: &mut Traffic) {
    let sns = Actor::service("sns");
    for at in rhythm(&mut traffic.random, 45) {
        let queue = traffic.random.pick(&["orders", "stock-changes", "mail"]);
        let context = json!({"aws:sqs:arn": arn("sqs", "eu-west-1", queue)});
        let event = traffic.random.pick(&["kms:GenerateDataKey", "kms:Decrypt"]);
        let request = if event == "kms:Decrypt" {
            json!({"encryptionContext": context, "encryptionAlgorithm": "SYMMETRIC_DEFAULT"})
        } else {
            json!({"encryptionContext": context, "keyId": DATA_KEY, "numberOfBytes": 32})
        };
        let call = Call::new(&sns, event, at).request(request);
        traffic.send(call.resource("AWS::KMS::Key", DATA_KEY));
    }
}

/// Every running task renews its role now and then.
fn task_starts(traffic: &mut Traffic) {
    let ecs = Actor::service("ecs-tasks");
    for (_, role) in SERVICES {
        for at in rhythm(&mut traffic.random, 330) {
            let session = traffic.random.hex(32);
            traffic.send(assume_role(&ecs, role, &session, at));
        }
    }
}

/// A task every ten minutes: the scheduler starts it, ECS gives it a network interface.
fn scheduled_tasks(traffic: &mut Traffic) {
    let events = Actor::service("events");
    let ecs = Actor::service("ecs-tasks");
    for at in rhythm(&mut traffic.random, 600) {
        let session = traffic.random.hex(32);
        traffic.send(assume_role(&events, "report-scheduler", &session, at));
        traffic.send(assume_role(&ecs, "report-task", &session, at.plus(7)));
        let linked = Actor::linked_role("ecs", "AWSServiceRoleForECS", "ecs-eni-provisioning", at);
        let interface = format!("eni-{}", traffic.random.hex(17));
        let attachment = format!("attach/{}", traffic.random.uuid());
        let description = arn("ecs", "eu-west-1", &attachment);
        traffic.send(
            Call::new(&linked, "ec2:CreateNetworkInterface", at.plus(3))
                .request(json!({
                    "subnetId": "subnet-0f4a28c6b19d7e053",
                    "description": description,
                    "groupSet": {"items": [{"groupId": "sg-0a7d3c91e5f86b240"}]},
                    "privateIpAddressesSet": {},
                }))
                .response(json!({
                    "networkInterface": {
                        "networkInterfaceId": interface,
                        "subnetId": "subnet-0f4a28c6b19d7e053",
                        "vpcId": "vpc-0d61b7f2a8c3e9045",
                        "status": "pending",
                        "ownerId": ACCOUNT,
                        "tagSet": {},
                    },
                })),
        );
        traffic.send(
            Call::new(&linked, "ec2:DeleteNetworkInterface", at.plus(140))
                .request(json!({"networkInterfaceId": interface}))
                .response(json!({"_return": true})),
        );
    }
}

/// Application Auto Scaling looks at the services that it may resize.
fn scaling(traffic: &mut Traffic) {
    const ROLE: &str = "AWSServiceRoleForApplicationAutoScaling_ECSService";
    for at in rhythm(&mut traffic.random, 130) {
        let linked = Actor::linked_role("ecs.application-autoscaling", ROLE, "AutoScaling-ManageAlarms", at);
        let service = traffic.random.pick(&["shop-web", "shop-api", "orders-worker"]);
        traffic.send(
            Call::new(&linked, "ecs:DescribeServices", at).request(json!({"cluster": "shop", "services": [service]})),
        );
    }
}

/// AWS Config takes stock every half hour.
fn recorder(traffic: &mut Traffic) {
    const EC2: &[&str] = &[
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeVpcs",
        "ec2:DescribeSubnets",
        "ec2:DescribeRouteTables",
        "ec2:DescribeVolumes",
        "ec2:DescribeNetworkInterfaces",
    ];
    for at in rhythm(&mut traffic.random, 1800) {
        let config = Actor::linked_role("config", "AWSServiceRoleForConfig", "AWSConfig-Describe", at);
        for (step, event) in (0_u32..).zip(EC2) {
            let call = Call::new(&config, event, at.plus(step));
            traffic.send(call.request(json!({"filterSet": {}})));
        }
        for (step, bucket) in (8_u32..).zip(BUCKETS) {
            look_at_bucket(traffic, &config, bucket, at.plus(step));
        }
    }
}

/// Public records of this kind show `""` for a query key without value.
fn look_at_bucket(traffic: &mut Traffic, config: &Actor, bucket: &str, at: Moment) {
    for (event, key) in [
        ("s3:GetBucketPublicAccessBlock", "publicAccessBlock"),
        ("s3:GetBucketPolicy", "policy"),
        ("s3:GetBucketEncryption", "encryption"),
    ] {
        let call = Call::new(config, event, at).request(json!({"bucketName": bucket, key: ""}));
        let missing = event == "s3:GetBucketPolicy" && bucket == "pebblewick-artifacts";
        traffic.send(if missing {
            call.failed("NoSuchBucketPolicy", "The bucket policy does not exist")
        } else {
            call
        });
    }
}

/// AWS Backup finishes its night: a snapshot that is made, tagged, and an old one that goes.
fn nightly_backup_tail(traffic: &mut Traffic) {
    let at = Moment::at(8, 11);
    let backup =
        Actor::role("service-role/AWSBackupDefaultServiceRole", "AWSBackup-Job", at).on_behalf("backup.amazonaws.com");
    let snapshot = format!("snap-{}", traffic.random.hex(17));
    traffic.send(
        Call::new(&backup, "ec2:CreateSnapshot", at)
            .request(json!({
                "volumeId": "vol-0a93c5e1d7f2b8604",
                "description": "This snapshot is created by the AWS Backup service.",
            }))
            .response(json!({
                "snapshotId": snapshot,
                "volumeId": "vol-0a93c5e1d7f2b8604",
                "status": "pending",
                "startTime": at.epoch_milliseconds(),
                "ownerId": ACCOUNT,
                "volumeSize": "200",
                "encrypted": true,
                "tagSet": {},
            })),
    );
    traffic.send(
        Call::new(&backup, "ec2:CreateTags", at.plus(2))
            .request(json!({
                "resourcesSet": {"items": [{"resourceId": snapshot}]},
                "tagSet": {"items": [{"key": "aws:backup:source-resource", "value": "search"}]},
            }))
            .response(json!({"_return": true})),
    );
    let expired = format!("snap-{}", traffic.random.hex(17));
    traffic.send(
        Call::new(&backup, "ec2:DeleteSnapshot", at.plus(95))
            .request(json!({"snapshotId": expired}))
            .response(json!({"_return": true})),
    );
}
