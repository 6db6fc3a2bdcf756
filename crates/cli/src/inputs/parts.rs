//! Reads what may be long, a pipe or a large file, in parts that end between two documents, so that memory
//! does not grow with the input.

use std::io::{self, Read};

use trailhound_rule_engine::json::{Error, ErrorKind, Reader};

use super::Content;

/// Bytes that are read before a part is cut off, unless a single document is longer.
const PART_BYTES: usize = 8 << 20;

/// How a gzip file starts. Its end cannot be told from its beginning, so it is read as a whole.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A part of an input.
#[derive(Debug)]
pub(super) struct Part {
    /// Byte offset of the part in the input.
    pub(super) offset: u64,
    pub(super) content: Content,
}

/// The parts of an input, one at least.
#[derive(Debug)]
pub(super) struct Parts<R> {
    source: R,
    /// What was read and not yet handed out.
    rest: Vec<u8>,
    offset: u64,
    /// Most bytes of a document, and of a compressed input.
    limit: u64,
    part_bytes: usize,
    ended: bool,
}

impl<R: Read> Parts<R> {
    pub(super) fn new(source: R, limit: u64) -> Self {
        Parts { source, rest: Vec::new(), offset: 0, limit, part_bytes: PART_BYTES, ended: false }
    }

    fn part(&mut self) -> io::Result<Part> {
        let mut wanted = self.part_bytes;
        loop {
            self.fill(wanted)?;
            let whole = self.rest.starts_with(&GZIP);
            if self.rest.len() < wanted && !whole {
                self.ended = true;
                return Ok(self.cut(self.rest.len()));
            }
            if whole || u64::try_from(self.rest.len()).is_ok_and(|length| length > self.limit) {
                self.ended = true;
                self.fill(usize::try_from(self.limit).unwrap_or(usize::MAX).saturating_add(1))?;
                return Ok(self.cut(self.rest.len()));
            }
            match end_of_documents(&self.rest) {
                Some(end) => return Ok(self.cut(end)),
                None => wanted = wanted.saturating_mul(2),
            }
        }
    }

    /// Reads on until there are so many bytes or no more.
    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        let missing = wanted.saturating_sub(self.rest.len());
        let missing = u64::try_from(missing).unwrap_or(u64::MAX);
        self.source.by_ref().take(missing).read_to_end(&mut self.rest).map(drop)
    }

    fn cut(&mut self, end: usize) -> Part {
        let left = self.rest.split_off(end);
        let bytes = std::mem::replace(&mut self.rest, left);
        let offset = self.offset;
        self.offset += u64::try_from(bytes.len()).unwrap_or_default();
        Part { offset, content: Content::within(self.limit, bytes) }
    }
}

impl<R: Read> Iterator for Parts<R> {
    type Item = io::Result<Part>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let part = self.part();
        self.ended |= part.is_err();
        Some(part)
    }
}

/// Where the last document ends that is there as a whole; after damage, where the last line ends. `None` if the
/// first document goes on beyond `bytes`.
fn end_of_documents(bytes: &[u8]) -> Option<usize> {
    let valid = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    let text = bytes.get(..valid).and_then(|valid| std::str::from_utf8(valid).ok()).unwrap_or_default();
    let mut reader = Reader::new(text);
    let mut end = None;
    loop {
        match pass_document(&mut reader) {
            Ok(true) => end = Some(reader.offset()),
            Ok(false) => return end,
            Err(error) if error.kind == ErrorKind::UnexpectedEnd => return end,
            // A broken document, or bytes that are no text: what reads the part will say so.
            Err(_) => return bytes.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1),
        }
    }
}

/// Passes over the next document; false if there is none.
fn pass_document(reader: &mut Reader<'_>) -> Result<bool, Error> {
    if reader.at_end() {
        return Ok(false);
    }
    reader.skip().map(|_| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(input: &[u8], part_bytes: usize, limit: u64) -> Vec<(u64, Option<String>)> {
        let mut parts = Parts::new(input, limit);
        parts.part_bytes = part_bytes;
        let shown = |part: Part| match part.content {
            Content::Whole(bytes) => (part.offset, Some(String::from_utf8_lossy(&bytes).into_owned())),
            Content::TooLarge | Content::NoRecords => (part.offset, None),
        };
        parts.map(|part| shown(part.unwrap())).collect()
    }

    fn joined(parts: &[(u64, Option<String>)]) -> String {
        parts.iter().filter_map(|(_, text)| text.as_deref()).collect()
    }

    #[test]
    fn parts_end_between_documents_and_lose_nothing() {
        let lines = "{\"a\": \"}\\n{\"}\n".repeat(10);
        let glued = "{\"Records\":[{},{}]}".repeat(10);
        let pretty = "{\n \"a\": [\n  1\n ]\n}\n".repeat(10);
        for input in [&lines, &glued, &pretty] {
            for part_bytes in [1, 7, 20, 64, 1000] {
                let parts = parts(input.as_bytes(), part_bytes, 500);
                assert_eq!(joined(&parts), **input, "{part_bytes}");
                assert!(parts.iter().all(|(_, text)| {
                    let mut reader = Reader::new(text.as_deref().unwrap());
                    while pass_document(&mut reader).unwrap() {}
                    true
                }));
                assert!(part_bytes > 100 || parts.len() > 2, "{part_bytes}: {parts:?}");
            }
        }
    }

    #[test]
    fn offsets_count_from_the_start_of_the_input() {
        let parts = parts(b"{}\n{}\n{}\n", 4, 100);
        let mut offset = 0;
        for (at, text) in &parts {
            assert_eq!(*at, offset);
            offset += text.as_ref().unwrap().len() as u64;
        }
        assert_eq!(offset, 9);
    }

    #[test]
    fn damage_and_long_documents_end() {
        assert_eq!(joined(&parts(b"{}\n{oops}\n{}\n{}", 5, 100)), "{}\n{oops}\n{}\n{}");
        assert_eq!(joined(&parts(b"\xff\xfe{}\n{}\n", 4, 100)).len(), "\u{fffd}\u{fffd}{}\n{}\n".len());
        let long = format!("[{}0]", "1,".repeat(100));
        assert_eq!(parts(long.as_bytes(), 8, 100), [(0, None)]);
        assert_eq!(parts(long.as_bytes(), 8, 1000), [(0, Some(long.clone()))]);
        assert_eq!(parts(b"", 8, 100), [(0, Some(String::new()))]);
    }

    #[test]
    fn a_compressed_input_is_one_part() {
        let input = [&GZIP[..], &[0; 50]].concat();
        assert_eq!(parts(&input, 8, 100).len(), 1);
        assert_eq!(parts(&input, 8, 40), [(0, None)]);
    }
}
