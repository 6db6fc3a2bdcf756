//! All state in one SQLite file: for a single machine, and any number of processes on it.
//!
//! A write is on the disk when it is answered, so a process that is killed, and a machine that loses
//! its power, forgets nothing that was acknowledged. Calls block on the disk and not on the caller: a
//! thread of its own works them off, one after the other.

mod alerts;
mod judging;
mod lock;
mod schema;
mod worker;

use std::{fmt, fs::File, path::Path, sync::Arc, time::Duration};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use thiserror::Error;

use self::worker::Worker;
use crate::{Clock, StateError};

/// How long one process waits for another that writes; 30 seconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// The state in a file.
pub struct SqliteState {
    clock: Arc<dyn Clock>,
    worker: Worker,
    /// Held by the one who has the file alone.
    _lock: Option<File>,
}

/// Why a file cannot be used for state.
#[derive(Debug, Error)]
pub enum SqliteError {
    /// It cannot be opened or made, or is no database.
    #[error("the state file cannot be opened")]
    Open(#[from] rusqlite::Error),
    /// It was made by another program, or by a later release.
    #[error("the state file has the layout {found}, and this release knows the layout {known}")]
    Layout {
        /// What stands in the file.
        found: i32,
        /// What this release writes.
        known: i32,
    },
    /// Another process has the file for itself.
    #[error("another process uses the state file")]
    InUse,
    /// The file beside it that shows that it is in use cannot be made.
    #[error("the lock file `{file}` cannot be made")]
    Lock {
        /// Its path.
        file: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The system gives no thread.
    #[error("the thread for the state file cannot be started")]
    Thread(#[from] std::io::Error),
}

impl SqliteState {
    /// Opens a file, and makes it if it is not there; its folder has to be. Leases and ends are on
    /// `clock`. Blocks for as long as that takes.
    pub fn open(file: &Path, clock: Arc<dyn Clock>) -> Result<Self, SqliteError> {
        let connection = connect(file, &*clock)?;
        Ok(SqliteState { clock, worker: Worker::start(connection)?, _lock: None })
    }

    /// Opens a file for this process alone, which a file beside it with `.lock` at its end shows to others
    /// that ask for the same.
    ///
    /// Claims that were not completed belong to a process that is gone, however it ended: they are given up
    /// at once, so that nobody waits for their leases.
    pub fn open_alone(file: &Path, clock: Arc<dyn Clock>) -> Result<Self, SqliteError> {
        let lock = lock::take(file)?;
        let connection = connect(file, &*clock)?;
        schema::give_up_claims(&connection)?;
        Ok(SqliteState { clock, worker: Worker::start(connection)?, _lock: Some(lock) })
    }

    /// Runs `work` inside a transaction that is on the disk when this returns.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StateError> {
        let now = self.clock.now();
        self.worker
            .run(move |connection, writes| {
                // Taken at once: a transaction that begins by reading can fail when it comes to write.
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                if writes.is_multiple_of(schema::ROUND) {
                    schema::forget(&transaction, now)?;
                }
                let result = work(&transaction)?;
                transaction.commit()?;
                Ok(result)
            })
            .await
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StateError> {
        self.worker.run(move |connection, _| work(connection)).await
    }
}

fn connect(file: &Path, clock: &dyn Clock) -> Result<Connection, SqliteError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    schema::prepare(&mut connection)?;
    schema::forget(&connection, clock.now())?;
    Ok(connection)
}

impl fmt::Debug for SqliteState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SqliteState").finish_non_exhaustive()
    }
}

/// Milliseconds since 1970, rounded up: what ends does not end early.
fn end(time: Timestamp) -> i64 {
    let whole = time.as_millisecond();
    if time.subsec_nanosecond() % 1_000_000 > 0 { whole.saturating_add(1) } else { whole }
}
