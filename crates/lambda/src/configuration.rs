//! The configuration of the function, the pipeline it makes, and what happens when either changes.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::{fs, io};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tracing::{error, info, warn};
use trailhound_aws::{Adapters, CallLimits, S3Versions};
use trailhound_pipeline::configuration::{Configuration, FILE_VARIABLE, Files, SETTINGS, object_location};
use trailhound_pipeline::render::AlertView;
use trailhound_pipeline::watching::{ConfigurationFile, Refreshed, Setup, SetupError, Watch, Watched};
use trailhound_pipeline::{InspectLimits, Inspector, Pipeline, PipelineSettings, Ports};
use trailhound_rule_engine::Source;

use crate::rules::{self, Package};

/// The configuration in the root of the package, if `TRAILHOUND_CONFIG` names no other.
const PACKAGED: &str = "trailhound.yml";

/// Reads configuration and rules for the first time.
pub(crate) async fn watch(environment: impl Fn(&str) -> Option<String>) -> Result<Watch, SetupError> {
    let name = environment(FILE_VARIABLE).filter(|name| !name.trim().is_empty());
    let variables = SETTINGS
        .iter()
        .filter_map(|setting| environment(setting.variable).map(|value| (setting.variable.to_owned(), value)));
    let watched = Watched {
        file: file(name.as_deref())?,
        environment: variables.collect(),
        files: Box::new(PackageFiles),
        packaged: Box::new(Package),
        objects: Arc::new(S3Versions::connect(CallLimits::default()).await),
    };
    Watch::start(watched, Timestamp::now()).await
}

fn file(name: Option<&str>) -> Result<ConfigurationFile, SetupError> {
    if let Some(object) = name.and_then(object_location) {
        return Ok(ConfigurationFile::Object(object));
    }
    let path = name.unwrap_or(PACKAGED);
    match fs::read_to_string(path) {
        Ok(text) => Ok(ConfigurationFile::Packaged(Source::new(path, text))),
        Err(error) if error.kind() == io::ErrorKind::NotFound && name.is_none() => Ok(ConfigurationFile::Absent),
        Err(error) => Err(SetupError::Unusable {
            what: "configuration",
            location: path.to_owned(),
            version: String::new(),
            reason: format!("`{FILE_VARIABLE}` is `{path}`, which cannot be read: {error}"),
            diagnostics: Vec::new(),
        }),
    }
}

/// Files of the package, by their paths from its root.
struct PackageFiles;

impl Files for PackageFiles {
    fn read(&self, path: &Path) -> io::Result<String> {
        fs::read_to_string(path)
    }
}

/// The value that a variable has, or would have to have for the configuration to be in force.
pub(crate) fn variable(
    configuration: &Configuration,
    environment: impl Fn(&str) -> Option<String>,
    name: &str,
) -> Option<String> {
    if SETTINGS.iter().any(|setting| setting.variable == name) {
        configuration.variable(name)
    } else {
        environment(name)
    }
}

/// The pipeline as configuration and rules have it now.
pub(crate) struct Live {
    watch: Watch,
    adapters: Adapters,
    ports: Ports,
    state: Mutex<State>,
}

struct State {
    pipeline: Arc<Pipeline>,
    /// Notices that are still to be sent.
    notices: Vec<AlertView>,
}

impl Live {
    /// A pipeline that follows the watch. Of `ports` the notifier is replaced when topics change.
    pub(crate) fn new(watch: Watch, adapters: Adapters, ports: Ports) -> Self {
        let setup = watch.current();
        rules::log(&setup);
        let pipeline = Arc::new(pipeline(&setup, ports.clone()));
        Self { watch, adapters, ports, state: Mutex::new(State { pipeline, notices: Vec::new() }) }
    }

    /// The pipeline, after a look whether something has changed, and after notices have been sent.
    pub(crate) async fn pipeline(&self) -> Arc<Pipeline> {
        let now = Timestamp::now();
        match self.watch.refresh(now).await {
            Refreshed::Same => {}
            Refreshed::Adopted(setup) => self.adopt(&setup),
            Refreshed::Refused(notice) => {
                error!(reason = ?notice.identity, "a new version of configuration or rules was refused");
                self.with_state(|state| state.notices.push(*notice));
            }
            Refreshed::Unreachable(error) => warn!(%error, "configuration or rules cannot be looked at"),
        }
        let pipeline = self.with_state(|state| Arc::clone(&state.pipeline));
        self.announce(&pipeline, now).await;
        pipeline
    }

    fn adopt(&self, setup: &Setup) {
        info!("configuration and rules have changed");
        rules::log(setup);
        let notifier = self.adapters.notifier_to(&setup.configuration.topic_arns());
        let ports = Ports { notifier: Arc::new(notifier), ..self.ports.clone() };
        let pipeline = Arc::new(pipeline(setup, ports));
        self.with_state(|state| state.pipeline = pipeline);
    }

    /// What cannot be announced now is tried again at the next invocation. It keeps no log object waiting.
    async fn announce(&self, pipeline: &Pipeline, now: Timestamp) {
        let notices = self.with_state(|state| state.notices.clone());
        match pipeline.announce(&notices).await {
            Ok(_) => self.with_state(|state| {
                state.notices.drain(..notices.len().min(state.notices.len()));
            }),
            Err(error) => error!(%error, "a notice could not be sent"),
        }
        if let Err(error) = pipeline.announce_suppressions(now.to_zoned(TimeZone::UTC).date()).await {
            error!(%error, "suppressions that expire could not be announced");
        }
    }

    fn with_state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn pipeline(setup: &Setup, ports: Ports) -> Pipeline {
    let configuration = &setup.configuration;
    let mut limits = InspectLimits::default();
    limits.log.inflated_bytes = usize::try_from(configuration.inflated_bytes).unwrap_or(usize::MAX);
    let inspector = Inspector::new(Arc::clone(&setup.rules), limits);
    let settings =
        PipelineSettings { minimum_level: configuration.router.minimum_level, ..PipelineSettings::default() };
    Pipeline::new(inspector, ports, settings).with_dispatcher(configuration.dispatcher())
}

/// Everything that is wrong, one after the other: one deployment is to repair it.
pub(crate) fn explain(error: &SetupError) -> String {
    let SetupError::Unusable { diagnostics, .. } = error else { return error.to_string() };
    if diagnostics.is_empty() {
        return error.to_string();
    }
    let problems = diagnostics.iter().map(|diagnostic| {
        let help = diagnostic.help().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}:{}: {}{help}", diagnostic.file(), diagnostic.position().line, diagnostic.message())
    });
    problems.collect::<Vec<_>>().join("; ")
}
