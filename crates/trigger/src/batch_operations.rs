//! Jobs of S3 Batch Operations, which hand over objects that are there already.

use serde_json::Value;
use trailhound_pipeline::ObjectRef;

use super::document::{self, Document};
use super::{DecodeError, Sender, Shape, Trigger, Unit, Work, keys};

const SHAPE: Shape = Shape::S3BatchOperations;

/// The tasks of a request. Schema 1.0 gives the ARN of the bucket, 2.0 its name.
pub(super) fn tasks(event: &Document<'_>) -> Result<Trigger, DecodeError> {
    let text = |name: &'static str| event.string(name).ok_or_else(|| missing(name));
    let schema = text("invocationSchemaVersion")?;
    if !matches!(schema.split('.').next(), Some("1" | "2")) {
        return Err(DecodeError::version(SHAPE, &schema, "1.0 and 2.0 are"));
    }
    let invocation = text("invocationId")?;
    let tasks = event.list("tasks").ok_or_else(|| missing("tasks"))?;
    let units: Result<_, _> = tasks.into_iter().map(|task| unit(&document::value(task))).collect();
    Ok(Trigger { sender: Sender::BatchOperations { schema, invocation }, units: units? })
}

/// A result cannot name a task without an identifier: then the request fails as a whole.
fn unit(task: &Value) -> Result<Unit, DecodeError> {
    let id = document::text(task, "/taskId").ok_or_else(|| missing("tasks[].taskId"))?;
    Ok(Unit { id: id.to_owned(), work: object(task).map(|object| vec![object]) })
}

/// Keys are what the manifest says, which has to be URL-encoded. Encoders disagree about blanks, so
/// `+` is tried as a blank and, should there be no such object, as a plus.
fn object(task: &Value) -> Result<Work, DecodeError> {
    let key = document::text(task, "/s3Key").ok_or_else(|| missing("tasks[].s3Key"))?;
    let object = ObjectRef {
        bucket: bucket(task).ok_or_else(|| missing("tasks[].s3Bucket"))?.to_owned(),
        key: keys::form_encoded(key, SHAPE)?,
        version: document::text(task, "/s3VersionId").map(str::to_owned),
    };
    Ok(keys::with_alternative(object, keys::percent_encoded(key, SHAPE).ok()))
}

/// The name, or the last part of the ARN. The ARN of an access point stands for a bucket as it is.
fn bucket(task: &Value) -> Option<&str> {
    document::text(task, "/s3Bucket").or_else(|| {
        let arn = document::text(task, "/s3BucketArn")?;
        let name = arn.rsplit(':').next()?;
        Some(if name.contains('/') { arn } else { name }).filter(|name| !name.is_empty())
    })
}

fn missing(field: &'static str) -> DecodeError {
    DecodeError::Incomplete { shape: SHAPE, field }
}
