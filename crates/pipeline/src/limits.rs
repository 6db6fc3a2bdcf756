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
