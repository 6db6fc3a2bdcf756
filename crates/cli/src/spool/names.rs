use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
};

use super::named;

/// Bytes of names that are kept in memory before they are written; 1 MiB.
const KEPT_BYTES: usize = 1 << 20;

/// Names of objects, by number: what was long ago is in a temporary file.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// What is not written yet.
    kept: Vec<u8>,
    written: u64,
    file: Option<File>,
}

/// Where a name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Name(pub(crate) u64);

impl Names {
    /// Keeps a name.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be written.
    pub(crate) fn add(&mut self, name: &str) -> io::Result<Name> {
        if self.kept.len() >= KEPT_BYTES {
            self.write().map_err(|error| named(&error))?;
        }
        let place = Name(self.written + self.kept.len() as u64);
        let length = u32::try_from(name.len()).map_err(io::Error::other)?;
        self.kept.extend_from_slice(&length.to_le_bytes());
        self.kept.extend_from_slice(name.as_bytes());
        Ok(place)
    }

    /// A name that was kept.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be read.
    pub(crate) fn get(&mut self, Name(place): Name) -> io::Result<String> {
        self.read(place).map_err(|error| named(&error))
    }

    fn write(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        file.seek(SeekFrom::Start(self.written))?;
        file.write_all(&self.kept)?;
        self.written += self.kept.len() as u64;
        self.kept.clear();
        Ok(())
    }

    fn read(&mut self, place: u64) -> io::Result<String> {
        match &mut self.file {
            Some(file) if place < self.written => {
                file.seek(SeekFrom::Start(place))?;
                name(file)
            }
            _ => {
                let start = usize::try_from(place - self.written).map_err(io::Error::other)?;
                name(&mut self.kept.get(start..).unwrap_or_default())
            }
        }
    }
}

fn name(from: &mut impl Read) -> io::Result<String> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut name = String::new();
    from.take(u32::from_le_bytes(length).into()).read_to_string(&mut name)?;
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_memory_and_in_the_file() {
        let mut names = Names::default();
        let text = |number: usize| format!("{number}/{}", "é".repeat(200));
        let places: Vec<Name> = (0..10_000).map(|number| names.add(&text(number)).unwrap()).collect();
        assert!(names.written > 0 && !names.kept.is_empty());
        for number in [0, 1, 5_000, 9_998, 9_999] {
            assert_eq!(names.get(places[number]).unwrap(), text(number));
        }
    }
}
