//! Reading JSON in place: a cursor over text that is skipped, not parsed, wherever no rule looks.
//!
//! CloudTrail objects are megabytes of JSON of which a rule set looks at a few dozen fields. The
//! [`Reader`] walks such text once and hands out slices of it; nothing is allocated unless a string
//! holds an escape. Everything that is skipped is still checked against the JSON grammar
//! ([RFC 8259](https://www.rfc-editor.org/rfc/rfc8259)), so a damaged record is noticed wherever
//! the damage sits.

mod error;
mod number;
mod reader;
mod text;

pub use error::{Error, ErrorKind};
pub use reader::{Kind, Mark, Progress, Reader};
pub use text::Text;

/// Levels of objects and arrays a record may nest; deeper input is refused.
///
/// The deepest real record seen has 14. The reader keeps one bit for each level, so the limit is
/// also the most it can hold.
pub const MAX_DEPTH: usize = 128;
