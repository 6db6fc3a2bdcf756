//! What a correlation is to know of one event, in bytes whose order is that in which it is judged.

use std::{ops::Deref, rc::Rc};

use jiff::Timestamp;
use trailhound_rule_engine::Occurrence;

use crate::spool::Name;

/// An occurrence and where its record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) occurrence: Occurrence,
    pub(super) name: Name,
    pub(super) index: u64,
}

/// An entry that a window and a count share.
#[derive(Debug, Clone)]
pub(super) struct Shared(pub(super) Rc<Entry>);

impl Deref for Shared {
    type Target = Occurrence;

    fn deref(&self) -> &Occurrence {
        &self.0.occurrence
    }
}

/// Writes the key of a group: its correlation by the place in the order of judging, and its values.
pub(super) fn write_key(bytes: &mut Vec<u8>, rank: u32, group: &[String]) {
    bytes.extend(rank.to_be_bytes());
    write_texts(bytes, group);
}

/// Writes what follows the key. `arrival` keeps entries that are otherwise the same in the order in which they
/// came.
pub(super) fn write_entry(bytes: &mut Vec<u8>, entry: &Entry, arrival: u64) {
    let Occurrence { time, event, member, value } = &entry.occurrence;
    bytes.extend((time.as_nanosecond() ^ i128::MIN).to_be_bytes());
    write_text(bytes, event);
    bytes.extend((*member as u64).to_be_bytes());
    match value {
        None => bytes.push(0),
        Some(values) => {
            bytes.push(1);
            write_texts(bytes, values);
        }
    }
    for number in [arrival, entry.name.0, entry.index] {
        bytes.extend(number.to_be_bytes());
    }
}

fn write_texts(bytes: &mut Vec<u8>, texts: &[String]) {
    for text in texts {
        bytes.push(1);
        write_text(bytes, text);
    }
    bytes.push(0);
}

/// A text ends with 0 1; a zero within it is 0 255, so that a text comes before one that it is the beginning of.
fn write_text(bytes: &mut Vec<u8>, text: &str) {
    let mut parts = text.as_bytes().split(|&byte| byte == 0);
    bytes.extend_from_slice(parts.next().unwrap_or_default());
    for part in parts {
        bytes.extend([0, 0xFF]);
        bytes.extend_from_slice(part);
    }
    bytes.extend([0, 1]);
}

/// The beginning of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key<'b> {
    pub(super) rank: u32,
    pub(super) group: Vec<String>,
    pub(super) bytes: &'b [u8],
}

/// Reads a key. `None` if this is no entry.
pub(super) fn read_key(bytes: &[u8]) -> Option<Key<'_>> {
    let mut cursor = Cursor(bytes);
    let rank = u32::from_be_bytes(cursor.array()?);
    let group = cursor.texts()?;
    Some(Key { rank, group, bytes: bytes.get(..bytes.len() - cursor.0.len())? })
}

/// Reads what follows the key.
pub(super) fn read_entry(bytes: &[u8]) -> Option<Entry> {
    let mut cursor = Cursor(bytes);
    let time = Timestamp::from_nanosecond(i128::from_be_bytes(cursor.array()?) ^ i128::MIN).ok()?;
    let event = cursor.text()?;
    let member = usize::try_from(cursor.number()?).ok()?;
    let value = match cursor.byte()? {
        0 => None,
        _ => Some(cursor.texts()?),
    };
    let (_arrival, name, index) = (cursor.number()?, Name(cursor.number()?), cursor.number()?);
    Some(Entry { occurrence: Occurrence { time, event, member, value }, name, index })
}

struct Cursor<'b>(&'b [u8]);

impl Cursor<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    fn texts(&mut self) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        while self.byte()? != 0 {
            texts.push(self.text()?);
        }
        Some(texts)
    }

    fn text(&mut self) -> Option<String> {
        let mut text = Vec::new();
        loop {
            let zero = self.0.iter().position(|&byte| byte == 0)?;
            let (part, rest) = self.0.split_at_checked(zero)?;
            text.extend_from_slice(part);
            self.0 = rest;
            match self.array()? {
                [0, 1] => return String::from_utf8(text).ok(),
                _ => text.push(0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text() -> impl Strategy<Value = String> {
        "[a\\x00\\x01\u{ff}]{0,3}"
    }

    type Whole = (u32, Vec<String>, Occurrence);

    fn whole() -> impl Strategy<Value = Whole> {
        let texts = || proptest::collection::vec(text(), 0..3);
        let occurrence =
            (-9..9_i128, text(), 0..3_usize, proptest::option::of(texts())).prop_map(|(time, event, member, value)| {
                Occurrence { time: Timestamp::from_nanosecond(time * 500_000_000).unwrap(), event, member, value }
            });
        (0..2_u32, texts(), occurrence)
    }

    fn written((rank, group, occurrence): &Whole) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_key(&mut bytes, *rank, group);
        write_entry(&mut bytes, &Entry { occurrence: occurrence.clone(), name: Name(7), index: 9 }, 3);
        bytes
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(whole in whole()) {
            let bytes = written(&whole);
            let key = read_key(&bytes).unwrap();
            let entry = read_entry(&bytes[key.bytes.len()..]).unwrap();
            prop_assert_eq!((entry.name, entry.index), (Name(7), 9));
            prop_assert_eq!((key.rank, key.group, entry.occurrence), whole);
        }

        #[test]
        fn bytes_have_the_order_of_what_they_mean(one in whole(), other in whole()) {
            prop_assert_eq!(written(&one).cmp(&written(&other)), one.cmp(&other));
        }

        #[test]
        fn other_bytes_are_no_entry(bytes in proptest::collection::vec(0..3_u8, 0..60)) {
            if let Some(key) = read_key(&bytes) {
                let _ = read_entry(&bytes[key.bytes.len()..]);
            }
        }
    }
}
