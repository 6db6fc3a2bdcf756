//! 11:26 to 12:09: disks, an image and databases are given away; a machine gets a new start script.

use serde_json::{Value, json};

use super::super::actors::Actor;
use super::super::company::{
    ACCOUNT, BACKUP_BUCKET, OLD_SNAPSHOT, OUTSIDE_ACCOUNT, Region, STOCK_IMAGE, STOCK_IMPORTER, STOCK_VOLUME,
};
use super::super::moment::Moment;
use super::super::record::{Call, Record, Traffic};
use super::{at_console, done, with_leaked_key};

pub(super) fn records() -> Vec<Record> {
    let mut traffic = Traffic::named("theft");
    look_around(&mut traffic);
    disks(&mut traffic);
    image(&mut traffic);
    databases(&mut traffic);
    start_script(&mut traffic);
    dumps(&mut traffic);
    mining(&mut traffic);
    traffic.into_records()
}

fn look_around(traffic: &mut Traffic) {
    let intruder = with_leaked_key();
    let at = Moment::at(11, 26);
    let all = json!({"maxResults": 100, "instancesSet": {}, "filterSet": {}});
    for (seconds, event, request) in [
        (0, "ec2:DescribeInstances", all),
        (7, "ec2:DescribeVolumes", json!({"volumeSet": {}, "filterSet": {}})),
        (
            19,
            "ec2:DescribeSnapshots",
            json!({
                "ownersSet": {"items": [{"owner": "self"}]},
                "snapshotSet": {},
                "filterSet": {},
            }),
        ),
        (
            31,
            "ec2:DescribeImages",
            json!({
                "ownersSet": {"items": [{"owner": "self"}]},
                "imagesSet": {},
                "filterSet": {},
            }),
        ),
        (55, "s3:ListBuckets", Value::Null),
    ] {
        traffic.send(Call::new(&intruder, event, at.plus(seconds)).request(request));
    }
}

/// One snapshot goes to an account, an older one to everybody.
fn disks(traffic: &mut Traffic) {
    let intruder = with_leaked_key();
    let at = Moment::at(11, 29);
    let snapshot = format!("snap-{}", traffic.random.hex(17));
    traffic.send(
        Call::new(&intruder, "ec2:CreateSnapshot", at.plus(11)).request(json!({"volumeId": STOCK_VOLUME})).response(
            json!({
                "snapshotId": snapshot,
                "volumeId": STOCK_VOLUME,
                "status": "pending",
                "startTime": at.plus(11).epoch_milliseconds(),
                "ownerId": ACCOUNT,
                "volumeSize": "80",
                "encrypted": false,
                "tagSet": {},
            }),
        ),
    );
    let account = json!({"items": [{"userId": OUTSIDE_ACCOUNT}]});
    let everybody = json!({"items": [{"group": "all"}]});
    for (seconds, snapshot, whom) in [(196, snapshot.as_str(), account), (301, OLD_SNAPSHOT, everybody)] {
        traffic.send(
            Call::new(&intruder, "ec2:ModifySnapshotAttribute", at.plus(seconds))
                .request(json!({
                    "snapshotId": snapshot,
                    "attributeType": "CREATE_VOLUME_PERMISSION",
                    "createVolumePermission": {"add": whom},
                }))
                .response(done()),
        );
    }
    let mut ec2 = Actor::service("ec2");
    // Service events about shared snapshots have an identity without a type.
    ec2.identity = json!({"accountId": OUTSIDE_ACCOUNT, "invokedBy": "ec2.amazonaws.com"});
    traffic.send(
        Call::new(&ec2, "ec2:SharedSnapshotCopyInitiated", at.plus(388)).service_event(json!({"snapshotId": snapshot})),
    );
}

fn image(traffic: &mut Traffic) {
    let intruder = with_leaked_key();
    traffic.send(
        Call::new(&intruder, "ec2:ModifyImageAttribute", Moment::at(11, 38).plus(14))
            .request(json!({
                "imageId": STOCK_IMAGE,
                "attributeType": "launchPermission",
                "launchPermission": {"add": {"items": [{"group": "all"}]}},
            }))
            .response(done()),
    );
}

