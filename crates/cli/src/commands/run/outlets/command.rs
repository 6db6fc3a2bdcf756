use std::{
    env,
    fs::File,
    io::{self, Seek as _, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use thiserror::Error;
use tokio::{process::Command, time::timeout};
use trailhound_pipeline::{Notification, NotifyError};

use super::{Answer, Noted, accepted};
use crate::commands::run::program::RunningProgram;

/// Runs a program for each alert, one after the other, with the alert as JSON on its standard input.
pub(in crate::commands::run) struct AlertCommand {
    program: PathBuf,
    time: Duration,
    noted: Noted,
    running: RunningProgram,
}

/// Why a program cannot be run.
#[derive(Debug, Error)]
pub(in crate::commands::run) enum CommandError {
    #[error("there is no such program")]
    Missing,
    #[error("it may not be run: it is a folder, or not executable")]
    NotExecutable,
}

impl AlertCommand {
    /// A program by its path, or by its name in the folders of PATH.
    pub(in crate::commands::run) fn new(
        program: &Path,
        time: Duration,
        noted: Noted,
        running: RunningProgram,
    ) -> Result<Self, CommandError> {
        Ok(AlertCommand { program: find(program)?, time, noted, running })
    }

    pub(super) async fn run(&self, notifications: &[Notification]) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(notifications.len());
        for notification in notifications {
            answers.push(self.run_once(notification).await.map(|()| accepted()));
        }
        answers
    }

    async fn run_once(&self, notification: &Notification) -> Result<(), NotifyError> {
        let _turn = self.noted.turn().await;
        if self.noted.is_noted(&notification.alert).await? {
            return Ok(());
        }
        let failed = |error: io::Error| NotifyError::Transient(format!("the command cannot be run: {error}"));
        let input = line(&notification.body).map_err(failed)?;
        let mut child = self.running.start(Command::new(&self.program), input).map_err(failed)?;
        let status = timeout(self.time, child.wait()).await;
        let Ok(status) = status else {
            self.running.kill();
            // Where it cannot be killed it has ended meanwhile, too late all the same.
            let _ = child.kill().await;
            let seconds = self.time.as_secs();
            return Err(NotifyError::Transient(format!("the command did not end within {seconds} s")));
        };
        self.running.ended();
        let status = status.map_err(failed)?;
        if !status.success() {
            return Err(NotifyError::Transient(format!("the command ended with {status}")));
        }
        self.noted.note(&notification.alert).await;
        Ok(())
    }
}

/// A line of its own to read from, in a file without a name: through a pipe the program would see a part of it
/// as if it were all, when we are killed while we write.
fn line(body: &str) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(body.as_bytes())?;
    file.write_all(b"\n")?;
    file.rewind()?;
    Ok(file)
}

fn find(program: &Path) -> Result<PathBuf, CommandError> {
    if program.components().count() > 1 {
        return check(program).map(|()| program.to_owned());
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    let mut candidates = env::split_paths(&folders).map(|folder| folder.join(program));
    candidates.find(|candidate| check(candidate).is_ok()).ok_or(CommandError::Missing)
}

fn check(program: &Path) -> Result<(), CommandError> {
    let metadata = program.metadata().map_err(|_| CommandError::Missing)?;
    if metadata.is_file() && is_executable(&metadata) { Ok(()) } else { Err(CommandError::NotExecutable) }
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_metadata: &std::fs::Metadata) -> bool {
    true
}
