//! What modifiers make of a text value before it is compared: placeholders, dashes, encodings.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::modifier::{Base64, Utf16};

/// The characters that `windash` takes for each other.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// Dashes of one value that `windash` varies; five to the power of this many variants.
pub(crate) const WINDASH_DASHES: usize = 3;

/// A value has more dashes than `windash` varies; how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooManyDashes(pub(crate) usize);

/// All variants of a text in which each dash that opens a word is one of the five dash characters.
pub(crate) fn windash(text: &str) -> Result<Vec<String>, TooManyDashes> {
    let openings = opening_dashes(text);
    if openings.len() > WINDASH_DASHES {
        return Err(TooManyDashes(openings.len()));
    }
    let mut variants = vec![String::new()];
    for (offset, character) in text.char_indices() {
        if openings.contains(&offset) {
            variants = variants.iter().flat_map(|variant| DASHES.map(|dash| format!("{variant}{dash}"))).collect();
        } else {
            for variant in &mut variants {
                variant.push(character);
            }
        }
    }
    Ok(variants)
}

fn opening_dashes(text: &str) -> Vec<usize> {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let before = [None].into_iter().chain(text.chars().map(Some));
    let after = text.chars().skip(1).map(Some).chain([None]);
    before
        .zip(text.char_indices())
        .zip(after)
        .filter(|((before, (_, character)), after)| {
            DASHES.contains(character) && !before.is_some_and(is_word) && after.is_some_and(is_word)
        })
        .map(|((_, (offset, _)), _)| offset)
        .collect()
}

/// The bytes of a text, as UTF-8 or one of the UTF-16 forms.
pub(crate) fn bytes(text: &str, utf16: Option<Utf16>) -> Vec<u8> {
    let units = text.encode_utf16();
    match utf16 {
        None => text.as_bytes().to_vec(),
        Some(Utf16::LittleEndian) => units.flat_map(u16::to_le_bytes).collect(),
        Some(Utf16::BigEndian) => units.flat_map(u16::to_be_bytes).collect(),
        Some(Utf16::Marked) => [0xff, 0xfe].into_iter().chain(units.flat_map(u16::to_le_bytes)).collect(),
    }
}

/// Base64 of the bytes. For `Offset`, the three texts of which one occurs wherever the bytes stand
/// inside longer ones: the characters that neighbouring bytes would change are cut off.
pub(crate) fn base64(bytes: &[u8], kind: Base64) -> Vec<String> {
    match kind {
        Base64::Whole => vec![STANDARD.encode(bytes)],
        Base64::Offset => (0..3).map(|shift| base64_at(bytes, shift)).collect(),
    }
}

fn base64_at(bytes: &[u8], shift: usize) -> String {
    let shifted: Vec<u8> = std::iter::repeat_n(b' ', shift).chain(bytes.iter().copied()).collect();
    let encoded = STANDARD.encode(&shifted);
    let leading = [0, 2, 3].get(shift).copied().unwrap_or_default();
    let trailing = [0, 3, 2].get(shifted.len() % 3).copied().unwrap_or_default();
    encoded.get(leading..encoded.len().saturating_sub(trailing)).unwrap_or_default().to_owned()
}

/// A piece of a value under `expand`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    Text(String),
    Placeholder(&'t str),
}

/// Splits a value at its placeholders; `\%` is a percent sign, and so is one without a partner.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, from_percent) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let after = from_percent.strip_prefix('%').unwrap_or_default();
        if let Some(unescaped) = before.strip_suffix('\\') {
            plain.push_str(unescaped);
            plain.push('%');
            rest = after;
            continue;
        }
        plain.push_str(before);
        if let Some((name, remaining)) = after.split_once('%').filter(|(name, _)| is_name(name)) {
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
            pieces.push(Piece::Placeholder(name));
            rest = remaining;
        } else {
            plain.push('%');
            rest = after;
        }
    }
    plain.push_str(rest);
    pieces.push(Piece::Text(plain));
    pieces.retain(|piece| *piece != Piece::Text(String::new()));
    pieces
}

/// Whether a text can name a list.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windash_varies_what_opens_a_word() {
        let variants = windash(" -a b-c /d").unwrap();
        assert_eq!(variants.len(), 25);
        assert!(variants.contains(&" \u{2015}a b-c -d".to_owned()));
        assert!(variants.iter().all(|variant| variant.contains("b-c")));
        assert_eq!(windash("-a -b -c -d"), Err(TooManyDashes(4)));
        assert_eq!(windash("- x").unwrap(), ["- x"]);
    }

    #[test]
    fn every_offset_is_found_in_longer_texts() {
        for text in ["a", "ab", "abc", "http://", "grüße"] {
            let forms = base64(text.as_bytes(), Base64::Offset);
            for (before, after) in [("", ""), ("x", "yy"), ("xy", "z"), ("xyz", "\u{ff}"), ("wxyz", "a")] {
                let longer = STANDARD.encode(format!("{before}{text}{after}"));
                let form = &forms[before.len() % 3];
                assert!(longer.contains(form.as_str()), "{text} in {before}{text}{after}: {form} in {longer}");
            }
        }
        assert_eq!(base64(&bytes("a", Some(Utf16::Marked)), Base64::Whole), ["//5hAA=="]);
        assert_eq!(bytes("é", Some(Utf16::BigEndian)), [0, 0xe9]);
    }

    #[test]
    fn placeholders_are_told_from_percent_signs() {
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(pieces("%a%"), [Piece::Placeholder("a")]);
        assert_eq!(pieces("x-%a_b%-%c%"), [text("x-"), Piece::Placeholder("a_b"), text("-"), Piece::Placeholder("c")]);
        assert_eq!(pieces(r"\%a\%"), [text("%a%")]);
        assert_eq!(pieces("100% of %"), [text("100% of %")]);
        assert_eq!(pieces("%not a name%"), [text("%not a name%")]);
    }
}
