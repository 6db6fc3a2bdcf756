use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use trailhound_pipeline::{AlertId, Claim, Notification, NotifyError, State, StateError, StateKey, TopicName};

use super::{Answer, FILE, accepted};
use crate::commands::run::limits::{LONGEST_LINE, MARK_MEMORY};

/// A file of alerts, one JSON document a line, each on the disk before it counts as handed over.
///
/// Every alert is in it once, whenever the process is killed: what stands in the file is what was handed over,
/// and is recorded as such when the next run begins.
pub(in crate::commands::run) struct AlertFile {
    path: PathBuf,
    writing: Mutex<()>,
}

/// Why a file cannot take alerts.
#[derive(Debug, Error)]
pub(in crate::commands::run) enum FileError {
    #[error("it cannot be written")]
    Io(#[from] io::Error),
    #[error("it is no regular file")]
    NotRegular,
    #[error("it is there and holds no alerts: name another file")]
    Foreign,
    #[error(transparent)]
    State(#[from] StateError),
}

/// How far a file is known: all alerts up to there are recorded as handed over.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Mark {
    length: u64,
    /// The first alert in the file, by which a new file of the same name is told from the old one.
    first: Option<AlertId>,
}

/// What is read of a line.
#[derive(Deserialize)]
struct Line {
    id: AlertId,
}

impl AlertFile {
    /// Opens or makes a file, and records the alerts in it that a run before this one did not come to record.
    pub(in crate::commands::run) async fn open(path: &Path, state: &dyn State) -> Result<Self, FileError> {
        if path.exists() && !path.is_file() {
            return Err(FileError::NotRegular);
        }
        let mut file = options().read(true).open(path)?;
        let path = fs::canonicalize(path)?;
        let key = StateKey::new("alertfile", [&*path.to_string_lossy()]);
        let cell = state.load(&key).await?;
        let mark: Option<Mark> = cell.as_ref().and_then(|cell| serde_json::from_str(&cell.document).ok());
        let first = first_alert(&mut file)?;
        let length = mend(&mut file, mark.is_some())?;
        if length > 0 && first.is_none() {
            return Err(FileError::Foreign);
        }
        let first = first.filter(|_| length > 0);
        let known = mark.filter(|mark| mark.length <= length && (mark.length == 0 || mark.first == first));
        file.seek(SeekFrom::Start(known.map_or(0, |mark| mark.length)))?;
        record(BufReader::new(file), state).await?;
        let document = serde_json::to_string(&Mark { length, first }).map_err(io::Error::from)?;
        let until = Timestamp::now().saturating_add(MARK_MEMORY).unwrap_or(Timestamp::MAX);
        // Nobody else has the state, so what was seen is what is there.
        state.swap(&key, cell.as_ref().map(|cell| cell.version.as_str()), &document, until).await?;
        Ok(AlertFile { path, writing: Mutex::new(()) })
    }

    /// Writes alerts to the disk, all or none.
    pub(super) fn append(&self, notifications: &[Notification]) -> Vec<Answer> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lines = String::new();
        for notification in notifications {
            lines.push_str(&notification.body);
            lines.push('\n');
        }
        let written = write(&self.path, lines.as_bytes());
        let answer = || match &written {
            Ok(()) => Ok(accepted()),
            Err(error) => Err(NotifyError::Transient(format!("the file of alerts cannot be written: {error}"))),
        };
        notifications.iter().map(|_| answer()).collect()
    }
}

/// The file is opened each time, so that it can be moved away while we run.
fn write(path: &Path, lines: &[u8]) -> io::Result<()> {
    let mut file = options().open(path)?;
    let before = file.metadata()?.len();
    let written = file.write_all(lines).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a line would spoil the next one. If this fails too, the next start mends it.
        let _ = file.set_len(before);
    }
    written
}

/// Alerts name people and what they did: a new file is for its owner alone.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

fn first_alert(file: &mut File) -> io::Result<Option<AlertId>> {
    file.seek(SeekFrom::Start(0))?;
    let mut line = Vec::new();
    BufReader::new(file.take(LONGEST_LINE)).read_until(b'\n', &mut line)?;
    Ok(alert(&line))
}

fn alert(line: &[u8]) -> Option<AlertId> {
    serde_json::from_slice::<Line>(line).ok().map(|line| line.id)
}

/// Takes away a line that was not written to its end, and gives the length of the rest. That can only be one of
/// ours: in a file that we have not written to before, it is a sign that somebody else does.
fn mend(file: &mut File, is_ours: bool) -> Result<u64, FileError> {
    let length = file.metadata()?.len();
    let from = length.saturating_sub(LONGEST_LINE);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.take(LONGEST_LINE).read_to_end(&mut tail)?;
    if tail.last().is_none_or(|last| *last == b'\n') {
        return Ok(length);
    }
    if !is_ours {
        return Err(FileError::Foreign);
    }
    let kept = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end.saturating_add(1));
    let length = from.saturating_add(u64::try_from(kept).unwrap_or(u64::MAX));
    file.set_len(length)?;
    file.sync_all()?;
    Ok(length)
}

/// Records the alerts in a file as handed over.
async fn record(file: impl BufRead, state: &dyn State) -> Result<(), FileError> {
    /// Nobody else can hold a claim here, so it only has to outlast the next call.
    const LEASE: Duration = Duration::from_mins(1);
    let topic = TopicName::new(FILE).unwrap_or_default();
    for line in file.split(b'\n') {
        let Some(alert) = alert(&line?) else { continue };
        let alert = alert.to_topic(&topic);
        if let Claim::Granted(token) = state.claim(&alert, LEASE).await? {
            state.complete(&alert, &token).await?;
        }
    }
    Ok(())
}
