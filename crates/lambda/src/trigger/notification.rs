//! S3 event notifications.
//!
//! Only what is needed is read, and everything else may be missing or new:
//! a notification that is refused for a field nobody reads would be a message
//! that fails for ever.

use percent_encoding::percent_decode;
use serde_json::Value;
use trailhound_pipeline::ObjectRef;

use super::{DecodeError, Notified, Shape};

/// The objects a notification names. S3 sends one record a message today and does not promise it.
pub(super) fn objects(event: &Value) -> Result<Vec<Notified>, DecodeError> {
    let records = event.get("Records").and_then(Value::as_array).ok_or_else(|| missing("Records"))?;
    records.iter().map(object).collect()
}

fn object(record: &Value) -> Result<Notified, DecodeError> {
    check_version(record)?;
    let text = |path: &'static str, name: &'static str| {
        record.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty()).ok_or_else(|| missing(name))
    };
    let event_name = text("/eventName", "Records[].eventName")?;
    let object = ObjectRef {
        bucket: text("/s3/bucket/name", "Records[].s3.bucket.name")?.to_owned(),
        key: decode_key(text("/s3/object/key", "Records[].s3.object.key")?)?,
        version: text("/s3/object/versionId", "Records[].s3.object.versionId").ok().map(str::to_owned),
    };
    if is_creation(event_name) {
        return Ok(Notified::Created(object));
    }
    Ok(Notified::Other { event_name: event_name.to_owned(), object })
}

/// `ObjectCreated:Put`, `…:Post`, `…:Copy`, `…:CompleteMultipartUpload`.
fn is_creation(event_name: &str) -> bool {
    event_name.starts_with("ObjectCreated:")
}

/// Minor versions only add fields. A missing version is let pass: nothing else hangs on it.
fn check_version(record: &Value) -> Result<(), DecodeError> {
    match record.get("eventVersion").and_then(Value::as_str) {
        Some(version) if version.split('.').next() != Some("2") => {
            Err(DecodeError::Version(version.chars().take(20).collect()))
        }
        _ => Ok(()),
    }
}

/// Keys in notifications are form-encoded: `+` is a blank, and all else is `%XX`.
fn decode_key(key: &str) -> Result<String, DecodeError> {
    let blanks = key.replace('+', " ");
    percent_decode(blanks.as_bytes()).decode_utf8().map(String::from).map_err(|_| DecodeError::Key)
}

fn missing(field: &'static str) -> DecodeError {
    DecodeError::Incomplete { shape: Shape::S3Notification, field }
}
