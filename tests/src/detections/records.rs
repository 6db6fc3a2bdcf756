use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::{Deserializer, Value};

use super::in_project;

/// A record, and where it comes from as a failure shows it.
#[derive(Debug, Clone)]
pub struct Record {
    /// File, and from one the line or the element of the list.
    pub place: String,
    /// JSON.
    pub text: String,
}

/// Real public records, which lie beside the project on some machines and are no part of it.
pub fn public_folder() -> Option<PathBuf> {
    Some(in_project("../shared/fixtures")).filter(|folder| folder.is_dir())
}

/// Every public record, in the order of the files.
///
/// # Errors
///
/// A file that cannot be read, or is no JSON.
pub fn public_records(folder: &Path) -> io::Result<Vec<Record>> {
    let mut records = Vec::new();
    for path in files(folder)? {
        if path.extension().is_some_and(|found| found == "json" || found == "jsonl" || found == "ndjson") {
            let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
            records.extend(records_of(&name, &fs::read_to_string(&path)?)?);
        }
    }
    Ok(records)
}

/// The records of a file, numbered by the line or the element they stand in, from one.
///
/// # Errors
///
/// A text that is no JSON.
pub fn records_of(name: &str, text: &str) -> io::Result<Vec<Record>> {
    let mut found = Vec::new();
    let mut values: Vec<Value> = Deserializer::from_str(text).into_iter().collect::<Result<_, _>>()?;
    if let [Value::Array(elements)] = values.as_mut_slice() {
        values = std::mem::take(elements);
    }
    for (index, value) in values.into_iter().enumerate() {
        collect(&format!("{name}:{}", index + 1), value, &mut found);
    }
    Ok(found)
}

/// Takes records out of what they are wrapped in.
fn collect(place: &str, mut value: Value, found: &mut Vec<Record>) {
    if let Some(Value::Array(records)) = value.get_mut("Records").map(Value::take) {
        for record in records {
            collect(place, record, found);
        }
        return;
    }
    for key in ["log", "detail"] {
        if let Some(wrapped) = value.get_mut(key).filter(|wrapped| wrapped.is_object()) {
            return collect(place, wrapped.take(), found);
        }
    }
    let text = match value.get("CloudTrailEvent") {
        Some(Value::String(text)) => text.clone(),
        _ => value.to_string(),
    };
    found.push(Record { place: place.to_owned(), text });
}

/// All files below a folder, in order.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
