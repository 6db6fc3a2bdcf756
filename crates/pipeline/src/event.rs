use serde::Serialize;
use trailhound_cloudtrail::RecordFamily;
use trailhound_rule_engine::json::{Error, Kind, Progress, Reader};

/// What an alert says about the record that caused it.
///
/// Serialises to the six fields that identify an event, under CloudTrail's own names and `null` where
/// the record has none; the others are there for people to read. Nothing here is neutralised or
/// masked: all of it may have been chosen by an attacker.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct EventSummary {
    /// `eventID`
    #[serde(rename = "eventID")]
    pub event_id: Option<String>,
    /// `eventTime`
    #[serde(rename = "eventTime")]
    pub event_time: Option<String>,
    /// `eventSource`
    #[serde(rename = "eventSource")]
    pub event_source: Option<String>,
    /// `eventName`
    #[serde(rename = "eventName")]
    pub event_name: Option<String>,
    /// `awsRegion`
    #[serde(rename = "awsRegion")]
    pub aws_region: Option<String>,
    /// `recipientAccountId`
    #[serde(rename = "recipientAccountId")]
    pub recipient_account_id: Option<String>,
    /// Who did it, as a person would say: the source identity, else the Identity Center user, else
    /// role and session, else the user, the service, or the principal.
    #[serde(skip)]
    pub actor: Option<String>,
    /// `userIdentity.type`
    #[serde(skip)]
    pub identity_type: Option<String>,
    /// `userIdentity.arn`
    #[serde(skip)]
    pub identity_arn: Option<String>,
    /// `userIdentity.accountId`, the account of the caller
    #[serde(skip)]
    pub identity_account: Option<String>,
    /// `userIdentity.accessKeyId`; identifies the key and is no secret
    #[serde(skip)]
    pub access_key_id: Option<String>,
    /// `sourceIPAddress`; an address or the name of a service
    #[serde(skip)]
    pub source_ip_address: Option<String>,
    /// `userAgent`
    #[serde(skip)]
    pub user_agent: Option<String>,
    /// `errorCode`
    #[serde(skip)]
    pub error_code: Option<String>,
    /// `errorMessage`
    #[serde(skip)]
    pub error_message: Option<String>,
    /// Which kind of record it is.
    #[serde(skip)]
    pub family: Option<RecordFamily>,
}

impl EventSummary {
    /// Reads the summary of one record. What is damaged or missing stays empty.
    pub fn of(record: &str) -> Self {
        let mut parts = Parts::default();
        // The record has been read once before, by the rules; damage here costs only what follows it.
        let _ = parts.read(&mut Reader::new(record));
        parts.finish()
    }
}

/// The summary under way, with the fields that only lead to others.
#[derive(Debug, Default)]
struct Parts {
    summary: EventSummary,
    event_category: Option<String>,
    event_type: Option<String>,
    identity: Identity,
}

#[derive(Debug, Default)]
struct Identity {
    user_name: Option<String>,
    principal_id: Option<String>,
    invoked_by: Option<String>,
    on_behalf_of: Option<String>,
    source: Option<String>,
    role_name: Option<String>,
}

