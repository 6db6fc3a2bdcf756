use trailhound_cloudtrail::RecordFamily;

use crate::EventSummary;

/// Link to the event in the console of CloudTrail.
///
/// `None` where region or event do not have the form they should have, since both may come from
/// anybody, and where the console does not show such events: the event history holds no data events
/// and no network activity.
///
/// ```
/// use trailhound_pipeline::{EventSummary, render::console_link};
///
/// let event = EventSummary::of(r#"{"awsRegion": "eu-west-1", "eventID": "6f2a"}"#);
/// assert_eq!(
///     console_link(&event).unwrap(),
///     "https://eu-west-1.console.aws.amazon.com/cloudtrailv2/home?region=eu-west-1#/events/6f2a",
/// );
/// ```
pub fn console_link(event: &EventSummary) -> Option<String> {
    let region = event.aws_region.as_deref().filter(|region| is_region(region))?;
    let id = event.event_id.as_deref().filter(|id| is_event_id(id))?;
    if matches!(event.family, Some(RecordFamily::Data | RecordFamily::NetworkActivity | RecordFamily::Aggregated)) {
        return None;
    }
    let host = console_host(region);
    Some(format!("https://{region}.{host}/cloudtrailv2/home?region={region}#/events/{id}"))
}

fn console_host(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "console.amazonaws.cn"
    } else if region.starts_with("us-gov-") {
        "console.amazonaws-us-gov.com"
    } else {
        "console.aws.amazon.com"
    }
}

fn is_region(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=32).contains(&text.len()) && !text.starts_with('-') && !text.ends_with('-') && text.bytes().all(allowed)
}

fn is_event_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
