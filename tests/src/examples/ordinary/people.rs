//! The company's people: sign-ins through Identity Center, clicking about, a forgotten password.

use serde_json::{Value, json};

use super::super::actors::{Actor, BROWSER_AGENT, CLI_AGENT};
use super::super::company::{ACCOUNT, BUCKETS, HOME_ADDRESS, INSTANCES, OFFICE_ADDRESS, Region, role_arn};
use super::super::moment::Moment;
use super::super::random::Random;
use super::super::record::{Call, Record, Traffic};

/// A working session: who, with which permission set, from where, when and how many clicks.
struct Session {
    person: &'static str,
    set: &'static str,
    address: &'static str,
    start: Moment,
    clicks: u32,
}

const SESSIONS: &[Session] = &[
    Session {
        person: "anna.lindqvist",
        set: "Administrator",
        address: OFFICE_ADDRESS,
        start: Moment::at(8, 17),
        clicks: 46,
    },
    Session { person: "tom.okafor", set: "Developer", address: OFFICE_ADDRESS, start: Moment::at(8, 51), clicks: 60 },
    Session { person: "priya.nair", set: "Developer", address: HOME_ADDRESS, start: Moment::at(9, 22), clicks: 72 },
    Session { person: "tom.okafor", set: "Developer", address: OFFICE_ADDRESS, start: Moment::at(11, 34), clicks: 52 },
    Session { person: "priya.nair", set: "ReadOnly", address: HOME_ADDRESS, start: Moment::at(13, 2), clicks: 48 },
];

pub(super) fn records() -> Vec<Record> {
    let mut traffic = Traffic::named("people");
    for session in SESSIONS {
        sign_in(&mut traffic, session);
        click_about(&mut traffic, session);
    }
    bookkeeper(&mut traffic);
    command_line(&mut traffic);
    traffic.into_records()
}

/// Portal, federation, role and console: four records for one sign-in.
fn sign_in(traffic: &mut Traffic, session: &Session) {
    let directory = "arn:aws:identitystore::111122223333:identitystore/d-936EXAMPLE";
    let user = Actor::outside(json!({
        "type": "IdentityCenterUser",
        "accountId": ACCOUNT,
        "onBehalfOf": {
            "userId": format!("02a5{}", Random::named(session.person).hex(32)),
            "identityStoreArn": directory,
        },
        "credentialId": traffic.random.uuid(),
    }))
    .from(session.address, BROWSER_AGENT);
    let (start, workflow) = (session.start, traffic.random.uuid());
    traffic.send(
        Call::new(&user, "signin:UserAuthentication", start)
            .additional(json!({
                "AuthWorkflowID": workflow,
                "CredentialType": "PASSWORD,TOTP",
                "UserName": session.person,
            }))
            .service_event(json!({"UserAuthentication": "Success"})),
    );
    let role = role_name(session);
    traffic.send(
        Call::new(&user, "sso:Federate", start.plus(9))
            .service_event(json!({"role_name": session.set, "account_id": ACCOUNT})),
    );
    let provider = format!("arn:aws:iam::{ACCOUNT}:saml-provider/AWSSSO_4c7de19a52b3f860_DO_NOT_DELETE");
    let federated = Actor::outside(json!({
        "type": "SAMLUser",
        "principalId": format!("hQ3lXr7EXAMPLE=:{}", session.person),
        "userName": session.person,
        "identityProvider": "hQ3lXr7EXAMPLE=",
    }))
    .from(session.address, BROWSER_AGENT);
    traffic.send(
        Call::new(&federated, "sts:AssumeRoleWithSAML", start.plus(10))
            .request(json!({
                "roleArn": role_arn(&role),
                "principalArn": provider,
                "roleSessionName": session.person,
                "durationSeconds": 28800,
            }))
            .response(super::assumed(&role, session.person, start.plus(10)))
            .resource("AWS::IAM::Role", &role_arn(&role)),
    );
    traffic.send(
        Call::new(&employee(session), "signin:ConsoleLogin", start.plus(11))
            .response(json!({"ConsoleLogin": "Success"}))
            .additional(json!({
                "LoginTo": "https://eu-west-1.console.aws.amazon.com/console/home",
                "MobileVersion": "No",
                "MFAUsed": "No",
                "SamlProviderArn": provider,
            }))
            .sign_in(),
    );
}

fn employee(session: &Session) -> Actor {
    Actor::employee(session.set, session.person, session.start.plus(10)).from(session.address, BROWSER_AGENT)
}

fn role_name(session: &Session) -> String {
    format!("AWSReservedSSO_{}_{}", session.set, Random::named(session.set).hex(16))
}

/// A console page makes several calls at once, then nothing until the next click.
fn click_about(traffic: &mut Traffic, session: &Session) {
    let person = employee(session);
    let mut now = session.start.plus(30);
    for _ in 0..session.clicks {
        let (event, request) = console_call(&mut traffic.random);
        let call = Call::new(&person, event, now).request(request);
        let denied = session.set == "Developer" && event == "iam:ListUsers";
        traffic.send(if denied {
            call.denied("iam:ListUsers", &format!("arn:aws:iam::{ACCOUNT}:user/"))
        } else {
            call
        });
        let pause = if traffic.random.below(4) == 0 { 260 } else { 9 };
        now = now.plus(traffic.random.between(1, pause));
    }
}

