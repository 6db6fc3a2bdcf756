use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
};

use super::{ENTRY_BYTES, named, slice};

/// Sorted entries from memory and from a file.
#[derive(Debug)]
pub(crate) struct Merged {
    bytes: Vec<u8>,
    entries: std::vec::IntoIter<Range<u32>>,
    runs: Vec<Run>,
    file: Option<File>,
    /// The next entry of each source: a run by its number, memory by the number after the last.
    heads: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
}

/// Sorted entries in the file, of which a part has been read.
#[derive(Debug)]
struct Run {
    rest: Range<u64>,
    buffer: Vec<u8>,
    position: usize,
    /// Bytes that are read at once.
    portion: usize,
}

/// The least that is read at once; 4 KiB.
const LEAST_PORTION: usize = 4 << 10;

/// The most that is read at once; 256 KiB.
const LARGEST_PORTION: usize = 256 << 10;

impl Merged {
    pub(super) fn new(
        bytes: Vec<u8>,
        entries: Vec<Range<u32>>,
        runs: Vec<Range<u64>>,
        file: Option<File>,
        memory: usize,
    ) -> io::Result<Self> {
        let portion = (memory / runs.len().max(1)).clamp(LEAST_PORTION, LARGEST_PORTION);
        let runs = runs.into_iter().map(|rest| Run { rest, buffer: Vec::new(), position: 0, portion }).collect();
        let mut merged = Merged { bytes, entries: entries.into_iter(), runs, file, heads: BinaryHeap::new() };
        if !merged.runs.is_empty() {
            for source in 0..=merged.runs.len() {
                merged.advance(source, Vec::new())?;
            }
        }
        Ok(merged)
    }

    /// Puts the next entry into `entry`, unless there is none.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be read.
    pub(crate) fn next_into(&mut self, entry: &mut Vec<u8>) -> io::Result<bool> {
        // Nothing was written: no heap is needed.
        if self.runs.is_empty() {
            return Ok(self.next_in_memory(entry));
        }
        let Some(Reverse((next, source))) = self.heads.pop() else { return Ok(false) };
        let spare = std::mem::replace(entry, next);
        self.advance(source, spare)?;
        Ok(true)
    }

    fn next_in_memory(&mut self, entry: &mut Vec<u8>) -> bool {
        let Some(range) = self.entries.next() else { return false };
        entry.clear();
        entry.extend_from_slice(slice(&self.bytes, &range));
        true
    }

    /// Puts the next entry of a source among the heads, in the memory of one that is no longer needed.
    fn advance(&mut self, source: usize, mut entry: Vec<u8>) -> io::Result<()> {
        let is_there = match (self.runs.get_mut(source), &mut self.file) {
            (Some(run), Some(file)) => run.read_entry(file, &mut entry).map_err(|error| named(&error))?,
            _ => self.next_in_memory(&mut entry),
        };
        if is_there {
            self.heads.push(Reverse((entry, source)));
        }
        Ok(())
    }
}

impl Run {
    /// Whether there was an entry.
    fn read_entry(&mut self, file: &mut File, entry: &mut Vec<u8>) -> io::Result<bool> {
        let mut length = [0; 4];
        if self.position == self.buffer.len() && self.rest.is_empty() {
            return Ok(false);
        }
        self.read_exact(file, &mut length)?;
        let length = u32::from_le_bytes(length);
        if length > ENTRY_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the file was changed by somebody else"));
        }
        entry.resize(length as usize, 0);
        self.read_exact(file, entry)?;
        Ok(true)
    }

    fn read_exact(&mut self, file: &mut File, mut wanted: &mut [u8]) -> io::Result<()> {
        while !wanted.is_empty() {
            if self.position == self.buffer.len() {
                self.fill(file)?;
            }
            let read = self.buffer.get(self.position..).unwrap_or_default().read(wanted)?;
            self.position += read;
            wanted = wanted.get_mut(read..).unwrap_or_default();
        }
        Ok(())
    }

    fn fill(&mut self, file: &mut File) -> io::Result<()> {
        let left = usize::try_from(self.rest.end - self.rest.start).unwrap_or(usize::MAX);
        let portion = left.min(self.portion);
        if portion == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.buffer.resize(portion, 0);
        file.seek(SeekFrom::Start(self.rest.start))?;
        file.read_exact(&mut self.buffer)?;
        self.rest.start += portion as u64;
        self.position = 0;
        Ok(())
    }
}
