//! Times of the one day that the examples cover, 10 March 2026, in UTC.

/// A second of the day. Text forms are those that CloudTrail uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    seconds: u32,
}

/// When the logs begin.
pub(crate) const OPENING: Moment = Moment::at(8, 0);
/// When the logs end.
pub(crate) const CLOSING: Moment = Moment::at(14, 0);

impl Moment {
    /// The first second of a minute of the day.
    pub(crate) const fn at(hour: u32, minute: u32) -> Self {
        Self { seconds: hour * 3600 + minute * 60 }
    }

    /// `seconds` later.
    pub(crate) const fn plus(self, seconds: u32) -> Self {
        Self { seconds: self.seconds + seconds }
    }

    /// The start of the full hour.
    pub(crate) const fn hour_start(self) -> Self {
        Self { seconds: self.seconds / 3600 * 3600 }
    }

    /// The next multiple of `seconds` since midnight.
    pub(crate) const fn rounded_up(self, seconds: u32) -> Self {
        Self { seconds: self.seconds.div_ceil(seconds) * seconds }
    }

    /// The number of the second in the day, for names of sessions and log streams.
    pub(crate) const fn second_of_day(self) -> u32 {
        self.seconds
    }

    const fn parts(self) -> (u32, u32, u32) {
        (self.seconds / 3600, self.seconds / 60 % 60, self.seconds % 60)
    }

    /// `2026-03-10T08:05:00Z`, as in `eventTime`.
    pub(crate) fn rfc3339(self) -> String {
        let (hour, minute, second) = self.parts();
        format!("2026-03-10T{hour:02}:{minute:02}:{second:02}Z")
    }

    /// `20260310T0805Z`, as in the names of log objects.
    pub(crate) fn minute_stamp(self) -> String {
        let (hour, minute, _) = self.parts();
        format!("20260310T{hour:02}{minute:02}Z")
    }

    /// `Mar 10, 2026, 8:05:00 AM`, as in most response elements.
    pub(crate) fn in_words(self) -> String {
        let (hour, minute, second) = self.parts();
        let half = if hour < 12 { "AM" } else { "PM" };
        let shown = if hour % 12 == 0 { 12 } else { hour % 12 };
        format!("Mar 10, 2026, {shown}:{minute:02}:{second:02} {half}")
    }

    /// Milliseconds since 1970, as in EC2's response elements.
    pub(crate) const fn epoch_milliseconds(self) -> u64 {
        const MIDNIGHT: u64 = 1_773_100_800;
        (MIDNIGHT + self.seconds as u64) * 1000
    }
}
