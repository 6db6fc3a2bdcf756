use super::*;

/// What a derived field says about raw fields given as `path=text`.
fn answer(derived: Derived, fields: &[&str]) -> String {
    let raw = RawFields::read(derived.needs(), |field| {
        fields
            .iter()
            .filter_map(|given| given.split_once('='))
            .filter(|(path, _)| *path == field.path())
            .map(|(_, text)| text.to_owned())
            .collect()
    });
    for (path, _) in fields.iter().filter_map(|given| given.split_once('=')) {
        assert!(RawField::ALL.iter().any(|field| field.path() == path), "no raw field {path}");
    }
    match derived.answer(&raw) {
        Some(Answer::Text(text)) => text,
        Some(Answer::Bool(value)) => value.to_string(),
        None => "-".to_owned(),
    }
}

#[test]
fn outcomes() {
    let cases: [(&[&str], &str); 18] = [
        (&[], "success"),
        (&["errorCode="], "success"),
        (&["errorCode=AccessDenied"], "denied"),
        (&["errorCode=Client.UnauthorizedOperation"], "denied"),
        (&["errorCode=accessdeniedexception"], "denied"),
        (&["errorCode=UnauthorizedException"], "denied"),
        (&["errorCode=NotAuthorized"], "denied"),
        (&["errorCode=VpceAccessDenied"], "denied"),
        (&["errorCode=Client.DryRunOperation"], "failed"),
        (&["errorCode=ThrottlingException"], "failed"),
        (&["errorCode=NoSuchEntity", "errorMessage=x"], "failed"),
        (&["errorMessage=Failed authentication"], "failed"),
        (&["responseElements.ConsoleLogin=Failure"], "failed"),
        (&["responseElements.ConsoleLogin=Success"], "success"),
        (&["responseElements.PasswordUpdated=Failure"], "failed"),
        (&["serviceEventDetails.CredentialVerification=Failure"], "failed"),
        (&["eventType=AwsServiceEvent"], "success"),
        (&["eventType=AwsCloudTrailInsight"], "-"),
    ];
    for (fields, wanted) in cases {
        assert_eq!(answer(Derived::Outcome, fields), wanted, "{fields:?}");
    }
}

#[test]
fn events() {
    let cases = [
        ("iam.amazonaws.com", "CreateUser", "iam:CreateUser"),
        ("lambda.amazonaws.com", "CreateFunction20150331", "lambda:CreateFunction"),
        ("lambda.amazonaws.com", "UpdateFunctionCode20150331v2", "lambda:UpdateFunctionCode"),
        ("cloudfront.amazonaws.com", "UpdateDistribution2020_05_31", "cloudfront:UpdateDistribution"),
        ("ec2.amazonaws.com.cn", "RunInstances", "ec2:RunInstances"),
        ("elsewhere.example", "Move", "elsewhere.example:Move"),
        ("elsewhere.cn", "Move", "elsewhere.cn:Move"),
        ("x.amazonaws.com", "20150331", "x:20150331"),
        ("x.amazonaws.com", "Call19990101", "x:Call19990101"),
        ("x.amazonaws.com", "Callv2", "x:Callv2"),
        ("x.amazonaws.com", "Call2020_05_31v2", "x:Call2020_05_31v2"),
        ("x.amazonaws.com", "Übung20150331", "x:Übung"),
        ("x.amazonaws.com", "ü20150", "x:ü20150"),
        ("x.amazonaws.com", "", "-"),
        ("", "CreateUser", "-"),
    ];
    for (source, name, wanted) in cases {
        let fields = [format!("eventSource={source}"), format!("eventName={name}")];
        assert_eq!(answer(Derived::Event, &fields.each_ref().map(String::as_str)), wanted);
    }
}

#[test]
fn source_addresses() {
    for (source, wanted) in [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("AWS Internal", "-"),
        ("ec2.amazonaws.com", "-"),
        ("192.0.2.1, 192.0.2.2", "-"),
    ] {
        assert_eq!(answer(Derived::SourceIp, &[&format!("sourceIPAddress={source}")]), wanted);
    }
}

#[test]
fn credentials() {
    let cases: [(&[&str], &str); 9] = [
        (&["userIdentity.accessKeyId=AKIAEXAMPLE"], "long-term"),
        (&["userIdentity.accessKeyId=ASIAEXAMPLE"], "temporary"),
        (&["userIdentity.accessKeyId=ASIAEXAMPLE", "sessionCredentialFromConsole=true"], "console"),
        (&["userIdentity.accessKeyId=", "eventType=AwsConsoleSignIn"], "console"),
        (&["eventType=AwsConsoleAction"], "console"),
        (&["userIdentity.credentialId=x"], "temporary"),
        (&["userIdentity.sessionContext.attributes.creationDate=2026-01-02T03:04:05Z"], "temporary"),
        (&["eventType=AwsApiCall"], "-"),
        (&[], "-"),
    ];
    for (fields, wanted) in cases {
        assert_eq!(answer(Derived::Credential, fields), wanted, "{fields:?}");
    }
}

#[test]
fn accounts() {
    for (own, recipient, wanted) in [
        ("111122223333", "111122223333", "false"),
        ("111122223333", "444455556666", "true"),
        ("anonymous", "444455556666", "-"),
        ("", "444455556666", "-"),
        ("111122223333", "", "-"),
    ] {
        let fields = [format!("userIdentity.accountId={own}"), format!("recipientAccountId={recipient}")];
        assert_eq!(answer(Derived::CrossAccount, &fields.each_ref().map(String::as_str)), wanted);
    }
}

