//! A bucket that can be read by several threads at the same time.

use std::{collections::HashMap, collections::VecDeque, env, io, mem, sync::Arc, thread};

use aws_config::{BehaviorVersion, meta::region::RegionProviderChain};
use aws_sdk_s3::{
    Client, config,
    primitives::{ByteStream, ByteStreamError},
};
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
    task::JoinHandle,
};

use super::Error;
use crate::inputs::{Content, limits::ATTEMPTS};

/// A bucket and the connections to it. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    name: Arc<str>,
    client: Client,
    runtime: Handle,
    /// The thread that drives the connections ends when the last clone is gone.
    _driver: Arc<oneshot::Sender<()>>,
}

/// An object as a listing names it.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) key: String,
    /// Bytes as stored; zero where the listing does not say.
    pub(crate) size: u64,
}

/// An object as it is stored.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) content: Content,
    /// What S3 keeps beside it, without `x-amz-meta-` before the names.
    pub(crate) metadata: HashMap<String, String>,
}

/// An object that is being fetched.
#[derive(Debug)]
pub(super) struct UnderWay {
    task: JoinHandle<Result<Stored, Error>>,
    runtime: Handle,
}

impl Bucket {
    /// Makes no call: what is wrong with the credentials or the bucket shows at the first one.
    pub(crate) fn open(name: &str) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let client = runtime.block_on(client());
        let handle = runtime.handle().clone();
        let (driver, ended) = oneshot::channel::<()>();
        // Without a thread of its own nothing would move while all others are busy with what has come.
        thread::Builder::new().name("s3".to_owned()).spawn(move || {
            // An error says that the other end is gone, which is what is waited for.
            let _ = runtime.block_on(ended);
        })?;
        Ok(Bucket { name: name.into(), client, runtime: handle, _driver: Arc::new(driver) })
    }

    /// All objects whose keys start with the prefix, by their keys, without the folders that consoles make.
    pub(crate) fn list(&self, prefix: &str) -> Listing {
        Listing { bucket: self.clone(), prefix: prefix.to_owned(), keys: VecDeque::new(), next: NextPage::First }
    }

    /// Fetches an object, no more than `limit` bytes of it.
    pub(crate) fn get(&self, key: &str, limit: u64) -> Result<Stored, Error> {
        self.start(key, limit).wait()
    }

    /// Stores an object.
    pub(crate) fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), Error> {
        let put = self.client.put_object().bucket(&*self.name).key(key).body(ByteStream::from(bytes));
        self.runtime.block_on(put.send()).map(|_| ()).map_err(|error| Error::Store(Box::new(error)))
    }

    /// Begins to fetch an object.
    pub(super) fn start(&self, key: &str, limit: u64) -> UnderWay {
        let (bucket, key) = (self.clone(), key.to_owned());
        let task = self.runtime.spawn(async move { fetch(&bucket.client, &bucket.name, &key, limit).await });
        UnderWay { task, runtime: self.runtime.clone() }
    }
}

impl UnderWay {
    /// Waits for the object.
    pub(super) fn wait(self) -> Result<Stored, Error> {
        let UnderWay { task, runtime } = self;
        runtime.block_on(task).map_err(|error| Error::Connect(io::Error::other(error)))?
    }
}

async fn fetch(client: &Client, bucket: &str, key: &str, limit: u64) -> Result<Stored, Error> {
    let mut attempt = 1;
    loop {
        let answer = client.get_object().bucket(bucket).key(key).send().await;
        let answer = answer.map_err(|error| Error::Fetch(Box::new(error)))?;
        let metadata = answer.metadata.unwrap_or_default();
        match read_bounded(answer.body, limit).await {
            Err(_) if attempt < ATTEMPTS => attempt += 1,
            read => return read.map(|content| Stored { content, metadata }).map_err(Error::Body),
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

async fn client() -> Client {
    // Buckets have names of the whole world: without any region set, the oldest one finds most of them.
    let region = RegionProviderChain::default_provider().or_else("us-east-1");
    let shared = aws_config::defaults(BehaviorVersion::latest()).region(region).load().await;
    let is_own_endpoint = shared.endpoint_url().is_some() || env::var_os("AWS_ENDPOINT_URL_S3").is_some();
    Client::from_conf(config::Builder::from(&shared).force_path_style(is_own_endpoint).build())
}

/// The way through the listing of a bucket, page by page. It ends after an error.
#[derive(Debug)]
pub(crate) struct Listing {
    bucket: Bucket,
    prefix: String,
    keys: VecDeque<Listed>,
    next: NextPage,
}

#[derive(Debug)]
enum NextPage {
    First,
    After(String),
    None,
}

impl Iterator for Listing {
    type Item = Result<Listed, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(listed) = self.keys.pop_front() {
                return Some(Ok(listed));
            }
            let token = match mem::replace(&mut self.next, NextPage::None) {
                NextPage::First => None,
                NextPage::After(token) => Some(token),
                NextPage::None => return None,
            };
            if let Err(error) = self.page(token) {
                return Some(Err(error));
            }
        }
    }
}

impl Listing {
    /// Reads one page. Keys that end with a slash are folders, as consoles make them.
    fn page(&mut self, token: Option<String>) -> Result<(), Error> {
        let Bucket { name, client, runtime, .. } = &self.bucket;
        let request = client.list_objects_v2().bucket(&**name).prefix(&self.prefix);
        let answer = runtime.block_on(request.set_continuation_token(token).send());
        let page = answer.map_err(|error| Error::List(Box::new(error)))?;
        self.next = page.next_continuation_token.map_or(NextPage::None, NextPage::After);
        let objects = page.contents.unwrap_or_default().into_iter();
        self.keys.extend(objects.filter_map(|object| {
            let size = object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
            Some(Listed { key: object.key.filter(|key| !key.ends_with('/'))?, size })
        }));
        Ok(())
    }
}
