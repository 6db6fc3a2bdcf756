use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use async_trait::async_trait;

use super::{Quarantine, QuarantineEntry, QuarantineError};

/// A folder of entries, one file each.
///
/// Entries are a few kilobytes, written at once: whoever waits for one waits for the disk, and no file
/// is ever half an entry, whenever the machine stops.
#[derive(Debug, Clone)]
pub struct FolderQuarantine {
    folder: PathBuf,
}

impl FolderQuarantine {
    /// A quarantine in this folder, which is made when the first entry comes.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        FolderQuarantine { folder: folder.into() }
    }

    fn write(&self, entry: &QuarantineEntry) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let path = self.folder.join(format!("{}.json", entry.name()));
        let unfinished = self.folder.join(format!(".{}.{}", entry.name(), std::process::id()));
        write_through(&unfinished, entry.json()).and_then(|()| fs::rename(&unfinished, path)).inspect_err(|_| {
            // What is left of it is of no use, and the error that is told is the first one.
            let _ = fs::remove_file(&unfinished);
        })
    }
}

/// Writes a file so that it is on the disk and not only on its way there.
fn write_through(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

#[async_trait]
impl Quarantine for FolderQuarantine {
    async fn keep(&self, entry: &QuarantineEntry) -> Result<(), QuarantineError> {
        self.write(entry).map_err(|error| match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::NotADirectory | ErrorKind::ReadOnlyFilesystem => {
                QuarantineError::Rejected(error.to_string())
            }
            _ => QuarantineError::Transient(error.to_string()),
        })
    }
}
