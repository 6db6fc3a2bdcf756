//! From settings to a function that is ready, or the reason why not.

use std::sync::Arc;

use lambda_runtime::Diagnostic;
use lambda_runtime_api_client::body::Body;
use lambda_runtime_api_client::{BoxError, Client, build_request};
use thiserror::Error;
use trailhound_aws::CallLimits;
use trailhound_pipeline::watching::SetupError;
use trailhound_pipeline::{Ports, SystemClock, memory::MemoryState};

use crate::configuration::{self, Live, explain};
use crate::function::Function;
use crate::settings::{Settings, SettingsError};

/// Set by Lambda in every environment of a function.
const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";

/// Why the function does not start.
#[derive(Debug, Error)]
pub(crate) enum StartError {
    /// Started by hand.
    #[error("`{RUNTIME_API}` is not set: this program is run by AWS Lambda; on a laptop, use `trailhound`")]
    OutsideLambda,
    /// Wrong environment variables.
    #[error(transparent)]
    Settings(#[from] SettingsError),
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
            StartError::Settings(_) | StartError::Setup(_) => "WrongSettings",
        };
        Self { error_type: error_type.to_owned(), error_message: error.to_string() }
    }
}

/// Builds the function from its environment.
pub(crate) async fn function(environment: impl Fn(&str) -> Option<String>) -> Result<Function, StartError> {
    environment(RUNTIME_API).ok_or(StartError::OutsideLambda)?;
    let watch = configuration::watch(&environment).await?;
    let setup = watch.current();
    let settings = Settings::read(|name| configuration::variable(&setup.configuration, &environment, name))?;
    let adapters = trailhound_aws::connect(trailhound_aws::Settings {
        topics: setup.configuration.topic_arns(),
        max_object_bytes: settings.max_object_bytes,
        limits: CallLimits::default(),
    })
    .await;
    let ports = Ports {
        objects: Arc::new(adapters.objects.clone()),
        state: Arc::new(MemoryState::new(Arc::new(SystemClock))),
        notifier: Arc::new(adapters.notifier_to(&setup.configuration.topic_arns())),
    };
    Ok(Function::new(Live::new(watch, adapters, ports)))
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
