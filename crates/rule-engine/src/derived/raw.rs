macro_rules! raw_fields {
    ($($name:ident = $path:literal,)+) => {
        /// A field of the record that derived fields are computed from.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum RawField {
            $($name,)+
        }

        impl RawField {
            /// Where it stands in a record.
            pub(crate) fn path(self) -> &'static str {
                match self {
                    $(RawField::$name => $path,)+
                }
            }

            #[cfg(test)]
            pub(crate) const ALL: &'static [RawField] = &[$(RawField::$name,)+];
        }
    };
}

raw_fields! {
    ErrorCode = "errorCode",
    ErrorMessage = "errorMessage",
    EventName = "eventName",
    EventSource = "eventSource",
    EventType = "eventType",
    EventCategory = "eventCategory",
    SourceIpAddress = "sourceIPAddress",
    RecipientAccountId = "recipientAccountId",
    SessionCredentialFromConsole = "sessionCredentialFromConsole",
    IdentityType = "userIdentity.type",
    Arn = "userIdentity.arn",
    PrincipalId = "userIdentity.principalId",
    AccountId = "userIdentity.accountId",
    AccessKeyId = "userIdentity.accessKeyId",
    UserName = "userIdentity.userName",
    InvokedBy = "userIdentity.invokedBy",
    CredentialId = "userIdentity.credentialId",
    OnBehalfOf = "userIdentity.onBehalfOf.userId",
    IssuerArn = "userIdentity.sessionContext.sessionIssuer.arn",
    IssuerType = "userIdentity.sessionContext.sessionIssuer.type",
    SessionCreated = "userIdentity.sessionContext.attributes.creationDate",
    PortalUserName = "additionalEventData.UserName",
    ConsoleLogin = "responseElements.ConsoleLogin",
    CheckMfa = "responseElements.CheckMfa",
    SwitchRole = "responseElements.SwitchRole",
    ExitRole = "responseElements.ExitRole",
    RenewRole = "responseElements.RenewRole",
    GetSigninToken = "responseElements.GetSigninToken",
    PasswordUpdated = "responseElements.PasswordUpdated",
    PasswordRecoveryRequested = "responseElements.PasswordRecoveryRequested",
    PasswordRecoveryCompleted = "responseElements.PasswordRecoveryCompleted",
    ExternalIdpDirectoryLogin = "responseElements.ExternalIdPDirectoryLogin",
    CredentialChallenge = "serviceEventDetails.CredentialChallenge",
    CredentialVerification = "serviceEventDetails.CredentialVerification",
    UserAuthentication = "serviceEventDetails.UserAuthentication",
}

/// The raw fields of one record that have a value.
///
/// A raw field counts by its first value in the order of the record that is text, a number or a boolean
/// and not empty: sign-in events have `"accessKeyId": ""` for none.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawFields {
    values: Vec<(RawField, String)>,
}

impl RawFields {
    /// Reads the fields in `needs` with `texts`, which gives the texts at a path in the order of the
    /// record.
    pub(crate) fn read(needs: &[RawField], mut texts: impl FnMut(RawField) -> Vec<String>) -> Self {
        let value = |field: &RawField| {
            let first = texts(*field).into_iter().find(|text| !text.is_empty());
            first.map(|text| (*field, text))
        };
        RawFields { values: needs.iter().filter_map(value).collect() }
    }

    pub(crate) fn get(&self, field: RawField) -> Option<&str> {
        self.values.iter().find(|(known, _)| *known == field).map(|(_, text)| text.as_str())
    }

    pub(crate) fn has(&self, field: RawField) -> bool {
        self.get(field).is_some()
    }
}
