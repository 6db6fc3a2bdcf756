//! Calls that the company's own programs make: functions, tasks, instances, and an old build job.

use serde_json::json;

use super::super::actors::Actor;
use super::super::company::{BUILD_SERVER_ADDRESS, DATA_KEY, FUNCTIONS, INSTANCES, NAT_ADDRESS, Region, arn};
use super::super::moment::Moment;
use super::super::record::{Call, Record, Traffic};
use super::{assume_role, rhythm};

pub(super) fn records() -> Vec<Record> {
    let mut traffic = Traffic::named("workloads");
    function_starts(&mut traffic);
    task_secrets(&mut traffic);
    instance_agents(&mut traffic);
    build_server(&mut traffic);
    traffic.into_records()
}

/// A new Lambda environment: the role is assumed, the settings decrypted, a log stream opened.
fn function_starts(traffic: &mut Traffic) {
    let lambda = Actor::service("lambda");
    for (function, role, period) in FUNCTIONS {
        let region = if *function == "image-resize" { Region::Virginia } else { Region::Ireland };
        for at in rhythm(&mut traffic.random, *period) {
            traffic.send(assume_role(&lambda, role, function, at).region(region));
            let own = Actor::role(role, function, at.hour_start())
                .from(NAT_ADDRESS, "awslambda-worker/1.0 rusoto/0.48.0 rust/1.90.0 linux");
            let function_arn = arn("lambda", region.name(), &format!("function:{function}"));
            if region == Region::Ireland {
                traffic.send(
                    Call::new(&own, "kms:Decrypt", at.plus(1))
                        .request(json!({
                            "encryptionContext": {"aws:lambda:FunctionArn": function_arn},
                            "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
                        }))
                        .resource("AWS::KMS::Key", DATA_KEY),
                );
            }
            let stream = format!("2026/03/10/[$LATEST]{}", traffic.random.hex(32));
            traffic.send(Call::new(&own, "logs:CreateLogStream", at.plus(2)).region(region).request(json!({
                "logGroupName": format!("/aws/lambda/{function}"),
                "logStreamName": stream,
            })));
        }
    }
}

/// Tasks read the database password; Secrets Manager decrypts it in their name.
fn task_secrets(traffic: &mut Traffic) {
    const AGENT: &str = "aws-sdk-java/2.31.9 md/io#async md/http#NettyNio ua/2.1 os/Linux#6.1.147 lang/java#21.0.6 exec-env/AWS_ECS_FARGATE";
    let secret = arn("secretsmanager", "eu-west-1", "secret:shop/prod/database-Qm4TzK");
    for (role, period) in [("shop-api-task", 290), ("orders-worker-task", 420)] {
        for at in rhythm(&mut traffic.random, period) {
            let session = format!("{role}-{}", at.hour_start().second_of_day());
            let task = Actor::role(role, &session, at.hour_start()).from(NAT_ADDRESS, AGENT);
            traffic.send(
                Call::new(&task, "secretsmanager:GetSecretValue", at)
                    .request(json!({"secretId": "shop/prod/database"})),
            );
            let decrypting = task.on_behalf("secretsmanager.amazonaws.com");
            traffic.send(
                Call::new(&decrypting, "kms:Decrypt", at)
                    .request(json!({
                        "encryptionContext": {"SecretARN": secret},
                        "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
                    }))
                    .resource("AWS::KMS::Key", DATA_KEY),
            );
        }
    }
}

/// The Systems Manager agent reports every five minutes from every instance.
fn instance_agents(traffic: &mut Traffic) {
    for instance in INSTANCES {
        for at in rhythm(&mut traffic.random, 300) {
            let agent = Actor::instance("shop-instance", instance, at);
            traffic.send(Call::new(&agent, "ssm:UpdateInstanceInformation", at).request(json!({
                "instanceId": instance,
                "agentName": "amazon-ssm-agent",
                "agentVersion": "3.3.3050.0",
                "agentStatus": "Active",
                "platformType": "Linux",
                "platformName": "Amazon Linux",
                "platformVersion": "2023",
                "iPAddress": "10.20.3.17",
                "computerName": "ip-10-20-3-17.eu-west-1.compute.internal",
            })));
        }
    }
}

/// The old build server still uses a user's key: the one that will leak.
fn build_server(traffic: &mut Traffic) {
    const AGENT: &str = "aws-cli/1.32.6 Python/3.9.18 Linux/5.4.0-216-generic botocore/1.34.6";
    let user = Actor::user("ci-artifacts").from(BUILD_SERVER_ADDRESS, AGENT);
    for at in rhythm(&mut traffic.random, 1500) {
        traffic.send(
            Call::new(&user, "s3:GetBucketLocation", at)
                .request(json!({"bucketName": "pebblewick-artifacts", "location": ""})),
        );
        publish_images(traffic, &user, at.plus(20));
    }
}

fn publish_images(traffic: &mut Traffic, user: &Actor, at: Moment) {
    let id = format!("I{}", traffic.random.upper(13));
    let paths = json!({"quantity": 1, "items": ["/images/*"]});
    traffic.send(
        Call::new(user, "cloudfront:CreateInvalidation2020_05_31", at)
            .request(json!({
                "distributionId": "E2QWRUHEXAMPLE",
                "invalidationBatch": {
                    "callerReference": format!("cli-{}", at.second_of_day()),
                    "paths": paths,
                },
            }))
            .response(json!({
                "invalidation": {"id": id, "status": "InProgress", "createTime": at.in_words()},
            })),
    );
    traffic.send(
        Call::new(user, "cloudfront:GetInvalidation2020_05_31", at.plus(60))
            .request(json!({"distributionId": "E2QWRUHEXAMPLE", "id": id})),
    );
}
