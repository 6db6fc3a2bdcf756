//! Log objects from S3.

use std::collections::HashMap;
use std::fmt;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_sdk_s3::primitives::ByteStream;
use tokio::time::{sleep, timeout};
use tracing::warn;
use trailhound_pipeline::{FetchError, ObjectRef, ObjectStore};

use crate::CallLimits;
use crate::error_text::error_text;

/// Fetches log objects from S3.
///
/// An object is fetched in the version its notification named, so that what
/// is inspected is what was announced. Objects above the limit are refused
/// before their body is read, whatever length the answer claims.
#[derive(Clone)]
pub struct S3Objects {
    client: Client,
    max_object_bytes: u64,
    limits: CallLimits,
}

/// Why the body of an answer could not be used.
pub(crate) enum BodyError {
    /// More bytes than allowed.
    TooLarge,
    /// The connection broke off, stalled, or the checksum is wrong: another try may succeed.
    Interrupted(String),
}

impl S3Objects {
    /// An adapter over this client that refuses objects of more than `max_object_bytes` as stored.
    pub fn new(client: Client, max_object_bytes: u64, limits: CallLimits) -> Self {
        Self { client, max_object_bytes, limits }
    }

    async fn open(&self, object: &ObjectRef) -> Result<GetObjectOutput, FetchError> {
        self.client
            .get_object()
            .bucket(&object.bucket)
            .key(&object.key)
            .set_version_id(object.version.clone())
            .send()
            .await
            .map_err(|error| fetch_error(&error))
    }

    async fn read(&self, answer: GetObjectOutput) -> Result<Vec<u8>, BodyError> {
        let announced = answer.content_length().and_then(|length| u64::try_from(length).ok()).unwrap_or(0);
        if announced > self.max_object_bytes {
            return Err(BodyError::TooLarge);
        }
        let capacity = usize::try_from(announced).unwrap_or(0);
        timeout(self.limits.body, collect(answer.body, capacity, self.max_object_bytes))
            .await
            .unwrap_or_else(|_| Err(BodyError::Interrupted(format!("not read within {:?}", self.limits.body))))
    }
}

#[async_trait]
impl ObjectStore for S3Objects {
    async fn get(&self, object: &ObjectRef) -> Result<Vec<u8>, FetchError> {
        self.get_with_metadata(object).await.map(|(bytes, _)| bytes)
    }
}

impl S3Objects {
    /// The object, and what S3 keeps beside it, without `x-amz-meta-` before the names.
    pub(crate) async fn get_with_metadata(
        &self,
        object: &ObjectRef,
    ) -> Result<(Vec<u8>, HashMap<String, String>), FetchError> {
        let mut pause = self.limits.body_pause;
        let mut attempt = 1;
        loop {
            let mut answer = self.open(object).await?;
            let metadata = answer.metadata.take().unwrap_or_default();
            let reason = match self.read(answer).await {
                Ok(bytes) => return Ok((bytes, metadata)),
                Err(BodyError::TooLarge) => return Err(FetchError::TooLarge { limit: self.max_object_bytes }),
                Err(BodyError::Interrupted(reason)) => reason,
            };
            if attempt >= self.limits.body_attempts {
                return Err(FetchError::Transient(format!("the object broke off {attempt} times, last: {reason}")));
            }
            warn!(bucket = object.bucket, key = object.key, attempt, reason, "object broke off, fetching it again");
            sleep(pause).await;
            pause = pause.saturating_mul(2);
            attempt = attempt.saturating_add(1);
        }
    }
}

impl fmt::Debug for S3Objects {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client: _, max_object_bytes, limits } = self;
        formatter
            .debug_struct("S3Objects")
            .field("max_object_bytes", max_object_bytes)
            .field("limits", limits)
            .finish_non_exhaustive()
    }
}

pub(crate) async fn collect(mut body: ByteStream, capacity: usize, limit: u64) -> Result<Vec<u8>, BodyError> {
    let mut bytes = Vec::with_capacity(capacity);
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| BodyError::Interrupted(error_text(&error)))?;
        let length = u64::try_from(bytes.len().saturating_add(chunk.len())).unwrap_or(u64::MAX);
        if length > limit {
            return Err(BodyError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Sorts an error by what the caller does about it.
///
/// Whatever is not known to be for good counts as transient: it is tried
/// again with the whole delivery, and ends in the dead-letter queue if it stays.
pub(crate) fn fetch_error(error: &SdkError<GetObjectError>) -> FetchError {
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    let code = error.code().unwrap_or_default();
    match (code, status) {
        // 405 is what S3 says when the version asked for is a delete marker.
        ("NoSuchKey" | "NoSuchVersion", _) | ("" | "NotFound", 404) | ("MethodNotAllowed", 405) => FetchError::Missing,
        // Throttling and expired credentials come with 400 or 403 as well, and pass.
        ("RequestTimeTooSkewed" | "ExpiredToken" | "RequestLimitExceeded", _) => transient(error),
        // A disabled, deleted or forbidden key comes with status 400 and a code of its own, or as a 403
        // that names the action on the key.
        (code, _) if code.starts_with("KMS.") => denied(error, FetchError::KeyDenied),
        (_, 401 | 403) if names(error, "kms:") => denied(error, FetchError::KeyDenied),
        // What S3 says about a missing object to a role that may not list the bucket. Where it names that
        // action, there is no other way for it to be asked for.
        (_, 403) if names(error, "s3:ListBucket") => denied(error, FetchError::Missing),
        (_, 401 | 403) => denied(error, FetchError::Denied),
        _ => transient(error),
    }
}

/// Whether the message says that the caller lacks an action that begins like this.
fn names(error: &SdkError<GetObjectError>, action: &str) -> bool {
    let message = error.message().unwrap_or_default();
    message.split_once("not authorized to perform: ").is_some_and(|(_, missing)| missing.starts_with(action))
}

/// The reason is only logged: it tells which permission is missing.
fn denied(error: &SdkError<GetObjectError>, meaning: FetchError) -> FetchError {
    warn!(error = error_text(error), %meaning, "access denied by S3");
    meaning
}

fn transient(error: &SdkError<GetObjectError>) -> FetchError {
    FetchError::Transient(error_text(error))
}
