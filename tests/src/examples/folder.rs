//! The objects as files: writing them, and finding out whether those on disk are the same.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::path::Path;
use std::{fs, path::PathBuf};

use flate2::read::MultiGzDecoder;

/// How a file on disk differs from what the generator makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The generator makes it, the folder lacks it.
    Missing(String),
    /// The folder has it, the generator does not make it.
    Unexpected(String),
    /// Both have it, with other records.
    Changed(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(key) => write!(formatter, "missing: {key}"),
            Self::Unexpected(key) => write!(formatter, "not generated: {key}"),
            Self::Changed(key) => write!(formatter, "changed: {key}"),
        }
    }
}

/// Replaces the log objects under `folder` with `objects`; other files stay.
///
/// # Errors
///
/// Reports the first file or folder that could not be removed or written.
pub fn write(folder: &Path, objects: &BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    for key in keys(folder)? {
        if !objects.contains_key(&key) {
            fs::remove_file(folder.join(key))?;
        }
    }
    for (key, bytes) in objects {
        let path = folder.join(key);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// What the folder and `objects` do not agree on.
///
/// Contents are compared after inflating: another version of the compressor may write the same
/// records in other bytes, and that is no difference.
///
/// # Errors
///
/// Reports the first file or folder that could not be read.
pub fn differences(folder: &Path, objects: &BTreeMap<String, Vec<u8>>) -> io::Result<Vec<Difference>> {
    let present = keys(folder)?;
    let mut found = Vec::new();
    for (key, expected) in objects {
        if !present.contains(key) {
            found.push(Difference::Missing(key.clone()));
            continue;
        }
        let actual = fs::read(folder.join(key))?;
        if actual != *expected && !same_records(&actual, expected) {
            found.push(Difference::Changed(key.clone()));
        }
    }
    let unexpected = present.into_iter().filter(|key| !objects.contains_key(key));
    found.extend(unexpected.map(Difference::Unexpected));
    Ok(found)
}

/// A file that cannot be inflated has no records, and differs.
fn same_records(actual: &[u8], expected: &[u8]) -> bool {
    match (inflate(actual), inflate(expected)) {
        (Ok(actual), Ok(expected)) => actual == expected,
        (Err(_), _) | (_, Err(_)) => false,
    }
}

fn inflate(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut inflated = Vec::new();
    MultiGzDecoder::new(bytes).read_to_end(&mut inflated)?;
    Ok(inflated)
}

/// The keys of all log objects below `folder`, sorted; none if there is no such folder.
fn keys(folder: &Path) -> io::Result<Vec<String>> {
    let mut keys = Vec::new();
    let mut pending: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(current) = pending.pop() {
        if !current.exists() {
            continue;
        }
        for entry in fs::read_dir(current)? {
            let path = entry?.path();
            if path.is_dir() {
                pending.push(path);
            } else if path.to_string_lossy().ends_with(".json.gz") {
                let key = path.strip_prefix(folder).unwrap_or(&path).components();
                let parts: Vec<_> = key.map(|part| part.as_os_str().to_string_lossy()).collect();
                keys.push(parts.join("/"));
            }
        }
    }
    keys.sort();
    Ok(keys)
}