/// The shop's database goes to an account, last year's staging copy to everybody.
fn databases(traffic: &mut Traffic) {
    let intruder = with_leaked_key();
    let at = Moment::at(11, 41);
    let list = Call::new(&intruder, "rds:DescribeDBInstances", at);
    traffic.send(list.request(json!({})));
    let mine = json!({"includeShared": false, "includePublic": false});
    traffic.send(Call::new(&intruder, "rds:DescribeDBSnapshots", at.plus(12)).request(mine));
    let names = json!({
        "dBInstanceIdentifier": "shop-prod",
        "dBSnapshotIdentifier": "shop-prod-migration",
    });
    traffic.send(Call::new(&intruder, "rds:CreateDBSnapshot", at.plus(35)).request(names).response(json!({
        "dBSnapshotIdentifier": "shop-prod-migration",
        "dBInstanceIdentifier": "shop-prod",
        "dBSnapshotArn": format!("arn:aws:rds:eu-west-1:{ACCOUNT}:snapshot:shop-prod-migration"),
        "engine": "postgres",
        "engineVersion": "16.6",
        "allocatedStorage": 200,
        "status": "creating",
        "snapshotType": "manual",
        "encrypted": false,
        "port": 5432,
        "masterUsername": "shop",
        "percentProgress": 0,
    })));
    for (seconds, snapshot, whom) in
        [(355, "shop-prod-migration", OUTSIDE_ACCOUNT), (402, "shop-staging-final-2025", "all")]
    {
        let attribute = json!({"attributeName": "restore", "attributeValues": [whom]});
        traffic.send(
            Call::new(&intruder, "rds:ModifyDBSnapshotAttribute", at.plus(seconds))
                .request(json!({
                    "dBSnapshotIdentifier": snapshot,
                    "attributeName": "restore",
                    "valuesToAdd": [whom],
                }))
                .response(json!({
                    "dBSnapshotIdentifier": snapshot,
                    "dBSnapshotAttributes": [attribute],
                })),
        );
    }
}

/// Stop, change, start: the instance runs the intruder's script as root.
fn start_script(traffic: &mut Traffic) {
    let intruder = at_console();
    let at = Moment::at(11, 51);
    let read = json!({"instanceId": STOCK_IMPORTER, "attribute": "userData"});
    traffic.send(Call::new(&intruder, "ec2:DescribeInstanceAttribute", at.plus(6)).request(read));
    let change_state = |event, seconds, (before, after)| {
        let (old, new) = (state(before), state(after));
        Call::new(&intruder, event, at.plus(seconds))
            .request(json!({"instancesSet": {"items": [{"instanceId": STOCK_IMPORTER}]}}))
            .response(json!({"instancesSet": {"items": [{
                "instanceId": STOCK_IMPORTER,
                "previousState": old,
                "currentState": new,
            }]}}))
    };
    traffic.send(change_state("ec2:StopInstances", 44, ("running", "stopping")));
    traffic.send(
        Call::new(&intruder, "ec2:ModifyInstanceAttribute", at.plus(131))
            .request(json!({"instanceId": STOCK_IMPORTER, "userData": "<sensitiveDataRemoved>"}))
            .response(done()),
    );
    traffic.send(change_state("ec2:StartInstances", 148, ("stopped", "pending")));
}

fn state(name: &str) -> Value {
    let code = match name {
        "pending" => 0,
        "running" => 16,
        "stopping" => 64,
        _ => 80,
    };
    json!({"code": code, "name": name})
}

/// The bucket of database dumps loses what keeps it from becoming public.
fn dumps(traffic: &mut Traffic) {
    let intruder = at_console();
    let at = Moment::at(11, 57);
    let read = json!({"bucketName": BACKUP_BUCKET, "publicAccessBlock": ""});
    traffic.send(Call::new(&intruder, "s3:GetBucketPublicAccessBlock", at.plus(9)).request(read));
    traffic.send(Call::new(&intruder, "s3:PutBucketPublicAccessBlock", at.plus(38)).request(json!({
        "bucketName": BACKUP_BUCKET,
        "publicAccessBlock": "",
        "PublicAccessBlockConfiguration": {
            "xmlns": "http://s3.amazonaws.com/doc/2006-03-01/",
            "BlockPublicAcls": false,
            "IgnorePublicAcls": false,
            "BlockPublicPolicy": false,
            "RestrictPublicBuckets": false,
        },
    })));
}

/// Somebody else's electricity: the quota says no, twice.
fn mining(traffic: &mut Traffic) {
    let intruder = with_leaked_key();
    for (at, kind) in [(Moment::at(12, 0), "p4d.24xlarge"), (Moment::at(12, 1), "g5.48xlarge")] {
        let items = json!([{"imageId": "ami-0b3c91d5e7f826a40", "minCount": 1, "maxCount": 8}]);
        traffic.send(
            Call::new(&intruder, "ec2:RunInstances", at.plus(20))
                .region(Region::Virginia)
                .request(json!({
                    "instanceType": kind,
                    "instancesSet": {"items": items},
                    "blockDeviceMapping": {},
                    "monitoring": {"enabled": false},
                    "disableApiTermination": false,
                }))
                .failed(
                    "Client.VcpuLimitExceeded",
                    "You have requested more vCPU capacity than your current vCPU limit of 0 allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.",
                ),
        );
    }
}
