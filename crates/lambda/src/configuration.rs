//! The configuration of the function, the pipeline it makes, and what happens when either changes.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::{fs, io};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tracing::{error, info, warn};
use trailhound_aws::{Adapters, CallLimits, QuarantinePlace, S3Versions};
use trailhound_pipeline::configuration::{FILE_VARIABLE, Files, QuarantineTarget, SETTINGS, object_location};
use trailhound_pipeline::render::AlertView;
use trailhound_pipeline::watching::{ConfigurationFile, Refreshed, Setup, SetupError, Watch, Watched};
use trailhound_pipeline::{
    FolderQuarantine, InspectLimits, Inspector, Integrity, Pipeline, PipelineSettings, Ports, Quarantine, State,
    SystemClock,
};
use trailhound_rule_engine::Source;

use crate::logging;
use crate::metrics::{Metrics, MetricsSettings, Stdout};
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

/// Pipeline and metrics as configuration and rules have it now.
pub(crate) struct Live {
    watch: Watch,
    adapters: Adapters,
    state: Arc<dyn State>,
    metrics: Metrics,
    current: Mutex<Current>,
}

struct Current {
    pipeline: Arc<Pipeline>,
    concurrency: usize,
    /// Notices that are still to be sent.
    notices: Vec<AlertView>,
}

/// What an invocation works with.
pub(crate) struct InForce<'l> {
    pub(crate) pipeline: Arc<Pipeline>,
    /// How many objects are worked on at the same time.
    pub(crate) concurrency: usize,
    pub(crate) metrics: &'l Metrics,
}

impl Live {
    /// What follows the watch, for the function of this name.
    pub(crate) fn new(watch: Watch, adapters: Adapters, state: Arc<dyn State>, function: Option<String>) -> Self {
        let setup = watch.current();
        rules::log(&setup);
        let metrics = Metrics::new(metrics_settings(&setup), function, rules::errors(&setup), Box::new(Stdout));
        let pipeline = Arc::new(pipeline(&setup, &adapters, &state));
        let current = Current { pipeline, concurrency: concurrency(&setup), notices: Vec::new() };
        Self { watch, adapters, state, metrics, current: Mutex::new(current) }
    }

    /// What is in force, after a look whether something has changed, and after notices have been sent.
    pub(crate) async fn in_force(&self) -> InForce<'_> {
        let now = Timestamp::now();
        match self.watch.refresh(now).await {
            Refreshed::Same => {}
            Refreshed::Adopted(setup) => self.adopt(&setup),
            Refreshed::Refused(notice) => {
                error!(reason = ?notice.identity, "a new version of configuration or rules was refused");
                self.metrics.count_refused_version();
                self.with_current(|current| current.notices.push(*notice));
            }
            Refreshed::Unreachable(error) => warn!(%error, "configuration or rules cannot be looked at"),
        }
        let (pipeline, concurrency) = self.with_current(|current| (Arc::clone(&current.pipeline), current.concurrency));
        self.announce(&pipeline, now).await;
        InForce { pipeline, concurrency, metrics: &self.metrics }
    }

    fn adopt(&self, setup: &Setup) {
        info!("configuration and rules have changed");
        rules::log(setup);
        if let Err(error) = logging::filter_by(&setup.configuration.log) {
            error!(%error, "the filter of log lines stays as it was");
        }
        self.metrics.adopt(metrics_settings(setup), rules::errors(setup));
        let pipeline = Arc::new(pipeline(setup, &self.adapters, &self.state));
        self.with_current(|current| {
            current.pipeline = pipeline;
            current.concurrency = concurrency(setup);
        });
    }

    /// What cannot be announced now is tried again at the next invocation. It keeps no log object waiting.
    async fn announce(&self, pipeline: &Pipeline, now: Timestamp) {
        let notices = self.with_current(|current| current.notices.clone());
        match pipeline.announce(&notices).await {
            // Whoever holds one of them may not come to send it.
            Ok(counts) if counts.held > 0 => {}
            Ok(_) => self.with_current(|current| {
                current.notices.drain(..notices.len().min(current.notices.len()));
            }),
            Err(error) => error!(%error, "a notice could not be sent"),
        }
        if let Err(error) = pipeline.announce_suppressions(now.to_zoned(TimeZone::UTC).date()).await {
            error!(%error, "suppressions that expire could not be announced");
        }
    }

    fn with_current<T>(&self, change: impl FnOnce(&mut Current) -> T) -> T {
        change(&mut self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// All parts but the state are those of the setup: where they are may have changed with it.
fn pipeline(setup: &Setup, adapters: &Adapters, state: &Arc<dyn State>) -> Pipeline {
    let configuration = &setup.configuration;
    let mut limits = InspectLimits::default();
    limits.log.inflated_bytes = usize::try_from(configuration.inflated_bytes).unwrap_or(usize::MAX);
    let inspector = Inspector::new(Arc::clone(&setup.rules), limits);
    let ports = Ports {
        objects: Arc::new(adapters.objects_up_to(configuration.object_bytes)),
        state: Arc::clone(state),
        notifier: Arc::new(adapters.notifier_to(&configuration.topic_arns())),
        clock: Arc::new(SystemClock),
        quarantine: configuration.quarantine.as_ref().map(|target| quarantine(target, adapters)),
    };
    let settings = PipelineSettings { grouping: Some(configuration.grouping()), ..PipelineSettings::default() };
    let pipeline = Pipeline::new(inspector, ports, settings).with_dispatcher(configuration.dispatcher());
    match configuration.integrity {
        Some(depth) => {
            let digests = adapters.digests_up_to(configuration.object_bytes);
            pipeline.with_integrity(Integrity::new(Arc::new(digests), depth))
        }
        None => pipeline,
    }
}

fn quarantine(target: &QuarantineTarget, adapters: &Adapters) -> Arc<dyn Quarantine> {
    match target {
        QuarantineTarget::Bucket { bucket, prefix } => adapters.quarantine_at(QuarantinePlace::bucket(bucket, prefix)),
        QuarantineTarget::Queue(url) => adapters.quarantine_at(QuarantinePlace::Queue { url: url.clone() }),
        QuarantineTarget::Folder(path) => Arc::new(FolderQuarantine::new(path)),
    }
}

fn concurrency(setup: &Setup) -> usize {
    usize::try_from(setup.configuration.concurrency).unwrap_or(usize::MAX)
}

fn metrics_settings(setup: &Setup) -> Option<MetricsSettings> {
    let configuration = &setup.configuration;
    let places = usize::try_from(configuration.metrics_places).unwrap_or(usize::MAX);
    configuration.metrics.then(|| MetricsSettings { namespace: configuration.metrics_namespace.clone(), places })
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
