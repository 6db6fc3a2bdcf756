use std::{io, sync::mpsc, thread};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::StateError;

/// The thread that owns the connection. It ends when its owner is dropped.
pub(super) struct Worker {
    jobs: mpsc::Sender<Job>,
}

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

impl Worker {
    pub(super) fn start(mut connection: Connection) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        thread::Builder::new().name("trailhound-state".to_owned()).spawn(move || {
            for job in queue {
                job(&mut connection);
            }
        })?;
        Ok(Worker { jobs })
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
        self.jobs.send(job).map_err(|_| stopped())?;
        result.await.map_err(|_| stopped())?.map_err(|error| StateError::Transient(error.to_string()))
    }
}
