//! An uneventful working day: what services, monitoring, deployments and people do.

use serde_json::{Value, json};

mod deployments;
mod inventory;
mod people;
mod services;
mod terraform;
mod workloads;

use super::actors::{Actor, assumed_role_id, credentials};
use super::company::{ACCOUNT, role_arn};
use super::moment::{CLOSING, Moment, OPENING};
use super::random::Random;
use super::record::{Call, Record};

/// All records of the day that have nothing to do with the break-in.
pub(super) fn records() -> Vec<Record> {
    let mut records = services::records();
    records.extend(workloads::records());
    records.extend(inventory::records());
    records.extend(deployments::records());
    records.extend(terraform::records());
    records.extend(people::records());
    records
}

/// Moments about `period` seconds apart, from opening to closing.
fn rhythm(random: &mut Random, period: u32) -> Vec<Moment> {
    let slack = period / 5;
    let mut now = OPENING.plus(random.below(period));
    let mut moments = Vec::new();
    while now < CLOSING {
        moments.push(now);
        now = now.plus(random.between(period - slack, period + slack));
    }
    moments
}

/// A service assumes one of the company's roles, as nearly every service does all day.
fn assume_role<'a>(service: &'a Actor, role: &str, session: &str, at: Moment) -> Call<'a> {
    let arn = role_arn(role);
    Call::new(service, "sts:AssumeRole", at)
        .request(json!({"roleArn": arn, "roleSessionName": session}))
        .response(assumed(role, session, at))
        .resource("AWS::IAM::Role", &arn)
}

/// The response to all calls that hand out a role's credentials.
fn assumed(role: &str, session: &str, at: Moment) -> Value {
    json!({
        "assumedRoleUser": {
            "assumedRoleId": assumed_role_id(role, session),
            "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}"),
        },
        "credentials": credentials(session, at),
    })
}
