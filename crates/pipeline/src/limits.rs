use std::time::Duration;

/// What the inspection of one object may cost. Reaching a limit is a stated refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InspectLimits {
    /// Limits on the object and its records.
    pub log: trailhound_cloudtrail::Limits,
    /// How many refusals of one object are named; 1,000. All of them are counted.
    pub named_refusals: usize,
}

impl Default for InspectLimits {
    fn default() -> Self {
        InspectLimits { log: trailhound_cloudtrail::Limits::default(), named_refusals: 1_000 }
    }
}

/// Seconds of event times that are told apart in one object; 1,024, which is seventeen minutes without a
/// gap. CloudTrail delivers every five minutes.
pub(crate) const DISTINCT_TIMES: usize = 1_024;

/// Bytes of subject, body and attributes together; 240,000. SNS takes 262,144 with everything
/// counted; the difference is margin.
pub(crate) const NOTIFICATION_BYTES: usize = 240_000;

/// Characters of a subject; 99. SNS asks for fewer than 100.
pub(crate) const SUBJECT_CHARS: usize = 99;

/// Characters of the value of a message attribute; 256, so that ten of them never matter.
pub(crate) const ATTRIBUTE_CHARS: usize = 256;

/// Characters of a text that the author of a rule wrote, such as its description; 4,000.
pub(crate) const RULE_TEXT_CHARS: usize = 4_000;

/// Entries of a list that the author of a rule wrote, such as its references; 50.
pub(crate) const RULE_LIST_ENTRIES: usize = 50;

/// How much of the evidence is shown. When a notification becomes too large, the next, smaller
/// entry of [`DETAILS`] is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Detail {
    /// Rows of evidence.
    pub(crate) rows: usize,
    /// Values shown in one row.
    pub(crate) values: usize,
    /// Characters of one value.
    pub(crate) chars: usize,
}

/// From the ordinary case to the least that still says what happened.
pub(crate) const DETAILS: [Detail; 3] = [
    Detail { rows: 40, values: 10, chars: 600 },
    Detail { rows: 20, values: 3, chars: 200 },
    Detail { rows: 0, values: 0, chars: 80 },
];

/// How long completed alerts, and what keeps an alert from being repeated, are remembered; 90 days.
/// CloudTrail delivers up to 30 days late once a broken bucket policy is mended, and whoever replays
/// logs may come later.
pub const ALERT_MEMORY: Duration = Duration::from_hours(90 * 24);

/// How often a worker that changes a document tries again because another was faster; 64. Each round
/// one worker succeeds, so this bounds how many can press at the same moment.
pub(crate) const SWAP_ATTEMPTS: usize = 64;

/// How long occurrences are kept beyond the timespan of their correlation, from when they arrive; one
/// day. Events of one window may arrive that far apart.
pub(crate) const OCCURRENCE_REST: Duration = Duration::from_hours(24);

/// How long after the end of a window, and after an event in it has arrived, the window counts as over;
/// 15 minutes. CloudTrail delivers most events within that time.
pub(crate) const LATENESS: Duration = Duration::from_mins(15);

/// How long it is remembered when the first event of a group of a `new_value` correlation was, at
/// least, since its last event; 400 days.
pub(crate) const HISTORY: Duration = Duration::from_hours(400 * 24);

/// Runs of events that are remembered for a group; 64. What is dropped can alert again only if events
/// arrive that are older than the 64 runs after them.
pub(crate) const RUNS: usize = 64;

/// Events that an alert of a correlation names; 100. All of them are counted.
pub(crate) const NAMED_EVENTS: usize = 100;

/// Entries of the agenda that one round of sweeping looks at; 100. The rest is due at the next.
pub(crate) const SWEPT_ENTRIES: usize = 100;

/// The least time between two rounds of sweeping that deliveries do; one minute.
pub(crate) const SWEEP_PAUSE: Duration = Duration::from_mins(1);
