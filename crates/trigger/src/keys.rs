//! How the sources of events encode the keys of objects.

use percent_encoding::percent_decode_str;
use trailhound_pipeline::ObjectRef;

use super::{DecodeError, Shape, Work};

/// Form encoding, as in notifications of S3: `+` is a blank, and all else is `%XX`.
pub(super) fn form_encoded(key: &str, shape: Shape) -> Result<String, DecodeError> {
    percent_encoded(&key.replace('+', " "), shape)
}

/// `%XX` alone; a `+` is a plus.
pub(super) fn percent_encoded(key: &str, shape: Shape) -> Result<String, DecodeError> {
    percent_decode_str(key).decode_utf8().map(String::from).map_err(|_| DecodeError::Key(shape))
}

/// A key that is documented or observed to come as it is. Should there be no object of that key, the
/// decoded one is tried: AWS does not promise the encoding of these sources.
pub(super) fn plain(object: ObjectRef, shape: Shape) -> Work {
    let decoded = form_encoded(&object.key, shape).ok();
    with_alternative(object, decoded)
}

/// An object, and the one that is meant if its key should be this other one.
pub(super) fn with_alternative(object: ObjectRef, key: Option<String>) -> Work {
    let otherwise = key.filter(|key| *key != object.key).map(|key| ObjectRef { key, ..object.clone() });
    Work::Object { object, otherwise }
}
