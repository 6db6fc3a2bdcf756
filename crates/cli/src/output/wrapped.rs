/// Columns that texts for people keep within where words allow it.
pub(crate) const WIDTH: usize = 80;

/// Breaks a text between words into lines of at most `width` characters; a longer word has a line of its own.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut room = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if length < room => {
                line.push(' ');
                line.push_str(word);
                room -= length + 1;
            }
            _ => {
                lines.push(word.to_owned());
                room = width.saturating_sub(length);
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("aa bb cc", 5), ["aa bb", "cc"]);
        assert_eq!(wrapped("aa bb cc", 8), ["aa bb cc"]);
        assert_eq!(wrapped("aa bbbbbbbb cc", 4), ["aa", "bbbbbbbb", "cc"]);
        assert_eq!(wrapped("  aa", 9), ["  aa"]);
        assert_eq!(wrapped("", 9), [""]);
    }
}
