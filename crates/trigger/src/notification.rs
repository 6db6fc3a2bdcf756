//! Notifications about objects: of S3, and of a trail itself.
//!
//! Only what is needed is read, and everything else may be missing or new:
//! a notification that is refused for a field nobody reads would be a message
//! that fails for ever.

use serde_json::Value;
use serde_json::value::RawValue;
use trailhound_pipeline::ObjectRef;

use super::document::{self, Document};
use super::{DecodeError, Nothing, Shape, Work, keys};

/// The objects a notification of S3 names. S3 sends one a message today and does not promise it.
pub(super) fn objects(event: &Document<'_>) -> Result<Vec<Work>, DecodeError> {
    let records = event.list("Records").ok_or_else(|| missing("Records"))?;
    records.into_iter().map(object).collect()
}

fn object(record: &RawValue) -> Result<Work, DecodeError> {
    let record = document::value(record);
    check_version(&record)?;
    let text = |path: &str, name: &'static str| document::text(&record, path).ok_or_else(|| missing(name));
    let event = text("/eventName", "Records[].eventName")?;
    // `sequencer` is not read: it orders events of one key, and CloudTrail writes each key once.
    let object = ObjectRef {
        bucket: text("/s3/bucket/name", "Records[].s3.bucket.name")?.to_owned(),
        key: keys::form_encoded(text("/s3/object/key", "Records[].s3.object.key")?, Shape::S3Notification)?,
        version: document::text(&record, "/s3/object/versionId").map(str::to_owned),
    };
    if is_creation(event) {
        return Ok(Work::Object { object, otherwise: None });
    }
    Ok(Work::Nothing(Nothing::NotCreated { event: event.to_owned(), object }))
}

/// `ObjectCreated:Put`, `…:Post`, `…:Copy`, `…:CompleteMultipartUpload`.
fn is_creation(event: &str) -> bool {
    event.starts_with("ObjectCreated:")
}

/// Minor versions only add fields. A missing version is let pass: nothing else hangs on it.
fn check_version(record: &Value) -> Result<(), DecodeError> {
    match record.get("eventVersion").and_then(Value::as_str) {
        Some(version) if version.split('.').next() != Some("2") => {
            Err(DecodeError::version(Shape::S3Notification, version, "versions 2.x are"))
        }
        _ => Ok(()),
    }
}

/// The objects that a message of a trail's own topic names: one bucket, and a list of keys.
pub(super) fn objects_of_a_trail(event: &Document<'_>) -> Result<Vec<Work>, DecodeError> {
    let missing = |field| DecodeError::Incomplete { shape: Shape::CloudTrailTopic, field };
    let bucket = event.string("s3Bucket").ok_or_else(|| missing("s3Bucket"))?;
    let listed = event.list("s3ObjectKey").ok_or_else(|| missing("s3ObjectKey"))?;
    let keys =
        listed.into_iter().map(|key| serde_json::from_str(key.get()).ok().filter(|key: &String| !key.is_empty()));
    keys.map(|key| {
        let key = key.ok_or_else(|| missing("s3ObjectKey[]"))?;
        Ok(keys::plain(ObjectRef { bucket: bucket.clone(), key, version: None }, Shape::CloudTrailTopic))
    })
    .collect()
}

fn missing(field: &'static str) -> DecodeError {
    DecodeError::Incomplete { shape: Shape::S3Notification, field }
}
