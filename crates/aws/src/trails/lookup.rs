//! What CloudTrail remembers by itself: the management events of the last 90 days, without any trail.

use aws_sdk_cloudtrail::primitives::DateTime;
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use jiff::Timestamp;

use super::{Call, LookError, Trails};

/// Events of one answer; 50, the most that CloudTrail gives.
const PAGE: i32 = 50;

/// Which events are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lookup {
    /// Only those from this moment on.
    pub since: Option<Timestamp>,
    /// Only those up to and including this moment.
    pub until: Option<Timestamp>,
    /// Only those with this attribute: CloudTrail takes one at most, its key as CloudTrail writes it, such as `EventName`.
    pub attribute: Option<(String, String)>,
}

/// One answer, the newest events first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events {
    /// The records as CloudTrail keeps them, JSON.
    pub records: Vec<String>,
    /// Events that came without a record.
    pub without_record: usize,
    /// What to ask for next; `None` after the last answer.
    pub next: Option<String>,
}

impl Trails {
    /// One page of the events of a region. CloudTrail answers two of these calls a second in an account and
    /// region; whoever asks for several has to wait between them.
    pub async fn lookup(&self, region: &str, lookup: &Lookup, next: Option<String>) -> Result<Events, LookError> {
        let time = |time: Timestamp| DateTime::from_secs(time.as_second());
        let attribute = lookup.attribute.as_ref().and_then(|(key, value)| {
            let attribute = LookupAttribute::builder().attribute_key(LookupAttributeKey::from(key.as_str()));
            attribute.attribute_value(value).build().ok()
        });
        let call = self.client(region).lookup_events().max_results(PAGE).set_next_token(next);
        let call = call.set_start_time(lookup.since.map(time)).set_end_time(lookup.until.map(time));
        let answer = call.set_lookup_attributes(attribute.map(|attribute| vec![attribute])).send().await;
        let answer = answer.map_err(|error| LookError::new(Call::LookupEvents, error))?;
        let events = answer.events.unwrap_or_default();
        let total = events.len();
        let records: Vec<String> = events.into_iter().filter_map(|event| event.cloud_trail_event).collect();
        let next = answer.next_token.filter(|token| !token.is_empty());
        Ok(Events { without_record: total - records.len(), records, next })
    }
}
