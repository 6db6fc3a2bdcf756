use std::{
    sync::Arc,
    time::{Instant, SystemTime},
};

use jiff::{Timestamp, tz::TimeZone};
use trailhound_pipeline::Pipeline;
use trailhound_trigger::{Reserves, Trigger, UnitOutcome, Worker};

use super::{
    limits::{BATCH_TIME, SWEEP},
    stopping::Stopping,
    tally::Tally,
};
use crate::output::{Output, printable};

/// A run: the pipeline, and what it has done.
pub(super) struct Session<'o> {
    pub(super) pipeline: Arc<Pipeline>,
    /// Objects worked on at the same time.
    pub(super) concurrency: usize,
    pub(super) stopping: Stopping,
    pub(super) output: &'o Output,
    pub(super) tally: Tally,
    /// When was looked last at what is due.
    swept: Option<Instant>,
}

impl<'o> Session<'o> {
    pub(super) fn new(pipeline: Pipeline, concurrency: usize, stopping: Stopping, output: &'o Output) -> Self {
        Session { pipeline: Arc::new(pipeline), concurrency, stopping, output, tally: Tally::default(), swept: None }
    }

    /// Does the work of a batch, as far as the run is not to end meanwhile.
    pub(super) async fn work(&self, batch: Trigger) -> Vec<UnitOutcome> {
        let now = SystemTime::now();
        let worker = Worker {
            pipeline: &self.pipeline,
            concurrency: self.concurrency,
            deadline: now.checked_add(BATCH_TIME).unwrap_or(now),
            stopping: Some(self.stopping.flag()),
            reserves: Reserves::default(),
        };
        worker.run(batch).await
    }

    /// Looks at what has become due, if that was not done for a while: windows of correlations that are over,
    /// groups that are closed, digests, suppressions that expire.
    pub(super) async fn sweep_now_and_then(&mut self) {
        if self.swept.is_some_and(|swept| swept.elapsed() < SWEEP) {
            return;
        }
        self.swept = Some(Instant::now());
        loop {
            match self.pipeline.sweep().await {
                Ok(0) => break,
                Ok(_) if self.stopping.is_asked() => break,
                Ok(_) => {}
                Err(error) => {
                    // It stays due.
                    self.output.error(format_args!("what is due was not all done: {}", printable(&error.to_string())));
                    break;
                }
            }
        }
        let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
        if let Err(error) = self.pipeline.announce_suppressions(today).await {
            let error = error.to_string();
            self.output.error(format_args!("suppressions that expire could not be announced: {}", printable(&error)));
        }
    }

    /// The reason why a unit was not done, if there is one to tell.
    pub(super) fn reason(outcome: &UnitOutcome) -> Option<String> {
        match &outcome.work {
            Err(error) => Some(error.to_string()),
            Ok(work) => {
                let begun = |work: &&trailhound_trigger::WorkOutcome| {
                    !matches!(work, trailhound_trigger::WorkOutcome::NotBegun)
                };
                work.iter().filter(begun).find_map(trailhound_trigger::WorkOutcome::failure)
            }
        }
    }
}
