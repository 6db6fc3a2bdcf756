//! One invocation: from the event to the answer.

use lambda_runtime::{Context, LambdaEvent};
use serde_json::value::RawValue;
use tracing::{Instrument, error};

use crate::answer::{Answer, InvocationError};
use crate::configuration::Live;
use crate::logging;
use crate::metrics::Invocation;
use trailhound_trigger::{Reserves, Worker};

/// The function, ready to be invoked.
pub(crate) struct Function {
    live: Live,
}

impl Function {
    /// A function over what is in force at each invocation.
    pub(crate) fn new(live: Live) -> Self {
        Self { live }
    }

    /// Handles one event, given as it was written: what a record says must reach the rules unchanged.
    pub(crate) async fn invoke(&self, event: LambdaEvent<Box<RawValue>>) -> Result<Answer, InvocationError> {
        let (payload, context) = event.into_parts();
        let span = logging::invocation(&context.request_id, context.xray_trace_id.as_deref());
        self.answer(&payload, &context).instrument(span).await
    }

    async fn answer(&self, payload: &RawValue, context: &Context) -> Result<Answer, InvocationError> {
        let in_force = self.live.in_force().await;
        let invocation = Invocation { request_id: &context.request_id, trace_id: context.xray_trace_id.as_deref() };
        let trigger = trailhound_trigger::decode(payload.get()).inspect_err(|error| {
            error!(%error, "event refused");
            in_force.metrics.write(invocation, None);
        })?;
        let worker = Worker {
            pipeline: &in_force.pipeline,
            concurrency: in_force.concurrency,
            deadline: context.deadline(),
            stopping: None,
            reserves: Reserves::default(),
        };
        let sender = trigger.sender.clone();
        let outcomes = worker.run(trigger).await;
        in_force.metrics.write(invocation, Some((&sender, &outcomes)));
        Answer::to(sender, &outcomes)
    }
}
