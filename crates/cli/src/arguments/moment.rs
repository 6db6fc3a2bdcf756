use jiff::{Timestamp, civil::Date, tz::TimeZone};
use thiserror::Error;

/// A text that names no moment.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("write a day such as 2026-03-10, or a moment such as 2026-03-10T11:00:00Z")]
pub(super) struct InvalidMoment;

/// The moment that is named, or the first one of a day in UTC.
pub(super) fn since(text: &str) -> Result<Timestamp, InvalidMoment> {
    moment(text, Some)
}

/// The moment that is named, or the first one after a day in UTC, so that the day counts whole.
pub(super) fn until(text: &str) -> Result<Timestamp, InvalidMoment> {
    moment(text, |day| day.tomorrow().ok())
}

fn moment(text: &str, day: impl FnOnce(Date) -> Option<Date>) -> Result<Timestamp, InvalidMoment> {
    if let Ok(moment) = text.parse() {
        return Ok(moment);
    }
    // A civil date would also take the date of a time without a zone, which is no moment.
    let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text).and_then(day);
    let midnight = date.and_then(|date| date.to_zoned(TimeZone::UTC).ok());
    midnight.map(|midnight| midnight.timestamp()).ok_or(InvalidMoment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_counts_whole_and_a_moment_as_it_is() {
        for (text, first, after) in [
            ("2026-02-28", "2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z"),
            ("2026-03-10T11:00:00Z", "2026-03-10T11:00:00Z", "2026-03-10T11:00:00Z"),
            ("2026-03-10T11:00:00+02:00", "2026-03-10T09:00:00Z", "2026-03-10T09:00:00Z"),
        ] {
            assert_eq!(since(text).unwrap().to_string(), first, "{text}");
            assert_eq!(until(text).unwrap().to_string(), after, "{text}");
        }
        for text in ["", "yesterday", "2026-02-30", "2026-03-10T11:00:00", "20260310", "11:00"] {
            assert_eq!(since(text), Err(InvalidMoment), "{text}");
        }
    }
}
