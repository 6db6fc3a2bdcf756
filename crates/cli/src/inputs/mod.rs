//! Where records come from: files, folders, standard input, S3.

#[cfg(feature = "aws")]
mod limits;
mod local;
mod parts;
#[cfg(feature = "aws")]
pub(crate) mod s3;
#[cfg(not(feature = "aws"))]
#[path = "s3_absent.rs"]
pub(crate) mod s3;

use std::{
    error::Error,
    ffi::OsString,
    fmt, io, iter,
    path::{Path, PathBuf},
};

use thiserror::Error;
use trailhound_cloudtrail::{ObjectFamily, ObjectKey};

pub(crate) use local::{files, read_text};

/// One thing to scan, as named on the command line.
#[derive(Debug, Clone)]
pub(crate) enum Input {
    /// `-`
    Stdin,
    /// A file, or a folder with everything below it.
    Path(PathBuf),
    /// All objects of a bucket whose key starts with a prefix.
    S3(s3::Prefix),
}

/// One object to look at: a file, what standard input gave, or an object of a bucket.
#[derive(Debug)]
pub(crate) struct Object {
    /// How the user finds it again: the path, `-`, or the address in S3.
    pub(crate) name: String,
    pub(crate) content: Content,
    /// Byte offset of the content in what is called so, where that is read in parts; each part follows the one
    /// before it.
    pub(crate) offset: u64,
}

/// What an object holds.
#[derive(Debug)]
pub(crate) enum Content {
    Whole(Vec<u8>),
    /// More bytes than the limit allows; they are not read.
    TooLarge,
    /// An object of a bucket that by its key holds no records; it is not fetched.
    #[cfg_attr(not(feature = "aws"), expect(dead_code, reason = "without `aws` there is no bucket"))]
    NoRecords,
}

impl Content {
    /// What was read of an object up to the limit and beyond it, where it goes beyond.
    fn within(limit: u64, bytes: Vec<u8>) -> Self {
        match u64::try_from(bytes.len()) {
            Ok(length) if length <= limit => Content::Whole(bytes),
            _ => Content::TooLarge,
        }
    }
}

/// Whether the path is that of an object of CloudTrail that is about records, but holds none. A
/// path of any other form is taken as records, unlike in the function: here somebody named it.
pub(crate) fn holds_no_records(path: &str) -> bool {
    match ObjectKey::parse(path).family {
        ObjectFamily::Aggregated | ObjectFamily::Digest | ObjectFamily::BackfillDigest => true,
        ObjectFamily::Records | ObjectFamily::Insight | ObjectFamily::NetworkActivity | ObjectFamily::Other => false,
    }
}

/// What an input gives, one object after the other.
pub(crate) type Objects<'i> = Box<dyn Iterator<Item = Result<Object, Unreadable>> + 'i>;

/// Something that was asked for and could not be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) path: String,
    pub(crate) cause: ReadError,
}

/// Why something could not be read.
#[derive(Debug, Error)]
pub(crate) enum ReadError {
    #[error("no such file or folder")]
    Missing,
    #[error("permission denied")]
    Denied,
    #[error("not UTF-8")]
    NotUtf8,
    #[error("no rule file (*.yml or *.yaml) in this folder")]
    NoRules,
    #[error("cannot be read")]
    Io(#[source] io::Error),
    #[error(transparent)]
    S3(#[from] s3::Error),
}

impl TryFrom<OsString> for Input {
    type Error = s3::InvalidAddress;

    fn try_from(argument: OsString) -> Result<Self, Self::Error> {
        match argument.to_str() {
            Some("-") => Ok(Input::Stdin),
            Some(address) if address.starts_with("s3://") => s3::Prefix::parse(address).map(Input::S3),
            Some(_) | None => Ok(Input::Path(argument.into())),
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Input::Stdin => formatter.write_str("-"),
            Input::Path(path) => write!(formatter, "{}", path.display()),
            Input::S3(prefix) => write!(formatter, "{prefix}"),
        }
    }
}

impl Input {
    /// Reads the objects one after the other, always in the same order: files by their names, objects
    /// of a bucket by their keys. An object of more than `limit` bytes is not read to its end, and one of a
    /// bucket that holds no records is not fetched.
    pub(crate) fn objects(&self, limit: u64) -> Objects<'_> {
        match self {
            Input::Stdin => local::stdin_objects(limit),
            Input::Path(path) => local::objects(path, limit),
            Input::S3(prefix) => prefix.objects(limit),
        }
    }

    /// How many bytes there are to read, where that is known beforehand.
    pub(crate) fn known_bytes(&self) -> Option<u64> {
        match self {
            Input::Path(path) => Some(local::known_bytes(path)),
            Input::Stdin | Input::S3(_) => None,
        }
    }
}

impl Unreadable {
    pub(crate) fn new(path: &Path, cause: ReadError) -> Self {
        Unreadable { path: path.display().to_string(), cause }
    }

    /// What went wrong and what caused that, in one line.
    pub(crate) fn reason(&self) -> String {
        with_causes(&self.cause)
    }
}

/// An error and what caused it, in one line.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes = iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => ReadError::Missing,
            io::ErrorKind::PermissionDenied => ReadError::Denied,
            io::ErrorKind::InvalidData => ReadError::NotUtf8,
            _ => ReadError::Io(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_standard_input_an_address_or_a_path() {
        let shown = |argument: &str| Input::try_from(OsString::from(argument)).map(|input| format!("{input:?}"));
        assert_eq!(shown("-").unwrap(), "Stdin");
        assert_eq!(shown("s3:/x").unwrap(), r#"Path("s3:/x")"#);
        assert_eq!(shown("./-").unwrap(), r#"Path("./-")"#);
        assert!(shown("s3://").is_err());
        assert!(shown("s3:///key").is_err());
    }
}
