//! The objects of a bucket.
//!
//! Credentials, region and endpoint come from where every AWS tool has them: environment, profile,
//! single sign-on, a credential process. An endpoint of one's own (`AWS_ENDPOINT_URL_S3`) is addressed
//! with the bucket in the path, which every S3-compatible server understands.

mod bucket;

use std::{collections::VecDeque, error, fmt, io, iter};

use aws_sdk_s3::{
    error::{ProvideErrorMetadata, SdkError},
    operation::{get_object::GetObjectError, list_objects_v2::ListObjectsV2Error, put_object::PutObjectError},
    primitives::ByteStreamError,
};
use thiserror::Error as ThisError;

pub(crate) use self::bucket::Bucket;
use self::bucket::{Listed, Listing, UnderWay};
use super::{
    Content, Object, Objects, Unreadable, holds_no_records,
    limits::{AHEAD_BYTES, AHEAD_OBJECTS},
    with_causes,
};

/// The objects of a bucket whose keys start with a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prefix {
    bucket: String,
    prefix: String,
}

/// Why an address cannot be used.
#[derive(Debug, ThisError)]
#[error("write s3://BUCKET or s3://BUCKET/PREFIX")]
pub(crate) struct InvalidAddress;

/// Why a bucket or an object cannot be read. The text holds the causes, because those of the SDK are
/// no sentences.
#[derive(Debug, ThisError)]
pub(crate) enum Error {
    #[error("the connection to S3 cannot be set up: {0}")]
    Connect(io::Error),
    #[error("the objects cannot be listed: {}", answer(.0))]
    List(Box<SdkError<ListObjectsV2Error>>),
    #[error("the object cannot be fetched: {}", answer(.0))]
    Fetch(Box<SdkError<GetObjectError>>),
    #[error("the object cannot be stored: {}", answer(.0))]
    Store(Box<SdkError<PutObjectError>>),
    #[error("the object breaks off: {}", with_causes(.0))]
    Body(ByteStreamError),
}

/// What S3 answered, or else why there was no answer.
fn answer<E>(error: &SdkError<E>) -> String
where
    SdkError<E>: ProvideErrorMetadata,
    E: error::Error + 'static,
{
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        (None, _) => with_causes(error),
    }
}

impl Prefix {
    pub(crate) fn parse(address: &str) -> Result<Self, InvalidAddress> {
        let path = address.strip_prefix("s3://").ok_or(InvalidAddress)?;
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        if bucket.is_empty() {
            return Err(InvalidAddress);
        }
        Ok(Prefix { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }

    /// Lists the objects page by page and fetches some ahead of the one at hand.
    pub(crate) fn objects(&self, limit: u64) -> Objects<'_> {
        match self.open() {
            Ok(bucket) => {
                let listing = Some(bucket.list(&self.prefix));
                Box::new(Walk { address: self, bucket, limit, listing, ahead: VecDeque::new(), bytes: 0 })
            }
            Err(unreadable) => Box::new(iter::once(Err(unreadable))),
        }
    }

    /// The bucket, to be read otherwise than from one end to the other.
    pub(crate) fn open(&self) -> Result<Bucket, Unreadable> {
        Bucket::open(&self.bucket).map_err(|error| self.unreadable(Error::Connect(error)))
    }

    /// The prefix, which may be empty.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// That the listing failed, or that there is no way to the bucket.
    pub(crate) fn unreadable(&self, error: Error) -> Unreadable {
        Unreadable { path: self.to_string(), cause: error.into() }
    }

    /// How the user finds an object again.
    pub(crate) fn address_of(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }
}

impl Error {
    /// Whether there is no such object.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Error::Fetch(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key))
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "s3://{}/{}", self.bucket, self.prefix)
    }
}

/// The way through the objects of a listing. What is fetched ahead is bounded in number and in bytes.
#[derive(Debug)]
struct Walk<'p> {
    address: &'p Prefix,
    bucket: Bucket,
    limit: u64,
    /// None at its end, and after an error.
    listing: Option<Listing>,
    ahead: VecDeque<Ahead>,
    /// Of what is ahead.
    bytes: u64,
}

/// Something that comes next.
#[derive(Debug)]
enum Ahead {
    Object {
        listed: Listed,
        object: UnderWay,
    },
    /// It is known without fetching it.
    NotFetched {
        key: String,
        content: Content,
    },
    NotListed(Error),
}

impl Iterator for Walk<'_> {
    type Item = Result<Object, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        self.look_ahead();
        let (key, content) = match self.ahead.pop_front()? {
            Ahead::NotListed(error) => return Some(Err(self.address.unreadable(error))),
            Ahead::NotFetched { key, content } => (key, Ok(content)),
            Ahead::Object { listed, object } => {
                self.bytes = self.bytes.saturating_sub(listed.size);
                (listed.key, object.wait().map(|stored| stored.content))
            }
        };
        let name = self.address.address_of(&key);
        Some(match content {
            Ok(content) => Ok(Object { name, content, offset: 0 }),
            Err(error) => Err(Unreadable { path: name, cause: error.into() }),
        })
    }
}

impl Walk<'_> {
    fn look_ahead(&mut self) {
        while self.ahead.len() < AHEAD_OBJECTS && self.bytes < AHEAD_BYTES {
            let ahead = match self.listing.as_mut().and_then(Listing::next) {
                Some(Ok(Listed { key, .. })) if holds_no_records(&key) => {
                    Ahead::NotFetched { key, content: Content::NoRecords }
                }
                Some(Ok(Listed { key, size })) if size > self.limit => {
                    Ahead::NotFetched { key, content: Content::TooLarge }
                }
                Some(Ok(listed)) => {
                    self.bytes = self.bytes.saturating_add(listed.size);
                    Ahead::Object { object: self.bucket.start(&listed.key, self.limit), listed }
                }
                Some(Err(error)) => Ahead::NotListed(error),
                None => {
                    self.listing = None;
                    return;
                }
            };
            self.ahead.push_back(ahead);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_bucket_and_perhaps_a_prefix() {
        for (address, bucket, prefix) in
            [("s3://b", "b", ""), ("s3://b/", "b", ""), ("s3://b/AWSLogs/1/x y", "b", "AWSLogs/1/x y")]
        {
            let expected = Prefix { bucket: bucket.to_owned(), prefix: prefix.to_owned() };
            assert_eq!(Prefix::parse(address).unwrap(), expected, "{address}");
        }
    }
}
