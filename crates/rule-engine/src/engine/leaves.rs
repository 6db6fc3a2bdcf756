//! Texts, numbers and booleans anywhere below a value.

use super::{slots::Value, walk};
use crate::json::{Error, Kind, Progress, Reader};

/// Shows every text, number and boolean below a JSON value to `visit` until it says `true`.
pub(crate) fn any(json: &str, visit: &mut dyn FnMut(&Value<'_>) -> bool) -> bool {
    let mut reader = Reader::new(json);
    // The text is a slice of a record whose grammar has been checked.
    visit_all(&mut reader, visit).unwrap_or(false)
}

fn visit_all(reader: &mut Reader<'_>, visit: &mut dyn FnMut(&Value<'_>) -> bool) -> Result<bool, Error> {
    let mut progress = Progress::default();
    match reader.peek()? {
        Kind::Object => {
            reader.enter_object()?;
            while reader.next_key(&mut progress)?.is_some() {
                if visit_all(reader, visit)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Kind::Array => {
            reader.enter_array()?;
            while reader.next_element(&mut progress)? {
                if visit_all(reader, visit)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        kind => {
            let value = walk::leaf(kind, reader)?;
            Ok(value != Value::Null && visit(&value))
        }
    }
}
