use jiff::{Timestamp, civil::Date, tz::TimeZone};
use thiserror::Error;

/// A text that gives no moment.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("write a day or a time with its offset, such as 2026-03-09 or 2026-03-09T12:00:00Z")]
pub(super) struct InvalidMoment;

/// Reads a moment; a day is its first moment in UTC.
pub(super) fn parse(text: &str) -> Result<Timestamp, InvalidMoment> {
    let moment = text.parse::<Timestamp>();
    moment.or_else(|_| {
        let day = text.parse::<Date>().map_err(|_| InvalidMoment)?;
        let midnight = day.to_zoned(TimeZone::UTC).map_err(|_| InvalidMoment)?;
        if text.len() == "2026-03-09".len() { Ok(midnight.timestamp()) } else { Err(InvalidMoment) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_day_or_a_time_with_its_offset() {
        let shown = |text| parse(text).map(|moment| moment.to_string());
        assert_eq!(shown("2026-03-09").unwrap(), "2026-03-09T00:00:00Z");
        assert_eq!(shown("2026-03-09T12:30:00+01:00").unwrap(), "2026-03-09T11:30:00Z");
        for text in ["", "today", "2026-03", "2026-03-09T12:30:00", "2026-02-30"] {
            assert_eq!(parse(text), Err(InvalidMoment), "{text}");
        }
    }
}
