//! What a session may cost. What is beyond is left out and said, never taken for complete.

use std::time::Duration;

/// Proposals in one answer; 500. An editor asks again when more is typed.
pub const PROPOSALS: usize = 500;

/// Values of a field in tests that are shown of it; 5.
pub const EXAMPLES: usize = 5;

/// Characters of such a value; 80. Longer ones are not shown.
pub const EXAMPLE_CHARS: usize = 80;

/// Rule files of a workspace that are read from disk; 5,000. The rest is left out, with a message.
pub const FILES: usize = 5_000;

/// Files of any kind that are looked at below a folder while rule files are searched for; 100,000. Folders whose
/// name starts with a dot do not count.
pub const WALKED: usize = 100_000;

/// Bytes of one file that is read; 1 MiB, as much as a rule file may have.
pub const FILE_BYTES: u64 = 1 << 20;

/// How long it has to be quiet after a change before rules are checked; 5 ms. Whoever types is slower, while
/// an editor that sends many changes at once is not.
pub const QUIET: Duration = Duration::from_millis(5);

/// How long a check may be put off by further changes; 250 ms.
pub const LONGEST_WAIT: Duration = Duration::from_millis(250);
