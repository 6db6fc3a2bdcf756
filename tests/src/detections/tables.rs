//! What the page and the tests know of the world: techniques, controls, data events.

/// Services whose calls of this project's detections are data events, with the type of resource that event
/// selectors of a trail name.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html>
pub const DATA_EVENTS: &[(&str, &str)] = &[
    ("lambda.amazonaws.com", "AWS::Lambda::Function"),
    ("s3.amazonaws.com", "AWS::S3::Object"),
    ("sns.amazonaws.com", "AWS::SNS::Topic"),
];

/// Techniques without a detection of level medium or above, and why.
pub const NOT_DETECTED: &[(&str, &str)] = &[(
    "aws.persistence.cognito-refresh-token-reuse",
    "every app on a phone exchanges its refresh token each hour; the call of a thief differs only in its address, \
     and users change theirs all day",
)];
