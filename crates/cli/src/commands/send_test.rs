//! `trailhound send-test`: a record of our own, sent the way that logs go.

use std::{
    io,
    time::{Duration, Instant},
};

use jiff::{Timestamp, tz::TimeZone};
use tokio::runtime::Builder;
use trailhound_aws::{CallLimits, Queue};
use trailhound_pipeline::test_record;
use trailhound_rule_engine::Level;

use crate::{
    arguments::SendTestArguments,
    exit_status::ExitStatus,
    inputs::{s3::Prefix, with_causes},
    output::{Output, printable},
};

/// How long one look into a queue waits.
const LOOK: Duration = Duration::from_secs(5);

pub(crate) fn run(arguments: &SendTestArguments, output: &mut Output) -> io::Result<ExitStatus> {
    if arguments.level < Level::Medium {
        output.error("there is a test for `medium`, `high` and `critical`: alerts below are mostly not sent");
        return Ok(ExitStatus::CouldNotRun);
    }
    let now = Timestamp::now();
    let id = format!("trailhound-test-{}", now.as_nanosecond());
    match send(arguments, &id, now) {
        Ok(place) => output.line(format!("sent     {id} to {}", printable(&place)))?,
        Err(reason) => {
            output.error(format_args!("the test could not be sent: {}", printable(&reason)));
            return Ok(ExitStatus::CouldNotRun);
        }
    }
    output.flush()?;
    let Some(queue) = &arguments.wait else { return Ok(ExitStatus::Clean) };
    let start = Instant::now();
    match wait(queue, &id, Duration::try_from(arguments.within).unwrap_or_default()) {
        Ok(true) => {
            output.line(format!("arrived  after {} s", start.elapsed().as_secs()))?;
            Ok(ExitStatus::Clean)
        }
        Ok(false) => {
            let within = arguments.within;
            output.error(format_args!("no alert of the test has arrived within {within:#}"));
            Ok(ExitStatus::Problems)
        }
        Err(reason) => {
            output.error(format_args!("{}", printable(&reason)));
            Ok(ExitStatus::CouldNotRun)
        }
    }
}

/// Sends the record and says where it went.
fn send(arguments: &SendTestArguments, id: &str, now: Timestamp) -> Result<String, String> {
    let record = test_record(arguments.level, id, now);
    let Ok(prefix) = Prefix::parse(&arguments.to) else {
        let text = record.to_string();
        let url = &arguments.to;
        let sent = blocking(async { Queue::connect(url, &CallLimits::default()).await.send(&text).await })?;
        return sent.map(|()| url.clone()).map_err(|error| error.to_string());
    };
    let key = key(prefix.prefix(), id, now);
    let text = serde_json::json!({"Records": [record]}).to_string();
    let bucket = prefix.open().map_err(|unreadable| unreadable.reason())?;
    bucket.put(&key, text.into_bytes()).map_err(|error| with_causes(&error))?;
    Ok(prefix.address_of(&key))
}

/// The key that CloudTrail would give such an object.
fn key(prefix: &str, id: &str, now: Timestamp) -> String {
    let time = now.to_zoned(TimeZone::UTC);
    let (day, minute) = (time.strftime("%Y/%m/%d"), time.strftime("%Y%m%dT%H%MZ"));
    let prefix = prefix.trim_end_matches('/');
    let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
    let unique = id.replace('-', "");
    format!(
        "{prefix}AWSLogs/000000000000/CloudTrail/us-east-1/{day}/\
         000000000000_CloudTrail_us-east-1_{minute}_{unique}.json.gz"
    )
}

fn wait(url: &str, id: &str, within: Duration) -> Result<bool, String> {
    let end = Instant::now() + within;
    blocking(async {
        let queue = Queue::connect(url, &CallLimits::default()).await;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if queue.take(id, left.min(LOOK)).await.map_err(|error| error.to_string())? {
                return Ok(true);
            }
            if left.is_zero() {
                return Ok(false);
            }
        }
    })?
}

fn blocking<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("calls to AWS cannot be made: {error}"))?;
    Ok(runtime.block_on(work))
}

#[cfg(test)]
mod tests {
    use trailhound_cloudtrail::{ObjectFamily, ObjectKey};

    use super::*;

    #[test]
    fn the_key_is_one_of_cloudtrail() {
        let now: Timestamp = "2026-05-01T10:05:30.123456789Z".parse().unwrap();
        for prefix in ["", "a/b", "a/b/"] {
            let key = key(prefix, "trailhound-test-1", now);
            let parsed = ObjectKey::parse(&key);
            assert_eq!((parsed.family, parsed.prefix), (ObjectFamily::Records, prefix.trim_end_matches('/')), "{key}");
            assert_eq!(parsed.delivered.unwrap().to_string(), "2026-05-01T10:05:00Z");
        }
    }
}
