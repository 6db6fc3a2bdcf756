//! The records of a document, one at a time.

mod cursor;
mod form;
mod problem;
mod recover;
mod walk;

use std::borrow::Cow;

use trailhound_rule_engine::json;

pub use problem::{DocumentProblem, RecordRefusal};

use crate::Limits;

/// Receives the records of a document.
pub trait RecordSink {
    /// Takes the record at zero-based position `index`, an object that comes next in `reader`.
    ///
    /// `reader` sees this record and what may follow it; offsets count from the record's start. On
    /// success its cursor has to stand right behind the record. An error refuses this record alone: it is
    /// handed back through [`RecordSink::refused`], perhaps after a second try with more text behind the
    /// record's start, and the next record follows.
    fn record(&mut self, index: u64, reader: &mut json::Reader<'_>) -> Result<(), json::Error>;

    /// Learns that the record at `index` was passed over, and why.
    fn refused(&mut self, index: u64, refusal: RecordRefusal);
}

/// Hands every record of `document` to `sink` in one pass, and gives what kept it from reading the
/// document to its end. Nothing is allocated for a record that stands in the document as it is.
///
/// Understood are `{"Records": […]}`, a list, a single object, several of these one after another
/// (newline-delimited or not), `EventBridge` events, messages of a CloudWatch Logs subscription,
/// and what `lookup-events` prints. Whether a record looks like CloudTrail is not asked. A byte
/// order mark at the start is passed over.
///
/// Every record that is there is either taken or refused, and positions count both. A broken record
/// costs only itself as long as its end can be told from the brackets; when it cannot, reading goes
/// on at the next document of the file, and the problem says from which record on something is
/// missing. Bytes that are no UTF-8 cost the record that holds them.
pub fn read_records(document: &[u8], limits: &Limits, sink: &mut dyn RecordSink) -> Vec<DocumentProblem> {
    let text = readable(document);
    walk::Walk::new(document, &text, limits, sink).run()
}

/// The document as text of the same length. A byte that belongs to no character becomes a control
/// character, which JSON allows nowhere: the reader notices it, every offset stays what it was, and
/// a sound document is borrowed.
fn readable(document: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(document) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(document.len());
    for chunk in document.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{1}'));
    }
    Cow::Owned(text)
}
