//! One invocation: from the event to the answer.

use lambda_runtime::LambdaEvent;
use serde_json::value::RawValue;
use tracing::{Instrument, error};
use trailhound_pipeline::Pipeline;

use crate::answer::{Answer, InvocationError};
use crate::limits::Reserves;
use crate::logging;
use crate::metrics::{Invocation, Metrics};
use crate::trigger;
use crate::work::Worker;

/// The function, ready to be invoked.
pub(crate) struct Function {
    pipeline: Pipeline,
    concurrency: usize,
    metrics: Option<Metrics>,
}

impl Function {
    /// A function that works on so many objects at the same time.
    pub(crate) fn new(pipeline: Pipeline, concurrency: usize, metrics: Option<Metrics>) -> Self {
        Self { pipeline, concurrency, metrics }
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
        let invocation = Invocation { request_id: &context.request_id, trace_id: context.xray_trace_id.as_deref() };
        self.answer(&payload, &worker, invocation).instrument(span).await
    }

    async fn answer(
        &self,
        payload: &RawValue,
        worker: &Worker<'_>,
        invocation: Invocation<'_>,
    ) -> Result<Answer, InvocationError> {
        let trigger = trigger::decode(payload.get()).inspect_err(|error| {
            error!(%error, "event refused");
            self.metrics.iter().for_each(|metrics| metrics.write(invocation, None));
        })?;
        let sender = trigger.sender.clone();
        let outcomes = worker.run(trigger).await;
        self.metrics.iter().for_each(|metrics| metrics.write(invocation, Some((&sender, &outcomes))));
        Answer::to(sender, &outcomes)
    }
}
