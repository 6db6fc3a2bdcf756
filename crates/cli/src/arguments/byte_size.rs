use std::{fmt, num::ParseIntError, str::FromStr};

use thiserror::Error;

/// A number of bytes as people write it: `1048576`, `1024KiB` or `1MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ByteSize(pub(crate) u64);

/// Units by suffix, the longest suffix first; the plain number comes last.
const UNITS: [(&str, u64); 5] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1), ("", 1)];

impl Default for ByteSize {
    /// 512 MiB, as in the Lambda function.
    fn default() -> Self {
        ByteSize(512 << 20)
    }
}

/// A text that gives no number of bytes.
#[derive(Debug, PartialEq, Eq, Error)]
pub(crate) enum InvalidSize {
    #[error("write a whole number, with or without KiB, MiB or GiB after it")]
    Number(#[source] ParseIntError),
    #[error("that is more than {} bytes", u64::MAX)]
    TooLarge,
}

impl FromStr for ByteSize {
    type Err = InvalidSize;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (digits, unit) =
            UNITS.into_iter().find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, unit))).unwrap_or((text, 1));
        let number: u64 = digits.trim_end().parse().map_err(InvalidSize::Number)?;
        number.checked_mul(unit).map(ByteSize).ok_or(InvalidSize::TooLarge)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let &ByteSize(bytes) = self;
        let fitting = UNITS
            .into_iter()
            .rev()
            .find(|&(suffix, unit)| suffix.ends_with("iB") && bytes >= unit && bytes.is_multiple_of(unit));
        match fitting {
            Some((suffix, unit)) => write!(formatter, "{}{suffix}", bytes / unit),
            None => write!(formatter, "{bytes}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_written_as_people_do() {
        for (text, bytes) in [("0", 0), ("17", 17), ("17B", 17), ("2KiB", 2048), ("3 MiB", 3 << 20), ("1GiB", 1 << 30)]
        {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
        for (bytes, text) in [(0, "0"), (17, "17"), (2048, "2KiB"), (512 << 20, "512MiB"), (1 << 30, "1GiB")] {
            assert_eq!(ByteSize(bytes).to_string(), text);
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "MiB", "-1", "1.5GiB", "1MB", "many"] {
            assert!(matches!(text.parse::<ByteSize>(), Err(InvalidSize::Number(_))), "{text}");
        }
        assert_eq!("99999999999GiB".parse::<ByteSize>(), Err(InvalidSize::TooLarge));
    }
}
