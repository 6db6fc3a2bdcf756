//! A queue: its messages, and what is done with them.

use std::fmt;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry};
use thiserror::Error;

use crate::CallLimits;
use crate::connect::{load, sqs_config};
use crate::error_text::error_text;
use crate::limits::{HIDDEN, LONGEST_WAIT};

/// A queue of SQS.
#[derive(Clone)]
pub struct Queue {
    client: aws_sdk_sqs::Client,
    url: String,
}

/// A message that was received and not yet deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What SQS calls it.
    pub id: String,
    /// The right to delete it, from this receipt.
    pub receipt: String,
    /// Its body; empty where there is none.
    pub body: String,
}

/// How messages are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Poll {
    /// How many at most; 1 to 10.
    pub messages: i32,
    /// How long SQS waits for one, in whole seconds; up to 20.
    pub wait: Duration,
    /// How long nobody else gets them, in whole seconds; up to 12 hours.
    pub visibility: Duration,
}

/// Why a queue did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QueueError {
    /// There is none at this URL, or it is in another region.
    #[error("there is no such queue")]
    Missing,
    /// A permission is missing: `sqs:ReceiveMessage`, `sqs:DeleteMessage`, `sqs:ChangeMessageVisibility` or
    /// `sqs:SendMessage`.
    #[error("access to the queue is denied")]
    Denied,
    /// A further attempt may succeed.
    #[error("the queue could not be reached: {0}")]
    Transient(String),
}

impl Queue {
    /// The queue at this URL. The client must leave a call more time than a poll waits.
    pub(crate) fn new(client: aws_sdk_sqs::Client, url: String) -> Self {
        Self { client, url }
    }

    /// Finds credentials where the SDK looks for them, and the region in the URL. A call has as much time as
    /// `limits` give it, so messages are not waited for longer.
    pub async fn connect(url: &str, limits: &CallLimits) -> Self {
        let shared = load(aws_config::defaults(BehaviorVersion::latest()), limits).await;
        Self::new(aws_sdk_sqs::Client::from_conf(sqs_config(&shared, url).build()), url.to_owned())
    }

    /// Whether it keeps its messages in order.
    pub fn is_fifo(&self) -> bool {
        self.url.strip_suffix(".fifo").is_some()
    }

    /// Waits for messages; none is no error.
    pub async fn receive(&self, poll: Poll) -> Result<Vec<Message>, QueueError> {
        let request = self.client.receive_message().queue_url(&self.url).max_number_of_messages(poll.messages);
        let request = request.wait_time_seconds(seconds(poll.wait)).visibility_timeout(seconds(poll.visibility));
        let answer = request.send().await.map_err(|error| queue_error(&error))?;
        // A message without identifier or receipt could not be deleted; SQS knows none.
        let messages = answer.messages.unwrap_or_default().into_iter().filter_map(|message| {
            Some(Message {
                id: message.message_id?,
                receipt: message.receipt_handle?,
                body: message.body.unwrap_or_default(),
            })
        });
        Ok(messages.collect())
    }

    /// Sends a message.
    pub async fn send(&self, text: &str) -> Result<(), QueueError> {
        let sent = self.client.send_message().queue_url(&self.url).message_body(text).send().await;
        sent.map(|_| ()).map_err(|error| queue_error(&error))
    }

    /// Waits up to so long, at most 20 seconds, for a message that holds the word, and takes it from the queue.
    /// Others are left for whom they are meant; they are hidden from them for a second.
    pub async fn take(&self, word: &str, wait: Duration) -> Result<bool, QueueError> {
        let poll = Poll { messages: 10, wait: wait.min(LONGEST_WAIT), visibility: HIDDEN };
        let messages = self.receive(poll).await?;
        match messages.iter().find(|message| message.body.contains(word)) {
            Some(found) => self.delete(&[found]).await.map(|_| true),
            None => Ok(false),
        }
    }

    /// Deletes up to ten messages; gives the number of those that could not be, which come again.
    pub async fn delete(&self, messages: &[&Message]) -> Result<usize, QueueError> {
        let mut request = self.client.delete_message_batch().queue_url(&self.url);
        for (index, message) in messages.iter().enumerate() {
            let entry = DeleteMessageBatchRequestEntry::builder().id(index.to_string());
            let entry = entry.receipt_handle(&message.receipt).build();
            request = request.entries(entry.map_err(|error| QueueError::Transient(error.to_string()))?);
        }
        let answer = request.send().await.map_err(|error| queue_error(&error))?;
        Ok(answer.failed.len())
    }

    /// Lets nobody else have up to ten messages for so long from now on, in whole seconds; zero gives them back.
    pub async fn hold(&self, messages: &[&Message], time: Duration) -> Result<(), QueueError> {
        let mut request = self.client.change_message_visibility_batch().queue_url(&self.url);
        for (index, message) in messages.iter().enumerate() {
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(index.to_string());
            let entry = entry.receipt_handle(&message.receipt).visibility_timeout(seconds(time)).build();
            request = request.entries(entry.map_err(|error| QueueError::Transient(error.to_string()))?);
        }
        request.send().await.map(|_| ()).map_err(|error| queue_error(&error))
    }
}

fn seconds(time: Duration) -> i32 {
    i32::try_from(time.as_secs()).unwrap_or(i32::MAX)
}

/// Sorts an error by what the caller does about it. What is not known to stay counts as transient.
fn queue_error<E>(error: &SdkError<E>) -> QueueError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some(code) if code.contains("NonExistentQueue") || code.contains("QueueDoesNotExist") => QueueError::Missing,
        Some(code) if code.contains("AccessDenied") => QueueError::Denied,
        _ => QueueError::Transient(error_text(error)),
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Queue").field("url", &self.url).finish_non_exhaustive()
    }
}
