//! What the page and the tests know of the world: techniques, controls, data events.

/// Services whose calls of this project's detections are data events, with the type of resource that event
/// selectors of a trail name.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html>
pub const DATA_EVENTS: &[(&str, &str)] = &[
    ("lambda.amazonaws.com", "AWS::Lambda::Function"),
    ("s3.amazonaws.com", "AWS::S3::Object"),
    ("sns.amazonaws.com", "AWS::SNS::Topic"),
];

/// The AWS techniques of Stratus Red Team, which detonates each against an account.
/// <https://stratus-red-team.cloud/attack-techniques/AWS/>
pub const STRATUS: &[&str] = &[
    "aws.credential-access.ec2-get-password-data",
    "aws.credential-access.ec2-steal-instance-credentials",
    "aws.credential-access.secretsmanager-batch-retrieve-secrets",
    "aws.credential-access.secretsmanager-retrieve-secrets",
    "aws.credential-access.ssm-retrieve-securestring-parameters",
    "aws.defense-evasion.bedrock-guardrail-delete",
    "aws.defense-evasion.bedrock-model-invocation-logging-delete",
    "aws.defense-evasion.cloudtrail-delete",
    "aws.defense-evasion.cloudtrail-event-selectors",
    "aws.defense-evasion.cloudtrail-lifecycle-rule",
    "aws.defense-evasion.cloudtrail-stop",
    "aws.defense-evasion.dns-delete-logs",
    "aws.defense-evasion.organizations-leave",
    "aws.defense-evasion.vpc-remove-flow-logs",
    "aws.discovery.bedrock-enumerate-models-multiple-regions",
    "aws.discovery.ec2-download-user-data",
    "aws.discovery.ec2-enumerate-from-instance",
    "aws.discovery.ses-enumerate",
    "aws.execution.ec2-launch-unusual-instances",
    "aws.execution.ec2-user-data",
    "aws.execution.sagemaker-update-lifecycle-config",
    "aws.execution.ssm-send-command",
    "aws.execution.ssm-start-session",
    "aws.exfiltration.ec2-security-group-open-port-22-ingress",
    "aws.exfiltration.ec2-share-ami",
    "aws.exfiltration.ec2-share-ebs-snapshot",
    "aws.exfiltration.rds-share-snapshot",
    "aws.exfiltration.s3-backdoor-bucket-policy",
    "aws.impact.bedrock-invoke-model",
    "aws.impact.ec2-deregister-ami",
    "aws.impact.s3-ransomware-batch-deletion",
    "aws.impact.s3-ransomware-client-side-encryption",
    "aws.impact.s3-ransomware-individual-deletion",
    "aws.initial-access.console-login-without-mfa",
    "aws.lateral-movement.ec2-instance-connect",
    "aws.lateral-movement.ec2-serial-console-send-ssh-public-key",
    "aws.persistence.cognito-refresh-token-reuse",
    "aws.persistence.ec2-create-suspicious-keypair",
    "aws.persistence.iam-backdoor-role",
    "aws.persistence.iam-backdoor-user",
    "aws.persistence.iam-create-admin-user",
    "aws.persistence.iam-create-backdoor-role",
    "aws.persistence.iam-create-user-login-profile",
    "aws.persistence.lambda-backdoor-function",
    "aws.persistence.lambda-layer-extension",
    "aws.persistence.lambda-overwrite-code",
    "aws.persistence.rolesanywhere-create-trust-anchor",
    "aws.persistence.sts-federation-token",
    "aws.privilege-escalation.iam-update-user-login-profile",
];

/// Techniques without a detection of level medium or above, and why.
pub const NOT_DETECTED: &[(&str, &str)] = &[(
    "aws.persistence.cognito-refresh-token-reuse",
    "every app on a phone exchanges its refresh token each hour; the call of a thief differs only in its address, \
     and users change theirs all day",
)];

/// The controls of the CIS AWS Foundations Benchmark that ask for an alarm.
pub const CIS: &[(&str, &str)] = &[
    ("4.1", "calls without the right to make them"),
    ("4.2", "console sign-in without a second factor"),
    ("4.3", "use of the root user"),
    ("4.4", "changes of IAM policies"),
    ("4.5", "changes of CloudTrail"),
    ("4.6", "failed console sign-ins"),
    ("4.7", "KMS keys disabled or scheduled for deletion"),
    ("4.8", "changes of bucket policies and the like"),
    ("4.9", "changes of AWS Config"),
    ("4.10", "changes of security groups"),
    ("4.11", "changes of network access lists"),
    ("4.12", "changes of network gateways"),
    ("4.13", "changes of route tables"),
    ("4.14", "changes of VPCs"),
    ("4.15", "changes of Organizations"),
];
