mod fast;

use std::{borrow::Cow, fmt};

use flate2::{Crc, Decompress, FlushDecompress, Status};
use thiserror::Error;

use self::fast::FastPath;
use crate::{
    Damage, gzip,
    limits::{MAX_EXPANSION, RESERVED_BYTES},
};

/// The content of a log object, and what was wrong with its packing.
///
/// Both can be there: what precedes the damage is kept, so that its records are still judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inflated<'a> {
    /// The bytes up to the end or up to the damage; borrowed when nothing was compressed.
    pub bytes: Cow<'a, [u8]>,
    /// Why there may be more than `bytes` holds, or why they are not to be trusted.
    pub problem: Option<InflateError>,
}

/// Why an object could not be decompressed to its end. Offsets count compressed bytes from zero.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InflateError {
    /// The object stops inside a member.
    #[error("the gzip data end too early, at byte {offset} in member {member}")]
    Truncated {
        /// Zero-based number of the member.
        member: u64,
        /// Where the data stop.
        offset: u64,
    },
    /// A member is damaged.
    #[error("gzip member {member} is corrupt at byte {offset}: {damage}")]
    Corrupt {
        /// Zero-based number of the member.
        member: u64,
        /// Where the damage was noticed.
        offset: u64,
        /// What is wrong.
        damage: Damage,
    },
    /// The content is larger than the limit allows.
    #[error("the object holds more than the limit of {limit} bytes after decompression")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// Something that is no gzip member follows the last one.
    #[error("{length} bytes that are no gzip follow the last member, from byte {offset}")]
    TrailingBytes {
        /// Where they start.
        offset: u64,
        /// How many there are.
        length: u64,
    },
}

/// Decompresses a log object of one or several gzip members; anything else is taken as it is.
///
/// At most `limit` bytes are kept, and memory stays in proportion to what was really decompressed,
/// whatever size the object states for itself. For many objects an [`Inflater`] is cheaper.
///
/// ```
/// let plain = trailhound_cloudtrail::inflate(b"[]", 1024);
/// assert_eq!(&*plain.bytes, b"[]");
/// assert_eq!(plain.problem, None);
/// ```
pub fn inflate(bytes: &[u8], limit: usize) -> Inflated<'_> {
    if !bytes.starts_with(&gzip::MAGIC) {
        return plain(bytes, limit);
    }
    let mut inflater = Inflater::default();
    let (length, problem) = inflater.fill(bytes, limit);
    inflater.buffer.truncate(length);
    Inflated { bytes: Cow::Owned(inflater.buffer), problem }
}

/// Decompresses one log object after the other into the same memory.
#[derive(Default)]
pub struct Inflater {
    buffer: Vec<u8>,
    fast: FastPath,
}

impl fmt::Debug for Inflater {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Inflater").field("buffer", &self.buffer.len()).finish_non_exhaustive()
    }
}

impl Inflater {
    /// Like [`inflate`]; the bytes are there until the next call.
    ///
    /// ```
    /// let mut inflater = trailhound_cloudtrail::Inflater::default();
    /// assert_eq!(&*inflater.inflate(b"[]", 1024).bytes, b"[]");
    /// assert_eq!(&*inflater.inflate(b"{}", 1024).bytes, b"{}");
    /// ```
    pub fn inflate<'a>(&'a mut self, bytes: &'a [u8], limit: usize) -> Inflated<'a> {
        if !bytes.starts_with(&gzip::MAGIC) {
            return plain(bytes, limit);
        }
        // A single large object must not keep its memory for good.
        if self.buffer.len() > RESERVED_BYTES {
            self.buffer = Vec::new();
        }
        let (length, problem) = self.fill(bytes, limit);
        Inflated { bytes: Cow::Borrowed(self.buffer.get(..length).unwrap_or_default()), problem }
    }

    /// Fills the start of the buffer; how much of it, and what was wrong.
    fn fill(&mut self, bytes: &[u8], limit: usize) -> (usize, Option<InflateError>) {
        if let Some(length) = self.fast.inflate(bytes, limit, &mut self.buffer) {
            return (length, None);
        }
        let mut inflation = Inflation::new(bytes, limit, std::mem::take(&mut self.buffer));
        let problem = inflation.members().err();
        self.buffer = inflation.output;
        (self.buffer.len(), problem)
    }
}

