use clap::Args;
use jiff::SignedDuration;
use thiserror::Error;
use trailhound_rule_engine::Level;

use super::{age, level_parser};

pub(super) const EXAMPLES: &str = "\
Sends a record that no account has made, marked as a test, the way that logs go:
into the queue of the function, or as an object into the log bucket, which also
proves the notifications of the bucket and the right to read it. A rule that the
function always has makes an alert of it whose title says that it is a test. It
goes by your routes like any other alert of its level.

The record is of the account 000000000000, which nobody has. An object of it
stays in the bucket, below AWSLogs/000000000000; `verify` calls it unknown.

With `--wait` it waits until a message about the test arrives in a queue that is
subscribed to the topic of the alerts, and takes that message.

The rights that are needed: sqs:SendMessage or s3:PutObject; for `--wait`,
sqs:ReceiveMessage and sqs:DeleteMessage.

Exit status: 0 if the test is sent, and has arrived where that is waited for,
1 if it has not arrived, 2 if it could not be sent.

Examples:
  trailhound send-test https://sqs.eu-west-1.amazonaws.com/111122223333/logs
      Through the queue of the function
  trailhound send-test s3://my-trail --level critical
      Through the log bucket, to where critical alerts go
  trailhound send-test s3://my-trail/prefix --wait https://sqs.…/my-inbox
      And wait until the alert is there";

/// Where a test goes in, and where it is to come out.
#[derive(Debug, Args)]
pub(crate) struct SendTestArguments {
    /// Log bucket as `s3://BUCKET/PREFIX`, or the URL of the function's queue
    #[arg(value_name = "TO", value_parser = destination)]
    pub(crate) to: String,

    /// Level of the alert: medium, high, critical
    #[arg(long, value_name = "LEVEL", default_value = "medium", value_parser = level_parser())]
    #[arg(hide_possible_values = true)]
    pub(crate) level: Level,

    /// URL of a queue that hears the topic: wait until the alert is there
    #[arg(long, value_name = "QUEUE")]
    pub(crate) wait: Option<String>,

    /// How long to wait, such as 90s or 5m
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = age::parse)]
    pub(crate) within: SignedDuration,
}

/// A text that names no place for a test.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("write `s3://BUCKET/PREFIX` or the URL of a queue of SQS")]
struct InvalidDestination;

fn destination(text: &str) -> Result<String, InvalidDestination> {
    let is_url = text.starts_with("https://") || text.starts_with("http://");
    let is_bucket = text.strip_prefix("s3://").is_some_and(|bucket| !bucket.is_empty() && !bucket.starts_with('/'));
    if is_url || is_bucket { Ok(text.to_owned()) } else { Err(InvalidDestination) }
}
