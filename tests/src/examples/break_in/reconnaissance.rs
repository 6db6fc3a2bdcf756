//! 10:41 to 10:53: the key is found, tried, and most doors are closed.

use serde_json::{Value, json};

use super::super::actors::Actor;
use super::super::company::{ACCOUNT, INTRUDER_ADDRESS, Region};
use super::super::moment::Moment;
use super::super::record::{Call, Record, Traffic, user_arn};
use super::{VICTIM, with_leaked_key};

pub(super) fn records() -> Vec<Record> {
    let mut traffic = Traffic::named("reconnaissance");
    try_key(&mut traffic);
    closed_doors(&mut traffic);
    own_permissions(&mut traffic);
    traffic.into_records()
}

/// A scanner finds the key in a public repository and proves that it works.
fn try_key(traffic: &mut Traffic) {
    let at = Moment::at(10, 41);
    let scanner = Actor::user(VICTIM).from(INTRUDER_ADDRESS, "TruffleHog");
    let check = Call::new(&scanner, "sts:GetCallerIdentity", at.plus(12));
    traffic.send(check.region(Region::Virginia));
    let intruder = with_leaked_key();
    let who = Call::new(&intruder, "sts:GetCallerIdentity", at.plus(165));
    traffic.send(who.region(Region::Virginia));
    traffic.send(Call::new(&intruder, "iam:ListUsers", at.plus(192)));
}

/// One service after the other says no.
fn closed_doors(traffic: &mut Traffic) {
    const DOORS: &[(&str, &str, &str)] = &[
        ("iam:GetAccountAuthorizationDetails", "iam:GetAccountAuthorizationDetails", "*"),
        ("iam:ListRoles", "iam:ListRoles", "arn:aws:iam::111122223333:role/"),
        ("organizations:DescribeOrganization", "organizations:DescribeOrganization", "*"),
        ("s3:ListBuckets", "s3:ListAllMyBuckets", ""),
        ("secretsmanager:ListSecrets", "secretsmanager:ListSecrets", ""),
        ("ssm:DescribeParameters", "ssm:DescribeParameters", "arn:aws:ssm:eu-west-1:111122223333:*"),
        ("lambda:ListFunctions20150331", "lambda:ListFunctions", "*"),
        ("rds:DescribeDBInstances", "rds:DescribeDBInstances", "arn:aws:rds:eu-west-1:111122223333:db:*"),
        ("dynamodb:ListTables", "dynamodb:ListTables", "arn:aws:dynamodb:eu-west-1:111122223333:table/*"),
        ("ecs:ListClusters", "ecs:ListClusters", "*"),
        ("ecr:DescribeRepositories", "ecr:DescribeRepositories", "arn:aws:ecr:eu-west-1:111122223333:repository/*"),
        ("kms:ListKeys", "kms:ListKeys", "*"),
        ("ses:ListIdentities", "ses:ListIdentities", "*"),
        ("cloudtrail:DescribeTrails", "cloudtrail:DescribeTrails", "*"),
        ("guardduty:ListDetectors", "guardduty:ListDetectors", "arn:aws:guardduty:eu-west-1:111122223333:detector/*"),
        (
            "logs:DescribeLogGroups",
            "logs:DescribeLogGroups",
            "arn:aws:logs:eu-west-1:111122223333:log-group::log-stream:",
        ),
    ];
    let intruder = with_leaked_key();
    let mut now = Moment::at(10, 44).plus(30);
    for (event, action, resource) in DOORS {
        traffic.send(Call::new(&intruder, event, now).denied(action, resource));
        now = now.plus(traffic.random.between(4, 21));
    }
    for region in [Region::Ireland, Region::Virginia] {
        let request = json!({"maxResults": 100, "instancesSet": {}, "filterSet": {}});
        traffic.send(
            Call::new(&intruder, "ec2:DescribeInstances", now)
                .region(region)
                .request(request)
                .denied("ec2:DescribeInstances", ""),
        );
        now = now.plus(6);
    }
}

/// One door is open: whoever wrote the policy allowed everything that concerns users.
fn own_permissions(traffic: &mut Traffic) {
    let intruder = with_leaked_key();
    let at = Moment::at(10, 50);
    let policy = format!("arn:aws:iam::{ACCOUNT}:policy/ci-user-management");
    let user = json!({"userName": VICTIM});
    for (seconds, event, request) in [
        (4, "iam:GetUser", Value::Null),
        (21, "iam:ListAttachedUserPolicies", user.clone()),
        (33, "iam:ListUserPolicies", user.clone()),
        (40, "iam:ListGroupsForUser", user.clone()),
        (58, "iam:ListAccessKeys", user.clone()),
    ] {
        traffic.send(Call::new(&intruder, event, at.plus(seconds)).request(request));
    }
    let read = Call::new(&intruder, "iam:GetPolicyVersion", at.plus(77));
    traffic.send(read.denied("iam:GetPolicyVersion", &format!("policy {policy}")));
    for (seconds, person) in [(96, "helen.ward"), (101, "ci-artifacts"), (109, "old-contractor")] {
        let name = json!({"userName": person});
        let profile = Call::new(&intruder, "iam:GetLoginProfile", at.plus(seconds));
        traffic.send(if person == "helen.ward" {
            profile.request(name)
        } else {
            let message = format!("Login Profile for User {person} cannot be found.");
            profile.request(name).failed("NoSuchEntityException", &message)
        });
    }
    let boundary = Call::new(&intruder, "iam:SimulatePrincipalPolicy", at.plus(130));
    traffic.send(boundary.denied("iam:SimulatePrincipalPolicy", &user_arn(VICTIM)));
}