fn console_call(random: &mut Random) -> (&'static str, Value) {
    let instance = random.pick(INSTANCES);
    match random.below(13) {
        0 => ("ec2:DescribeInstances", json!({"maxResults": 50, "instancesSet": {}, "filterSet": {}})),
        1 => (
            "ec2:DescribeInstanceStatus",
            json!({"instancesSet": {"items": [{"instanceId": instance}]}, "filterSet": {}, "includeAllInstances": false}),
        ),
        2 => ("ec2:DescribeSecurityGroups", json!({"securityGroupSet": {}, "securityGroupIdSet": {}, "filterSet": {}})),
        3 => ("ec2:DescribeAvailabilityZones", json!({"availabilityZoneSet": {}, "allAvailabilityZones": false})),
        4 => ("monitoring:DescribeAlarms", json!({"maxRecords": 100, "alarmTypes": ["CompositeAlarm", "MetricAlarm"]})),
        5 => ("rds:DescribeDBInstances", json!({"dBInstanceIdentifier": "shop-prod"})),
        6 => ("ecs:DescribeServices", json!({"cluster": "shop", "services": ["shop-web"]})),
        7 => (
            "logs:DescribeLogStreams",
            json!({"logGroupName": "/ecs/shop-api", "orderBy": "LastEventTime", "descending": true}),
        ),
        8 => ("s3:GetBucketLocation", json!({"bucketName": random.pick(BUCKETS), "location": ""})),
        9 => ("cloudtrail:LookupEvents", json!({"maxResults": 50})),
        10 => (
            "health:DescribeEventAggregates",
            json!({"aggregateField": "eventTypeCategory", "filter": {"eventStatusCodes": ["open", "upcoming"]}}),
        ),
        11 => ("ssm:DescribeInstanceInformation", json!({"maxResults": 50})),
        _ => ("iam:ListUsers", json!({"maxItems": 100})),
    }
}

/// The bookkeeper has an IAM user with MFA, mistypes the password once, and reads the bill.
fn bookkeeper(traffic: &mut Traffic) {
    const NAME: &str = "helen.ward";
    let at = Moment::at(9, 4);
    let signing_in = Actor::signing_in(NAME).from(OFFICE_ADDRESS, BROWSER_AGENT);
    let login = |result: &str, mfa: &str| {
        (
            json!({"ConsoleLogin": result}),
            json!({
                "LoginTo": "https://console.aws.amazon.com/billing/home",
                "MobileVersion": "No",
                "MFAUsed": mfa,
            }),
        )
    };
    let (response, additional) = login("Failure", "No");
    let mistyping = Actor::failing_to_sign_in(NAME).from(OFFICE_ADDRESS, BROWSER_AGENT);
    let failure = Call::new(&mistyping, "signin:ConsoleLogin", at).region(Region::Virginia);
    traffic.send(failure.failed("", "Failed authentication").response(response).additional(additional).sign_in());
    traffic.send(
        Call::new(&signing_in, "signin:CheckMfa", at.plus(31))
            .region(Region::Virginia)
            .response(json!({"CheckMfa": "Success"}))
            .additional(json!({"MfaType": "Virtual MFA"}))
            .sign_in(),
    );
    let (response, additional) = login("Success", "Yes");
    traffic.send(
        Call::new(&signing_in, "signin:ConsoleLogin", at.plus(44))
            .region(Region::Virginia)
            .response(response)
            .additional(additional)
            .sign_in(),
    );
    let helen = Actor::user_at_console(NAME, at.plus(44)).from(OFFICE_ADDRESS, BROWSER_AGENT);
    for step in 0..5 {
        let period = json!({"Start": "2026-02-01", "End": "2026-03-01"});
        traffic.send(Call::new(&helen, "ce:GetCostAndUsage", at.plus(60 + step * 17)).request(json!({
            "TimePeriod": period,
            "Granularity": "MONTHLY",
            "Metrics": ["UnblendedCost"],
        })));
    }
}

/// Anna restarts a search node from the command line.
fn command_line(traffic: &mut Traffic) {
    let at = Moment::at(8, 36);
    let mut anna = Actor::employee("Administrator", "anna.lindqvist", at);
    anna.channel = super::super::actors::Channel::Direct;
    let anna = anna.from(OFFICE_ADDRESS, CLI_AGENT);
    let instance = json!({"items": [{"instanceId": INSTANCES.get(1)}]});
    traffic.send(Call::new(&anna, "sts:GetCallerIdentity", at.plus(2)));
    traffic.send(
        Call::new(&anna, "ec2:RebootInstances", at.plus(40))
            .request(json!({"instancesSet": instance}))
            .response(json!({"_return": true})),
    );
    for look in 1..=4 {
        traffic.send(
            Call::new(&anna, "ec2:DescribeInstanceStatus", at.plus(40 + look * 20))
                .request(json!({"instancesSet": instance, "filterSet": {}, "includeAllInstances": true})),
        );
    }
}
