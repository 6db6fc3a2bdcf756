//! Who makes the calls: services, roles, people and keys, in the shapes of `userIdentity`.

use serde_json::{Value, json};

use super::company::{ACCOUNT, NAT_ADDRESS, arn};
use super::moment::Moment;
use super::random::Random;

/// How a call reached AWS; decides about `tlsDetails` and `sessionCredentialFromConsole`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    /// An SDK or command line over the public endpoint.
    Direct,
    /// A browser at the console.
    Console,
    /// A service on its own or somebody's behalf: no TLS details are recorded.
    Service,
}

/// One caller: identity, address and user agent.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    /// `userIdentity`.
    pub(crate) identity: Value,
    /// `sourceIPAddress`: an address or the name of a service.
    pub(crate) address: String,
    /// `userAgent`.
    pub(crate) agent: String,
    /// Which of the optional fields the records get.
    pub(crate) channel: Channel,
}

/// The AWS command line as it names itself on the company's machines.
pub(crate) const CLI_AGENT: &str = "aws-cli/2.31.1 md/awscrt#0.27.6 ua/2.1 os/macos#25.2.0 md/arch#arm64 lang/python#3.13.7 md/pyimpl#CPython cfg/retry-mode#standard md/installer#source md/prompt#off";
/// The browser of the company's people.
pub(crate) const BROWSER_AGENT: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36";

/// An id that belongs to `name` for good, as principal ids do.
fn stable_id(prefix: &str, name: &str) -> String {
    format!("{prefix}{}", Random::named(name).upper(17))
}

/// A key id that no scanner for leaked keys takes for a real one.
fn example_key(prefix: &str, name: &str) -> String {
    format!("{prefix}{}EXAMPLE", Random::named(&format!("key of {name}")).upper(9))
}

impl Actor {
    fn new(identity: Value, channel: Channel) -> Self {
        Self { identity, address: String::new(), agent: String::new(), channel }
    }

    /// The same caller from this address with this user agent.
    pub(crate) fn from(mut self, address: &str, agent: &str) -> Self {
        address.clone_into(&mut self.address);
        agent.clone_into(&mut self.agent);
        self
    }

    /// An AWS service on its own account.
    pub(crate) fn service(name: &str) -> Self {
        let host = format!("{name}.amazonaws.com");
        let identity = json!({"type": "AWSService", "invokedBy": host});
        Self::new(identity, Channel::Service).from(&host, &host)
    }

