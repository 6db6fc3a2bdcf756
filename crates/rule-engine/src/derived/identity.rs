use super::{RawField, RawFields};

/// In place of a user name that may be a password typed into the wrong field.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// Starts the names of the roles behind Identity Center, whose sessions are named after people.
const IDENTITY_CENTER_ROLE: &str = "AWSReservedSSO_";

/// What `accountId` holds when nobody signed the request.
const ANONYMOUS: [&str; 2] = ["anonymous", "ANONYMOUS_PRINCIPAL"];

pub(super) const TYPE_NEEDS: &[RawField] = &[
    RawField::IdentityType,
    RawField::Arn,
    RawField::PrincipalId,
    RawField::AccountId,
    RawField::UserName,
    RawField::InvokedBy,
    RawField::OnBehalfOf,
    RawField::IssuerArn,
    RawField::IssuerType,
];

pub(super) const ACTOR_NEEDS: &[RawField] = TYPE_NEEDS;

pub(super) const NAME_NEEDS: &[RawField] = &[
    RawField::IdentityType,
    RawField::Arn,
    RawField::PrincipalId,
    RawField::AccountId,
    RawField::UserName,
    RawField::InvokedBy,
    RawField::OnBehalfOf,
    RawField::IssuerArn,
    RawField::IssuerType,
    RawField::PortalUserName,
];

pub(super) const CREDENTIAL_NEEDS: &[RawField] = &[
    RawField::EventType,
    RawField::SessionCredentialFromConsole,
    RawField::AccessKeyId,
    RawField::CredentialId,
    RawField::SessionCreated,
];

pub(super) const CROSS_ACCOUNT_NEEDS: &[RawField] = &[RawField::AccountId, RawField::RecipientAccountId];

/// What kind of actor stands behind a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ActorType {
    Human,
    Role,
    Service,
    Root,
    Account,
    Anonymous,
}

impl ActorType {
    pub(super) fn word(self) -> &'static str {
        match self {
            ActorType::Human => "human",
            ActorType::Role => "role",
            ActorType::Service => "service",
            ActorType::Root => "root",
            ActorType::Account => "account",
            ActorType::Anonymous => "anonymous",
        }
    }
}

/// The kind of actor, by `userIdentity.type`; where that says nothing, by what else is there.
pub(super) fn actor_type(raw: &RawFields) -> Option<ActorType> {
    if is_anonymous_account(raw) {
        return Some(ActorType::Anonymous);
    }
    Some(match raw.get(RawField::IdentityType).unwrap_or_default() {
        "Root" => ActorType::Root,
        "FederatedUser" if raw.get(RawField::IssuerType) == Some("Root") => ActorType::Root,
        "IAMUser" | "FederatedUser" | "SAMLUser" | "IdentityCenterUser" | "Directory" => ActorType::Human,
        "AssumedRole" if person_session(raw).is_some() => ActorType::Human,
        // A web identity is on its way into a role, and more often a workload than a person.
        "AssumedRole" | "Role" | "WebIdentityUser" => ActorType::Role,
        "AWSService" => ActorType::Service,
        "AWSAccount" => ActorType::Account,
        other => return untyped(raw, other),
    })
}

/// Sign-in events of Identity Center say `Unknown`, service events say nothing at all.
fn untyped(raw: &RawFields, kind: &str) -> Option<ActorType> {
    let arn_holds = |part: &str| raw.get(RawField::Arn).is_some_and(|arn| arn.contains(part));
    if person_session(raw).is_some() || raw.has(RawField::OnBehalfOf) || arn_holds(":user/") {
        Some(ActorType::Human)
    } else if raw.has(RawField::IssuerArn) || arn_holds(":assumed-role/") || arn_holds(":role/") {
        Some(ActorType::Role)
    } else if arn_holds(":root") {
        Some(ActorType::Root)
    } else if raw.has(RawField::InvokedBy) {
        Some(ActorType::Service)
    } else if raw.has(RawField::UserName) {
        Some(ActorType::Human)
    } else {
        // Cognito's calls without credentials.
        let nobody = kind == "Unknown" && !raw.has(RawField::Arn) && !raw.has(RawField::PrincipalId);
        nobody.then_some(ActorType::Anonymous)
    }
}

fn is_anonymous_account(raw: &RawFields) -> bool {
    raw.get(RawField::AccountId)
        .is_some_and(|account| ANONYMOUS.iter().any(|anonymous| account.eq_ignore_ascii_case(anonymous)))
}

