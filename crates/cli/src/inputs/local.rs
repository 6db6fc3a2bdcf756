//! Files, folders and standard input.

use std::{
    fs::{self, File},
    io::{self, Read},
    iter,
    path::{Path, PathBuf},
};

use walkdir::{DirEntry, WalkDir};

use super::{Content, Object, Objects, ReadError, Unreadable};

/// The file `path`, or all files below the folder `path`.
pub(super) fn objects(path: &Path, limit: u64) -> Objects<'_> {
    if path.is_dir() {
        Box::new(files(path).map(move |file| file.and_then(|file| read_file(&file, limit))))
    } else {
        // A pipe, as from `<(…)` of a shell, is as good as a file.
        Box::new(iter::once_with(move || read_file(path, limit)))
    }
}

pub(super) fn read_stdin(limit: u64) -> Result<Object, Unreadable> {
    match read_bounded(io::stdin().lock(), limit) {
        Ok(content) => Ok(Object { name: "-".to_owned(), content }),
        Err(error) => Err(Unreadable { path: "-".to_owned(), cause: error.into() }),
    }
}

/// How many bytes the file has, or all files below the folder together; what cannot be read counts nothing.
pub(super) fn known_bytes(path: &Path) -> u64 {
    if path.is_dir() {
        files(path).flatten().filter_map(|file| fs::metadata(file).ok()).map(|metadata| metadata.len()).sum()
    } else {
        fs::metadata(path).map_or(0, |metadata| metadata.len())
    }
}

/// Reads a text file as a whole.
pub(crate) fn read_text(path: &Path) -> Result<String, Unreadable> {
    fs::read_to_string(path).map_err(|error| Unreadable::new(path, error.into()))
}

/// Whether an entry below the folder that was asked for has a name that starts with a dot.
fn is_hidden(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".")
}

/// The regular files below a folder in the order of their names, symbolic links followed.
pub(crate) fn files(folder: &Path) -> impl Iterator<Item = Result<PathBuf, Unreadable>> {
    let entries = WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter();
    entries.filter_entry(|entry| !is_hidden(entry)).filter_map(|entry| match entry {
        Ok(entry) => entry.file_type().is_file().then(|| Ok(entry.into_path())),
        // A link back to a folder above: what is there is read from there.
        Err(error) if error.loop_ancestor().is_some() => None,
        Err(error) => Some(Err(unreadable(folder, error))),
    })
}

fn unreadable(folder: &Path, error: walkdir::Error) -> Unreadable {
    let path = error.path().unwrap_or(folder).to_owned();
    // Without a loop, which the caller sorts out, there always is an error of the system.
    let cause = error.into_io_error().unwrap_or_else(|| io::Error::other("the folder cannot be walked"));
    Unreadable::new(&path, cause.into())
}

fn read_file(path: &Path, limit: u64) -> Result<Object, Unreadable> {
    match File::open(path).and_then(|file| read_bounded(file, limit)) {
        Ok(content) => Ok(Object { name: path.display().to_string(), content }),
        Err(error) => Err(Unreadable::new(path, ReadError::from(error))),
    }
}

/// Reads up to the limit and one byte more, by which the excess is noticed.
fn read_bounded(source: impl Read, limit: u64) -> io::Result<Content> {
    let mut bytes = Vec::new();
    source.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Content::within(limit, bytes))
}
