use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use trailhound_cloudtrail::{Limits, ObjectFamily, ObjectKey, Paths, StoredDigest};

use crate::{
    inputs::{Content, Input, Unreadable, files, read_text},
    output::Output,
};

/// What is added to the name of a digest for the file that holds its signature.
const HEAD_SUFFIX: &str = ".head.json";

/// A copy of a bucket in a folder. Paths have `/` between the segments and start below the folder.
#[derive(Debug, Default)]
pub(super) struct Copy {
    digests: BTreeMap<String, PathBuf>,
    logs: BTreeMap<String, PathBuf>,
    heads: BTreeMap<String, PathBuf>,
    unreadable: Vec<Unreadable>,
}

/// What `aws s3api head-object` prints, as far as it is needed.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "Metadata")]
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    signature: String,
}

impl Copy {
    /// Lists what lies below the folder.
    pub(super) fn list(folder: &Path) -> Self {
        let mut copy = Copy::default();
        for file in files(folder) {
            match file {
                Ok(file) => copy.take(folder, file),
                Err(unreadable) => copy.unreadable.push(unreadable),
            }
        }
        copy
    }

    fn take(&mut self, folder: &Path, file: PathBuf) {
        let below = file.strip_prefix(folder).unwrap_or(&file);
        let segments: Vec<_> = below.iter().map(|segment| segment.to_string_lossy()).collect();
        let path = segments.join("/");
        if let Some(digest) = path.strip_suffix(HEAD_SUFFIX) {
            self.heads.insert(digest.to_owned(), file);
            return;
        }
        match ObjectKey::parse(&path).family {
            ObjectFamily::Digest | ObjectFamily::BackfillDigest => self.digests.insert(path, file),
            ObjectFamily::Other => None,
            ObjectFamily::Records
            | ObjectFamily::Insight
            | ObjectFamily::NetworkActivity
            | ObjectFamily::Aggregated => self.logs.insert(path, file),
        };
    }

    /// All digests with their signatures, as far as these are there.
    pub(super) fn read_digests(&mut self, limits: &Limits) -> Vec<StoredDigest> {
        let mut digests = Vec::new();
        for (path, file) in &self.digests {
            let signature = self.heads.get(path).map(|head| read_signature(head)).transpose();
            match signature.and_then(|signature| Ok((signature, read(file, limits.digest_bytes)?))) {
                Ok((signature, bytes)) => digests.push(StoredDigest { path: path.clone(), bytes, signature }),
                Err(unreadable) => self.unreadable.push(unreadable),
            }
        }
        digests
    }

    /// The log objects, to be found by their keys.
    pub(super) fn log_places(&self) -> Paths {
        Paths::new(self.logs.keys().cloned())
    }

    /// The paths of all log objects.
    pub(super) fn logs(&self) -> impl Iterator<Item = &str> {
        self.logs.keys().map(String::as_str)
    }

    /// Reads a log object as it is stored.
    pub(super) fn read_log(&self, path: &str, limits: &Limits) -> Result<Vec<u8>, Unreadable> {
        let file = self.logs.get(path).map_or(Path::new(path), PathBuf::as_path);
        read(file, limits.inflated_bytes)
    }

    pub(super) fn unreadable(&self) -> &[Unreadable] {
        &self.unreadable
    }

    pub(super) fn report_unreadable(&self, output: &Output) {
        for unreadable in &self.unreadable {
            output.unreadable(unreadable);
        }
    }
}

/// Reads a file of no more than `limit` bytes.
fn read(file: &Path, limit: usize) -> Result<Vec<u8>, Unreadable> {
    let input = Input::Path(file.to_owned());
    let object = input.objects(u64::try_from(limit).unwrap_or(u64::MAX)).next();
    match object.transpose()?.map(|object| object.content) {
        Some(Content::Whole(bytes)) => Ok(bytes),
        Some(Content::TooLarge) | None => Err(unreadable(file, &format!("more than the limit of {limit} bytes"))),
    }
}

fn read_signature(file: &Path) -> Result<String, Unreadable> {
    let text = read_text(file)?;
    let head: Result<Head, _> = serde_json::from_str(&text);
    match head {
        Ok(head) => Ok(head.metadata.signature),
        Err(error) => Err(unreadable(file, &format!("not what `aws s3api head-object` prints of a digest: {error}"))),
    }
}

fn unreadable(file: &Path, reason: &str) -> Unreadable {
    Unreadable::new(file, std::io::Error::other(reason.to_owned()).into())
}
