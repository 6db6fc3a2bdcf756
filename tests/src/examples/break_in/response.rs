//! 12:03 to 12:45: AWS fences the key in, the intruder takes the fence down, Anna cleans up.

use serde_json::{Value, json};

use super::super::actors::{Actor, long_term_key};
use super::super::company::{
    ACCOUNT, BACKUP_BUCKET, OLD_SNAPSHOT, OPS_TRAIL, OPS_TRAIL_BUCKET, Region, STOCK_IMAGE, STOCK_IMPORTER, arn,
};
use super::super::moment::Moment;
use super::super::record::{Call, Record, Traffic};
use super::{BACKDOOR, BOOKKEEPER, VICTIM, at_console, done, responder};

const QUARANTINE: &str = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3";

pub(super) fn records() -> Vec<Record> {
    let mut traffic = Traffic::named("response");
    quarantine(&mut traffic);
    last_trail(&mut traffic);
    lock_out(&mut traffic);
    take_back(&mut traffic);
    watch_again(&mut traffic);
    traffic.into_records()
}

/// AWS found the key in public, too; the backdoor is not affected and undoes it.
fn quarantine(traffic: &mut Traffic) {
    let policy = json!({"userName": VICTIM, "policyArn": QUARANTINE});
    let mut aws = Actor::user(VICTIM).on_behalf("AWS Internal");
    if let Some(identity) = aws.identity.as_object_mut() {
        identity.remove("accessKeyId");
    }
    let fence = Call::new(&aws, "iam:AttachUserPolicy", Moment::at(12, 3).plus(33));
    traffic.send(fence.request(policy.clone()));
    let intruder = at_console();
    let at = Moment::at(12, 8);
    let look = Call::new(&intruder, "iam:ListAttachedUserPolicies", at.plus(2));
    traffic.send(look.request(json!({"userName": VICTIM})));
    traffic.send(Call::new(&intruder, "iam:DetachUserPolicy", at.plus(47)).request(policy));
}

/// The intruder's last act.
fn last_trail(traffic: &mut Traffic) {
    let intruder = at_console();
    traffic.send(
        Call::new(&intruder, "cloudtrail:DeleteTrail", Moment::at(12, 11).plus(24))
            .request(json!({"name": arn("cloudtrail", "eu-west-1", &format!("trail/{OPS_TRAIL}"))})),
    );
}

/// Keys off, passwords gone.
fn lock_out(traffic: &mut Traffic) {
    let anna = responder();
    let at = Moment::at(12, 16);
    let off = |user: &str| {
        json!({
            "userName": user,
            "accessKeyId": long_term_key(user),
            "status": "Inactive",
        })
    };
    for (seconds, event, request) in [
        (0, "sts:GetCallerIdentity", Value::Null),
        (22, "iam:UpdateAccessKey", off(VICTIM)),
        (41, "iam:UpdateAccessKey", off(BACKDOOR)),
        (58, "iam:DeleteLoginProfile", json!({"userName": BACKDOOR})),
        (75, "iam:DeleteLoginProfile", json!({"userName": BOOKKEEPER})),
        (
            131,
            "iam:DetachUserPolicy",
            json!({
                "userName": BACKDOOR,
                "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
            }),
        ),
        (
            140,
            "iam:DetachUserPolicy",
            json!({
                "userName": VICTIM,
                "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
            }),
        ),
    ] {
        traffic.send(Call::new(&anna, event, at.plus(seconds)).request(request));
    }
    let console = at_console();
    traffic.send(
        Call::new(&console, "iam:ListUsers", at.plus(204))
            .denied("iam:ListUsers", &format!("arn:aws:iam::{ACCOUNT}:user/")),
    );
}

/// The same event names as the theft, with `remove` where that had `add`.
fn take_back(traffic: &mut Traffic) {
    let anna = responder();
    let at = Moment::at(12, 22);
    let everybody = json!({"remove": {"items": [{"group": "all"}]}});
    traffic.send(
        Call::new(&anna, "ec2:ModifySnapshotAttribute", at.plus(5))
            .request(json!({
                "snapshotId": OLD_SNAPSHOT,
                "attributeType": "CREATE_VOLUME_PERMISSION",
                "createVolumePermission": everybody,
            }))
            .response(done()),
    );
    traffic.send(
        Call::new(&anna, "ec2:ModifyImageAttribute", at.plus(37))
            .request(json!({
                "imageId": STOCK_IMAGE,
                "attributeType": "launchPermission",
                "launchPermission": everybody,
            }))
            .response(done()),
    );
    traffic.send(
        Call::new(&anna, "rds:ModifyDBSnapshotAttribute", at.plus(66))
            .request(json!({
                "dBSnapshotIdentifier": "shop-staging-final-2025",
                "attributeName": "restore",
                "valuesToRemove": ["all"],
            }))
            .response(json!({
                "dBSnapshotIdentifier": "shop-staging-final-2025",
                "dBSnapshotAttributes": [{"attributeName": "restore", "attributeValues": []}],
            })),
    );
    traffic.send(Call::new(&anna, "s3:PutBucketPublicAccessBlock", at.plus(104)).request(json!({
        "bucketName": BACKUP_BUCKET,
        "publicAccessBlock": "",
        "PublicAccessBlockConfiguration": {
            "xmlns": "http://s3.amazonaws.com/doc/2006-03-01/",
            "BlockPublicAcls": true,
            "IgnorePublicAcls": true,
            "BlockPublicPolicy": true,
            "RestrictPublicBuckets": true,
        },
    })));
    traffic.send(
        Call::new(&anna, "ec2:StopInstances", at.plus(150))
            .request(json!({"instancesSet": {"items": [{"instanceId": STOCK_IMPORTER}]}}))
            .response(json!({"instancesSet": {"items": [{
                "instanceId": STOCK_IMPORTER,
                "previousState": {"code": 16, "name": "running"},
                "currentState": {"code": 64, "name": "stopping"},
            }]}})),
    );
}

fn watch_again(traffic: &mut Traffic) {
    let anna = responder();
    let at = Moment::at(12, 34);
    for (seconds, region) in [(0, Region::Ireland), (18, Region::Virginia)] {
        let detector = traffic.random.hex(32);
        traffic.send(
            Call::new(&anna, "guardduty:CreateDetector", at.plus(seconds))
                .region(region)
                .request(json!({"enable": true}))
                .response(json!({"detectorId": detector})),
        );
    }
    let trail = arn("cloudtrail", "eu-west-1", &format!("trail/{OPS_TRAIL}"));
    traffic.send(
        Call::new(&anna, "cloudtrail:CreateTrail", at.plus(95))
            .request(json!({
                "name": OPS_TRAIL,
                "s3BucketName": OPS_TRAIL_BUCKET,
                "isMultiRegionTrail": true,
                "enableLogFileValidation": true,
            }))
            .response(json!({
                "name": OPS_TRAIL,
                "trailARN": trail,
                "s3BucketName": OPS_TRAIL_BUCKET,
                "includeGlobalServiceEvents": true,
                "isMultiRegionTrail": true,
                "isOrganizationTrail": false,
                "logFileValidationEnabled": true,
            })),
    );
    traffic.send(Call::new(&anna, "cloudtrail:StartLogging", at.plus(120)).request(json!({"name": OPS_TRAIL})));
}