    /// A role's session that began at `started`; `role` may carry a path.
    pub(crate) fn role(role: &str, session: &str, started: Moment) -> Self {
        let name = role.rsplit('/').next().unwrap_or(role);
        let principal = stable_id("AROA", name);
        let key = example_key("ASIA", &format!("{name}{session}{}", started.second_of_day()));
        let identity = json!({
            "type": "AssumedRole",
            "principalId": format!("{principal}:{session}"),
            "arn": arn("sts", "", &format!("assumed-role/{name}/{session}")),
            "accountId": ACCOUNT,
            "accessKeyId": key,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": principal,
                    "arn": arn("iam", "", &format!("role/{role}")),
                    "accountId": ACCOUNT,
                    "userName": name,
                },
                "attributes": {
                    "creationDate": started.rfc3339(),
                    "mfaAuthenticated": "false",
                },
            },
        });
        Self::new(identity, Channel::Direct)
    }

    /// The service-linked role that a service uses inside the account.
    pub(crate) fn linked_role(service: &str, role: &str, session: &str, at: Moment) -> Self {
        let host = format!("{service}.amazonaws.com");
        let path = format!("aws-service-role/{host}/{role}");
        Self::role(&path, session, at.hour_start()).on_behalf(&host)
    }

    /// The role of an EC2 instance, renewed every hour.
    pub(crate) fn instance(role: &str, instance: &str, at: Moment) -> Self {
        let agent = "aws-sdk-go/1.55.5 (go1.23.4; linux; amd64) amazon-ssm-agent/3.3.3050.0";
        let mut actor = Self::role(role, instance, at.hour_start()).from(NAT_ADDRESS, agent);
        actor.set_in_session("ec2RoleDelivery", json!("2.0"));
        actor
    }

    /// A person at the console, through Identity Center.
    pub(crate) fn employee(set: &str, person: &str, started: Moment) -> Self {
        let suffix = Random::named(set).hex(16);
        let path = format!("aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_{set}_{suffix}");
        let mut actor = Self::role(&path, person, started);
        actor.channel = Channel::Console;
        actor
    }

    /// An IAM user with a long-term key.
    pub(crate) fn user(name: &str) -> Self {
        let identity = json!({
            "type": "IAMUser",
            "principalId": stable_id("AIDA", name),
            "arn": arn("iam", "", &format!("user/{name}")),
            "accountId": ACCOUNT,
            "accessKeyId": long_term_key(name),
            "userName": name,
        });
        Self::new(identity, Channel::Direct)
    }

    /// An IAM user at the console, without or after a session began.
    pub(crate) fn user_at_console(name: &str, started: Moment) -> Self {
        let mut actor = Self::user(name);
        actor.channel = Channel::Console;
        let key = example_key("ASIA", &format!("{name}{}", started.second_of_day()));
        actor.set("accessKeyId", json!(key));
        let attributes = json!({"creationDate": started.rfc3339(), "mfaAuthenticated": "false"});
        actor.set("sessionContext", json!({"attributes": attributes}));
        actor
    }

    /// Somebody who signs in: no key and no session yet.
    pub(crate) fn signing_in(name: &str) -> Self {
        let mut actor = Self::user(name);
        if let Some(identity) = actor.identity.as_object_mut() {
            identity.remove("accessKeyId");
        }
        actor
    }

    /// Somebody whose sign-in fails: the record has no ARN and an empty key.
    pub(crate) fn failing_to_sign_in(name: &str) -> Self {
        let mut actor = Self::user(name);
        actor.set("accessKeyId", json!(""));
        if let Some(identity) = actor.identity.as_object_mut() {
            identity.remove("arn");
        }
        actor
    }

    /// A caller known only by an outside identity, as sign-ins and cross-account calls have it.
    pub(crate) fn outside(identity: Value) -> Self {
        Self::new(identity, Channel::Direct)
    }

    /// The same identity, used by a service on its behalf.
    pub(crate) fn on_behalf(mut self, host: &str) -> Self {
        self.set("invokedBy", json!(host));
        self.channel = Channel::Service;
        self.from(host, host)
    }

    /// The ARN, for messages about denied calls.
    pub(crate) fn arn(&self) -> &str {
        self.identity.get("arn").and_then(Value::as_str).unwrap_or_default()
    }

    fn set(&mut self, key: &str, value: Value) {
        if let Some(identity) = self.identity.as_object_mut() {
            identity.insert(key.to_owned(), value);
        }
    }

    fn set_in_session(&mut self, key: &str, value: Value) {
        let session = self.identity.get_mut("sessionContext").and_then(Value::as_object_mut);
        if let Some(session) = session {
            session.insert(key.to_owned(), value);
        }
    }
}

/// The long-term key of an IAM user.
pub(crate) fn long_term_key(user: &str) -> String {
    example_key("AKIA", user)
}

/// The unique id of an IAM user.
pub(crate) fn user_id(user: &str) -> String {
    stable_id("AIDA", user)
}

/// The unique id of a role with the name of a session.
pub(crate) fn assumed_role_id(role: &str, session: &str) -> String {
    format!("{}:{session}", stable_id("AROA", role))
}

/// The temporary credentials of a response; the token is hidden, as AWS hides it in most logs.
pub(crate) fn credentials(session: &str, at: Moment) -> Value {
    json!({
        "accessKeyId": example_key("ASIA", &format!("{session}{}", at.second_of_day())),
        "sessionToken": "Value hidden due to security reasons.",
        "expiration": at.plus(3600).in_words(),
    })
}
