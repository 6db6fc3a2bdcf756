use std::{
    ffi::OsString,
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

use super::SqliteError;

/// Takes the lock of a state file; it is given back when the file is closed, and so when the process ends.
///
/// It is on a file of its own: `SQLite` gives up its own locks on the database when somebody else in the process
/// closes that.
pub(super) fn take(state: &Path) -> Result<File, SqliteError> {
    let mut name = OsString::from(state);
    name.push(".lock");
    let path = PathBuf::from(name);
    let failed = |source| SqliteError::Lock { file: path.display().to_string(), source };
    let file = OpenOptions::new().create(true).write(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(SqliteError::InUse),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}
