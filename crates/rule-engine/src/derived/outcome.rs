use super::{RawField, RawFields};

/// Error codes that mean the caller was not allowed to do it, in lower case. EC2 puts `Client.` before.
pub(crate) const DENIED: &[&str] = &[
    "accessdenied",
    "accessdeniedexception",
    "authorizationerror",
    "authorizationerrorexception",
    "notauthorized",
    "notauthorizedexception",
    "unauthorizedaccess",
    "unauthorizedexception",
    "unauthorizedoperation",
    "vpceaccessdenied",
];

pub(super) const NEEDS: &[RawField] = &[
    RawField::ErrorCode,
    RawField::ErrorMessage,
    RawField::EventType,
    RawField::EventCategory,
    RawField::ConsoleLogin,
    RawField::CheckMfa,
    RawField::SwitchRole,
    RawField::ExitRole,
    RawField::RenewRole,
    RawField::GetSigninToken,
    RawField::PasswordUpdated,
    RawField::PasswordRecoveryRequested,
    RawField::PasswordRecoveryCompleted,
    RawField::ExternalIdpDirectoryLogin,
    RawField::CredentialChallenge,
    RawField::CredentialVerification,
    RawField::UserAuthentication,
];

/// Where sign-in events say how they went. They may fail without `errorCode` and `errorMessage`.
const SIGN_IN: &[RawField] = NEEDS.split_at(4).1;

/// How the call went; `None` for an Insights event, which is no call.
pub(super) fn outcome(raw: &RawFields) -> Option<&'static str> {
    let is = |field, wanted: &str| raw.get(field).is_some_and(|text| text.eq_ignore_ascii_case(wanted));
    if is(RawField::EventType, "AwsCloudTrailInsight") || is(RawField::EventCategory, "Insight") {
        return None;
    }
    if raw.get(RawField::ErrorCode).is_some_and(is_denied) {
        return Some("denied");
    }
    let erred = raw.has(RawField::ErrorCode) || raw.has(RawField::ErrorMessage);
    let refused = SIGN_IN.iter().any(|field| is(*field, "Failure"));
    Some(if erred || refused { "failed" } else { "success" })
}

fn is_denied(code: &str) -> bool {
    let code = code.to_ascii_lowercase();
    DENIED.contains(&code.strip_prefix("client.").unwrap_or(&code))
}
