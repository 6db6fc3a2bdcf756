//! Where things are: rules, the quarantine, objects in S3.

use std::{fmt, path::PathBuf};

use trailhound_cloudtrail::ObjectKey;
use trailhound_rule_engine::{
    Code,
    yaml::{Node, Problems},
};

use super::read;
use crate::ObjectRef;

/// Where rules come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RulesSource {
    /// The rules in the binary.
    #[default]
    Bundle,
    /// A folder, or one file, in the package.
    Folder(PathBuf),
    /// One YAML file in S3.
    Object {
        /// Where it is.
        object: ObjectRef,
        /// SHA-256 of the file as it is stored, in hexadecimal digits of lower case.
        sha256: String,
    },
}

/// Where damaged objects are named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuarantineTarget {
    /// Below a prefix of a bucket, which may be empty.
    Bucket {
        /// Name of the bucket.
        bucket: String,
        /// Prefix of the keys.
        prefix: String,
    },
    /// An SQS queue, by its URL.
    Queue(String),
    /// A folder.
    Folder(PathBuf),
}

impl fmt::Display for QuarantineTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QuarantineTarget::Bucket { bucket, prefix } => write!(formatter, "s3://{bucket}/{prefix}"),
            QuarantineTarget::Queue(url) => formatter.write_str(url),
            QuarantineTarget::Folder(path) => write!(formatter, "{}", path.display()),
        }
    }
}

/// `s3://bucket/key` as an object; `None` for anything else.
pub fn object_location(text: &str) -> Option<ObjectRef> {
    let (bucket, key) = text.strip_prefix("s3://")?.split_once('/')?;
    let object = || ObjectRef { bucket: bucket.to_owned(), key: key.to_owned(), version: None };
    (!bucket.is_empty() && !key.is_empty() && !key.ends_with('/')).then(object)
}

/// Where rules come from; those in S3 need the hash.
pub(super) fn rules(node: &Node, sha256: Option<&str>, problems: &mut Problems) -> Option<RulesSource> {
    let text = read::text(node, "the source of rules", problems)?;
    if text == "bundle" {
        return Some(RulesSource::Bundle);
    }
    if !text.starts_with("s3://") {
        return Some(RulesSource::Folder(text.into()));
    }
    let Some(object) = object_location(&text) else {
        return read::wrong(node.span, format!("`{text}` names no object"), "write `s3://bucket/key`", problems);
    };
    let Some(sha256) = sha256 else {
        problems
            .error(Code::MissingSetting, node.span, "rules in S3 need their SHA-256")
            .help("add `sha256:` below `rules`, with what `sha256sum` says of the file");
        return None;
    };
    Some(RulesSource::Object { object, sha256: sha256.to_owned() })
}

/// 64 hexadecimal digits.
pub(super) fn sha256(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = read::text(node, "the SHA-256", problems)?;
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(text.to_ascii_lowercase());
    }
    read::wrong(node.span, format!("`{text}` is no SHA-256"), "write 64 hexadecimal digits", problems)
}

pub(super) fn quarantine(node: &Node, problems: &mut Problems) -> Option<QuarantineTarget> {
    let text = read::text(node, "the quarantine", problems)?;
    if let Some(rest) = text.strip_prefix("s3://") {
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return read::wrong(node.span, format!("`{text}` names no bucket"), "write `s3://bucket/prefix`", problems);
        }
        let (bucket, prefix) = (bucket.to_owned(), prefix.trim_end_matches('/').to_owned());
        if ObjectKey::parse(&format!("{prefix}/note.json")).family.holds_records() {
            let message = format!("notes in `{text}` would be taken for log objects");
            return read::wrong(node.span, message, "give another prefix", problems);
        }
        return Some(QuarantineTarget::Bucket { bucket, prefix });
    }
    if text.starts_with("https://") || text.starts_with("http://") {
        let parts: Vec<&str> = text.split("://").nth(1).unwrap_or_default().split('/').collect();
        if parts.len() == 3 && parts.iter().all(|part| !part.is_empty()) {
            return Some(QuarantineTarget::Queue(text));
        }
        let help = "write it like `https://sqs.eu-west-1.amazonaws.com/111122223333/name`";
        return read::wrong(node.span, format!("`{text}` is not the URL of a queue"), help, problems);
    }
    if text.contains("://") || text.starts_with("arn:") {
        let help = "write `s3://bucket/prefix`, the URL of an SQS queue, or the path of a folder";
        return read::wrong(node.span, format!("`{text}` is no quarantine"), help, problems);
    }
    if !text.contains('/') {
        // Rather a slip than a folder beside the executable, which cannot be written.
        let help = "write `s3://bucket/prefix`, the URL of an SQS queue, or a path with `/` in it";
        return read::wrong(node.span, format!("`{text}` is no quarantine"), help, problems);
    }
    Some(QuarantineTarget::Folder(text.into()))
}
