//! What a run does in AWS: topics, objects, a queue to poll.

use std::{sync::Arc, time::Duration};

use tokio::time::{self, MissedTickBehavior};
use trailhound_aws::{Adapters, CallLimits, Message, Poll, QuarantinePlace, Queue, QueueError};
use trailhound_pipeline::{
    Notifier, ObjectStore, Quarantine,
    configuration::{Configuration, QuarantineTarget},
};
use trailhound_trigger::{QueueOrder, Sender, Trigger, UnitOutcome, WorkOutcome, decode_message};

use super::{
    folders::pause,
    limits::{HEARTBEAT, LONG_POLL, MESSAGES, SHORT_POLL, VISIBILITY},
    session::Session,
    setup::SetupError,
    watch::Until,
};
use crate::{
    arguments::RunArguments,
    exit_status::ExitStatus,
    output::{count, printable},
};

/// AWS, or what answers in its place.
pub(super) struct Remote(Adapters);

impl Remote {
    /// What is asked for of AWS, if anything is. Makes no call.
    pub(super) async fn connect(
        arguments: &RunArguments,
        configuration: &Configuration,
    ) -> Result<Option<Self>, SetupError> {
        let is_local = matches!(&configuration.quarantine, None | Some(QuarantineTarget::Folder(_)));
        if arguments.queue.is_none() && configuration.topics.is_empty() && is_local {
            return Ok(None);
        }
        let adapters = trailhound_aws::connect(trailhound_aws::Settings {
            topics: configuration.topic_arns(),
            quarantine: None,
            max_object_bytes: configuration.object_bytes,
            limits: CallLimits::default(),
        });
        Ok(Some(Remote(adapters.await)))
    }

    pub(super) fn notifier(&self, configuration: &Configuration) -> Arc<dyn Notifier> {
        Arc::new(self.0.notifier_to(&configuration.topic_arns()))
    }

    pub(super) fn objects(&self, max_bytes: u64) -> Arc<dyn ObjectStore> {
        Arc::new(self.0.objects_up_to(max_bytes))
    }

    /// The quarantine in AWS; a folder is none.
    pub(super) fn quarantine(&self, target: &QuarantineTarget) -> Option<Arc<dyn Quarantine>> {
        match target {
            QuarantineTarget::Bucket { bucket, prefix } => {
                Some(self.0.quarantine_at(QuarantinePlace::bucket(bucket, prefix)))
            }
            QuarantineTarget::Queue(url) => Some(self.0.quarantine_at(QuarantinePlace::Queue { url: url.clone() })),
            QuarantineTarget::Folder(_) => None,
        }
    }

    /// Does what the messages of a queue say, until the run is to end, or until there are none.
    pub(super) async fn poll(&self, url: &str, until: Until, session: &mut Session<'_>) -> ExitStatus {
        let queue = self.0.queue(url);
        let wait = if until == Until::AllRead { SHORT_POLL } else { LONG_POLL };
        let poll = Poll { messages: MESSAGES, wait, visibility: VISIBILITY };
        let (mut failures, mut status, mut has_answered) = (0_u32, ExitStatus::Clean, false);
        while !session.stopping.is_asked() {
            let received = tokio::select! {
                received = queue.receive(poll) => received,
                () = session.stopping.asked() => break,
            };
            match received {
                Ok(messages) if messages.is_empty() && until == Until::AllRead => break,
                Ok(messages) => {
                    (failures, has_answered) = (0, true);
                    if !messages.is_empty() {
                        status = status.max(work(&queue, &messages, session).await);
                    }
                }
                Err(error) => {
                    session.output.error(format_args!("{}: {}", printable(url), printable(&error.to_string())));
                    // A queue that was there may be made anew, and a permission come back.
                    let is_wrong = !has_answered && !matches!(error, QueueError::Transient(_));
                    if is_wrong || until == Until::AllRead {
                        return ExitStatus::CouldNotRun;
                    }
                    failures = failures.saturating_add(1);
                    session.stopping.pause(pause(failures)).await;
                }
            }
            session.sweep_now_and_then().await;
        }
        session.sweep_now_and_then().await;
        if until == Until::AllRead { status } else { ExitStatus::Clean }
    }
}

/// Does the work of some messages, deletes those that are done, and leaves the others to come again.
async fn work(queue: &Queue, messages: &[Message], session: &mut Session<'_>) -> ExitStatus {
    let order = if queue.is_fifo() { QueueOrder::Fifo } else { QueueOrder::Standard };
    let units = messages.iter().map(|message| decode_message(&message.id, &message.body)).collect();
    let outcomes = {
        let batch = Box::pin(session.work(Trigger { sender: Sender::Queue(order), units }));
        while_held(queue, messages, batch, session).await
    };
    let (mut done, mut unbegun) = (Vec::new(), Vec::new());
    let mut status = ExitStatus::Clean;
    for (message, outcome) in messages.iter().zip(&outcomes) {
        session.tally.add(outcome);
        if outcome.succeeded() {
            done.push(message);
        } else if let Some(reason) = Session::reason(outcome) {
            status = ExitStatus::CouldNotRun;
            let id = printable(&message.id);
            let reason = printable(&reason);
            session.output.error(format_args!("message {id}: {reason}; left in the queue, which gives it again"));
        } else if is_unbegun(outcome) {
            unbegun.push(message);
        }
    }
    delete(queue, &done, session).await;
    if !unbegun.is_empty() && session.stopping.is_asked() {
        // Where this fails they come back by themselves, later.
        let _ = queue.hold(&unbegun, Duration::ZERO).await;
    }
    status
}

/// Asks for more time while the work goes on.
async fn while_held(
    queue: &Queue,
    messages: &[Message],
    mut work: impl Future<Output = Vec<UnitOutcome>> + Unpin,
    session: &Session<'_>,
) -> Vec<UnitOutcome> {
    let all: Vec<&Message> = messages.iter().collect();
    let mut beat = time::interval_at(time::Instant::now() + HEARTBEAT, HEARTBEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            outcomes = &mut work => return outcomes,
            _ = beat.tick() => {
                if let Err(error) = queue.hold(&all, VISIBILITY).await {
                    let error = printable(&error.to_string()).clone();
                    session.output.warning(format_args!("messages under way may be given to others: {error}"));
                }
            }
        }
    }
}

async fn delete(queue: &Queue, done: &[&Message], session: &Session<'_>) {
    if done.is_empty() {
        return;
    }
    let kept = match queue.delete(done).await {
        Ok(0) => return,
        Ok(kept) => format!("{} could not be deleted", count(kept, "message")),
        Err(error) => format!("{} could not be deleted: {error}", count(done.len(), "message")),
    };
    // They come again, and their alerts are known by then.
    session.output.warning(format_args!("{} and will come again", printable(&kept)));
}

fn is_unbegun(outcome: &UnitOutcome) -> bool {
    outcome.work.as_ref().is_ok_and(|work| work.iter().any(|work| matches!(work, WorkOutcome::NotBegun)))
}
