//! The Lambda function of Trailhound.
//!
//! It is invoked with S3 event notifications about log objects of CloudTrail,
//! by S3 itself or through an SQS queue, hands each object to the pipeline,
//! and answers so that exactly what failed is delivered again: with the list
//! of failed messages for a queue, with an error for S3.
//!
//! Settings come from environment variables with the prefix `TRAILHOUND_`;
//! see `src/settings.rs` for all of them and their defaults. All that is
//! wrong with them, or with the rules, is reported before the first
//! invocation, and the function does not start.
//!
//! The state of alerts is in memory for now: a repeat of a delivery is
//! recognised while the same environment of the function is warm, and
//! notifies again after that or in another environment.

mod answer;
mod configuration;
mod function;
mod logging;
mod rules;
mod settings;
mod start;
mod trigger;

use std::process::ExitCode;

use lambda_runtime::{Runtime, service_fn};
use tracing::error;

use self::function::Function;
use self::start::StartError;

/// Runs the function until Lambda ends it. Fails only when it cannot start.
pub async fn run() -> ExitCode {
    logging::start(settings::log_filter_or_default(variable));
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

/// The value of an environment variable. One that is not UTF-8 counts as not set.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
