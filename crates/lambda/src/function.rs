//! One invocation: from the event to the answer.

use lambda_runtime::LambdaEvent;
use serde_json::value::RawValue;
use tracing::{Instrument, error};
use trailhound_pipeline::Pipeline;

use crate::answer::{Answer, InvocationError};
use crate::limits::Reserves;
use crate::logging;
use crate::trigger;
use crate::work::Worker;

/// The function, ready to be invoked.
pub(crate) struct Function {
    pipeline: Pipeline,
    concurrency: usize,
}

impl Function {
    /// A function that works on so many objects at the same time.
    pub(crate) fn new(pipeline: Pipeline, concurrency: usize) -> Self {
        Self { pipeline, concurrency }
    }

    /// Handles one event, given as it was written: what a record says must reach the rules unchanged.
    pub(crate) async fn invoke(&self, event: LambdaEvent<Box<RawValue>>) -> Result<Answer, InvocationError> {
        let (payload, context) = event.into_parts();
        let span = logging::invocation(&context.request_id, context.xray_trace_id.as_deref());
        let worker = Worker {
            pipeline: &self.pipeline,
            concurrency: self.concurrency,
            deadline: context.deadline(),
            reserves: Reserves::default(),
        };
        answer(&payload, &worker).instrument(span).await
    }
}

async fn answer(payload: &RawValue, worker: &Worker<'_>) -> Result<Answer, InvocationError> {
    let trigger = trigger::decode(payload.get()).inspect_err(|error| error!(%error, "event refused"))?;
    let sender = trigger.sender.clone();
    let outcomes = worker.run(trigger).await;
    Answer::to(sender, &outcomes)
}