/// A key of whoever acted that stays the same from session to session, and is nothing where nobody is
/// known, so that the unknown do not count as one.
pub(super) fn actor(raw: &RawFields) -> Option<String> {
    let kind = raw.get(RawField::IdentityType).unwrap_or_default();
    let owned = |field| raw.get(field).map(str::to_owned);
    match actor_type(raw) {
        Some(ActorType::Anonymous) => return None,
        Some(ActorType::Service) => return owned(RawField::InvokedBy),
        Some(ActorType::Account) => return principal(raw).or_else(|| owned(RawField::AccountId)),
        _ => {}
    }
    if person_session(raw).is_some() {
        return owned(RawField::Arn);
    }
    owned(RawField::IssuerArn)
        .or_else(|| role_of_session(raw))
        .or_else(|| owned(RawField::Arn))
        .or_else(|| owned(RawField::OnBehalfOf))
        .or_else(|| match kind {
            // Left of the first colon stands the provider, which all its users share.
            "SAMLUser" | "WebIdentityUser" => owned(RawField::PrincipalId),
            _ if is_hidden(raw) => None,
            _ => principal(raw),
        })
        .or_else(|| named_user(raw))
}

/// The unique id of a user or role, without the name of its session.
fn principal(raw: &RawFields) -> Option<String> {
    let id = raw.get(RawField::PrincipalId)?;
    Some(id.split_once(':').map_or(id, |(id, _)| id).to_owned())
}

/// Account and name, where a record has no better key.
fn named_user(raw: &RawFields) -> Option<String> {
    let name = visible_user_name(raw)?;
    Some(format!("{}/{name}", raw.get(RawField::AccountId)?))
}

/// The assumed role without its session, where a record does not say who issued the session.
fn role_of_session(raw: &RawFields) -> Option<String> {
    let (before, session) = raw.get(RawField::Arn)?.split_once(":assumed-role/")?;
    let (role, _) = session.split_once('/')?;
    Some(format!("{before}:assumed-role/{role}"))
}

/// What a human calls whoever acted.
pub(super) fn actor_name(raw: &RawFields) -> Option<String> {
    match actor_type(raw)? {
        ActorType::Anonymous => Some("anonymous".to_owned()),
        ActorType::Root => Some("root".to_owned()),
        ActorType::Service => raw.get(RawField::InvokedBy).map(str::to_owned),
        ActorType::Account => raw.get(RawField::AccountId).map(str::to_owned),
        ActorType::Human | ActorType::Role => person_or_role_name(raw),
    }
}

fn person_or_role_name(raw: &RawFields) -> Option<String> {
    let owned = |text: &str| text.to_owned();
    person_session(raw)
        .map(owned)
        .or_else(|| session_name(raw).map(owned))
        .or_else(|| visible_user_name(raw).map(owned))
        .or_else(|| if is_hidden(raw) { None } else { raw.get(RawField::Arn)?.rsplit(['/', ':']).next().map(owned) })
        .or_else(|| visible(raw.get(RawField::PortalUserName)).map(owned))
        .or_else(|| raw.get(RawField::OnBehalfOf).map(owned))
}

/// Role and session as in `web/i-0abc`.
fn session_name(raw: &RawFields) -> Option<&str> {
    raw.get(RawField::Arn)?.split_once(":assumed-role/").map(|(_, session)| session)
}

/// The person behind a session of Identity Center.
fn person_session(raw: &RawFields) -> Option<&str> {
    let (role, session) = session_name(raw)?.split_once('/')?;
    role.starts_with(IDENTITY_CENTER_ROLE).then_some(session)
}

fn visible_user_name(raw: &RawFields) -> Option<&str> {
    visible(raw.get(RawField::UserName))
}

fn visible(name: Option<&str>) -> Option<&str> {
    name.filter(|name| *name != HIDDEN)
}

fn is_hidden(raw: &RawFields) -> bool {
    raw.get(RawField::UserName) == Some(HIDDEN)
}

/// What the call was signed with; nothing for calls of services.
pub(super) fn credential(raw: &RawFields) -> Option<&'static str> {
    let is = |field, wanted: &str| raw.get(field).is_some_and(|text| text.eq_ignore_ascii_case(wanted));
    let console = is(RawField::SessionCredentialFromConsole, "true")
        || is(RawField::EventType, "AwsConsoleSignIn")
        || is(RawField::EventType, "AwsConsoleAction");
    let key = raw.get(RawField::AccessKeyId).unwrap_or_default();
    if console {
        Some("console")
    } else if key.starts_with("AKIA") {
        Some("long-term")
    } else if key.starts_with("ASIA") || raw.has(RawField::CredentialId) || raw.has(RawField::SessionCreated) {
        Some("temporary")
    } else {
        None
    }
}

/// Whether the identity belongs to another account than the log; nothing unless both are known.
pub(super) fn cross_account(raw: &RawFields) -> Option<bool> {
    let account = |field| raw.get(field).filter(|text| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()));
    Some(account(RawField::AccountId)? != account(RawField::RecipientAccountId)?)
}
