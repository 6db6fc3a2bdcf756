use clap::Args;
use jiff::Timestamp;
use thiserror::Error;

use super::moment;

pub(super) const EXAMPLES: &str = "\
Asks CloudTrail for what it keeps by itself: the management events of the last
90 days of one region, no trail needed. Records come out one a line, the newest
first, as `scan` reads them. CloudTrail answers two questions of 50 events a
second, so 100 events a second are the most that can be had; events of a
minute ago may still be missing.

The right that is needed is cloudtrail:LookupEvents.

Examples:
  trailhound lookup --since 2026-03-10 | trailhound scan -
      A first look at an account without any trail
  trailhound lookup --where EventName=ConsoleLogin --region us-east-1
      Sign-ins only
  trailhound lookup --where AccessKeyId=AKIAIOSFODNN7EXAMPLE > key.ndjson
      What a key was used for";

/// Attributes by which CloudTrail finds events.
const KEYS: [&str; 8] =
    ["AccessKeyId", "EventId", "EventName", "EventSource", "ReadOnly", "ResourceName", "ResourceType", "Username"];

/// Which events are asked for.
#[derive(Debug, Args)]
pub(crate) struct LookupArguments {
    /// Only events from this day or moment on [default: the last 90 days]
    #[arg(long, value_name = "TIME", value_parser = moment::since)]
    pub(crate) since: Option<Timestamp>,

    /// Only events up to the end of this day, or before this moment
    #[arg(long, value_name = "TIME", value_parser = moment::until)]
    pub(crate) until: Option<Timestamp>,

    /// Only events with this attribute, such as EventName=ConsoleLogin
    #[arg(long = "where", value_name = "KEY=VALUE", value_parser = attribute)]
    pub(crate) attribute: Option<(String, String)>,

    /// Region to ask [default: that of the profile]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
}

/// A text that names no attribute.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("write KEY=VALUE, where KEY is one of {}", KEYS.join(", "))]
struct InvalidAttribute;

fn attribute(text: &str) -> Result<(String, String), InvalidAttribute> {
    let (key, value) = text.split_once('=').ok_or(InvalidAttribute)?;
    if value.is_empty() || !KEYS.contains(&key) {
        return Err(InvalidAttribute);
    }
    Ok((key.to_owned(), value.to_owned()))
}
