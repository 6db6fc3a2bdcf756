//! From arguments to what a run needs, or the reason why there is none.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest as _, Sha256};
use thiserror::Error;
use trailhound_pipeline::{
    Clock, State, SystemClock, TopicArn, TopicName,
    configuration::{Configuration, RulesSource, Topic},
    render::Format,
    routing::{Route, Then},
    sqlite::{SqliteError, SqliteState},
};
use trailhound_rule_engine::RuleSet;

use super::{
    outlets::{AlertCommand, AlertFile, COMMAND, CommandError, FileError, Noted, Outlets, TERMINAL, Terminal},
    stopping::Stopping,
};
use crate::{
    arguments::RunArguments,
    commands::config,
    exit_status::ExitStatus,
    inputs::with_causes,
    output::{Output, printable},
    rule_files,
};

/// Why a run cannot begin.
#[derive(Debug, Error)]
pub(super) enum SetupError {
    /// What is wrong has been said.
    #[error("nothing was read, because of what is wrong with the configuration")]
    Configuration,
    #[error("nothing was read, because the rules could not be loaded")]
    Rules,
    #[error("`log` is `{0}`: give a level such as `info`, or a list such as `warn,trailhound_pipeline=debug`")]
    Log(String),
    #[error("rules in S3 are for the function: copy the file and name it with `--rules`")]
    RulesInS3,
    #[error("the folder `{0}` cannot be watched: {1}")]
    Folder(String, std::io::Error),
    #[error("`{0}` is a file, and only folders can be watched: `trailhound scan` reads files")]
    NotAFolder(String),
    #[error("`{0}` lies in `{1}`, which is watched: it would be read as a log")]
    Within(String, String),
    #[error("there is no place for the state: give one with `--state`")]
    NoHome,
    #[error("the folder `{0}` cannot be made: {1}")]
    StateFolder(String, std::io::Error),
    #[error("the state file `{0}` cannot be used")]
    State(String, #[source] SqliteError),
    #[error("alerts cannot go to the file `{0}`")]
    File(String, #[source] FileError),
    #[error("alerts cannot go to the command `{0}`")]
    Command(String, #[source] CommandError),
    #[error("this build cannot reach AWS: build it with the feature `aws`")]
    #[cfg(not(feature = "aws"))]
    NoAws,
}

impl SetupError {
    /// What went wrong and what caused that, in one line.
    pub(super) fn reason(&self) -> String {
        with_causes(self)
    }
}

/// Reads the configuration and puts the arguments in the place of what it says.
pub(super) fn configuration(arguments: &RunArguments, output: &Output) -> Result<Configuration, SetupError> {
    let read = config::read(arguments.config.as_deref(), Configuration::read_without_topics).map_err(|unreadable| {
        output.unreadable(&unreadable);
        SetupError::Configuration
    })?;
    if !read.diagnostics.is_empty() {
        output.diagnostics(&read.diagnostics);
    }
    let mut configuration = read.configuration.ok_or(SetupError::Configuration)?;
    if configuration.state_table.is_some() {
        output.warning("`state.table` is for the function: the state is in the file of `--state`");
    }
    if let Some(level) = arguments.level {
        configuration.router.minimum_level = level;
    }
    if configuration.topics.is_empty() {
        // The route to the one topic that the function has to have.
        configuration.router.routes.clear();
        configuration.router.notices.clear();
    }
    let named = arguments.to_topics.iter().map(|arn| (topic_name(arn), arn.clone())).collect::<Vec<_>>();
    add_route(&mut configuration, named.iter().map(|(name, _)| name.clone()).collect());
    configuration.topics.extend(named.into_iter().map(|(name, arn)| (name, Topic { arn, format: Format::default() })));
    Ok(configuration)
}

/// Lets everything from the least level upwards go to these topics, whatever else is done with it.
pub(super) fn add_route(configuration: &mut Configuration, to: Vec<TopicName>) {
    if to.is_empty() {
        return;
    }
    let router = &mut configuration.router;
    router.notices.extend(to.iter().cloned());
    router.routes.insert(0, Route { to, then: Then::Continue, ..Route::default() });
}

/// The same for the same topic in every run: what was sent is remembered by it.
fn topic_name(arn: &TopicArn) -> TopicName {
    let hash = Sha256::digest(arn.as_str());
    let digits: String = hash.iter().take(20).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    TopicName::new(&format!("run-topic-{digits}")).unwrap_or_default()
}

/// The rules that the arguments or the configuration name.
pub(super) fn rules(
    arguments: &RunArguments,
    configuration: &Configuration,
    output: &Output,
) -> Result<Arc<RuleSet>, SetupError> {
    let mut paths = arguments.rules.paths.clone();
    if paths.is_empty() {
        match &configuration.rules {
            RulesSource::Bundle => {}
            RulesSource::Folder(folder) => paths.push(folder.clone()),
            RulesSource::Object { .. } => return Err(SetupError::RulesInS3),
        }
    }
    let files = rule_files::load_configured(&paths, &arguments.rules.lists.files, configuration.named_lists());
    files.report_unreadable(output);
    files.report_diagnostics(output);
    if files.status() != ExitStatus::Clean {
        return Err(SetupError::Rules);
    }
    files.report_skipped(output);
    Ok(Arc::new(files.loaded.rules))
}

/// The folders by their full paths, so that a file is the same wherever a run is started.
pub(super) fn folders(arguments: &RunArguments) -> Result<Vec<PathBuf>, SetupError> {
    let mut folders = Vec::new();
    for folder in &arguments.folders {
        let failed = |error| SetupError::Folder(shown(folder), error);
        let full = fs::canonicalize(folder).map_err(failed)?;
        if !full.is_dir() {
            return Err(SetupError::NotAFolder(shown(folder)));
        }
        // Whether it may be listed.
        fs::read_dir(&full).map_err(failed)?;
        if !folders.iter().any(|known: &PathBuf| full.starts_with(known)) {
            folders.retain(|known| !known.starts_with(&full));
            folders.push(full);
        }
    }
    let written = [&arguments.to_file, &arguments.quarantine];
    for path in written.into_iter().flatten() {
        let within = folders.iter().find(|folder| full_path(path).starts_with(folder));
        if let Some(folder) = within {
            return Err(SetupError::Within(shown(path), shown(folder)));
        }
    }
    Ok(folders)
}

/// The full path of what may not be there yet: that of the nearest folder that is, and what follows it.
fn full_path(path: &Path) -> PathBuf {
    let path = env::current_dir().map_or_else(|_| path.to_owned(), |folder| folder.join(path));
    let mut rest = PathBuf::new();
    for folder in path.ancestors() {
        if let Ok(full) = fs::canonicalize(folder) {
            return full.join(rest);
        }
        rest = folder.file_name().map(PathBuf::from).unwrap_or_default().join(rest);
    }
    path
}

/// Opens the state for this process alone.
pub(super) fn state(arguments: &RunArguments) -> Result<Arc<dyn State>, SetupError> {
    let file = match &arguments.state {
        Some(file) => file.clone(),
        None => default_state()?,
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let opened = SqliteState::open_alone(&file, clock);
    opened.map(|state| Arc::new(state) as Arc<dyn State>).map_err(|error| SetupError::State(shown(&file), error))
}

/// `trailhound/state.sqlite` where programs keep their state; its folder is made.
fn default_state() -> Result<PathBuf, SetupError> {
    let folder = |name| env::var_os(name).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let base = folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")));
    let folder = base.ok_or(SetupError::NoHome)?.join("trailhound");
    fs::create_dir_all(&folder).map_err(|error| SetupError::StateFolder(shown(&folder), error))?;
    Ok(folder.join("state.sqlite"))
}

/// The outlets on this machine; `places` says what is known of the others.
pub(super) async fn outlets(
    arguments: &RunArguments,
    places: Places,
    state: &Arc<dyn State>,
    output: &Output,
) -> Result<Outlets, SetupError> {
    let noted = |outlet| Noted::new(Arc::clone(state), outlet);
    let mut outlets = Outlets::default();
    if let Some(path) = &arguments.to_file {
        let file = AlertFile::open(path, &**state).await;
        outlets.file = Some(file.map_err(|error| SetupError::File(shown(path), error))?);
    }
    if let Some(program) = &arguments.to_command {
        let (time, running) = (arguments.command_timeout.unsigned_abs(), places.stopping.program().clone());
        let command = AlertCommand::new(program, time, noted(COMMAND), running);
        outlets.command = Some(command.map_err(|error| SetupError::Command(shown(program), error))?);
    }
    let is_alone = outlets.file.is_none() && outlets.command.is_none() && places.others == Others::Nowhere;
    if arguments.to_terminal || is_alone {
        outlets.terminal = Some(Terminal::new(output.blocks(), noted(TERMINAL), places.stopping));
    }
    Ok(outlets)
}

/// What outlets have to know besides the arguments.
pub(super) struct Places {
    pub(super) others: Others,
    /// Asked to end the run by whoever finds that nobody listens.
    pub(super) stopping: Stopping,
}

/// Whether alerts go to topics.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    Topics,
    Nowhere,
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}