fn plain(bytes: &[u8], limit: usize) -> Inflated<'_> {
    match bytes.get(..limit) {
        Some(kept) if kept.len() < bytes.len() => {
            Inflated { bytes: Cow::Borrowed(kept), problem: Some(InflateError::TooLarge { limit }) }
        }
        _ => Inflated { bytes: Cow::Borrowed(bytes), problem: None },
    }
}

struct Inflation<'a> {
    input: &'a [u8],
    at: usize,
    output: Vec<u8>,
    limit: usize,
    member: u64,
    decoder: Decompress,
}

impl<'a> Inflation<'a> {
    fn new(input: &'a [u8], limit: usize, mut output: Vec<u8>) -> Self {
        // Room beyond the stated length lets the decoder see the end of the data without growing.
        let expected = gzip::stated_length(input).saturating_add(64);
        let possible = input.len().saturating_mul(MAX_EXPANSION);
        let reserved = expected.min(possible).min(RESERVED_BYTES).min(limit.saturating_add(1));
        output.clear();
        output.reserve_exact(reserved);
        Inflation { input, at: 0, output, limit, member: 0, decoder: Decompress::new(false) }
    }

    fn members(&mut self) -> Result<(), InflateError> {
        while self.at < self.input.len() {
            self.header()?;
            let start = self.output.len();
            self.data()?;
            self.trailer(start)?;
            self.member += 1;
            self.decoder.reset(false);
        }
        Ok(())
    }

    fn header(&mut self) -> Result<(), InflateError> {
        let rest = self.rest();
        if !rest.starts_with(&gzip::MAGIC) {
            return Err(InflateError::TrailingBytes { offset: self.offset(), length: rest.len() as u64 });
        }
        self.at += gzip::header_length(rest).map_err(|error| match error {
            gzip::HeaderError::Truncated => self.truncated(),
            gzip::HeaderError::Invalid => self.corrupt(Damage::Header),
        })?;
        Ok(())
    }

    /// Decompresses the data of one member behind what is already there.
    fn data(&mut self) -> Result<(), InflateError> {
        loop {
            self.grow();
            let consumed_before = self.decoder.total_in();
            let length_before = self.output.len();
            let input = self.input.get(self.at..).unwrap_or_default();
            let status = self.decoder.decompress_vec(input, &mut self.output, FlushDecompress::Finish);
            let consumed = usize::try_from(self.decoder.total_in() - consumed_before).unwrap_or(usize::MAX);
            self.at = self.at.saturating_add(consumed);
            if self.output.len() > self.limit {
                self.output.truncate(self.limit);
                return Err(InflateError::TooLarge { limit: self.limit });
            }
            let room_left = self.output.len() < self.output.capacity();
            let moved = consumed > 0 || self.output.len() > length_before;
            match status {
                Ok(Status::StreamEnd) => return Ok(()),
                Ok(_) if !room_left => {}
                Ok(_) if self.at >= self.input.len() => return Err(self.truncated()),
                Ok(_) if moved => {}
                Ok(_) | Err(_) => return Err(self.corrupt(Damage::Data)),
            }
        }
    }

    fn trailer(&mut self, start: usize) -> Result<(), InflateError> {
        let (checksum, length) = gzip::trailer(self.rest()).ok_or_else(|| self.truncated())?;
        let inflated = self.output.get(start..).unwrap_or_default();
        let mut crc = Crc::new();
        crc.update(inflated);
        if crc.sum() != checksum {
            return Err(self.corrupt(Damage::Checksum));
        }
        if crc.amount() != length {
            return Err(self.corrupt(Damage::Length));
        }
        self.at += gzip::TRAILER_LENGTH;
        Ok(())
    }

    /// Makes room when there is none: twice as much as before, never more than one byte over the
    /// limit, which is enough to notice that the limit is passed.
    fn grow(&mut self) {
        let length = self.output.len();
        if length == self.output.capacity() {
            let wanted = length.max(64 << 10).min(self.limit.saturating_add(1).saturating_sub(length)).max(1);
            self.output.reserve_exact(wanted);
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.input.get(self.at..).unwrap_or_default()
    }

    fn offset(&self) -> u64 {
        self.at as u64
    }

    fn truncated(&self) -> InflateError {
        InflateError::Truncated { member: self.member, offset: self.input.len() as u64 }
    }

    fn corrupt(&self, damage: Damage) -> InflateError {
        InflateError::Corrupt { member: self.member, offset: self.offset(), damage }
    }
}
