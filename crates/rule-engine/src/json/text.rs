use std::borrow::Cow;

/// The content of a JSON string as it stands in the text, between its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'d> {
    pub(super) raw: &'d str,
    pub(super) escaped: bool,
}

impl<'d> Text<'d> {
    /// The characters between the quotes, escapes untouched.
    pub fn raw(self) -> &'d str {
        self.raw
    }

    /// Whether what stands in the text differs from the string it stands for.
    pub(crate) fn is_escaped(self) -> bool {
        self.escaped
    }

    /// The string it stands for: borrowed unless it holds an escape.
    ///
    /// A lone surrogate (`\ud800` without its partner) becomes U+FFFD. Refusing the record for it
    /// would let whoever chooses a field's value hide the record from every rule.
    pub fn decode(self) -> Cow<'d, str> {
        if self.escaped { Cow::Owned(unescape(self.raw)) } else { Cow::Borrowed(self.raw) }
    }
}

fn unescape(raw: &str) -> String {
    let mut decoded = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('\\') {
        decoded.push_str(before);
        let mut chars = after.chars();
        match chars.next() {
            Some('u') => {
                let (character, remaining) = unicode_escape(chars.as_str());
                decoded.push(character);
                rest = remaining;
                continue;
            }
            Some(letter) => decoded.push(short_escape(letter)),
            None => {}
        }
        rest = chars.as_str();
    }
    decoded.push_str(rest);
    decoded
}

fn short_escape(letter: char) -> char {
    match letter {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        other => other,
    }
}

/// Decodes what follows `\u`, joining a surrogate pair; gives the character and the rest.
fn unicode_escape(after: &str) -> (char, &str) {
    let (unit, rest) = code_unit(after);
    if let Some(low_text) = rest.strip_prefix("\\u").filter(|_| (0xd800..0xdc00).contains(&unit)) {
        let (low, after_low) = code_unit(low_text);
        if (0xdc00..0xe000).contains(&low) {
            let scalar = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            return (char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER), after_low);
        }
    }
    (char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER), rest)
}

fn code_unit(text: &str) -> (u32, &str) {
    match text.split_at_checked(4) {
        Some((digits, rest)) => (u32::from_str_radix(digits, 16).unwrap_or(0xd800), rest),
        None => (0xd800, ""),
    }
}
