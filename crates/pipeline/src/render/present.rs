use std::fmt::Write as _;

use super::secrets;

/// A value as it may be shown to people: secrets masked, characters that deceive made visible, links
/// made dead, and at most about `chars` characters long, shortened in the middle.
///
/// ```
/// use trailhound_pipeline::render::presentable;
///
/// assert_eq!(presentable("a\nb\u{202e}", 80), "a\\nb\\u{202e}");
/// assert_eq!(presentable("see https://example.org", 80), "see https[:]//example.org");
/// assert_eq!(presentable("0123456789", 6), "012…[4 more characters]…789");
/// ```
pub fn presentable(value: &str, chars: usize) -> String {
    let masked = secrets::mask_tokens(value);
    shorten(&inert(&masked, |_| false), chars)
}

/// The same for text over several lines that the author of a rule wrote: lines are kept.
pub(super) fn presentable_lines(value: &str, chars: usize) -> String {
    shorten(&neutral(value.trim(), |character| character == '\n'), chars)
}

fn inert(value: &str, keep: impl Fn(char) -> bool) -> String {
    // Mail programs turn addresses into links. One that an attacker wrote into a user agent would
    // reach the reader inside a message they trust.
    neutral(value, keep).replace("://", "[:]//")
}

fn neutral(value: &str, keep: impl Fn(char) -> bool) -> String {
    let mut neutral = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            _ if keep(character) || !is_hostile(character) => neutral.push(character),
            '\n' => neutral.push_str("\\n"),
            '\r' => neutral.push_str("\\r"),
            '\t' => neutral.push_str("\\t"),
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(neutral, "\\u{{{:x}}}", u32::from(character));
            }
        }
    }
    neutral
}

/// Control characters, line separators, and characters that are invisible or change the direction
/// of what follows them.
pub(super) fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Keeps start and end; what is left out is counted.
fn shorten(value: &str, chars: usize) -> String {
    let length = value.chars().count();
    if length <= chars {
        return value.to_owned();
    }
    let (head, tail) = (chars.div_ceil(2), chars / 2);
    let start: String = value.chars().take(head).collect();
    let end: String = value.chars().skip(length - tail).collect();
    format!("{start}…[{} more characters]…{end}", length - head - tail)
}

/// One line of at most `chars` characters, without any that has no place in a subject: none that
/// deceives, and none beyond the basic multilingual plane, which not every mail program takes there.
/// The end gives way when it is too long.
pub(super) fn one_line(value: &str, chars: usize) -> String {
    let masked = secrets::mask_tokens(value);
    let fits = |character: char| !is_hostile(character) && u32::from(character) <= 0xffff;
    let visible: String = masked.chars().map(|character| if fits(character) { character } else { ' ' }).collect();
    let visible = visible.replace("://", "[:]//");
    let words: Vec<&str> = visible.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= chars {
        return line;
    }
    let kept: String = line.chars().take(chars.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
