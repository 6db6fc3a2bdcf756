//! How long things may take, how often they are tried, how long they are remembered.

use std::time::Duration;

/// A file counts as whole once nobody has changed it for so long; 2 seconds.
pub(super) const SETTLED: Duration = Duration::from_secs(2);

/// Objects that are worked off before their end is noted and a signal is looked for; 16.
pub(super) const BATCH: usize = 16;

/// Pause before what failed is tried again, doubled with each attempt; 5 seconds.
pub(super) const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// The longest of these pauses; 5 minutes.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// Pause before a file is read again of which an alert was on its way through another; 1 second.
pub(super) const HELD_PAUSE: Duration = Duration::from_secs(1);

/// Times that `--once` reads a file that fails, the first included; 3.
pub(super) const ONCE_ATTEMPTS: u32 = 3;

/// How often is looked at what has become due while nothing arrives; 1 minute.
pub(super) const SWEEP: Duration = Duration::from_mins(1);

/// How long the work on one batch may take before it is given up, in which a machine may sleep; 1 day.
pub(super) const BATCH_TIME: Duration = Duration::from_hours(24);

/// How much of a file of alerts is searched backwards for the end of its last whole line; 1 MiB. No alert has
/// more than a quarter of that.
pub(super) const LONGEST_LINE: u64 = 1 << 20;

/// How many messages are taken from a queue at a time; 10, the most that SQS gives.
#[cfg(feature = "aws")]
pub(super) const MESSAGES: i32 = 10;

/// How long SQS waits for a message; 20 seconds, the longest it does.
#[cfg(feature = "aws")]
pub(super) const LONG_POLL: Duration = Duration::from_secs(20);

/// The same with `--once`, where nobody waits for more; 2 seconds.
#[cfg(feature = "aws")]
pub(super) const SHORT_POLL: Duration = Duration::from_secs(2);

/// How long messages stay with us unless we ask for more; 2 minutes. So long others wait after a crash.
#[cfg(feature = "aws")]
pub(super) const VISIBILITY: Duration = Duration::from_mins(2);

/// How often we ask for more; 40 seconds, so that two of these calls may fail.
#[cfg(feature = "aws")]
pub(super) const HEARTBEAT: Duration = Duration::from_secs(40);

/// How long is remembered which part of a file of alerts is recorded, since the last start; 10 years.
pub(super) const MARK_MEMORY: Duration = Duration::from_hours(10 * 365 * 24);
