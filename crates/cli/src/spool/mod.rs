//! Sorts more than fits into memory: what is too much is put in order and written to a temporary file.

mod merged;
mod names;

use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
    ops::Range,
};

pub(crate) use merged::Merged;
pub(crate) use names::{Name, Names};

/// Bytes of entries that are kept in memory before they are written; 8 MiB.
const KEPT_BYTES: usize = 8 << 20;

/// Bytes of memory for reading back what was written, shared by all runs; 8 MiB.
const READ_BYTES: usize = 8 << 20;

/// The longest entry; 16 MiB, far more than a record of CloudTrail can ask for.
const ENTRY_BYTES: u32 = 16 << 20;

/// Takes entries in any order and gives them back in the order of their bytes, those that are equal too.
///
/// Memory stays within some 16 MiB beside what the allocator keeps for itself, however many there are. The
/// temporary file stands in the folder of the system for such files (`TMPDIR`) without a name, and is gone
/// with the process however that ends.
#[derive(Debug)]
pub(crate) struct Spool {
    bytes: Vec<u8>,
    entries: Vec<Range<u32>>,
    runs: Vec<Range<u64>>,
    file: Option<File>,
    /// How much is kept before it is written.
    memory: usize,
}

impl Default for Spool {
    fn default() -> Self {
        Spool::with_memory(KEPT_BYTES)
    }
}

impl Spool {
    /// Keeps so many bytes before it writes them.
    pub(crate) fn with_memory(memory: usize) -> Self {
        Spool { bytes: Vec::new(), entries: Vec::new(), runs: Vec::new(), file: None, memory }
    }

    /// Adds an entry.
    ///
    /// # Errors
    ///
    /// Memory is full and the temporary file cannot be written, or the entry is too long.
    pub(crate) fn add(&mut self, entry: &[u8]) -> io::Result<()> {
        if entry.len() > ENTRY_BYTES as usize {
            return Err(io::Error::other("an event with more text than a record can have"));
        }
        if self.bytes.len() + self.entries.len() * size_of::<Range<u32>>() >= self.memory {
            self.write_run().map_err(|error| named(&error))?;
        }
        // Both are far below the limits of the type.
        let start = u32::try_from(self.bytes.len()).map_err(io::Error::other)?;
        self.bytes.extend_from_slice(entry);
        let end = u32::try_from(self.bytes.len()).map_err(io::Error::other)?;
        self.entries.push(start..end);
        Ok(())
    }

    /// All entries in their order.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be written.
    pub(crate) fn finish(mut self) -> io::Result<Merged> {
        self.sort();
        Merged::new(self.bytes, self.entries, self.runs, self.file, READ_BYTES)
    }

    fn sort(&mut self) {
        let bytes = &self.bytes;
        self.entries.sort_unstable_by(|left, right| slice(bytes, left).cmp(slice(bytes, right)));
    }

    fn write_run(&mut self) -> io::Result<()> {
        self.sort();
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        let start = file.seek(SeekFrom::End(0))?;
        let mut writer = io::BufWriter::with_capacity(1 << 16, &mut *file);
        for entry in &self.entries {
            let entry = slice(&self.bytes, entry);
            let length = u32::try_from(entry.len()).map_err(io::Error::other)?;
            writer.write_all(&length.to_le_bytes())?;
            writer.write_all(entry)?;
        }
        writer.flush()?;
        drop(writer);
        self.runs.push(start..file.stream_position()?);
        self.bytes.clear();
        self.entries.clear();
        Ok(())
    }
}

fn slice<'b>(bytes: &'b [u8], entry: &Range<u32>) -> &'b [u8] {
    bytes.get(entry.start as usize..entry.end as usize).unwrap_or_default()
}

/// Says what could not be written or read.
fn named(error: &io::Error) -> io::Error {
    let folder = std::env::temp_dir();
    let kind = error.kind();
    io::Error::new(kind, format!("temporary file in {} (see TMPDIR): {error}", folder.display()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entries(merged: &mut Merged) -> Vec<Vec<u8>> {
        let (mut entries, mut entry) = (Vec::new(), Vec::new());
        while merged.next_into(&mut entry).unwrap() {
            entries.push(entry.clone());
        }
        entries
    }

    proptest! {
        #[test]
        fn entries_come_back_in_order_however_few_fit_into_memory(
            mut added in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..200),
            kept in 1..2_000usize,
        ) {
            let mut spool = Spool::with_memory(kept);
            for entry in &added {
                spool.add(entry).unwrap();
            }
            let found = entries(&mut spool.finish().unwrap());
            added.sort();
            prop_assert_eq!(found, added);
        }
    }

    #[test]
    fn an_endless_entry_is_refused() {
        assert!(Spool::default().add(&vec![0; ENTRY_BYTES as usize + 1]).is_err());
    }
}
