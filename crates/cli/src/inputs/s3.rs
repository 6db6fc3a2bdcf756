//! The objects of a bucket.
//!
//! Credentials, region and endpoint come from where every AWS tool has them: environment, profile,
//! single sign-on, a credential process. An endpoint of one's own (`AWS_ENDPOINT_URL_S3`) is addressed
//! with the bucket in the path, which every S3-compatible server understands.

use std::{collections::VecDeque, env, error, fmt, io, iter, mem};

use aws_config::{BehaviorVersion, meta::region::RegionProviderChain};
use aws_sdk_s3::{
    Client, config,
    error::{ProvideErrorMetadata, SdkError},
    operation::{get_object::GetObjectError, list_objects_v2::ListObjectsV2Error},
    primitives::{ByteStream, ByteStreamError},
};
use thiserror::Error as ThisError;
use tokio::runtime::{Builder, Runtime};

use super::{Content, Object, Objects, Unreadable, with_causes};

/// How often the body of an object is asked for: the SDK repeats requests that fail, but not the
/// reading of a body that breaks off.
const ATTEMPTS: usize = 3;

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

    /// Lists the objects page by page and fetches one after the other.
    pub(crate) fn objects(&self, limit: u64) -> Objects<'_> {
        match Connection::open() {
            Ok(connection) => {
                Box::new(Walk { address: self, connection, limit, keys: VecDeque::new(), next_page: NextPage::First })
            }
            Err(error) => {
                let failure = Unreadable { path: self.to_string(), cause: Error::Connect(error).into() };
                Box::new(iter::once(Err(failure)))
            }
        }
    }

    fn address_of(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "s3://{}/{}", self.bucket, self.prefix)
    }
}

/// A client and what it needs to run.
#[derive(Debug)]
struct Connection {
    runtime: Runtime,
    client: Client,
}

impl Connection {
    fn open() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let client = runtime.block_on(client());
        Ok(Connection { runtime, client })
    }
}

async fn client() -> Client {
    // Buckets have names of the whole world: without any region set, the oldest one finds most of them.
    let region = RegionProviderChain::default_provider().or_else("us-east-1");
    let shared = aws_config::defaults(BehaviorVersion::latest()).region(region).load().await;
    let is_own_endpoint = shared.endpoint_url().is_some() || env::var_os("AWS_ENDPOINT_URL_S3").is_some();
    Client::from_conf(config::Builder::from(&shared).force_path_style(is_own_endpoint).build())
}

/// The way through the listing of a bucket.
#[derive(Debug)]
struct Walk<'p> {
    address: &'p Prefix,
    connection: Connection,
    limit: u64,
    keys: VecDeque<String>,
    next_page: NextPage,
}

#[derive(Debug)]
enum NextPage {
    First,
    After(String),
    None,
}

impl Iterator for Walk<'_> {
    type Item = Result<Object, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(key) = self.keys.pop_front() {
                return Some(self.fetch(&key));
            }
            let token = match mem::replace(&mut self.next_page, NextPage::None) {
                NextPage::First => None,
                NextPage::After(token) => Some(token),
                NextPage::None => return None,
            };
            if let Err(error) = self.list(token) {
                return Some(Err(Unreadable { path: self.address.to_string(), cause: error.into() }));
            }
        }
    }
}

impl Walk<'_> {
    /// Reads one page of the listing. Keys that end with a slash are folders, as consoles make them.
    fn list(&mut self, token: Option<String>) -> Result<(), Error> {
        let Prefix { bucket, prefix } = self.address;
        let request = self.connection.client.list_objects_v2().bucket(bucket).prefix(prefix);
        let answer = self.connection.runtime.block_on(request.set_continuation_token(token).send());
        let page = answer.map_err(|error| Error::List(Box::new(error)))?;
        self.next_page = page.next_continuation_token.map_or(NextPage::None, NextPage::After);
        let keys = page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key);
        self.keys.extend(keys.filter(|key| !key.ends_with('/')));
        Ok(())
    }

    fn fetch(&self, key: &str) -> Result<Object, Unreadable> {
        let name = self.address.address_of(key);
        match self.connection.runtime.block_on(self.get(key)) {
            Ok(content) => Ok(Object { name, content, offset: 0 }),
            Err(error) => Err(Unreadable { path: name, cause: error.into() }),
        }
    }

    async fn get(&self, key: &str) -> Result<Content, Error> {
        let mut attempt = 1;
        loop {
            let request = self.connection.client.get_object().bucket(&self.address.bucket).key(key);
            let answer = request.send().await.map_err(|error| Error::Fetch(Box::new(error)))?;
            match read_bounded(answer.body, self.limit).await {
                Err(_) if attempt < ATTEMPTS => attempt += 1,
                read => return read.map_err(Error::Body),
            }
        }
    }
}

/// Reads to the end, or until the limit is exceeded.
async fn read_bounded(mut body: ByteStream, limit: u64) -> Result<Content, ByteStreamError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.try_next().await? {
        bytes.extend_from_slice(&chunk);
        if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
            break;
        }
    }
    Ok(Content::within(limit, bytes))
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
