//! Numbers as rules and records write them, compared without loss.

use std::cmp::Ordering;

/// Digits of a canonical text beyond which a number is only known by its source text.
const CANONICAL_DIGITS: i64 = 40;

/// A decimal number of any length: `0.d₁d₂d₃… × 10^point`.
///
/// CloudTrail records hold integers beyond 2⁵³ (sizes, identifiers), which a floating-point number
/// would round; digits are compared instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    /// Neither leading nor trailing zeros; empty for zero.
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    /// Reads an integer or a decimal fraction with or without sign and exponent; `None` for all else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let point = i64::try_from(whole.len()).ok()? + i64::from(exponent);
        Some(Decimal::normal(negative, &digits, point))
    }

    /// Reads an integer of YAML, which may be hexadecimal or octal.
    pub(crate) fn parse_yaml(text: &str) -> Option<Self> {
        let radix_digits = |prefix, radix| {
            text.strip_prefix(prefix)
                .map(|digits| u128::from_str_radix(digits, radix).ok().map(|value| value.to_string()))
        };
        match radix_digits("0x", 16).or_else(|| radix_digits("0o", 8)) {
            Some(decimal) => Decimal::parse(&decimal?),
            None => Decimal::parse(text),
        }
    }

    fn normal(negative: bool, digits: &[u8], point: i64) -> Self {
        let leading = digits.iter().take_while(|&&digit| digit == b'0').count();
        let trailing = digits.iter().rev().take_while(|&&digit| digit == b'0').count();
        let significant = digits.get(leading..digits.len().saturating_sub(trailing)).unwrap_or_default();
        if significant.is_empty() {
            return Decimal { negative: false, digits: Vec::new(), point: 0 };
        }
        let leading = i64::try_from(leading).unwrap_or(i64::MAX);
        Decimal { negative, digits: significant.to_vec(), point: point.saturating_sub(leading) }
    }

    /// The shortest plain text, such as `10` for `10.0`; `None` where that would be absurdly long.
    pub(crate) fn canonical(&self) -> Option<String> {
        if self.point.abs() > CANONICAL_DIGITS {
            return None;
        }
        let digits: String = self.digits.iter().map(|&digit| char::from(digit)).collect();
        let length = i64::try_from(digits.len()).ok()?;
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
        let sign = if self.negative { "-" } else { "" };
        let magnitude = if digits.is_empty() {
            "0".to_owned()
        } else if self.point <= 0 {
            format!("0.{}{digits}", zeros(-self.point))
        } else if self.point >= length {
            format!("{digits}{}", zeros(self.point - length))
        } else {
            let (whole, fraction) = digits.split_at_checked(usize::try_from(self.point).ok()?)?;
            format!("{whole}.{fraction}")
        };
        Some(format!("{sign}{magnitude}"))
    }

    fn magnitude_order(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.point.cmp(&other.point).then_with(|| self.digits.cmp(&other.digits)),
        }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.magnitude_order(other),
            (true, true) => other.magnitude_order(self),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The plain text of a JSON number where it differs from its source text: `10` for `1e1`.
pub(crate) fn other_text(source: &str) -> Option<String> {
    if !source.contains(['.', 'e', 'E']) && source != "-0" {
        return None;
    }
    Decimal::parse(source)?.canonical().filter(|canonical| canonical != source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_value_and_without_loss() {
        let ascending =
            ["-1e3", "-10.5", "-10", "0", "1e-2", "0.1", "1", "9007199254740992", "9007199254740993", "1e30"];
        for (left_at, left) in ascending.iter().enumerate() {
            for (right_at, right) in ascending.iter().enumerate() {
                let order = Decimal::parse(left).cmp(&Decimal::parse(right));
                assert_eq!(order, left_at.cmp(&right_at), "{left} {right}");
            }
        }
        for (left, right) in [("10", "10.0"), ("1e1", "10"), ("-0", "0"), ("0.10", ".1"), ("+5", "5"), ("00", "0")] {
            assert_eq!(Decimal::parse(left), Decimal::parse(right), "{left} {right}");
        }
        for wrong in ["", "-", ".", "1.2.3", "0x10", "inf", "NaN", "1e", "1e99999999999", "１"] {
            assert_eq!(Decimal::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Decimal::parse_yaml("0x1F"), Decimal::parse("31"));
    }

    #[test]
    fn the_canonical_text_is_the_shortest() {
        let cases =
            [("10.0", "10"), ("1e2", "100"), ("-0.50", "-0.5"), ("0", "0"), ("1.25e1", "12.5"), ("5e-3", "0.005")];
        for (source, canonical) in cases {
            assert_eq!(Decimal::parse(source).unwrap().canonical().as_deref(), Some(canonical));
        }
        assert_eq!(Decimal::parse("1e999").unwrap().canonical(), None);
    }
}
