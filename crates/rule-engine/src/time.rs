//! Parts of the date and time that a record gives as text.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use crate::modifier::TimePart;

/// A part of an RFC 3339 date and time, in UTC; `None` for any other text.
pub(crate) fn part(text: &str, part: TimePart) -> Option<i64> {
    let time: DateTime = TimeZone::UTC.to_datetime(text.parse::<Timestamp>().ok()?);
    Some(match part {
        TimePart::Minute => i64::from(time.minute()),
        TimePart::Hour => i64::from(time.hour()),
        TimePart::Day => i64::from(time.day()),
        TimePart::Week => i64::from(time.date().iso_week_date().week()),
        TimePart::Month => i64::from(time.month()),
        TimePart::Year => i64::from(time.year()),
    })
}

/// The values a part can have.
pub(crate) fn range(part: TimePart) -> std::ops::RangeInclusive<i64> {
    match part {
        TimePart::Minute => 0..=59,
        TimePart::Hour => 0..=23,
        TimePart::Day => 1..=31,
        TimePart::Week => 1..=53,
        TimePart::Month => 1..=12,
        TimePart::Year => 0..=9999,
    }
}
