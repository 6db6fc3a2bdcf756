//! Files, folders and standard input.

use std::{
    fs::{self, File},
    io::{self, Read},
    iter,
    path::{Path, PathBuf},
};

use walkdir::{DirEntry, WalkDir};

use super::{
    Object, Objects, ReadError, Unreadable,
    parts::{Part, Parts},
};

/// The file `path`, or all files below the folder `path`.
pub(super) fn objects(path: &Path, limit: u64) -> Objects<'_> {
    if path.is_dir() {
        Box::new(files(path).flat_map(move |file| match file {
            Ok(file) => file_objects(&file, limit),
            Err(unreadable) => Box::new(iter::once(Err(unreadable))),
        }))
    } else {
        // A pipe, as from `<(…)` of a shell, is as good as a file.
        file_objects(path, limit)
    }
}

pub(super) fn stdin_objects(limit: u64) -> Objects<'static> {
    in_parts(io::stdin().lock(), PathBuf::from("-"), limit)
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

fn file_objects(path: &Path, limit: u64) -> Objects<'static> {
    match File::open(path) {
        Ok(file) => in_parts(file, path.to_owned(), limit),
        Err(error) => Box::new(iter::once(Err(Unreadable::new(path, ReadError::from(error))))),
    }
}

/// One object for each part of the input: one alone unless it is large.
fn in_parts(source: impl Read + 'static, path: PathBuf, limit: u64) -> Objects<'static> {
    let name = path.display().to_string();
    Box::new(Parts::new(source, limit).map(move |part| match part {
        Ok(Part { offset, content }) => Ok(Object { name: name.clone(), content, offset }),
        Err(error) => Err(Unreadable::new(&path, ReadError::from(error))),
    }))
}
