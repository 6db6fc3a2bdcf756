//! Where notes of what cannot be read are kept: a prefix in S3 or a queue.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use thiserror::Error;
use trailhound_pipeline::{ObjectRef, Quarantine, QuarantineEntry, QuarantineError};

use crate::error_text::error_text;

/// The longest message that a queue takes unless it is told otherwise, in bytes.
const MESSAGE_BYTES: usize = 262_144;

/// Where notes are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuarantinePlace {
    /// Objects in a bucket.
    Bucket {
        /// Its name.
        bucket: String,
        /// What keys begin with: empty, or with a slash at its end.
        prefix: String,
    },
    /// Messages in a queue.
    Queue {
        /// The URL of the queue.
        url: String,
    },
}

/// Why a text is no place for notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum QuarantinePlaceError {
    /// Neither an address in S3 nor the URL of a queue.
    #[error("neither `s3://bucket/prefix` nor the URL of a queue")]
    Unknown,
    /// No bucket between the slashes.
    #[error("no bucket is named: give `s3://bucket/prefix`")]
    NoBucket,
    /// The URL of something else.
    #[error("not the URL of a queue, which looks like `https://sqs.eu-west-1.amazonaws.com/111122223333/name`")]
    NotAQueue,
}

impl FromStr for QuarantinePlace {
    type Err = QuarantinePlaceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(address) = text.strip_prefix("s3://") {
            let (bucket, prefix) = address.split_once('/').unwrap_or((address, ""));
            if bucket.is_empty() {
                return Err(QuarantinePlaceError::NoBucket);
            }
            return Ok(Self::bucket(bucket, prefix));
        }
        let address = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let address = address.ok_or(QuarantinePlaceError::Unknown)?;
        let parts: Vec<&str> = address.split('/').collect();
        match parts.as_slice() {
            [host, account, name] if ![host, account, name].into_iter().any(|part| part.is_empty()) => {
                Ok(Self::Queue { url: text.to_owned() })
            }
            _ => Err(QuarantinePlaceError::NotAQueue),
        }
    }
}

impl QuarantinePlace {
    /// Below a prefix of a bucket, with or without a slash at its end.
    pub fn bucket(bucket: &str, prefix: &str) -> Self {
        let prefix = prefix.trim_end_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Self::Bucket { bucket: bucket.to_owned(), prefix }
    }

    /// The object of this name, if notes are objects here.
    pub fn object(&self, name: &str) -> Option<ObjectRef> {
        match self {
            Self::Bucket { bucket, prefix } => {
                Some(ObjectRef { bucket: bucket.clone(), key: format!("{prefix}{name}.json"), version: None })
            }
            Self::Queue { .. } => None,
        }
    }
}

/// Keeps notes as objects in S3.
pub struct S3Quarantine {
    client: aws_sdk_s3::Client,
    bucket: String,
    prefix: String,
}

impl S3Quarantine {
    /// A quarantine in this bucket, whose keys begin with `prefix`.
    pub fn new(client: aws_sdk_s3::Client, bucket: String, prefix: String) -> Self {
        Self { client, bucket, prefix }
    }
}

#[async_trait]
impl Quarantine for S3Quarantine {
    async fn keep(&self, entry: &QuarantineEntry) -> Result<(), QuarantineError> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(format!("{}{}.json", self.prefix, entry.name()))
            .content_type("application/json")
            .body(ByteStream::from(entry.json().as_bytes().to_vec()))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| quarantine_error(&error))
    }

    /// Without a prefix the bucket is for notes alone, unless an object looks like something else.
    fn holds(&self, object: &ObjectRef) -> bool {
        object.bucket == self.bucket
            && object.key.strip_prefix(&self.prefix).and_then(|name| name.strip_suffix(".json")).is_some_and(is_name)
    }
}

/// Whether a text may be the name of an entry.
fn is_name(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Sends notes to a queue.
pub struct SqsQuarantine {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl SqsQuarantine {
    /// A quarantine in the queue of this URL.
    pub fn new(client: aws_sdk_sqs::Client, url: String) -> Self {
        Self { client, url }
    }
}

#[async_trait]
impl Quarantine for SqsQuarantine {
    async fn keep(&self, entry: &QuarantineEntry) -> Result<(), QuarantineError> {
        let bytes = entry.json().len();
        if bytes > MESSAGE_BYTES {
            return Err(QuarantineError::TooLarge { bytes, limit: MESSAGE_BYTES });
        }
        let mut send = self.client.send_message().queue_url(&self.url).message_body(entry.json());
        if self.url.strip_suffix(".fifo").is_some() {
            // Notes need no order among themselves, and a repeat within five minutes is dropped.
            send = send.message_group_id(entry.name()).message_deduplication_id(entry.name());
        }
        send.send().await.map(|_| ()).map_err(|error| quarantine_error(&error))
    }
}

/// Sorts an error by what the caller does about it. What is not known to stay counts as transient.
fn quarantine_error<E>(error: &SdkError<E>) -> QuarantineError
where
    SdkError<E>: std::error::Error + ProvideErrorMetadata + 'static,
{
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    let code = error.code().unwrap_or_default();
    let passes = ["Throttl", "SlowDown", "ExpiredToken", "RequestTimeout", "RequestLimitExceeded", "TooManyRequests"];
    if (400..500).contains(&status) && !passes.iter().any(|word| code.contains(word)) {
        return QuarantineError::Rejected(error_text(error));
    }
    QuarantineError::Transient(error_text(error))
}

impl fmt::Debug for S3Quarantine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client: _, bucket, prefix } = self;
        formatter.debug_struct("S3Quarantine").field("bucket", bucket).field("prefix", prefix).finish_non_exhaustive()
    }
}

impl fmt::Debug for SqsQuarantine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client: _, url } = self;
        formatter.debug_struct("SqsQuarantine").field("url", url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read() {
        let bucket = |bucket: &str, prefix: &str| {
            Ok(QuarantinePlace::Bucket { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
        };
        let queue = "https://sqs.eu-west-1.amazonaws.com/111122223333/notes.fifo";
        for (text, expected) in [
            ("s3://notes", bucket("notes", "")),
            ("s3://notes/", bucket("notes", "")),
            ("s3://notes/a/b", bucket("notes", "a/b/")),
            ("s3://notes/a/b/", bucket("notes", "a/b/")),
            (queue, Ok(QuarantinePlace::Queue { url: queue.to_owned() })),
            ("s3://", Err(QuarantinePlaceError::NoBucket)),
            ("s3:///a", Err(QuarantinePlaceError::NoBucket)),
            ("notes", Err(QuarantinePlaceError::Unknown)),
            ("https://example.com", Err(QuarantinePlaceError::NotAQueue)),
            ("https://sqs.eu-west-1.amazonaws.com/111122223333/", Err(QuarantinePlaceError::NotAQueue)),
        ] {
            assert_eq!(text.parse::<QuarantinePlace>(), expected, "{text}");
        }
    }
}
