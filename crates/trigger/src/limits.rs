//! What a worker keeps back of its time, in one place.

use std::time::Duration;

/// How much of the time of an invocation is kept back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserves {
    /// With less time than this left, nothing further is begun; 5 seconds. It goes back to its sender,
    /// and what is done is acknowledged, which it would not be if Lambda stopped the function.
    pub to_begin: Duration,
    /// With less time than this left, what has been begun is given up; 2 seconds. One slow object then
    /// fails alone, and the answer about all others still gets out.
    pub to_answer: Duration,
}

impl Default for Reserves {
    fn default() -> Self {
        Self { to_begin: Duration::from_secs(5), to_answer: Duration::from_secs(2) }
    }
}

/// Pause before an asynchronous invocation looks again whether what others hold is free, doubled each time;
/// half a second: an object beside it takes no longer.
pub(crate) const HELD_PAUSE: Duration = Duration::from_millis(500);

/// The longest of these pauses; 10 seconds. Less would read the object again more often, for nothing.
pub(crate) const LONGEST_HELD_PAUSE: Duration = Duration::from_secs(10);
