//! A copy of a bucket in a folder.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::Deserialize;
use trailhound_cloudtrail::StoredDigest;

use super::{Contents, Origin, ReadDigest, digest};
use crate::inputs::{Content, Input, Unreadable, files, read_text};

/// What is added to the name of a digest for the file that holds its signature.
const HEAD_SUFFIX: &str = ".head.json";

/// Where everything lies. Paths have `/` between the segments and start below the folder.
#[derive(Debug, Default)]
pub(super) struct Folder {
    files: BTreeMap<String, PathBuf>,
}

/// What `aws s3api head-object` prints, as far as it is needed.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "Metadata")]
    metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Metadata {
    signature: String,
    backfill_generation_timestamp: Option<Timestamp>,
}

impl Folder {
    /// Lists what lies below the folder.
    pub(super) fn list(root: &Path, contents: &mut Contents) -> Self {
        let mut folder = Folder::default();
        for file in files(root) {
            match file {
                Ok(file) => folder.take(root, file, contents),
                Err(unreadable) => contents.unreadable.push(unreadable),
            }
        }
        folder
    }

    fn take(&mut self, root: &Path, file: PathBuf, contents: &mut Contents) {
        let below = file.strip_prefix(root).unwrap_or(&file);
        let segments: Vec<_> = below.iter().map(|segment| segment.to_string_lossy()).collect();
        let path = segments.join("/");
        let is_head = path.ends_with(HEAD_SUFFIX);
        if is_head || contents.take(&path) {
            self.files.insert(path, file);
        }
    }

    fn file<'s>(&'s self, path: &'s str) -> &'s Path {
        self.files.get(path).map_or(Path::new(path), PathBuf::as_path)
    }
}

impl Origin for Folder {
    fn read_digest(&self, path: &str, limit: usize) -> Result<ReadDigest, Unreadable> {
        let head = self.files.get(&format!("{path}{HEAD_SUFFIX}")).map(|file| read_head(file)).transpose()?;
        let bytes = read(self.file(path), limit)?;
        let (signature, made) = head.map(|head| (head.signature, head.backfill_generation_timestamp)).unzip();
        Ok(digest(StoredDigest { path: path.to_owned(), bytes, signature }, made.flatten()))
    }

    fn read_log(&self, path: &str, limit: usize) -> Result<Vec<u8>, Unreadable> {
        read(self.file(path), limit)
    }

    /// All that is there was listed.
    fn read_unlisted(&self, _key: &str, _limit: usize) -> Option<Result<Vec<u8>, Unreadable>> {
        None
    }
}

/// Reads a file of no more than `limit` bytes.
fn read(file: &Path, limit: usize) -> Result<Vec<u8>, Unreadable> {
    let input = Input::Path(file.to_owned());
    let object = input.objects(u64::try_from(limit).unwrap_or(u64::MAX)).next();
    match object.transpose()?.map(|object| object.content) {
        Some(Content::Whole(bytes)) => Ok(bytes),
        Some(Content::TooLarge | Content::NoRecords) | None => {
            Err(unreadable(file, &format!("more than the limit of {limit} bytes")))
        }
    }
}

fn read_head(file: &Path) -> Result<Metadata, Unreadable> {
    let text = read_text(file)?;
    let head: Result<Head, _> = serde_json::from_str(&text);
    match head {
        Ok(head) => Ok(head.metadata),
        Err(error) => Err(unreadable(file, &format!("not what `aws s3api head-object` prints of a digest: {error}"))),
    }
}

fn unreadable(file: &Path, reason: &str) -> Unreadable {
    Unreadable::new(file, std::io::Error::other(reason.to_owned()).into())
}
