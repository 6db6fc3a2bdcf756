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

/// Bytes that the type of a message attribute counts with, at most; 12 for `String.Array`.
pub(crate) const ATTRIBUTE_TYPE_BYTES: usize = 12;

/// Characters of an SMS; 140, which fit into one part whatever the network, as long as they are ASCII.
pub(crate) const SMS_CHARS: usize = 140;

/// Characters of the name of a row in a table; 100.
pub(crate) const ROW_NAME_CHARS: usize = 100;

/// Characters up to which the names of rows widen their column; 40. Longer ones stand out.
pub(crate) const COLUMN_CHARS: usize = 40;

/// Work that one rendering of a template may take, in instructions of the template engine; 200,000. A
/// template that loops over all there is needs a few thousand.
pub(crate) const TEMPLATE_FUEL: u64 = 200_000;

/// Characters of the title of a chat message; 250, the limit of Amazon Q Developer.
pub(crate) const CHAT_TITLE_CHARS: usize = 250;

/// Characters of the description in a chat message; 7,900. The limit is 8,000, and whether escapes count is
/// not said.
pub(crate) const CHAT_DESCRIPTION_CHARS: usize = 7_900;

/// Characters of one of the next steps in a chat message; 350, the limit of Amazon Q Developer.
pub(crate) const CHAT_STEP_CHARS: usize = 350;

/// Next steps in a chat message; 10.
pub(crate) const CHAT_STEPS: usize = 10;

/// Characters of a keyword in a chat message; 75, the limit of Amazon Q Developer.
pub(crate) const CHAT_KEYWORD_CHARS: usize = 75;

/// Keywords in a chat message; 10.
pub(crate) const CHAT_KEYWORDS: usize = 10;

/// Alerts that are claimed and published together; 10, as many as SNS takes in one call. So many may be
/// repeated after a crash between publishing and completing.
pub(crate) const DISPATCHED_TOGETHER: usize = 10;

/// Days before its last day from which on a suppression is announced to expire; 7.
pub(crate) const ANNOUNCED_DAYS: i32 = 7;

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
    /// Entries of a list that the author of a rule wrote, such as its references.
    pub(crate) entries: usize,
    /// Characters of a text that the author of a rule wrote, such as its description.
    pub(crate) author_chars: usize,
}

/// What a view keeps of a record: as much as any format shows.
pub(crate) const WIDEST_DETAIL: Detail = DETAILS[0];

/// From the ordinary case to the least that still says what happened.
pub(crate) const DETAILS: [Detail; 3] = [
    Detail { rows: 40, values: 10, chars: 600, entries: 50, author_chars: 4_000 },
    Detail { rows: 20, values: 3, chars: 200, entries: 20, author_chars: 1_000 },
    Detail { rows: 0, values: 0, chars: 80, entries: 5, author_chars: 300 },
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

/// Bytes of a file that holds all rules, once inflated; 16 MiB. A thousand rules with their tests are 3 MB.
pub(crate) const RULES_BYTES: usize = 16 << 20;

/// YAML nodes of such a file; 2,000,000.
pub(crate) const RULES_NODES: usize = 2_000_000;

/// Notifications in an hour that may be sent one by one, at most; 5,000. A document names each of them in 67
/// bytes, and an item of DynamoDB holds 400 KB.
pub(crate) const MOST_DIGEST_RATE: u64 = 5_000;

/// Log objects of one account, region and hour of which it is remembered whether they are verified; 2,000 of
/// each sort, some 40 KB. Alerts from the rest say that their object is not covered.
pub(crate) const STANDINGS: usize = 2_000;

/// Log objects of a digest that are compared with it at the same time; 8.
pub(crate) const CHECKED_TOGETHER: usize = 8;

/// The time before the end of its worker at which a check of a digest looks at no further log object; ten
/// seconds.
pub(crate) const CHECK_RESERVE: Duration = Duration::from_secs(10);

/// Objects that an alert about broken logs names of each sort; 20. All of them are counted.
pub(crate) const NAMED_BREACHES: usize = 20;

/// How long what a worker has claimed stays claimed after the time in which it ends; ten seconds.
pub(crate) const LEASE_MARGIN: Duration = Duration::from_secs(10);

/// A delivery sweeps only if its worker has so much time left; 15 seconds.
pub(crate) const SWEEP_TIME: Duration = Duration::from_secs(15);
