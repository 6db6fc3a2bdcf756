//! JSON documents that records hold in strings: policies, mostly.

use std::borrow::Cow;

use crate::limits::DOCUMENT_BYTES;

/// The text of the document that a string may hold: the string without white space around it, decoded
/// once if it is percent-encoded; none if it holds none, or one of more than 256 KiB. Whether it is JSON at all
/// is for the reader to say.
pub fn text(string: &str) -> Option<Cow<'_, str>> {
    let trimmed = string.trim();
    let document = if trimmed.starts_with(['{', '[']) {
        Cow::Borrowed(trimmed)
    } else if starts_encoded(trimmed) && trimmed.len() <= 3 * DOCUMENT_BYTES {
        Cow::Owned(percent_decoded(trimmed)?)
    } else {
        return None;
    };
    (document.len() <= DOCUMENT_BYTES).then_some(document)
}

fn starts_encoded(text: &str) -> bool {
    text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%7b") || start.eq_ignore_ascii_case("%5b"))
}

/// `None` where the bytes are no UTF-8. A percent sign without two digits stands for itself.
fn percent_decoded(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    loop {
        match rest {
            [] => return String::from_utf8(decoded).ok(),
            [b'%', high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                decoded.push(16 * digit(*high) + digit(*low));
                rest = after;
            }
            [byte, after @ ..] => {
                decoded.push(*byte);
                rest = after;
            }
        }
    }
}

fn digit(hexadecimal: u8) -> u8 {
    match hexadecimal {
        b'0'..=b'9' => hexadecimal - b'0',
        b'a'..=b'f' => hexadecimal - b'a' + 10,
        other => other.saturating_sub(b'A') + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_told_from_other_texts() {
        let cases = [
            ("{}", Some("{}")),
            (" \n\t[1]\n", Some("[1]")),
            ("%7B%22a%22%3A%201%7D", Some(r#"{"a": 1}"#)),
            ("%7b%7d", Some("{}")),
            ("%5B%C3%BC%5D", Some("[ü]")),
            (" %5B1] ", Some("[1]")),
            ("%7B%", Some("{%")),
            ("%7B%zz%7", Some("{%zz%7")),
            ("%7B%257D", Some("{%7D")),
            ("%7B%ff%7D", None),
            ("{broken", Some("{broken")),
            ("", None),
            ("x{}", None),
            ("<a/>", None),
            ("%257B%257D", None),
            ("%7", None),
            ("ü%7B", None),
        ];
        for (string, wanted) in cases {
            assert_eq!(text(string).as_deref(), wanted, "{string}");
        }
    }

    #[test]
    fn large_documents_are_no_documents() {
        let of = |length: usize| format!("[{}]", " ".repeat(length - 2));
        assert!(text(&of(DOCUMENT_BYTES)).is_some());
        assert!(text(&of(DOCUMENT_BYTES + 1)).is_none());
        let encoded = |length: usize| format!("%5B{}%5D", "%20".repeat(length - 2));
        assert!(text(&encoded(DOCUMENT_BYTES)).is_some());
        assert!(text(&encoded(DOCUMENT_BYTES + 1)).is_none());
    }
}
