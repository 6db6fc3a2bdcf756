//! A child process that dies with its owner.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before the test fails, on a machine with a lot of other work.
pub(crate) const PATIENCE: Duration = Duration::from_mins(5);

/// Kills and reaps the child when dropped.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn new(child: Child) -> Self {
        Self(child)
    }

    /// Its number in the system.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }

    /// Waits for the child to end by itself.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        wait_for("the process to end", || self.0.try_wait().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The lines a process has written so far.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    /// Collects lines until the other side closes.
    pub(crate) fn collect(from: impl Read + Send + 'static) -> Self {
        let lines = Self::default();
        let into = lines.clone();
        thread::spawn(move || {
            for line in BufReader::new(from).lines() {
                into.0.lock().unwrap().push(line.unwrap());
            }
        });
        lines
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// Asks again and again until there is an answer; fails the test when patience ends.
pub(crate) fn wait_for<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    wait_with_pauses(what, Duration::from_millis(10), ask)
}

/// The same with longer pauses, for what costs others time.
pub(crate) fn wait_with_pauses<T>(what: &str, pause: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "waited {PATIENCE:?} for {what}");
        thread::sleep(pause);
    }
}
