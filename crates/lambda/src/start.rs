//! From settings to a function that is ready, or the reason why not.

use std::sync::Arc;

use lambda_runtime::Diagnostic;
use lambda_runtime_api_client::body::Body;
use lambda_runtime_api_client::{BoxError, Client, build_request};
use thiserror::Error;
use tracing::warn;
use trailhound_aws::{CallLimits, DynamoState};
use trailhound_pipeline::configuration::Configuration;
use trailhound_pipeline::watching::SetupError;
use trailhound_pipeline::{State, SystemClock, memory::MemoryState};

use crate::configuration::{self, Live, explain};
use crate::function::Function;
use crate::logging::{self, LogFilterError};

/// Set by Lambda in every environment of a function.
const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";

/// Set by Lambda as well: what metrics of several functions are told apart by.
const FUNCTION_NAME: &str = "AWS_LAMBDA_FUNCTION_NAME";

/// Why the function does not start.
#[derive(Debug, Error)]
pub(crate) enum StartError {
    /// Started by hand.
    #[error("`{RUNTIME_API}` is not set: this program is run by AWS Lambda; on a laptop, use `trailhound`")]
    OutsideLambda,
    /// A filter of log lines that is none.
    #[error(transparent)]
    Log(#[from] LogFilterError),
    /// A configuration or rules that cannot be used.
    #[error("{}", explain(.0))]
    Setup(#[from] SetupError),
}

impl From<StartError> for Diagnostic {
    fn from(error: StartError) -> Self {
        let error_type = match &error {
            StartError::OutsideLambda => "OutsideLambda",
            StartError::Setup(SetupError::Unusable { what, .. } | SetupError::Unreachable { what, .. })
                if *what == "rules" =>
            {
                "NoRules"
            }
            StartError::Log(_) | StartError::Setup(_) => "WrongSettings",
        };
        Self { error_type: error_type.to_owned(), error_message: error.to_string() }
    }
}

/// Builds the function from its environment.
pub(crate) async fn function(environment: impl Fn(&str) -> Option<String>) -> Result<Function, StartError> {
    environment(RUNTIME_API).ok_or(StartError::OutsideLambda)?;
    let watch = configuration::watch(&environment).await?;
    let setup = watch.current();
    logging::filter_by(&setup.configuration.log)?;
    let adapters = trailhound_aws::connect(trailhound_aws::Settings {
        topics: setup.configuration.topic_arns(),
        quarantine: None,
        max_object_bytes: setup.configuration.object_bytes,
        limits: call_limits(&setup.configuration),
    })
    .await;
    let state = state(&setup.configuration).await;
    Ok(Function::new(Live::new(watch, adapters, state, environment(FUNCTION_NAME))))
}

/// The state in the table that is configured, or else in memory.
async fn state(configuration: &Configuration) -> Arc<dyn State> {
    let clock = Arc::new(SystemClock);
    if let Some(table) = configuration.state_table.clone() {
        return Arc::new(DynamoState::connect(table, call_limits(configuration), clock).await);
    }
    warn!("no state table: repeats are recognised, and correlations judged, within one environment only");
    Arc::new(MemoryState::new(clock))
}

fn call_limits(configuration: &Configuration) -> CallLimits {
    let attempts = u32::try_from(configuration.call_attempts).unwrap_or(u32::MAX);
    CallLimits { attempt: configuration.call_timeout, attempts, ..CallLimits::default() }
}

/// Tells Lambda why the function does not start, so that the reason is in the
/// result of the invocation and not only in the log.
pub(crate) async fn report(error: StartError) -> Result<(), BoxError> {
    if matches!(error, StartError::OutsideLambda) {
        return Ok(());
    }
    let diagnostic = Diagnostic::from(error);
    let request = build_request()
        .method("POST")
        .uri("/2018-06-01/runtime/init/error")
        .header("lambda-runtime-function-error-type", &diagnostic.error_type)
        .body(Body::from(serde_json::to_vec(&diagnostic)?))?;
    Client::builder().build()?.call(request).await?;
    Ok(())
}
