//! Work on the objects of one invocation: several at a time, and within the time there is.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use futures_util::stream::{self, StreamExt};
use tokio::time::{sleep, timeout};
use tracing::{error, info, warn};
use trailhound_pipeline::{
    AlertCounts, Delivery, DeliveryError, DeliveryOutcome, DeliveryStatus, FetchError, ObjectRef, ObjectResult,
    Pipeline,
};

use crate::limits::{HELD_PAUSE, LONGEST_HELD_PAUSE, Reserves};
use crate::{DecodeError, Nothing, QueueOrder, Sender, Trigger, Unit, Work};

/// What became of a unit.
#[derive(Debug)]
pub struct UnitOutcome {
    /// What the answer calls it.
    pub id: String,
    /// What became of each piece of work, or why there is none.
    pub work: Result<Vec<WorkOutcome>, DecodeError>,
}

/// What became of one piece of work.
#[derive(Debug)]
pub enum WorkOutcome {
    /// There was nothing to do.
    Nothing,
    /// The pipeline took it.
    Delivered(Box<DeliveryOutcome>),
    /// What has become due could not all be done; the schedule comes again.
    NotSwept(String),
    /// The canary came out.
    Canary,
    /// It did not. The schedule comes again.
    NoCanary(String),
    /// Not begun: time was short, or something before it in an ordered queue failed.
    NotBegun,
    /// Given up, since the invocation was about to end.
    CutOff,
}

impl WorkOutcome {
    /// Why it has to come again, if it has to.
    pub fn failure(&self) -> Option<String> {
        match self {
            Self::Nothing | Self::Canary => None,
            Self::Delivered(outcome) => match &outcome.status {
                DeliveryStatus::Failed { error, .. } => Some(error.to_string()),
                DeliveryStatus::Done | DeliveryStatus::Ignored { .. } => None,
            },
            Self::NotSwept(reason) | Self::NoCanary(reason) => Some(reason.clone()),
            Self::NotBegun => Some("not begun in the time of this invocation".to_owned()),
            Self::CutOff => Some("not done in the time of this invocation".to_owned()),
        }
    }
}

impl UnitOutcome {
    /// Whether all of it is done. A message with several objects fails if any of them failed.
    pub fn succeeded(&self) -> bool {
        self.work.as_ref().is_ok_and(|work| work.iter().all(|work| work.failure().is_none()))
    }
}

/// What is to be done about alerts that others are sending, or were when they ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    /// The sender delivers again for as long as a claim can last.
    GoesBack,
    /// Lambda repeats an asynchronous invocation one and two minutes after it failed, and then no more. But a
    /// repeat has as much time as the worker that ended had, and begins later: what that one held is free
    /// before the repeat ends.
    IsWaitedFor,
}

/// Does the work of an invocation, or of a batch.
#[derive(Debug)]
pub struct Worker<'p> {
    /// Where deliveries go.
    pub pipeline: &'p Pipeline,
    /// How many at a time.
    pub concurrency: usize,
    /// When Lambda stops the function.
    pub deadline: SystemTime,
    /// Once this is set nothing further is begun, where somebody can set it.
    pub stopping: Option<&'p AtomicBool>,
    /// How much of the time until then is kept back.
    pub reserves: Reserves,
}

