//! Why CloudTrail could not be asked, by what a person does about it.

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_cloudtrail::error::{ProvideErrorMetadata, SdkError};
use thiserror::Error;

use crate::error_text::error_text;

/// A call to CloudTrail. Its text is the name of the action that a policy has to allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Lists trails.
    DescribeTrails,
    /// Tells how a trail is doing.
    GetTrailStatus,
    /// Tells which events a trail records.
    GetEventSelectors,
    /// Gives events of the last 90 days.
    LookupEvents,
    /// Gives the keys that verify digests.
    ListPublicKeys,
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Call::DescribeTrails => "cloudtrail:DescribeTrails",
            Call::GetTrailStatus => "cloudtrail:GetTrailStatus",
            Call::GetEventSelectors => "cloudtrail:GetEventSelectors",
            Call::LookupEvents => "cloudtrail:LookupEvents",
            Call::ListPublicKeys => "cloudtrail:ListPublicKeys",
        })
    }
}

/// Why CloudTrail could not be asked, or would not say.
#[derive(Debug, Error)]
pub enum LookError {
    /// Nowhere are any credentials.
    #[error("there are no AWS credentials")]
    NoCredentials,
    /// There is a way to credentials, but it does not lead there, such as a session that has to be renewed.
    #[error("the AWS credentials cannot be loaded")]
    CredentialsFailed(#[source] CredentialsError),
    /// AWS does not accept the credentials: expired, unknown, wrongly signed, or the region is not switched on.
    #[error("AWS does not accept the credentials: {code}")]
    CredentialsRefused {
        /// What AWS calls it.
        code: String,
    },
    /// The credentials are good, but the call is not allowed.
    #[error("{call} is not allowed")]
    Denied {
        /// The call.
        call: Call,
    },
    /// Too many calls, also after all repeats.
    #[error("{call} is throttled")]
    Throttled {
        /// The call.
        call: Call,
    },
    /// The trail was there when trails were listed.
    #[error("the trail is gone")]
    Gone,
    /// AWS answered with another error.
    #[error("{call} failed: {code}: {message}")]
    Refused {
        /// The call.
        call: Call,
        /// What AWS calls it.
        code: String,
        /// What AWS says about it.
        message: String,
    },
    /// CloudTrail gave a public key that does not read as one.
    #[error("the public key `{fingerprint}` is in no known encoding")]
    Key {
        /// Its fingerprint.
        fingerprint: String,
    },
    /// No answer that could be understood.
    #[error("no answer to {call}")]
    Unanswered {
        /// The call.
        call: Call,
        /// What went wrong with the connection.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl From<CredentialsError> for LookError {
    fn from(error: CredentialsError) -> Self {
        match error {
            // Its text goes through all places that were looked at, line by line.
            CredentialsError::CredentialsNotLoaded(_) => Self::NoCredentials,
            error => Self::CredentialsFailed(error),
        }
    }
}

impl LookError {
    pub(super) fn new<E>(call: Call, error: SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let Some((service, code)) = error.as_service_error().and_then(|service| Some((service, service.code()?)))
        else {
            return Self::Unanswered { call, source: Box::new(error) };
        };
        let (code, message) = (code.to_owned(), service.message().unwrap_or("without a message").to_owned());
        match code.as_str() {
            "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => Self::Denied { call },
            "ExpiredToken"
            | "ExpiredTokenException"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "SignatureDoesNotMatch"
            | "InvalidSignatureException"
            | "IncompleteSignature"
            | "OptInRequired"
            | "InvalidAccessKeyId"
            | "AuthFailure" => Self::CredentialsRefused { code },
            "Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "TooManyRequestsException" => {
                Self::Throttled { call }
            }
            "TrailNotFoundException" => Self::Gone,
            _ => Self::Refused { call, code, message },
        }
    }

    /// What went wrong and what caused it, in one line.
    pub fn reason(&self) -> String {
        error_text(self)
    }

    /// What to do about it, in one sentence.
    pub fn advice(&self) -> String {
        match self {
            Self::CredentialsFailed(_) => {
                "sign in again (`aws sso login`), or mend what the profile says about credentials".to_owned()
            }
            Self::NoCredentials => {
                "sign in (`aws sso login`), name a profile in AWS_PROFILE, or set AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY"
                    .to_owned()
            }
            Self::CredentialsRefused { .. } => {
                "sign in again, and see that the profile is the right one, the clock is right and the region is \
                 switched on in the account"
                    .to_owned()
            }
            Self::Denied { call } => {
                format!("let a policy allow {call}, and see that no boundary or service control policy denies it")
            }
            Self::Key { .. } => "this version cannot verify digests of that key; look for a newer one".to_owned(),
            Self::Throttled { .. } => "wait a minute and look again".to_owned(),
            Self::Gone => "look again; if nobody meant to delete it, find out who did".to_owned(),
            Self::Refused { .. } => "see what AWS says about this error".to_owned(),
            Self::Unanswered { .. } => {
                "see that the region exists and that the network, the proxy and AWS_ENDPOINT_URL lead there".to_owned()
            }
        }
    }
}
