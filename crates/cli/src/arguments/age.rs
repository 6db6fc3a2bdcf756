use jiff::SignedDuration;
use thiserror::Error;

/// A text that gives no age.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("write hours, minutes or seconds, such as 90m or 6h, and more than none")]
pub(super) struct InvalidAge;

/// Reads how old something may be: `1h`, `90m`, `1h 30m`.
pub(super) fn parse(text: &str) -> Result<SignedDuration, InvalidAge> {
    text.parse().ok().filter(SignedDuration::is_positive).ok_or(InvalidAge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_as_people_write_them() {
        for (text, seconds) in [("1h", 3600), ("90m", 5400), ("1h 30m", 5400), ("45s", 45), ("168h", 604_800)] {
            assert_eq!(parse(text), Ok(SignedDuration::from_secs(seconds)), "{text}");
        }
        for text in ["", "1", "0s", "-1h", "soon", "1 fortnight"] {
            assert_eq!(parse(text), Err(InvalidAge), "{text}");
        }
    }
}
