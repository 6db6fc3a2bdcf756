//! The bucket itself, or whatever bucket holds a copy of it.

use std::io;

use trailhound_cloudtrail::StoredDigest;

use super::{Contents, Origin, ReadDigest, digest};
use crate::inputs::{
    Content, Unreadable,
    s3::{Bucket, Error, Prefix},
};

/// What S3 keeps beside a digest.
const SIGNATURE: &str = "signature";
/// Beside a digest of a backfill: when it was made, which is the time of its key.
const BACKFILL_MADE: &str = "backfill-generation-timestamp";

/// A bucket. Paths are whole keys.
#[derive(Debug)]
pub(super) struct InBucket {
    prefix: Prefix,
    bucket: Bucket,
}

impl InBucket {
    /// Lists what lies below the prefix.
    pub(super) fn list(prefix: &Prefix, contents: &mut Contents) -> Result<Self, Unreadable> {
        let bucket = prefix.open()?;
        for listed in bucket.list(prefix.prefix()) {
            // What half a listing lacks would look as if somebody had deleted it.
            contents.take(&listed.map_err(|error| prefix.unreadable(error))?.key);
        }
        Ok(InBucket { prefix: prefix.clone(), bucket })
    }

    fn unreadable(&self, key: &str, error: Error) -> Unreadable {
        Unreadable { path: self.prefix.address_of(key), cause: error.into() }
    }

    fn whole(&self, key: &str, content: Content, limit: usize) -> Result<Vec<u8>, Unreadable> {
        match content {
            Content::Whole(bytes) => Ok(bytes),
            Content::TooLarge | Content::NoRecords => {
                let reason = io::Error::other(format!("more than the limit of {limit} bytes"));
                Err(Unreadable { path: self.prefix.address_of(key), cause: reason.into() })
            }
        }
    }
}

impl Origin for InBucket {
    fn read_digest(&self, path: &str, limit: usize) -> Result<ReadDigest, Unreadable> {
        let mut stored = self.bucket.get(path, bytes(limit)).map_err(|error| self.unreadable(path, error))?;
        let signature = stored.metadata.remove(SIGNATURE);
        let made = stored.metadata.get(BACKFILL_MADE).and_then(|time| time.parse().ok());
        let bytes = self.whole(path, stored.content, limit)?;
        Ok(digest(StoredDigest { path: path.to_owned(), bytes, signature }, made))
    }

    fn read_log(&self, path: &str, limit: usize) -> Result<Vec<u8>, Unreadable> {
        let stored = self.bucket.get(path, bytes(limit)).map_err(|error| self.unreadable(path, error))?;
        self.whole(path, stored.content, limit)
    }

    /// What lies outside the prefix or the time asked for was not listed, and may still be there.
    fn read_unlisted(&self, key: &str, limit: usize) -> Option<Result<Vec<u8>, Unreadable>> {
        match self.bucket.get(key, bytes(limit)) {
            Ok(stored) => Some(self.whole(key, stored.content, limit)),
            Err(error) if error.is_missing() => None,
            Err(error) => Some(Err(self.unreadable(key, error))),
        }
    }
}

fn bytes(limit: usize) -> u64 {
    u64::try_from(limit).unwrap_or(u64::MAX)
}