impl Worker<'_> {
    /// Does all there is to do, and gives the outcomes in the order of the units.
    pub async fn run(&self, trigger: Trigger) -> Vec<UnitOutcome> {
        match trigger.sender {
            Sender::Queue(QueueOrder::Fifo) => self.one_by_one(trigger.units).await,
            Sender::Asynchronous => self.several_at_a_time(trigger.units, Held::IsWaitedFor).await,
            _ => self.several_at_a_time(trigger.units, Held::GoesBack).await,
        }
    }

    /// Stops at the first unit that fails: what follows it must not overtake it.
    async fn one_by_one(&self, units: Vec<Unit>) -> Vec<UnitOutcome> {
        let mut outcomes: Vec<UnitOutcome> = Vec::with_capacity(units.len());
        for unit in units {
            let outcome = if outcomes.last().is_none_or(UnitOutcome::succeeded) {
                let mut outcome = self.several_at_a_time(vec![unit], Held::GoesBack).await;
                outcome.pop()
            } else {
                Some(UnitOutcome { id: unit.id, work: Ok(vec![WorkOutcome::NotBegun]) })
            };
            outcomes.extend(outcome);
        }
        outcomes
    }

    async fn several_at_a_time(&self, units: Vec<Unit>, held: Held) -> Vec<UnitOutcome> {
        let mut all = Vec::new();
        let mut outcomes = Vec::with_capacity(units.len());
        for (index, Unit { id, work }) in units.into_iter().enumerate() {
            let outcome = match work {
                Ok(work) => {
                    all.extend(work.into_iter().map(|work| (index, work)));
                    Ok(Vec::new())
                }
                Err(error) => {
                    error!(message_id = id, %error, "message refused");
                    Err(error)
                }
            };
            outcomes.push(UnitOutcome { id, work: outcome });
        }
        let mut done: Vec<WorkOutcome> =
            stream::iter(&all).map(|(_, work)| self.work(work)).buffered(self.concurrency).collect().await;
        for ((_, work), outcome) in all.iter().zip(&mut done) {
            self.again(work, outcome, held).await;
        }
        for ((index, _), outcome) in all.iter().zip(done) {
            if let Some(Ok(work)) = outcomes.get_mut(*index).map(|unit| unit.work.as_mut()) {
                work.push(outcome);
            }
        }
        outcomes
    }

    /// Does work again of which others were sending some alerts.
    async fn again(&self, work: &Work, outcome: &mut WorkOutcome, then: Held) {
        let mut pause = HELD_PAUSE;
        while let Some(first) = held(outcome) {
            // An object beside it may hold the same event, and has sent the alert by now.
            let second = self.work(work).await;
            *outcome = together(first, second);
            let left = self.left().saturating_sub(self.reserves.to_begin);
            if then == Held::GoesBack || left <= pause || held(outcome).is_none() {
                return;
            }
            sleep(pause).await;
            pause = pause.saturating_mul(2).min(LONGEST_HELD_PAUSE);
        }
    }

    /// Until Lambda stops the function.
    fn left(&self) -> Duration {
        self.deadline.duration_since(SystemTime::now()).unwrap_or(Duration::ZERO)
    }

    async fn work(&self, work: &Work) -> WorkOutcome {
        match work {
            Work::Nothing(nothing) => {
                log_nothing(nothing);
                WorkOutcome::Nothing
            }
            Work::Sweep => self.sweep().await,
            Work::Canary => self.canary().await,
            Work::Object { object, otherwise } => self.object(object, otherwise.as_ref()).await,
            Work::Records(records) => self.deliver(records).await,
        }
    }

    /// Round after round, as long as there is something to do and time.
    async fn sweep(&self) -> WorkOutcome {
        loop {
            let left = self.left();
            if left <= self.reserves.to_begin {
                return WorkOutcome::Nothing;
            }
            let time = left.saturating_sub(self.reserves.to_answer);
            match timeout(time, self.pipeline.sweep_within(time)).await {
                Ok(Ok(0)) => return WorkOutcome::Nothing,
                Ok(Ok(done)) => info!(done, "what was due is done"),
                Ok(Err(error)) => {
                    error!(%error, "what is due was not all done");
                    return WorkOutcome::NotSwept(error.to_string());
                }
                Err(_) => return WorkOutcome::CutOff,
            }
        }
    }

    async fn canary(&self) -> WorkOutcome {
        let left = self.deadline.duration_since(SystemTime::now()).unwrap_or(Duration::ZERO);
        match timeout(left.saturating_sub(self.reserves.to_answer), self.pipeline.canary()).await {
            Ok(Ok(_)) => WorkOutcome::Canary,
            Ok(Err(error)) => {
                error!(%error, "the canary did not come out");
                WorkOutcome::NoCanary(error.to_string())
            }
            Err(_) => WorkOutcome::CutOff,
        }
    }

    /// An object that is not there under the first of two keys may be there under the other. Without
    /// the permission to list, S3 does not say whether it is.
    async fn object(&self, object: &ObjectRef, otherwise: Option<&ObjectRef>) -> WorkOutcome {
        let first = self.deliver(&Delivery::Object(object.clone())).await;
        match (otherwise, &first) {
            (Some(otherwise), WorkOutcome::Delivered(outcome)) if may_be_elsewhere(outcome) => {
                match self.deliver(&Delivery::Object(otherwise.clone())).await {
                    WorkOutcome::Delivered(second) if may_be_elsewhere(&second) => first,
                    second => second,
                }
            }
            _ => first,
        }
    }

    async fn deliver(&self, delivery: &Delivery) -> WorkOutcome {
        let left = self.left();
        let (bucket, key) = delivery.place();
        if self.stopping.is_some_and(|stopping| stopping.load(Ordering::Relaxed)) {
            return WorkOutcome::NotBegun;
        }
        if left <= self.reserves.to_begin {
            warn!(bucket, key, "no time left: it goes back to its sender");
            return WorkOutcome::NotBegun;
        }
        let time = left.saturating_sub(self.reserves.to_answer);
        let Ok(outcome) = timeout(time, self.pipeline.deliver_within(delivery, time)).await else {
            error!(bucket, key, "given up, for the time of this invocation ends");
            return WorkOutcome::CutOff;
        };
        // The pipeline logs a line with all counts itself; failures get one more, at a level that can be
        // alarmed on.
        if let DeliveryStatus::Failed { error, .. } = &outcome.status {
            error!(bucket, key, %error, "object failed");
        }
        WorkOutcome::Delivered(Box::new(outcome))
    }
}

/// The alerts of a delivery that failed only since others were sending some of them.
fn held(outcome: &WorkOutcome) -> Option<AlertCounts> {
    match outcome {
        WorkOutcome::Delivered(outcome) => match &outcome.status {
            DeliveryStatus::Failed { error: DeliveryError::Held { .. }, .. } => Some(outcome.alerts),
            _ => None,
        },
        _ => None,
    }
}

/// What became of two attempts together: what the first one sent, the second one takes for sent before.
fn together(first: AlertCounts, mut second: WorkOutcome) -> WorkOutcome {
    if let WorkOutcome::Delivered(outcome) = &mut second {
        outcome.alerts.sent += first.sent;
        outcome.alerts.duplicate = outcome.alerts.duplicate.saturating_sub(first.sent);
    }
    second
}

fn may_be_elsewhere(outcome: &DeliveryOutcome) -> bool {
    let denied = DeliveryError::Fetch(FetchError::Denied);
    outcome.object == ObjectResult::Missing
        || matches!(&outcome.status, DeliveryStatus::Failed { error, .. } if *error == denied)
}

fn log_nothing(nothing: &Nothing) {
    match nothing {
        Nothing::S3Test | Nothing::CloudTrailTopicTest | Nothing::SnsConfirmation => {
            info!(?nothing, "test or confirmation, nothing to do");
        }
        Nothing::NotCreated { event, object } => {
            info!(event, bucket = object.bucket, key = object.key, "not a created object, nothing to do");
        }
    }
}

#[cfg(test)]
mod tests;
