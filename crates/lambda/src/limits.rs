//! The limits of one answer, in one place.

/// Characters of the text about one task in the answer to S3 Batch Operations: 500. AWS documents no
/// limit; the text becomes one cell of the job's report.
pub(crate) const RESULT_CHARS: usize = 500;
