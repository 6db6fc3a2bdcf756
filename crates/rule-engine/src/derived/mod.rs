//! Fields that are computed from a record: `trailhound.outcome`, `trailhound.actor` and their like.
//!
//! Each is a pure function of a few raw fields. Both evaluators read the raw fields in their own way and
//! call the same function, which has tests of its own.

mod event;
mod identity;
mod outcome;
mod raw;

pub(crate) use event::without_date;
pub(crate) use outcome::DENIED as DENIED_CODES;
pub(crate) use raw::{RawField, RawFields};

/// What every derived field's name starts with.
pub(crate) const PREFIX: &str = "trailhound.";

/// What stands before a field of the record where fields of an element are meant otherwise; only the value of
/// `fieldref` can be written so.
pub(crate) const RECORD: &str = "trailhound.record.";

/// A field that is computed from a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Derived {
    /// `success`, `denied` or `failed`; nothing for Insights events, which are no calls.
    Outcome,
    /// A stable key of whoever acted.
    Actor,
    /// What a human calls whoever acted.
    ActorName,
    /// `human`, `role`, `service`, `root`, `account` or `anonymous`.
    ActorType,
    /// `sourceIPAddress` where it is an address.
    SourceIp,
    /// Service and name of the event, without the date that some names end with.
    Event,
    /// `long-term`, `temporary` or `console`.
    Credential,
    /// Whether somebody of another account acted.
    CrossAccount,
}

/// The value of a derived field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Text(String),
    Bool(bool),
}

impl Derived {
    pub(crate) const ALL: [Derived; 8] = [
        Derived::Outcome,
        Derived::Actor,
        Derived::ActorName,
        Derived::ActorType,
        Derived::SourceIp,
        Derived::Event,
        Derived::Credential,
        Derived::CrossAccount,
    ];

    /// The name as rules write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Derived::Outcome => "trailhound.outcome",
            Derived::Actor => "trailhound.actor",
            Derived::ActorName => "trailhound.actor_name",
            Derived::ActorType => "trailhound.actor_type",
            Derived::SourceIp => "trailhound.source_ip",
            Derived::Event => "trailhound.event",
            Derived::Credential => "trailhound.credential",
            Derived::CrossAccount => "trailhound.cross_account",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Derived::ALL.into_iter().find(|derived| derived.name() == name)
    }

    /// The raw fields it is computed from.
    pub(crate) fn needs(self) -> &'static [RawField] {
        match self {
            Derived::Outcome => outcome::NEEDS,
            Derived::Actor => identity::ACTOR_NEEDS,
            Derived::ActorName => identity::NAME_NEEDS,
            Derived::ActorType => identity::TYPE_NEEDS,
            Derived::SourceIp => &[RawField::SourceIpAddress],
            Derived::Event => event::NEEDS,
            Derived::Credential => identity::CREDENTIAL_NEEDS,
            Derived::CrossAccount => identity::CROSS_ACCOUNT_NEEDS,
        }
    }

    /// Its value, if the record has one.
    pub(crate) fn answer(self, raw: &RawFields) -> Option<Answer> {
        let text = |text: &str| Answer::Text(text.to_owned());
        match self {
            Derived::Outcome => outcome::outcome(raw).map(text),
            Derived::Actor => identity::actor(raw).map(Answer::Text),
            Derived::ActorName => identity::actor_name(raw).map(Answer::Text),
            Derived::ActorType => identity::actor_type(raw).map(|kind| text(kind.word())),
            Derived::SourceIp => event::source_ip(raw).map(text),
            Derived::Event => event::event(raw).map(Answer::Text),
            Derived::Credential => identity::credential(raw).map(text),
            Derived::CrossAccount => identity::cross_account(raw).map(Answer::Bool),
        }
    }
}

#[cfg(test)]
mod tests;
