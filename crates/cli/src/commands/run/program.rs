use std::{
    fs::File,
    io,
    process::Stdio,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::process::{Child, Command};

/// The program that is run for an alert at the moment, of which there is one at most.
///
/// It is in a process group of its own, with what it starts: an interrupt that is typed is for us, and the alert
/// under way is handed over before the end. So it has to be told when nobody waits for it any more.
#[derive(Debug, Clone, Default)]
pub(super) struct RunningProgram(Arc<Mutex<Option<u32>>>);

impl RunningProgram {
    /// Starts a program that reads from this file.
    pub(super) fn start(&self, mut command: Command, input: File) -> io::Result<Child> {
        command.stdin(input).stdout(Stdio::null()).kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut running = self.lock();
        let child = command.spawn()?;
        *running = child.id();
        Ok(child)
    }

    /// It has ended by itself.
    pub(super) fn ended(&self) {
        *self.lock() = None;
    }

    /// Ends it, and what it has started.
    pub(super) fn kill(&self) {
        kill_group(self.lock().take());
    }

    /// The same, and lets no other be started.
    pub(super) fn kill_the_last(&self) {
        let mut running = self.lock();
        kill_group(running.take());
        // Whoever asks for it waits until the process ends.
        std::mem::forget(running);
    }

    fn lock(&self) -> MutexGuard<'_, Option<u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(unix)]
fn kill_group(leader: Option<u32>) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let leader = leader.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(leader) = leader {
        // It may have ended meanwhile.
        let _ = kill_process_group(leader, Signal::KILL);
    }
}

/// The program itself is ended by its handle.
#[cfg(not(unix))]
fn kill_group(_leader: Option<u32>) {}
