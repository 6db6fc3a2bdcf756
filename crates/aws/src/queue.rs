//! A queue as somebody who tests a deployment needs it: to send a message, and to see one arrive.

use std::fmt;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use aws_sdk_sqs::Client;
use thiserror::Error;

use crate::CallLimits;
use crate::connect::{load, region_of_queue};
use crate::error_text::error_text;
use crate::limits::HIDDEN_SECONDS;

/// A queue of SQS, by its URL.
pub struct Queue {
    client: Client,
    url: String,
}

/// Why a queue could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the queue cannot be used: {0}")]
pub struct QueueError(String);

impl Queue {
    /// Finds credentials where the SDK looks for them, and the region in the URL.
    pub async fn connect(url: &str, limits: &CallLimits) -> Self {
        let shared = load(aws_config::defaults(BehaviorVersion::latest()), limits).await;
        let region = region_of_queue(url).map(|region| Region::new(region.to_owned()));
        let region = region.or_else(|| shared.region().cloned());
        let config = aws_sdk_sqs::config::Builder::from(&shared).region(region).build();
        Self { client: Client::from_conf(config), url: url.to_owned() }
    }

    /// Sends a message.
    pub async fn send(&self, text: &str) -> Result<(), QueueError> {
        let sent = self.client.send_message().queue_url(&self.url).message_body(text).send().await;
        sent.map(|_| ()).map_err(|error| QueueError(error_text(&error)))
    }

    /// Waits up to so long, at most 20 seconds, for a message that holds the word, and takes it from the queue.
    /// Others are left for whom they are meant; they are hidden from them for a second.
    pub async fn take(&self, word: &str, wait: Duration) -> Result<bool, QueueError> {
        let seconds = i32::try_from(wait.as_secs()).unwrap_or(i32::MAX).min(20);
        let receive = self.client.receive_message().queue_url(&self.url).max_number_of_messages(10);
        let received = receive.wait_time_seconds(seconds).visibility_timeout(HIDDEN_SECONDS).send().await;
        let received = received.map_err(|error| QueueError(error_text(&error)))?;
        let mut messages = received.messages.unwrap_or_default().into_iter();
        let Some(found) = messages.find(|message| message.body.as_deref().is_some_and(|body| body.contains(word)))
        else {
            return Ok(false);
        };
        let receipt = found.receipt_handle.unwrap_or_default();
        let deleted = self.client.delete_message().queue_url(&self.url).receipt_handle(receipt).send().await;
        deleted.map(|_| true).map_err(|error| QueueError(error_text(&error)))
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client: _, url } = self;
        formatter.debug_struct("Queue").field("url", url).finish_non_exhaustive()
    }
}
