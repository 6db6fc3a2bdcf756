//! From settings to a function that is ready, or the reason why not.

use std::path::PathBuf;
use std::sync::Arc;

use lambda_runtime::Diagnostic;
use lambda_runtime_api_client::body::Body;
use lambda_runtime_api_client::{BoxError, Client, build_request};
use thiserror::Error;
use tracing::warn;
use trailhound_aws::{CallLimits, DynamoState};
use trailhound_pipeline::{
    FolderQuarantine, InspectLimits, Inspector, Pipeline, PipelineSettings, Ports, Quarantine, State, SystemClock,
    memory::MemoryState,
};

use crate::function::Function;
use crate::metrics::{Metrics, Stdout};
use crate::rules::{self, Loaded, RulesError};
use crate::settings::{QuarantineSetting, Settings, SettingsError};

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
    /// Wrong environment variables.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// No rules.
    #[error(transparent)]
    Rules(#[from] RulesError),
}

impl From<StartError> for Diagnostic {
    fn from(error: StartError) -> Self {
        let error_type = match &error {
            StartError::OutsideLambda => "OutsideLambda",
            StartError::Settings(_) => "WrongSettings",
            StartError::Rules(_) => "NoRules",
        };
        Self { error_type: error_type.to_owned(), error_message: error.to_string() }
    }
}

/// Builds the function from its environment.
pub(crate) async fn function(environment: impl Fn(&str) -> Option<String>) -> Result<Function, StartError> {
    environment(RUNTIME_API).ok_or(StartError::OutsideLambda)?;
    let settings = Settings::read(&environment)?;
    let mut limits = InspectLimits::default();
    limits.log.inflated_bytes = settings.max_inflated_bytes;
    let Loaded { rules, errors } = rules::load(&settings.rules)?;
    let inspector = Inspector::new(rules, limits);
    let name = environment(FUNCTION_NAME);
    let metrics = settings.metrics.map(|settings| Metrics::new(settings, name, errors, Box::new(Stdout)));
    let (place, folder) = match settings.quarantine {
        Some(QuarantineSetting::Place(place)) => (Some(place), None),
        Some(QuarantineSetting::Folder(folder)) => (None, Some(folder)),
        None => (None, None),
    };
    let adapters = trailhound_aws::connect(trailhound_aws::Settings {
        topic: settings.topic,
        quarantine: place,
        max_object_bytes: settings.max_object_bytes,
        limits: CallLimits::default(),
    })
    .await;
    let ports = Ports {
        objects: Arc::new(adapters.objects),
        state: state(settings.state_table).await,
        notifier: Arc::new(adapters.notifier),
        clock: Arc::new(SystemClock),
        quarantine: adapters.quarantine.or_else(|| folder.map(in_folder)),
    };
    let pipeline_settings = PipelineSettings { minimum_level: settings.minimum_level, ..PipelineSettings::default() };
    Ok(Function::new(Pipeline::new(inspector, ports, pipeline_settings), settings.concurrency, metrics))
}

fn in_folder(folder: PathBuf) -> Arc<dyn Quarantine> {
    Arc::new(FolderQuarantine::new(folder))
}

/// The state in the table of this name, or else in memory.
async fn state(table: Option<String>) -> Arc<dyn State> {
    let clock = Arc::new(SystemClock);
    if let Some(table) = table {
        return Arc::new(DynamoState::connect(table, CallLimits::default(), clock).await);
    }
    warn!("no state table: repeats are recognised, and correlations judged, within one environment only");
    Arc::new(MemoryState::new(clock))
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
