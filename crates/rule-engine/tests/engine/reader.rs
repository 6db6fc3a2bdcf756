//! The JSON reader against `serde_json`.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde::de::IgnoredAny;
use trailhound_rule_engine::json::{ErrorKind, MAX_DEPTH, Reader};

fn accepts(text: &str) -> bool {
    let mut reader = Reader::new(text);
    reader.skip().is_ok() && reader.finish().is_ok()
}

fn reference_accepts(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Text that is nearly JSON: tokens in any order.
fn tokens() -> impl Strategy<Value = String> {
    let tokens = vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"\\u00e9\"",
        "\"\\x\"",
        "\"\n\"",
        "\"ü\"",
        "1",
        "-0",
        "01",
        "1.",
        "1.5e-3",
        "-",
        "true",
        "tru",
        "false",
        "null",
        " ",
        "\t",
        "x",
        "\"\\ud800\"",
        "\"unfinished",
    ];
    proptest::collection::vec(proptest::sample::select(tokens), 0..12).prop_map(|tokens| tokens.concat())
}

/// JSON with one byte changed.
fn damaged() -> impl Strategy<Value = String> {
    let sample = r#"{"eventName":"Stop\u0020Logging","n":[1,-2.5e3,{"a":null,"b":[true,false,""]}],"ü":"日本\n"}"#;
    (0..sample.len(), any::<u8>()).prop_map(move |(at, byte)| {
        let mut bytes = sample.as_bytes().to_vec();
        bytes[at] = byte;
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, ..ProptestConfig::default() })]

    #[test]
    fn accepts_what_serde_json_accepts(text in prop_oneof![tokens(), damaged()]) {
        prop_assert_eq!(accepts(&text), reference_accepts(&text), "{}", text);
    }

    #[test]
    fn strings_are_decoded_alike(text in "\\PC*", escaped in any::<bool>()) {
        let literal = serde_json::to_string(&text).unwrap();
        let literal = if escaped { ascii_only(&literal) } else { literal };
        let decoded = Reader::new(&literal).string().unwrap().decode().into_owned();
        prop_assert_eq!(decoded, text);
    }
}

/// Writes every character beyond ASCII as `\u` escapes.
fn ascii_only(literal: &str) -> String {
    let mut escaped = String::new();
    for character in literal.chars() {
        if character.is_ascii() {
            escaped.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            write!(escaped, "\\u{unit:04x}").unwrap();
        }
    }
    escaped
}

#[test]
fn damage_is_named_with_its_place() {
    let cases = [
        ("", ErrorKind::UnexpectedEnd, 0),
        ("{\"a\":", ErrorKind::UnexpectedEnd, 5),
        ("{\"a\" 1}", ErrorKind::Unexpected { character: '1' }, 5),
        ("[1,]", ErrorKind::Unexpected { character: ']' }, 3),
        ("[ü]", ErrorKind::Unexpected { character: 'ü' }, 1),
        ("\"\\q\"", ErrorKind::InvalidEscape, 1),
        ("\"\\u12\"", ErrorKind::UnexpectedEnd, 1),
        ("\"a\u{1}\"", ErrorKind::ControlCharacter, 2),
        ("[1, 02]", ErrorKind::InvalidNumber, 4),
        ("nul", ErrorKind::UnexpectedEnd, 3),
    ];
    for (text, kind, offset) in cases {
        let error = Reader::new(text).skip().unwrap_err();
        assert_eq!((error.kind, error.offset), (kind, offset), "{text}");
    }
    let mut reader = Reader::new("{} x");
    reader.skip().unwrap();
    assert_eq!(reader.finish().unwrap_err().to_string(), "unexpected text after the value at byte 3");
}

#[test]
fn lone_surrogates_do_not_hide_a_text() {
    for (literal, decoded) in [("\"a\\ud800b\"", "a\u{fffd}b"), ("\"\\udc00\\ud83d\\ude00\"", "\u{fffd}😀")] {
        assert_eq!(Reader::new(literal).string().unwrap().decode(), decoded);
    }
}

#[test]
fn nesting_ends_at_the_limit() {
    let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    assert!(accepts(&nested(MAX_DEPTH)));
    let error = Reader::new(&nested(MAX_DEPTH + 1)).skip().unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooDeep);
    let endless = "[".repeat(10_000_000);
    assert_eq!(Reader::new(&endless).skip().unwrap_err().kind, ErrorKind::TooDeep);
}
