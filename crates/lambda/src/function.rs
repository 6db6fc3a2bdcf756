//! One invocation: every object it names goes through the pipeline, one after the other.

use std::time::{Duration, SystemTime};

use aws_lambda_events::sqs::SqsBatchResponse;
use lambda_runtime::LambdaEvent;
use serde_json::Value;
use tracing::{Instrument, error, info, warn};
use trailhound_pipeline::{Delivery, DeliveryStatus, ObjectRef};

use crate::answer::{Answer, InvocationError};
use crate::configuration::Live;
use crate::logging;
use crate::trigger::{self, Content, DecodeError, Message, Notified, Trigger};

/// With less time than this left, no further message is begun. It goes back to
/// the queue, and those that are done are acknowledged, which they would not
/// be if Lambda stopped the function.
const TIME_RESERVE: Duration = Duration::from_secs(5);

/// The function, ready to be invoked.
pub(crate) struct Function {
    live: Live,
}

impl Function {
    /// A function over the pipeline that is in force at each invocation.
    pub(crate) fn new(live: Live) -> Self {
        Self { live }
    }

    /// Handles one event.
    pub(crate) async fn invoke(&self, event: LambdaEvent<Value>) -> Result<Answer, InvocationError> {
        let (payload, context) = event.into_parts();
        let span = logging::invocation(&context.request_id);
        self.answer(&payload, context.deadline()).instrument(span).await
    }

    async fn answer(&self, payload: &Value, deadline: SystemTime) -> Result<Answer, InvocationError> {
        let trigger = trigger::decode(payload).inspect_err(|error| error!(%error, "event refused"))?;
        match trigger {
            Trigger::Direct(content) => self.direct(content).await,
            Trigger::Queue(messages) => Ok(Answer::Queue(self.queue(messages, deadline).await)),
        }
    }

    async fn direct(&self, content: Content) -> Result<Answer, InvocationError> {
        let outcome = self.content(content).await;
        match outcome.first_error {
            None => Ok(Answer::Done),
            Some(first) => Err(InvocationError::Objects { objects: outcome.objects, failed: outcome.failed, first }),
        }
    }

    async fn queue(&self, messages: Vec<Message>, deadline: SystemTime) -> SqsBatchResponse {
        let mut response = SqsBatchResponse::default();
        for message in messages {
            if !time_is_left(deadline) {
                warn!(message_id = message.id, "no time left: message goes back to the queue");
                response.add_failure(message.id);
                continue;
            }
            if !self.message(&message.id, message.content).await {
                response.add_failure(message.id);
            }
        }
        response
    }

    /// Whether all of a message is done.
    async fn message(&self, id: &str, content: Result<Content, DecodeError>) -> bool {
        match content {
            Ok(content) => self.content(content).await.failed == 0,
            Err(error) => {
                error!(message_id = id, %error, "message refused");
                false
            }
        }
    }

    async fn content(&self, content: Content) -> ContentOutcome {
        let mut outcome = ContentOutcome::default();
        match content {
            Content::Probe(probe) => info!(?probe, "test or confirmation, nothing to do"),
            Content::Objects(notified) => {
                for notified in notified {
                    outcome.add(self.notified(notified).await);
                }
            }
        }
        outcome
    }

    async fn notified(&self, notified: Notified) -> Result<(), String> {
        match notified {
            Notified::Created(object) => self.object(object).await,
            Notified::Other { event_name, object } => {
                info!(event_name, bucket = object.bucket, key = object.key, "not a created object, nothing to do");
                Ok(())
            }
        }
    }

    async fn object(&self, object: ObjectRef) -> Result<(), String> {
        let (bucket, key) = (object.bucket.clone(), object.key.clone());
        // The pipeline logs a line with all counts itself; failures get one more, at a level that can be alarmed on.
        match self.live.pipeline().await.deliver(&Delivery::Object(object)).await.status {
            DeliveryStatus::Done | DeliveryStatus::Ignored { .. } => Ok(()),
            DeliveryStatus::Failed { error, .. } => {
                error!(bucket, key, %error, "object failed");
                Err(error.to_string())
            }
        }
    }
}

/// What became of the objects of one notification.
#[derive(Debug, Default)]
struct ContentOutcome {
    objects: usize,
    failed: usize,
    first_error: Option<String>,
}

impl ContentOutcome {
    fn add(&mut self, result: Result<(), String>) {
        self.objects = self.objects.saturating_add(1);
        if let Err(error) = result {
            self.failed = self.failed.saturating_add(1);
            self.first_error.get_or_insert(error);
        }
    }
}

fn time_is_left(deadline: SystemTime) -> bool {
    deadline.duration_since(SystemTime::now()).is_ok_and(|left| left > TIME_RESERVE)
}
