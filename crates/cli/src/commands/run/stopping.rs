//! The end of a run: the first signal asks for it, the second one does not wait.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::{runtime::Builder, sync::watch, time::timeout};

use super::program::RunningProgram;
use crate::exit_status::ExitStatus;

/// Whether the run is to end.
#[derive(Debug, Clone)]
pub(super) struct Stopping {
    flag: Arc<AtomicBool>,
    tell: Arc<watch::Sender<bool>>,
    program: RunningProgram,
}

impl Stopping {
    /// Listens for SIGINT and SIGTERM from now on.
    ///
    /// On a thread of its own: whatever the run is busy with, the second signal ends the process. That is as
    /// safe as a crash, and there is nothing that a crash would lose. A program that is run for an alert ends with
    /// it, so that it is not at work beside the one that the next run starts.
    pub(super) fn listen() -> io::Result<Self> {
        let stopping = Stopping {
            flag: Arc::default(),
            tell: Arc::new(watch::Sender::new(false)),
            program: RunningProgram::default(),
        };
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let mut signals = {
            let _inside = runtime.enter();
            Signals::new()?
        };
        let told = stopping.clone();
        thread::Builder::new().name("trailhound-signals".to_owned()).spawn(move || {
            runtime.block_on(async {
                signals.next().await;
                told.ask();
                signals.next().await;
                told.program.kill_the_last();
                end_at_once();
            });
        })?;
        Ok(stopping)
    }

    /// The program that the second signal ends.
    pub(super) fn program(&self) -> &RunningProgram {
        &self.program
    }

    /// Asks for the end, as a signal does.
    pub(super) fn ask(&self) {
        self.flag.store(true, Ordering::Relaxed);
        self.tell.send_replace(true);
    }

    /// Whether it is.
    pub(super) fn is_asked(&self) -> bool {
        self.flag.load(Ordering::Relaxed)
    }

    /// The same for those who look at it while they work.
    pub(super) fn flag(&self) -> &AtomicBool {
        &self.flag
    }

    /// Ends when it is.
    pub(super) async fn asked(&self) {
        // The channel closes only with the process.
        let _ = self.tell.subscribe().wait_for(|asked| *asked).await;
    }

    /// Waits, but no longer than until the run is to end.
    pub(super) async fn pause(&self, pause: Duration) {
        let _ = timeout(pause, self.asked()).await;
    }
}

#[expect(clippy::exit, reason = "the thread that notices is not the one that could return")]
fn end_at_once() {
    std::process::exit(ExitStatus::CouldNotRun.code().into());
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Signals)
    }

    async fn next(&mut self) {
        // Where the system cannot tell, the run goes on until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
