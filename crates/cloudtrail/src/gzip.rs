//! The frame of a gzip member, [RFC 1952](https://www.rfc-editor.org/rfc/rfc1952).

use std::fmt;

/// What is wrong with a gzip member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// The header names another method than deflate or sets reserved flags.
    Header,
    /// The compressed data follow no valid deflate code.
    Data,
    /// The data inflate, but to something else than was compressed: the checksum differs.
    Checksum,
    /// The data inflate, but to another length than the member states.
    Length,
}

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Damage::Header => "invalid header",
            Damage::Data => "invalid compressed data",
            Damage::Checksum => "the checksum does not match",
            Damage::Length => "the stated length does not match",
        })
    }
}

/// Why no header could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeaderError {
    Truncated,
    Invalid,
}

pub(crate) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Bytes of checksum and length after the compressed data.
pub(crate) const TRAILER_LENGTH: usize = 8;

const FIXED_LENGTH: usize = 10;
const DEFLATE: u8 = 8;
const HEADER_CHECKSUM: u8 = 1 << 1;
const EXTRA: u8 = 1 << 2;
const NAME: u8 = 1 << 3;
const COMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0b1110_0000;

/// Length of the member header that `bytes` starts with.
pub(crate) fn header_length(bytes: &[u8]) -> Result<usize, HeaderError> {
    let method = *bytes.get(2).ok_or(HeaderError::Truncated)?;
    let flags = *bytes.get(3).ok_or(HeaderError::Truncated)?;
    if !bytes.starts_with(&MAGIC) || method != DEFLATE || flags & RESERVED != 0 {
        return Err(HeaderError::Invalid);
    }
    let mut length = FIXED_LENGTH;
    if flags & EXTRA != 0 {
        let size = bytes.get(length..length + 2).and_then(|size| size.try_into().ok());
        length += 2 + usize::from(u16::from_le_bytes(size.ok_or(HeaderError::Truncated)?));
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            length += zero_terminated(bytes, length)?;
        }
    }
    if flags & HEADER_CHECKSUM != 0 {
        length += 2;
    }
    if bytes.len() < length { Err(HeaderError::Truncated) } else { Ok(length) }
}

/// Length of the text at `from` with the zero byte that ends it.
fn zero_terminated(bytes: &[u8], from: usize) -> Result<usize, HeaderError> {
    let rest = bytes.get(from..).unwrap_or_default();
    memchr::memchr(0, rest).map(|length| length + 1).ok_or(HeaderError::Truncated)
}

/// Checksum and length (modulo 2³²) that the trailer at the start of `bytes` states.
pub(crate) fn trailer(bytes: &[u8]) -> Option<(u32, u32)> {
    Some((little_endian(bytes, 0)?, little_endian(bytes, 4)?))
}

/// The length that the last member of `bytes` states: exact for an object of one sound member.
pub(crate) fn stated_length(bytes: &[u8]) -> usize {
    let stated = bytes.len().checked_sub(4).and_then(|from| little_endian(bytes, from));
    stated.and_then(|length| usize::try_from(length).ok()).unwrap_or(0)
}

/// Whether anything behind the start of `bytes` looks like the header of a member. Now and then compressed
/// data do so by chance.
pub(crate) fn may_hold_another_member(bytes: &[u8]) -> bool {
    const START: [u8; 3] = [MAGIC[0], MAGIC[1], DEFLATE];
    let later = bytes.get(1..).unwrap_or_default();
    memchr::memmem::find_iter(later, &START).any(|at| later.get(at + 3).is_none_or(|flags| flags & RESERVED == 0))
}

fn little_endian(bytes: &[u8], from: usize) -> Option<u32> {
    bytes.get(from..from + 4)?.try_into().ok().map(u32::from_le_bytes)
}
