//! The limits of one invocation, in one place.

use std::time::Duration;

/// How much of the time of an invocation is kept back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reserves {
    /// With less time than this left, nothing further is begun; 5 seconds. It goes back to its sender,
    /// and what is done is acknowledged, which it would not be if Lambda stopped the function.
    pub(crate) to_begin: Duration,
    /// With less time than this left, what has been begun is given up; 2 seconds. One slow object then
    /// fails alone, and the answer about all others still gets out.
    pub(crate) to_answer: Duration,
}

impl Default for Reserves {
    fn default() -> Self {
        Self { to_begin: Duration::from_secs(5), to_answer: Duration::from_secs(2) }
    }
}

/// How many objects are worked on at the same time: 4.
///
/// Fetching and publishing wait for the network, and overlap; inspecting does not, since the function
/// has one thread. So there is never more than one object inflated, and what grows with this number is
/// what has been fetched and not inspected yet: four times 64 MiB as stored and once 128 MiB inflated
/// still fit into the 512 MB that the template gives the function.
pub(crate) const CONCURRENT_OBJECTS: usize = 4;

/// The most that [`CONCURRENT_OBJECTS`] may be set to: 64.
pub(crate) const MAX_CONCURRENT_OBJECTS: usize = 64;

/// How many pairs of account and region one environment of the function reports on: 50. Each is a metric
/// of its own, and AWS charges by the metric.
pub(crate) const METRIC_PLACES: usize = 50;

/// Characters of the text about one task in the answer to S3 Batch Operations: 500. AWS documents no
/// limit; the text becomes one cell of the job's report.
pub(crate) const RESULT_CHARS: usize = 500;
