//! Finding the end of a record that is no valid JSON, so that its neighbours can be read.

/// Finds where a broken element of a list ends: the offset of the comma or `]` that follows it.
///
/// Strings are passed over whole. A closing bracket also closes what was left open inside it, so an
/// unclosed list costs no more than the object around it. `None` when the text ends, when a string
/// does not end on its line (JSON allows no line break in a string), or when `budget` bytes have
/// been looked at; they are taken off the budget.
pub(super) fn end_of_element(text: &[u8], start: usize, budget: &mut usize) -> Option<usize> {
    let window = text.get(start..)?;
    let window = window.get(..*budget).unwrap_or(window);
    let end = scan(window, Ends::AtSeparator);
    *budget -= end.unwrap_or(window.len());
    end.map(|end| start + end)
}

/// Finds where the broken object between `start` and `limit` ends, by the same rules: the offset
/// behind its closing bracket.
pub(super) fn end_of_object(text: &[u8], start: usize, limit: usize) -> Option<usize> {
    let window = text.get(start..limit).filter(|window| window.starts_with(b"{"))?;
    scan(window, Ends::WhenClosed).map(|end| start + end)
}

/// Where a scan stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// At the comma or `]` that belongs to the list around the element.
    AtSeparator,
    /// Behind the bracket that closes the first one.
    WhenClosed,
}

fn scan(text: &[u8], ends: Ends) -> Option<usize> {
    let mut open: Vec<u8> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => {
                at = end_of_string(text, at + 1)?;
                continue;
            }
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b',' | b']' if open.is_empty() => return Some(at),
            b'}' if open.is_empty() => {}
            b'}' | b']' => {
                // A bracket that closes nothing of this element closes what is around it, which
                // means that the element itself was never closed.
                open.truncate(open.iter().rposition(|&close| close == byte)?);
                if open.is_empty() && ends == Ends::WhenClosed {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Offset behind the closing quote of a string whose content starts at `from`.
fn end_of_string(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr::memchr3(b'"', b'\\', b'\n', text.get(at..)?)?;
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => return None,
        }
    }
}

/// The next line after `from` that starts with a bracket: in a file of several documents, the next
/// document. Inside a document that is laid out over lines such brackets are indented.
pub(super) fn next_document(text: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    memchr::memchr_iter(b'\n', rest)
        .map(|newline| newline + 1)
        .find(|&start| matches!(rest.get(start), Some(b'{' | b'[')))
        .map(|start| from + start)
}
