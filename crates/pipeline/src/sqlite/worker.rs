use std::{
    io,
    sync::mpsc,
    thread::{self, JoinHandle},
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::StateError;

/// The thread that owns the connection. It ends when its owner is dropped, who waits for it: the connection that
/// is closed last moves what stands in the `-wal` file into the state file, and a process that ends before that
/// leaves two files.
pub(super) struct Worker {
    /// Nothing once the end has begun.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

impl Worker {
    pub(super) fn start(mut connection: Connection) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let thread = thread::Builder::new().name("trailhound-state".to_owned()).spawn(move || {
            for job in queue {
                job(&mut connection);
            }
        })?;
        Ok(Worker { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Has work done, and waits for it without blocking. `work` gets the connection and the number of
    /// statements that have changed something so far.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection, u64) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StateError> {
        let (answer, result) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let writes = connection.total_changes();
            // Whoever asked may have gone, as when a function runs out of time.
            let _ = answer.send(work(connection, writes));
        });
        let stopped = || StateError::Transient("the thread of the state file has stopped".to_owned());
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.send(job).map_err(|_| stopped())?;
        result.await.map_err(|_| stopped())?.map_err(|error| StateError::Transient(error.to_string()))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported by itself.
            let _ = thread.join();
        }
    }
}
