//! 10:56 to 11:05: the key makes itself administrator, and a user that outlives it.

use serde_json::json;

use super::super::actors::{Actor, BROWSER_AGENT, long_term_key, user_id};
use super::super::company::{INTRUDER_BROWSER_ADDRESS, Region};
use super::super::moment::Moment;
use super::super::record::{Call, Record, Traffic, user_arn};
use super::{BACKDOOR, VICTIM, with_leaked_key};

/// When the intruder signs in at the console.
pub(super) const CONSOLE_LOGIN: Moment = Moment::at(11, 4);
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

pub(super) fn records() -> Vec<Record> {
    let mut traffic = Traffic::named("foothold");
    become_administrator(&mut traffic);
    create_backdoor(&mut traffic);
    sign_in(&mut traffic);
    traffic.into_records()
}

fn become_administrator(traffic: &mut Traffic) {
    let intruder = with_leaked_key();
    traffic.send(
        Call::new(&intruder, "iam:AttachUserPolicy", Moment::at(10, 56).plus(17))
            .request(json!({"userName": VICTIM, "policyArn": ADMINISTRATOR})),
    );
}

fn create_backdoor(traffic: &mut Traffic) {
    let intruder = with_leaked_key();
    let at = Moment::at(10, 58);
    traffic.send(Call::new(&intruder, "iam:CreateUser", at.plus(5)).request(json!({"userName": BACKDOOR})).response(
        json!({
            "user": {
                "path": "/",
                "userName": BACKDOOR,
                "userId": user_id(BACKDOOR),
                "arn": user_arn(BACKDOOR),
                "createDate": at.plus(5).in_words(),
            },
        }),
    ));
    traffic.send(
        Call::new(&intruder, "iam:AttachUserPolicy", at.plus(31))
            .request(json!({"userName": BACKDOOR, "policyArn": ADMINISTRATOR})),
    );
    traffic.send(
        Call::new(&intruder, "iam:CreateLoginProfile", at.plus(58))
            .request(json!({"userName": BACKDOOR, "passwordResetRequired": false}))
            .response(json!({
                "loginProfile": {
                    "userName": BACKDOOR,
                    "createDate": at.plus(58).in_words(),
                    "passwordResetRequired": false,
                },
            })),
    );
    traffic.send(
        Call::new(&intruder, "iam:CreateAccessKey", at.plus(92)).request(json!({"userName": BACKDOOR})).response(
            json!({
                "accessKey": {
                    "userName": BACKDOOR,
                    "accessKeyId": long_term_key(BACKDOOR),
                    "status": "Active",
                    "createDate": at.plus(92).in_words(),
                },
            }),
        ),
    );
}

fn sign_in(traffic: &mut Traffic) {
    let user = Actor::signing_in(BACKDOOR).from(INTRUDER_BROWSER_ADDRESS, BROWSER_AGENT);
    traffic.send(
        Call::new(&user, "signin:ConsoleLogin", CONSOLE_LOGIN)
            .region(Region::Virginia)
            .response(json!({"ConsoleLogin": "Success"}))
            .additional(json!({
                "LoginTo": "https://console.aws.amazon.com/console/home",
                "MobileVersion": "No",
                "MFAUsed": "No",
            }))
            .sign_in(),
    );
    let console = super::at_console();
    for (seconds, event) in [
        (14, "ec2:DescribeAccountAttributes"),
        (15, "health:DescribeEventAggregates"),
        (40, "iam:ListUsers"),
        (44, "iam:ListRoles"),
    ] {
        traffic.send(Call::new(&console, event, CONSOLE_LOGIN.plus(seconds)));
    }
}
