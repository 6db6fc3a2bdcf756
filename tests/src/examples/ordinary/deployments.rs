//! The pipeline builds and deploys the shop: short-lived credentials, an image, a new revision.

use serde_json::json;

use super::super::actors::Actor;
use super::super::company::{ACCOUNT, role_arn};
use super::super::moment::Moment;
use super::super::record::{Call, Record, Traffic};
use super::{assumed, rhythm};

const ROLE: &str = "github-deploy";
const AGENT: &str = "aws-sdk-js/3.901.0 ua/2.1 os/linux#6.11.0-1018-azure lang/js md/nodejs#20.19.4 api/sts#3.901.0 aws-credentials-for-github-actions";
const RUNNERS: &[&str] = &["192.0.2.131", "192.0.2.132", "192.0.2.133", "192.0.2.134"];

pub(super) fn records() -> Vec<Record> {
    let mut traffic = Traffic::named("deployments");
    for (build, at) in (1_u32..).zip(rhythm(&mut traffic.random, 2100)) {
        let address = traffic.random.pick(RUNNERS);
        let session = format!("build-{}", 8120 + build);
        pipeline_takes_role(&mut traffic, ROLE, (&session, address), at);
        let role = Actor::role(ROLE, &session, at).from(address, AGENT);
        let service = traffic.random.pick(&["shop-web", "shop-api", "orders-worker"]);
        push_image(&mut traffic, &role, service, at.plus(40));
        roll_out(&mut traffic, &role, service, at.plus(95));
        if build % 3 == 0 {
            update_function(&mut traffic, &role, at.plus(60));
        }
    }
    traffic.into_records()
}

/// The pipeline trades its identity token for a role; `client` is session name and address.
pub(super) fn pipeline_takes_role(traffic: &mut Traffic, role: &str, client: (&str, &str), at: Moment) {
    let (session, address) = client;
    let provider = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com");
    let subject = "repo:pebblewick/shop:ref:refs/heads/main";
    let caller = Actor::outside(json!({
        "type": "WebIdentityUser",
        "principalId": format!("{provider}:sts.amazonaws.com:{subject}"),
        "userName": subject,
        "identityProvider": provider,
    }))
    .from(address, AGENT);
    let arn = role_arn(role);
    let mut response = assumed(role, session, at);
    if let Some(fields) = response.as_object_mut() {
        fields.insert("provider".to_owned(), json!(provider));
        fields.insert("audience".to_owned(), json!("sts.amazonaws.com"));
        fields.insert("subjectFromWebIdentityToken".to_owned(), json!(subject));
    }
    traffic.send(
        Call::new(&caller, "sts:AssumeRoleWithWebIdentity", at)
            .request(json!({
                "roleArn": arn,
                "roleSessionName": session,
                "durationSeconds": 3600,
            }))
            .response(response)
            .resource("AWS::IAM::Role", &arn),
    );
}

fn push_image(traffic: &mut Traffic, role: &Actor, service: &str, at: Moment) {
    let repository = format!("shop/{service}");
    traffic.send(Call::new(role, "ecr:GetAuthorizationToken", at));
    let digests: Vec<String> = (0..2).map(|_| format!("sha256:{}", traffic.random.hex(64))).collect();
    traffic.send(Call::new(role, "ecr:BatchCheckLayerAvailability", at.plus(2)).request(json!({
        "registryId": ACCOUNT,
        "repositoryName": repository,
        "layerDigests": digests,
    })));
    let upload = json!({"partSize": 10_485_760, "uploadId": traffic.random.uuid()});
    traffic.send(
        Call::new(role, "ecr:InitiateLayerUpload", at.plus(3))
            .request(json!({"registryId": ACCOUNT, "repositoryName": repository}))
            .response(upload),
    );
    traffic.send(
        Call::new(role, "ecr:PutImage", at.plus(20))
            .request(json!({
                "registryId": ACCOUNT,
                "repositoryName": repository,
                "imageTag": "main",
                "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
            }))
            .response(json!({
                "image": {
                    "registryId": ACCOUNT,
                    "repositoryName": repository,
                    "imageId": {"imageTag": "main", "imageDigest": digests.first()},
                },
            })),
    );
}

fn roll_out(traffic: &mut Traffic, role: &Actor, service: &str, at: Moment) {
    let revision = traffic.random.between(210, 390);
    let definition = format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/{service}:{revision}");
    traffic.send(
        Call::new(role, "ecs:RegisterTaskDefinition", at)
            .request(json!({
                "family": service,
                "cpu": "512",
                "memory": "1024",
                "networkMode": "awsvpc",
                "requiresCompatibilities": ["FARGATE"],
                "taskRoleArn": role_arn(&format!("{service}-task")),
            }))
            .response(json!({
                "taskDefinition": {
                    "taskDefinitionArn": definition,
                    "family": service,
                    "revision": revision,
                    "status": "ACTIVE",
                },
            })),
    );
    traffic.send(
        Call::new(role, "ecs:UpdateService", at.plus(3))
            .request(json!({"cluster": "shop", "service": service, "taskDefinition": definition}))
            .response(json!({
                "service": {
                    "serviceName": service,
                    "status": "ACTIVE",
                    "desiredCount": 2,
                    "taskDefinition": definition,
                },
            })),
    );
    for look in 1..=6 {
        traffic.send(
            Call::new(role, "ecs:DescribeServices", at.plus(3 + look * 15))
                .request(json!({"cluster": "shop", "services": [service]})),
        );
    }
}

fn update_function(traffic: &mut Traffic, role: &Actor, at: Moment) {
    let code = format!("{}=", traffic.random.alphanumeric(43));
    traffic.send(
        Call::new(role, "lambda:UpdateFunctionCode20150331v2", at)
            .request(json!({
                "functionName": "order-mailer",
                "s3Bucket": "pebblewick-artifacts",
                "s3Key": "order-mailer.zip",
                "publish": false,
                "dryRun": false,
            }))
            .response(json!({
                "functionName": "order-mailer",
                "functionArn": format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:order-mailer"),
                "runtime": "python3.13",
                "role": role_arn("order-mailer-role"),
                "codeSize": 184_220,
                "codeSha256": code,
                "version": "$LATEST",
                "state": "Active",
            })),
    );
}
