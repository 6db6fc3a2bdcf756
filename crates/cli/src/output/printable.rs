use std::fmt::Display;

/// Texts from outside are cut to so many characters where people read them; JSON has them whole. No key
/// in S3 is longer.
const LONGEST: usize = 1_100;

/// What something was read from, as messages name it: the path or the address, and of `-` what it stands for.
pub(crate) fn named(source: &str) -> String {
    if source == "-" { "standard input".to_owned() } else { printable(source) }
}

/// A text from a record or a file name as it may be shown on a terminal.
///
/// Whoever makes a call chooses much of what its record says. Control characters could move the
/// cursor, recolour or forge lines; invisible and direction characters could disguise a name: all of
/// them are shown as escapes. A long text is cut.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(LONGEST));
    for (position, character) in text.chars().enumerate() {
        if position == LONGEST {
            shown.push('…');
            break;
        }
        if is_treacherous(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The text in at most so many characters.
pub(crate) fn clipped(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(columns.saturating_sub(1)).collect();
    kept.push('…');
    kept
}

fn is_treacherous(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A number with its noun: `1 rule`, `2 rules`.
pub(crate) fn count<N: Copy + Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    if number == N::from(1) { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in ["", "arn:aws:iam::111122223333:user/Zoë", "日本語 \\ \" ' `"] {
            assert_eq!(printable(text), text);
        }
    }

    #[test]
    fn what_could_deceive_is_escaped() {
        assert_eq!(printable("a\u{1b}[2Jb\nc\u{9b}"), "a\\u{1b}[2Jb\\nc\\u{9b}");
        assert_eq!(printable("user\u{202e}nimda\u{200b}"), "user\\u{202e}nimda\\u{200b}");
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        let shown = printable(&"ü".repeat(LONGEST + 1));
        assert_eq!(shown, format!("{}…", "ü".repeat(LONGEST)));
        assert_eq!(printable(&"ü".repeat(LONGEST)), "ü".repeat(LONGEST));
    }
}