/// Fields of `userIdentity`, each as `name=text`; then type, key and name of the actor.
type ActorCase = (&'static [&'static str], [&'static str; 3]);

const ACTORS: &[ActorCase] = &[
    (
        &["type=Root", "arn=arn:aws:iam::111122223333:root", "accountId=111122223333", "userName=alias"],
        ["root", "arn:aws:iam::111122223333:root", "root"],
    ),
    (
        &["type=IAMUser", "arn=arn:aws:iam::111122223333:user/ops/alice", "userName=alice", "principalId=AIDAX"],
        ["human", "arn:aws:iam::111122223333:user/ops/alice", "alice"],
    ),
    (&["type=IAMUser", "accountId=111122223333", "principalId=AIDAX", "userName=anaya"], ["human", "AIDAX", "anaya"]),
    (
        &["type=IAMUser", "accountId=111122223333", "accessKeyId=", "userName=anaya"],
        ["human", "111122223333/anaya", "anaya"],
    ),
    (&["type=IAMUser", "accountId=111122223333", "userName=HIDDEN_DUE_TO_SECURITY_REASONS"], ["human", "-", "-"]),
    (
        &[
            "type=AssumedRole",
            "arn=arn:aws:sts::111122223333:assumed-role/web/i-0abc",
            "principalId=AROAX:i-0abc",
            "sessionContext.sessionIssuer.arn=arn:aws:iam::111122223333:role/app/web",
            "sessionContext.sessionIssuer.type=Role",
        ],
        ["role", "arn:aws:iam::111122223333:role/app/web", "web/i-0abc"],
    ),
    (
        &["type=AssumedRole", "arn=arn:aws:sts::111122223333:assumed-role/web/i-0abc"],
        ["role", "arn:aws:sts::111122223333:assumed-role/web", "web/i-0abc"],
    ),
    (
        &[
            "type=AssumedRole",
            "arn=arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0a1b/alice@example.com",
            "sessionContext.sessionIssuer.arn=arn:aws:iam::111122223333:role/aws-reserved/AWSReservedSSO_Admin_0a1b",
        ],
        [
            "human",
            "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0a1b/alice@example.com",
            "alice@example.com",
        ],
    ),
    (
        &[
            "type=FederatedUser",
            "arn=arn:aws:sts::111122223333:federated-user/bob",
            "sessionContext.sessionIssuer.type=IAMUser",
            "sessionContext.sessionIssuer.arn=arn:aws:iam::111122223333:user/alice",
        ],
        ["human", "arn:aws:iam::111122223333:user/alice", "bob"],
    ),
    (
        &[
            "type=FederatedUser",
            "sessionContext.sessionIssuer.type=Root",
            "sessionContext.sessionIssuer.arn=arn:aws:iam::111122223333:root",
        ],
        ["root", "arn:aws:iam::111122223333:root", "root"],
    ),
    (&["type=SAMLUser", "principalId=provider:alice", "userName=alice"], ["human", "provider:alice", "alice"]),
    (
        &[
            "type=WebIdentityUser",
            "principalId=oidc:aud:system:serviceaccount:ns:app",
            "userName=system:serviceaccount:ns:app",
        ],
        ["role", "oidc:aud:system:serviceaccount:ns:app", "system:serviceaccount:ns:app"],
    ),
    (&["type=AWSService", "invokedBy=ec2.amazonaws.com"], ["service", "ec2.amazonaws.com", "ec2.amazonaws.com"]),
    (&["accountId=111122223333", "invokedBy=ec2.amazonaws.com"], ["service", "ec2.amazonaws.com", "ec2.amazonaws.com"]),
    (&["type=AWSAccount", "accountId=444455556666"], ["account", "444455556666", "444455556666"]),
    (&["type=AWSAccount", "accountId=444455556666", "principalId=AROAX:session"], ["account", "AROAX", "444455556666"]),
    (&["type=AWSAccount", "accountId=anonymous"], ["anonymous", "-", "anonymous"]),
    (&["type=AWSAccount", "accountId=ANONYMOUS_PRINCIPAL", "principalId="], ["anonymous", "-", "anonymous"]),
    (&["type=Unknown"], ["anonymous", "-", "anonymous"]),
    (
        &["type=Unknown", "arn=arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0a1b/alice"],
        ["human", "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0a1b/alice", "alice"],
    ),
    (
        &["type=IdentityCenterUser", "accountId=111122223333", "onBehalfOf.userId=u-1", "credentialId=c"],
        ["human", "u-1", "u-1"],
    ),
    (&["type=Unknown", "accountId=111122223333", "principalId=1", "userName=alice"], ["human", "1", "alice"]),
    (&["accountId=111122223333"], ["-", "-", "-"]),
    (&[], ["-", "-", "-"]),
];

#[test]
fn actors() {
    for (fields, wanted) in ACTORS {
        let fields: Vec<String> = fields.iter().map(|field| format!("userIdentity.{field}")).collect();
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let found = [Derived::ActorType, Derived::Actor, Derived::ActorName].map(|derived| answer(derived, &fields));
        assert_eq!(found, *wanted, "{fields:?}");
    }
}

#[test]
fn a_portal_user_is_named_by_the_details() {
    let fields =
        ["userIdentity.type=Unknown", "userIdentity.onBehalfOf.userId=u-1", "additionalEventData.UserName=alice"];
    assert_eq!(answer(Derived::ActorName, &fields), "alice");
}
