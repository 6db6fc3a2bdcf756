//! 11:07 to 11:24: the intruder takes away what could see them.

use serde_json::{Value, json};

use super::super::company::{
    ACCOUNT, AUDIT_TRAIL, DETECTOR_IRELAND, DETECTOR_VIRGINIA, FLOW_LOGS, OPS_TRAIL, Region, arn,
};
use super::super::moment::Moment;
use super::super::record::{Call, Record, Traffic};
use super::{BOOKKEEPER, at_console, with_leaked_key};

pub(super) fn records() -> Vec<Record> {
    let mut traffic = Traffic::named("blinding");
    trails(&mut traffic);
    guardduty(&mut traffic);
    flow_logs(&mut traffic);
    second_factor(&mut traffic);
    traffic.into_records()
}

/// One trail can be stopped; the other, which writes these logs, is out of reach.
fn trails(traffic: &mut Traffic) {
    let intruder = with_leaked_key();
    let at = Moment::at(11, 7);
    let (ops, audit) = (trail_arn(OPS_TRAIL), trail_arn(AUDIT_TRAIL));
    let list = Call::new(&intruder, "cloudtrail:DescribeTrails", at);
    traffic.send(list.request(json!({"trailNameList": [], "includeShadowTrails": true})));
    for (seconds, trail) in [(9, &ops), (12, &audit)] {
        let status = Call::new(&intruder, "cloudtrail:GetTrailStatus", at.plus(seconds));
        traffic.send(status.request(json!({"name": trail})));
    }
    traffic.send(Call::new(&intruder, "cloudtrail:StopLogging", at.plus(41)).denied_because(
        "cloudtrail:StopLogging",
        &audit,
        "with an explicit deny in a service control policy",
    ));
    traffic.send(Call::new(&intruder, "cloudtrail:StopLogging", at.plus(63)).request(json!({"name": OPS_TRAIL})));
    let selectors = json!([{
        "readWriteType": "ReadOnly",
        "includeManagementEvents": false,
        "dataResources": [],
        "excludeManagementEventSources": [],
    }]);
    traffic.send(
        Call::new(&intruder, "cloudtrail:PutEventSelectors", at.plus(112))
            .request(json!({"trailName": OPS_TRAIL, "eventSelectors": selectors}))
            .response(json!({"trailARN": ops, "eventSelectors": selectors})),
    );
}

fn trail_arn(trail: &str) -> String {
    arn("cloudtrail", "eu-west-1", &format!("trail/{trail}"))
}

fn guardduty(traffic: &mut Traffic) {
    let intruder = with_leaked_key();
    let at = Moment::at(11, 11);
    for (seconds, region, detector) in
        [(8, Region::Ireland, DETECTOR_IRELAND), (52, Region::Virginia, DETECTOR_VIRGINIA)]
    {
        let list = Call::new(&intruder, "guardduty:ListDetectors", at.plus(seconds));
        traffic.send(list.region(region));
        traffic.send(
            Call::new(&intruder, "guardduty:DeleteDetector", at.plus(seconds + 17))
                .region(region)
                .request(json!({"detectorId": detector})),
        );
    }
}

/// The wrapped request form of EC2's newer calls.
fn flow_logs(traffic: &mut Traffic) {
    let intruder = with_leaked_key();
    let at = Moment::at(11, 15);
    traffic.send(
        Call::new(&intruder, "ec2:DescribeFlowLogs", at.plus(2))
            .request(json!({"DescribeFlowLogsRequest": Value::String(String::new())})),
    );
    let request_id = traffic.random.uuid();
    traffic.send(
        Call::new(&intruder, "ec2:DeleteFlowLogs", at.plus(26))
            .request(json!({
                "DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": FLOW_LOGS}},
            }))
            .response(json!({
                "DeleteFlowLogsResponse": {
                    "xmlns": "http://ec2.amazonaws.com/doc/2016-11-15/",
                    "unsuccessful": "",
                    "requestId": request_id,
                },
            })),
    );
}

/// The bookkeeper's account becomes a second way in: no second factor, a new password.
fn second_factor(traffic: &mut Traffic) {
    let intruder = at_console();
    let at = Moment::at(11, 20);
    let user = json!({"userName": BOOKKEEPER});
    let device = format!("arn:aws:iam::{ACCOUNT}:mfa/helen-phone");
    traffic.send(Call::new(&intruder, "iam:GetUser", at.plus(3)).request(user.clone()));
    traffic.send(Call::new(&intruder, "iam:ListMFADevices", at.plus(4)).request(user));
    traffic.send(
        Call::new(&intruder, "iam:DeactivateMFADevice", at.plus(49))
            .request(json!({"userName": BOOKKEEPER, "serialNumber": device})),
    );
    traffic
        .send(Call::new(&intruder, "iam:DeleteVirtualMFADevice", at.plus(51)).request(json!({"serialNumber": device})));
    traffic.send(Call::new(&intruder, "iam:UpdateLoginProfile", at.plus(118)).request(json!({"userName": BOOKKEEPER})));
}
