use jiff::Timestamp;
use trailhound_rule_engine::json::{Error, Kind, Progress, Reader};

/// Which records are looked at, by their `eventTime`.
///
/// A record that does not say when it was made is in every window: in doubt it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeWindow {
    /// The first moment of it; none if there is no beginning.
    pub since: Option<Timestamp>,
    /// The first moment after it; none if there is no end.
    pub until: Option<Timestamp>,
}

/// From the earliest to the latest of some events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeSpan {
    /// The earliest time.
    pub first: Timestamp,
    /// The latest time.
    pub last: Timestamp,
}

impl TimeWindow {
    /// Whether any moment is outside of it.
    pub fn is_bounded(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }

    /// Whether a moment is in the window.
    pub fn holds(&self, time: Timestamp) -> bool {
        self.since.is_none_or(|since| since <= time) && self.until.is_none_or(|until| time < until)
    }
}

impl TimeSpan {
    /// The span of a single moment.
    pub fn at(time: Timestamp) -> Self {
        TimeSpan { first: time, last: time }
    }

    /// The least span that holds both.
    #[must_use]
    pub fn joined(self, other: TimeSpan) -> Self {
        TimeSpan { first: self.first.min(other.first), last: self.last.max(other.last) }
    }
}

/// The `eventTime` of the record that `text` begins with, read no further than to there. Damage is none of its
/// business: whoever reads the record as a whole meets it.
pub(crate) fn event_time(text: &str) -> Option<Timestamp> {
    find(&mut Reader::new(text)).ok().flatten()
}

fn find(reader: &mut Reader<'_>) -> Result<Option<Timestamp>, Error> {
    if reader.peek()? != Kind::Object {
        return Ok(None);
    }
    let mut progress = Progress::default();
    reader.enter_object()?;
    while let Some(key) = reader.next_key(&mut progress)? {
        if key.decode() != "eventTime" {
            reader.skip()?;
        } else if reader.peek()? == Kind::String {
            return Ok(reader.string()?.decode().parse().ok());
        } else {
            return Ok(None);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_time_is_found_wherever_it_stands() {
        let expected = Some(time("2026-01-02T03:04:05Z"));
        for text in [
            r#"{"eventTime":"2026-01-02T03:04:05Z"}"#,
            r#" {"a": {"eventTime": "2001-01-01T00:00:00Z"}, "eventTime": "2026-01-02T03:04:05Z"}, {"#,
            r#"{"event\u0054ime":"2026-01-02T03:04:05Z" and damage"#,
        ] {
            assert_eq!(event_time(text), expected, "{text}");
        }
        for text in ["", "7", "[]", "{}", r#"{"eventTime":7}"#, r#"{"eventTime":"soon"}"#, r#"{"a":"#] {
            assert_eq!(event_time(text), None, "{text}");
        }
    }

    #[test]
    fn a_window_begins_with_its_first_moment_and_ends_before_its_last() {
        let (early, late) = (time("2026-01-01T00:00:00Z"), time("2026-01-02T00:00:00Z"));
        let window = TimeWindow { since: Some(early), until: Some(late) };
        assert_eq!([early, late].map(|moment| window.holds(moment)), [true, false]);
        assert_eq!([early, late].map(|moment| TimeWindow::default().holds(moment)), [true, true]);
    }
}
