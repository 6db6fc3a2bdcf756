//! Events of S3 on the event bus.

use trailhound_pipeline::ObjectRef;

use super::document::Document;
use super::{DecodeError, Nothing, Shape, Work, keys};

const CREATED: &str = "Object Created";

/// The object of an event. Versions are called `version-id` here.
pub(super) fn object(event: &Document<'_>) -> Result<Vec<Work>, DecodeError> {
    let missing = |field| DecodeError::Incomplete { shape: Shape::EventBridgeObject, field };
    let kind = event.string("detail-type").ok_or_else(|| missing("detail-type"))?;
    let detail = event.object("detail").ok_or_else(|| missing("detail"))?;
    let bucket = detail.object("bucket").ok_or_else(|| missing("detail.bucket"))?;
    let object = detail.object("object").ok_or_else(|| missing("detail.object"))?;
    let object = ObjectRef {
        bucket: bucket.string("name").ok_or_else(|| missing("detail.bucket.name"))?,
        key: object.string("key").ok_or_else(|| missing("detail.object.key"))?,
        version: object.string("version-id"),
    };
    if kind == CREATED {
        return Ok(vec![keys::plain(object, Shape::EventBridgeObject)]);
    }
    Ok(vec![Work::Nothing(Nothing::NotCreated { event: kind, object })])
}
