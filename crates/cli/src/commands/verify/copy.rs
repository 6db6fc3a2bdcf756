//! What there is to verify: a copy of a bucket in a folder, or a bucket in S3.

#[cfg(feature = "aws")]
mod bucket;
mod folder;

use std::{collections::BTreeSet, io, num::NonZeroUsize};

use jiff::Timestamp;
use trailhound_cloudtrail::{Limits, ObjectFamily, ObjectKey, Paths, Range, StoredDigest};

use self::folder::Folder;
use super::limits::DIGESTS_AFTER;
use crate::{
    commands::scan::ordered::{self, Flow},
    inputs::{Input, Unreadable},
    output::Output,
};

/// Logs and digests, with a way to read them.
pub(super) struct Copy {
    contents: Contents,
    origin: Box<dyn Origin>,
}

/// What lies where: keys in a bucket, paths below a folder.
#[derive(Debug, Default)]
struct Contents {
    digests: BTreeSet<String>,
    logs: BTreeSet<String>,
    unreadable: Vec<Unreadable>,
    /// What of a bucket is to be listed. A folder is listed whole, because copies may be flat or cut.
    range: Range,
}

/// Where contents come from. Several threads read at the same time.
trait Origin: Sync {
    /// Reads a digest with its signature, as far as that is there.
    fn read_digest(&self, path: &str, limit: usize) -> Result<ReadDigest, Unreadable>;

    /// Reads a log object as it is stored.
    fn read_log(&self, path: &str, limit: usize) -> Result<Vec<u8>, Unreadable>;

    /// Reads an object that was not listed; `None` if there is none.
    fn read_unlisted(&self, key: &str, limit: usize) -> Option<Result<Vec<u8>, Unreadable>>;
}

/// A digest and the time for which its key is to be asked.
#[derive(Debug)]
pub(super) struct ReadDigest {
    pub(super) stored: StoredDigest,
    /// When it was made, as far as that is known. Nothing but the choice of keys depends on it.
    #[cfg_attr(not(feature = "aws"), expect(dead_code, reason = "without `aws` nobody asks for keys"))]
    pub(super) made: Option<Timestamp>,
}

impl Copy {
    /// Lists what there is; of a bucket, what concerns the range.
    pub(super) fn list(input: &Input, range: Range) -> Result<Self, Unreadable> {
        let range = if matches!(input, Input::S3(_)) { range } else { Range::default() };
        let mut contents = Contents { range, ..Contents::default() };
        let origin: Box<dyn Origin> = match input {
            Input::Path(root) => Box::new(Folder::list(root, &mut contents)),
            #[cfg(feature = "aws")]
            Input::S3(prefix) => Box::new(bucket::InBucket::list(prefix, &mut contents)?),
            #[cfg(not(feature = "aws"))]
            Input::S3(prefix) => match *prefix {},
            Input::Stdin => {
                let cause =
                    io::Error::other("name a folder or `s3://BUCKET/PREFIX`: digests and logs are many objects");
                return Err(Unreadable { path: input.to_string(), cause: cause.into() });
            }
        };
        Ok(Copy { contents, origin })
    }

    /// All digests, several read at a time.
    pub(super) fn read_digests(&mut self, threads: NonZeroUsize, limits: &Limits) -> io::Result<Vec<ReadDigest>> {
        let (mut digests, mut unreadable) = (Vec::new(), Vec::new());
        let work = |(): &mut (), path: &String| self.origin.read_digest(path, limits.digest_bytes);
        ordered::for_each(threads, self.contents.digests.iter(), work, |read| {
            match read {
                Ok(read) => digests.push(read),
                Err(error) => unreadable.push(error),
            }
            Ok(Flow::Continue)
        })?;
        self.contents.unreadable.append(&mut unreadable);
        Ok(digests)
    }

    /// The log objects, to be found by their keys.
    pub(super) fn log_places(&self) -> Paths {
        Paths::new(self.contents.logs.iter().cloned())
    }

    /// The paths of all log objects.
    pub(super) fn logs(&self) -> impl Iterator<Item = &str> {
        self.contents.logs.iter().map(String::as_str)
    }

    /// Reads a log object as it is stored.
    pub(super) fn read_log(&self, path: &str, limits: &Limits) -> Result<Vec<u8>, Unreadable> {
        self.origin.read_log(path, limits.inflated_bytes)
    }

    /// Reads the log object of a key that is not among those listed; `None` if there is none.
    pub(super) fn read_unlisted(&self, key: &str, limits: &Limits) -> Option<Result<Vec<u8>, Unreadable>> {
        self.origin.read_unlisted(key, limits.inflated_bytes)
    }

    pub(super) fn unreadable(&self) -> &[Unreadable] {
        &self.contents.unreadable
    }

    pub(super) fn report_unreadable(&self, output: &Output) {
        for unreadable in &self.contents.unreadable {
            output.unreadable(unreadable);
        }
    }
}

impl Contents {
    /// Whether it is of use.
    fn take(&mut self, path: &str) -> bool {
        let key = ObjectKey::parse(path);
        let set = match key.family {
            ObjectFamily::Digest | ObjectFamily::BackfillDigest => &mut self.digests,
            ObjectFamily::Other => return false,
            ObjectFamily::Records
            | ObjectFamily::Insight
            | ObjectFamily::NetworkActivity
            | ObjectFamily::Aggregated => &mut self.logs,
        };
        let is_wanted = concerns(&self.range, &key);
        if is_wanted {
            set.insert(path.to_owned());
        }
        is_wanted
    }
}

/// Whether the object has something to say about the range. A digest is named by the end of its time, and
/// judged with those after it; a backfill is made long after the time it is about.
fn concerns(range: &Range, key: &ObjectKey<'_>) -> bool {
    let Some(delivered) = key.delivered else { return true };
    let until = match key.family {
        ObjectFamily::Digest => range.until.map(|until| until.saturating_add(DIGESTS_AFTER).unwrap_or(until)),
        ObjectFamily::BackfillDigest => None,
        _ => range.until,
    };
    Range { since: range.since, until }.touches(delivered, delivered)
}

fn digest(stored: StoredDigest, made: Option<Timestamp>) -> ReadDigest {
    let made = made.or_else(|| ObjectKey::parse(&stored.path).delivered);
    ReadDigest { stored, made }
}
