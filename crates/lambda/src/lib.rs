//! The Lambda function of Trailhound.
//!
//! It is invoked with whatever AWS has to tell about records of CloudTrail: that
//! objects were created (by S3, through queues, topics and the event bus, from a
//! job of S3 Batch Operations), or the records themselves (from the event bus and
//! from CloudWatch Logs). Which it is shows in the event; there is no setting for
//! it. Each object goes through the pipeline, and the answer has the form that
//! makes the sender deliver exactly what failed again.
//!
//! Settings come from a file and from environment variables with the prefix
//! `TRAILHOUND_`; see `docs/configuration.md`. All that is wrong with them, or
//! with the rules, is reported before the first invocation, and the function does
//! not start. What changes while it runs is taken over if nothing is wrong with it.
//!
//! What is remembered between deliveries is in a DynamoDB table, if one is named.
//! Otherwise it is in memory: a repeat of a delivery is recognised while the same
//! environment of the function is warm, and notifies again in another one.

mod answer;
mod configuration;
mod function;
mod limits;
mod logging;
mod metrics;
mod rules;
mod start;

use std::process::ExitCode;

use lambda_runtime::{Runtime, service_fn};
use tracing::error;

use self::function::Function;
use self::start::StartError;

/// Runs the function until Lambda ends it. Fails only when it cannot start.
pub async fn run() -> ExitCode {
    logging::start(variable(LOG).as_deref());
    match start::function(variable).await {
        Ok(function) => serve(&function).await,
        Err(start_error) => refuse(start_error).await,
    }
}

async fn serve(function: &Function) -> ExitCode {
    match Runtime::new(service_fn(|event| function.invoke(event))).run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            error!(error = %reason, "the Lambda runtime stopped");
            ExitCode::FAILURE
        }
    }
}

async fn refuse(start_error: StartError) -> ExitCode {
    error!(error = %start_error, "the function cannot start");
    if let Err(reason) = start::report(start_error).await {
        error!(error = %reason, "Lambda could not be told");
    }
    ExitCode::FAILURE
}

/// The filter of log lines, which is needed before the configuration is read.
const LOG: &str = "TRAILHOUND_LOG";

/// The value of an environment variable. One that is not UTF-8 counts as not set.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
