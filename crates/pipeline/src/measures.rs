use std::{collections::BTreeMap, time::Duration};

use trailhound_cloudtrail::ObjectKey;
use trailhound_rule_engine::Level;

use crate::{Delivery, EventSummary, EventTimes};

/// What metrics want to know of a delivery beyond its counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Measures {
    /// To fetch the object.
    pub fetch: Option<Duration>,
    /// To decompress it and to judge its records.
    pub inspect: Option<Duration>,
    /// To claim, publish and complete its alerts.
    pub notify: Option<Duration>,
    /// Matches by the level of their rule.
    pub matches: BTreeMap<Level, u64>,
    /// Matches that a filter kept from being one.
    pub suppressed: u64,
    /// When the events of its records happened.
    pub times: EventTimes,
    /// Whose records they are and where from, where that is known.
    pub place: Option<Place>,
    /// Of a digest that was checked.
    pub digest: Option<DigestMeasures>,
}

/// What the check of a digest came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DigestMeasures {
    /// What is not as CloudTrail delivered it: the digest, the one before it, log objects, times.
    pub broken: u64,
    /// Log objects for which there was no time.
    pub unchecked: u64,
}

/// An account and a region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Twelve digits.
    pub account: String,
    /// Such as `eu-west-1`: lower case letters, digits and `-`, at most 32 of them.
    pub region: String,
}

impl Place {
    fn new(account: &str, region: &str) -> Option<Self> {
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let is_region = (1..=32).contains(&region.len())
            && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        (is_account && is_region).then(|| Place { account: account.to_owned(), region: region.to_owned() })
    }

    /// What the key of an object says; of records that came along and of other keys, what `first`, the
    /// first record, says. An object and a message are of one account and region.
    pub(crate) fn of(delivery: &Delivery, first: Option<&EventSummary>) -> Option<Self> {
        let by_key = match delivery {
            Delivery::Object(object) => {
                let key = ObjectKey::parse(&object.key);
                key.account.zip(key.region).and_then(|(account, region)| Place::new(account, region))
            }
            Delivery::Records { .. } => None,
        };
        by_key.or_else(|| {
            let first = first?;
            Place::new(first.recipient_account_id.as_deref()?, first.aws_region.as_deref()?)
        })
    }
}