impl Parts {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        members(reader, |key, reader| {
            let field = match key {
                "eventID" => &mut self.summary.event_id,
                "eventTime" => &mut self.summary.event_time,
                "eventSource" => &mut self.summary.event_source,
                "eventName" => &mut self.summary.event_name,
                "awsRegion" => &mut self.summary.aws_region,
                "recipientAccountId" => &mut self.summary.recipient_account_id,
                "sourceIPAddress" => &mut self.summary.source_ip_address,
                "userAgent" => &mut self.summary.user_agent,
                "errorCode" => &mut self.summary.error_code,
                "errorMessage" => &mut self.summary.error_message,
                "eventCategory" => &mut self.event_category,
                "eventType" => &mut self.event_type,
                "userIdentity" => return self.read_identity(reader),
                _ => return pass(reader),
            };
            read_text(reader, field)
        })
    }

    fn read_identity(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        members(reader, |key, reader| {
            let field = match key {
                "type" => &mut self.summary.identity_type,
                "arn" => &mut self.summary.identity_arn,
                "accountId" => &mut self.summary.identity_account,
                "accessKeyId" => &mut self.summary.access_key_id,
                "userName" => &mut self.identity.user_name,
                "principalId" => &mut self.identity.principal_id,
                "invokedBy" => &mut self.identity.invoked_by,
                "onBehalfOf" => return self.identity.read_on_behalf_of(reader),
                "sessionContext" => return self.identity.read_session(reader),
                _ => return pass(reader),
            };
            read_text(reader, field)
        })
    }

    fn finish(mut self) -> EventSummary {
        self.summary.family = Some(RecordFamily::of(self.event_category.as_deref(), self.event_type.as_deref()));
        self.summary.actor = self.identity.actor(&self.summary);
        self.summary
    }
}

impl Identity {
    fn read_on_behalf_of(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        members(reader, |key, reader| match key {
            "userId" => read_text(reader, &mut self.on_behalf_of),
            _ => pass(reader),
        })
    }

    fn read_session(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        members(reader, |key, reader| match key {
            "sourceIdentity" => read_text(reader, &mut self.source),
            "sessionIssuer" => members(reader, |key, reader| match key {
                "userName" => read_text(reader, &mut self.role_name),
                _ => pass(reader),
            }),
            _ => pass(reader),
        })
    }

    fn actor(self, summary: &EventSummary) -> Option<String> {
        let is_root = summary.identity_type.as_deref() == Some("Root");
        let role = self.role_session(summary.identity_arn.as_deref());
        let candidates = [
            self.source,
            self.on_behalf_of,
            // The user name of a root user is the alias of the account, if anything.
            is_root.then(|| "root".to_owned()),
            role,
            self.user_name,
            self.invoked_by,
            self.principal_id,
            summary.identity_arn.clone(),
        ];
        candidates.into_iter().flatten().find(|name| !name.is_empty())
    }

    /// `role/session` of an assumed role; of an Identity Center role the name of its permission set.
    fn role_session(&self, arn: Option<&str>) -> Option<String> {
        let (_, resource) = arn?.split_once(":assumed-role/")?;
        let (role, session) = resource.split_once('/')?;
        let role = self.role_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(role);
        Some(format!("{}/{session}", permission_set(role).unwrap_or(role)))
    }
}

fn permission_set(role: &str) -> Option<&str> {
    let (set, suffix) = role.strip_prefix("AWSReservedSSO_")?.rsplit_once('_')?;
    (suffix.len() == 16 && suffix.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(set)
}

/// Calls `visit` with each key of the object that comes next; anything but an object has none.
fn members<'d>(
    reader: &mut Reader<'d>,
    mut visit: impl FnMut(&str, &mut Reader<'d>) -> Result<(), Error>,
) -> Result<(), Error> {
    if reader.peek()? != Kind::Object {
        return pass(reader);
    }
    let mut progress = Progress::default();
    reader.enter_object()?;
    while let Some(key) = reader.next_key(&mut progress)? {
        visit(&key.decode(), reader)?;
    }
    Ok(())
}

/// Reads a scalar as text; `null` and containers count as absent.
fn read_text(reader: &mut Reader<'_>, field: &mut Option<String>) -> Result<(), Error> {
    *field = match reader.peek()? {
        Kind::String => Some(reader.string()?.decode().into_owned()),
        Kind::Number | Kind::True | Kind::False => Some(reader.skip()?.to_owned()),
        Kind::Null | Kind::Object | Kind::Array => {
            reader.skip()?;
            None
        }
    };
    Ok(())
}

fn pass(reader: &mut Reader<'_>) -> Result<(), Error> {
    reader.skip().map(|_| ())
}
