//! `trailhound run`: the whole pipeline on one machine.

mod folders;
mod limits;
mod local_objects;
mod outlets;
mod program;
#[cfg(feature = "aws")]
mod remote;
#[cfg(not(feature = "aws"))]
#[path = "remote_absent.rs"]
mod remote;
mod seen;
mod session;
mod setup;
mod stopping;
mod tally;
mod watch;

use std::{io, path::PathBuf, sync::Arc};

use tokio::runtime::{Builder, Runtime};
use tracing_subscriber::EnvFilter;
use trailhound_pipeline::{
    FolderQuarantine, InspectLimits, Inspector, ObjectStore, OtherKeys, Pipeline, PipelineSettings, Ports, Quarantine,
    State, SystemClock,
    configuration::{Configuration, Origin, QuarantineTarget, Setting},
};
use trailhound_rule_engine::RuleSet;

use self::{
    folders::Folders,
    local_objects::LocalObjects,
    outlets::Outlets,
    remote::Remote,
    seen::Seen,
    session::Session,
    setup::{Others, Places, SetupError},
    stopping::Stopping,
    watch::Until,
};
use crate::{
    arguments::RunArguments,
    exit_status::ExitStatus,
    output::{Output, printable},
};

/// What is logged unless the configuration says otherwise. Objects that fail are told of in any case.
const LOG: &str = "warn,trailhound_trigger=off";

pub(crate) fn run(arguments: &RunArguments, output: &Output) -> ExitStatus {
    let started = runtime().and_then(|runtime| Ok((Stopping::listen()?, runtime)));
    let (stopping, runtime) = match started {
        Ok(started) => started,
        Err(error) => {
            output.error(format_args!("the run cannot be started: {error}"));
            return ExitStatus::CouldNotRun;
        }
    };
    runtime.block_on(async {
        match Run::prepare(arguments, &stopping, output).await {
            Ok(run) => run.go(arguments, stopping, output).await,
            Err(error) => {
                output.error(printable(&error.reason()));
                ExitStatus::CouldNotRun
            }
        }
    })
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Everything that a run needs, checked.
struct Run {
    configuration: Configuration,
    rules: Arc<RuleSet>,
    folders: Vec<PathBuf>,
    remote: Option<Remote>,
    state: Arc<dyn State>,
    outlets: Outlets,
}

impl Run {
    async fn prepare(arguments: &RunArguments, stopping: &Stopping, output: &Output) -> Result<Self, SetupError> {
        let mut configuration = setup::configuration(arguments, output)?;
        log_as(&configuration, output)?;
        let rules = setup::rules(arguments, &configuration, output)?;
        let folders = setup::folders(arguments)?;
        if let Some(folder) = &arguments.quarantine {
            configuration.quarantine = Some(QuarantineTarget::Folder(folder.clone()));
        }
        let remote = Remote::connect(arguments, &configuration).await?;
        let state = setup::state(arguments)?;
        let others = if configuration.topics.is_empty() { Others::Nowhere } else { Others::Topics };
        let places = Places { others, stopping: stopping.clone() };
        let mut outlets = setup::outlets(arguments, places, &state, output).await?;
        setup::add_route(&mut configuration, outlets.formats().into_keys().collect());
        outlets.topics = remote.as_ref().map(|remote| remote.notifier(&configuration));
        Ok(Run { configuration, rules, folders, remote, state, outlets })
    }

    async fn go(mut self, arguments: &RunArguments, stopping: Stopping, output: &Output) -> ExitStatus {
        let until = if arguments.once { Until::AllRead } else { Until::Told(arguments.interval.unsigned_abs()) };
        let concurrency = usize::try_from(self.configuration.concurrency).unwrap_or(usize::MAX);
        let pipeline = self.pipeline(arguments);
        let mut session = Session::new(pipeline, concurrency, stopping, output);
        let status = if let (Some(url), Some(remote)) = (&arguments.queue, &self.remote) {
            remote.poll(url, until, &mut session).await
        } else {
            let folders = Folders::new(self.folders, Seen::new(Arc::clone(&self.state)));
            watch::folders(folders, until, &mut session).await
        };
        output.note(&session.tally);
        status
    }

    /// The pipeline of this run; it takes the outlets.
    fn pipeline(&mut self, arguments: &RunArguments) -> Pipeline {
        let Run { configuration, remote, .. } = &*self;
        let mut limits = InspectLimits::default();
        limits.log.inflated_bytes = usize::try_from(configuration.inflated_bytes).unwrap_or(usize::MAX);
        let max_bytes = configuration.object_bytes;
        let (objects, other_keys): (Arc<dyn ObjectStore>, _) =
            match remote.as_ref().filter(|_| arguments.queue.is_some()) {
                Some(remote) => (remote.objects(max_bytes), OtherKeys::Ignored),
                None => (Arc::new(LocalObjects { max_bytes }), OtherKeys::Read),
            };
        let quarantine = configuration.quarantine.as_ref().and_then(|target| match (target, remote) {
            (QuarantineTarget::Folder(folder), _) => {
                Some(Arc::new(FolderQuarantine::new(folder)) as Arc<dyn Quarantine>)
            }
            (target, Some(remote)) => remote.quarantine(target),
            (_, None) => None,
        });
        let settings =
            PipelineSettings { grouping: Some(configuration.grouping()), other_keys, ..PipelineSettings::default() };
        let formats = self.outlets.formats();
        let dispatcher = configuration.dispatcher_with(&formats);
        let inspector = Inspector::new(Arc::clone(&self.rules), limits);
        let notifier = Arc::new(std::mem::take(&mut self.outlets));
        let ports =
            Ports { objects, state: Arc::clone(&self.state), notifier, clock: Arc::new(SystemClock), quarantine };
        Pipeline::new(inspector, ports, settings).with_dispatcher(dispatcher)
    }
}

/// Writes log lines, by the filter of the configuration if it has one.
fn log_as(configuration: &Configuration, output: &Output) -> Result<(), SetupError> {
    let is_default = Setting::by_key("log").is_none_or(|setting| *configuration.origin(setting) == Origin::Default);
    let filter = if is_default { LOG } else { &configuration.log };
    let filter = EnvFilter::builder().parse(filter).map_err(|_| SetupError::Log(filter.to_owned()))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(output.paints_messages());
    // It fails only where there is a logger already.
    let _ = lines.with_writer(io::stderr).try_init();
    Ok(())
}
