//! The rights that a look needs, as a policy.

use serde_json::{Value, json};

/// All calls that `doctor` makes. They read, and none of them reads a record.
const ACTIONS: [&str; 14] = [
    "cloudtrail:DescribeTrails",
    "cloudtrail:GetEventSelectors",
    "cloudtrail:GetTrailStatus",
    "cloudwatch:DescribeAlarms",
    "dynamodb:DescribeTable",
    "dynamodb:DescribeTimeToLive",
    "lambda:GetFunctionConcurrency",
    "lambda:GetFunctionConfiguration",
    "lambda:GetFunctionEventInvokeConfig",
    "lambda:ListEventSourceMappings",
    "s3:GetBucketNotification",
    "sns:ListSubscriptionsByTopic",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
];

/// A policy that allows all of them everywhere, since which parts are looked at is up to the caller.
pub(super) fn policy() -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Sid": "TrailhoundDoctor", "Effect": "Allow", "Action": ACTIONS, "Resource": "*"}],
    })
}
