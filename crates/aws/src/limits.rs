//! The limits of all calls to AWS, in one place.

use std::time::Duration;

use jiff::SignedDuration;

/// What is added on both sides to the day of a digest when its key is asked for; one hour.
pub(crate) const KEY_MARGIN: SignedDuration = SignedDuration::from_hours(1);

/// Pairs of region and day whose public keys are kept; 64. A replay of old digests asks anew.
pub(crate) const KEPT_KEYS: usize = 64;

/// How long a look into a queue hides messages from others; 1 second, since most are not what it looks for.
pub(crate) const HIDDEN: Duration = Duration::from_secs(1);

/// The longest that SQS waits for a message; 20 seconds.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// How long calls may take and how often they are tried.
///
/// The defaults fit a function with a timeout of a minute or more: an object
/// that S3 serves slowly but steadily is read, and an endpoint that does not
/// answer fails its own delivery and leaves time for the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallLimits {
    /// To open a connection; default 3 seconds.
    pub connect: Duration,
    /// From sending one request to the head of its answer; default 10 seconds.
    pub attempt: Duration,
    /// The same where SQS is asked to wait for messages, which it does for up to 20 seconds; default 30 seconds.
    pub poll: Duration,
    /// Times a request is sent before its error counts, the first included; default 3.
    /// The SDK repeats throttling, server errors and lost connections, with growing pauses.
    pub attempts: u32,
    /// To read the body of one object after the head of the answer; default 1 minute.
    pub body: Duration,
    /// Times an object is fetched again from the start because its body broke
    /// off, the first included; default 3. The SDK does not repeat these.
    pub body_attempts: u32,
    /// Pause before the second reading of a body, doubled before each further one; default 250 milliseconds.
    pub body_pause: Duration,
    /// Times that items are sent to DynamoDB which it left undone, the first included; default 6.
    /// The SDK does not repeat these.
    pub unprocessed_attempts: u32,
    /// Pause before the second sending of undone items, doubled before each further one; default 50 milliseconds.
    pub unprocessed_pause: Duration,
    /// Times a notification is published that SNS failed while it took others of the same call, the first
    /// included; default 3. The SDK does not repeat these.
    pub entry_attempts: u32,
    /// Pause before the second of these, doubled before each further one; default 250 milliseconds.
    pub entry_pause: Duration,
}

impl Default for CallLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            attempt: Duration::from_secs(10),
            poll: Duration::from_secs(30),
            attempts: 3,
            body: Duration::from_mins(1),
            body_attempts: 3,
            body_pause: Duration::from_millis(250),
            unprocessed_attempts: 6,
            unprocessed_pause: Duration::from_millis(50),
            entry_attempts: 3,
            entry_pause: Duration::from_millis(250),
        }
    }
}
