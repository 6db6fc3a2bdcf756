//! Configuration and rules that may change while the function runs, and the last good ones of both.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use trailhound_cloudtrail::inflate;
use trailhound_rule_engine::{Diagnostic, Limits, RuleSet, Settings, Severity, Source, Tests};

use crate::{
    FetchError, ObjectRef,
    configuration::{Configuration, Files, RulesSource},
    limits::{RULES_BYTES, RULES_NODES},
    markers,
    render::AlertView,
    routing::refused_version,
};

/// Gives objects, and says whether they have changed.
#[async_trait]
pub trait VersionedObjects: Send + Sync {
    /// The latest version of an object; `None` where that is still the one that is known.
    async fn get_newer(&self, object: &ObjectRef, known: Option<&str>) -> Result<Option<Versioned>, FetchError>;
}

/// One version of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned {
    /// What it holds, as stored.
    pub bytes: Vec<u8>,
    /// What tells it from other versions, such as an `ETag`.
    pub version: String,
}

/// Gives the rules in the package.
pub trait PackagedRules: Send + Sync {
    /// The rule files of a source; for rules in S3 only the defaults of named lists. The error is a reason
    /// in one line.
    fn sources(&self, from: &RulesSource) -> Result<Vec<Source>, String>;
}

/// Where the configuration is.
#[derive(Debug, Clone)]
pub enum ConfigurationFile {
    /// There is none: the environment is all.
    Absent,
    /// In the package. It does not change.
    Packaged(Source),
    /// In S3.
    Object(ObjectRef),
}

/// What is watched, and what it takes to read it.
pub struct Watched {
    /// The configuration.
    pub file: ConfigurationFile,
    /// Environment variables, which come before the file.
    pub environment: BTreeMap<String, String>,
    /// Files that the configuration names.
    pub files: Box<dyn Files + Send + Sync>,
    /// Rules in the package.
    pub packaged: Box<dyn PackagedRules>,
    /// Objects in S3.
    pub objects: Arc<dyn VersionedObjects>,
}

/// A configuration and the rules that it names.
#[derive(Debug)]
pub struct Setup {
    /// The configuration.
    pub configuration: Configuration,
    /// The rules.
    pub rules: Arc<RuleSet>,
    /// What is wrong with configuration and rules without keeping them from being used.
    pub diagnostics: Vec<Diagnostic>,
    /// The rule files.
    sources: Vec<Source>,
    /// The day, in UTC, by which filters have expired or not.
    day: Date,
}

/// What came of looking for new versions.
#[derive(Debug)]
pub enum Refreshed {
    /// Nothing has changed, or it was not yet time to look.
    Same,
    /// There is a new setup.
    Adopted(Arc<Setup>),
    /// A new version was refused; the last good one goes on. To be announced: once for each version.
    Refused(Box<AlertView>),
    /// It could not be looked; the last good one goes on.
    Unreachable(FetchError),
}

/// Why there is no setup, or no new one.
#[derive(Debug, Error)]
pub enum SetupError {
    /// What is in S3 cannot be fetched.
    #[error("{what} at {location} cannot be fetched: {source}")]
    Unreachable {
        /// `configuration` or `rules`.
        what: &'static str,
        /// Where it is.
        location: String,
        /// Why not.
        source: FetchError,
    },
    /// It cannot be used.
    #[error("the {what} at {location} cannot be used: {reason}")]
    Unusable {
        /// `configuration` or `rules`.
        what: &'static str,
        /// Where it is.
        location: String,
        /// Which version of it.
        version: String,
        /// What is wrong, in one line.
        reason: String,
        /// All that is wrong, where it can be pointed at.
        diagnostics: Vec<Diagnostic>,
    },
}

/// Keeps the last good setup, and looks for a new one now and then.
pub struct Watch {
    watched: Watched,
    state: Mutex<State>,
}

#[derive(Debug, Clone)]
struct State {
    looked: Timestamp,
    known: Known,
    current: Arc<Setup>,
}

/// The versions that were seen last, whether they were good or not: what was refused is not refused again.
#[derive(Debug, Clone, Default)]
struct Known {
    configuration: Option<String>,
    rules: Option<String>,
}

/// What is refused when rules are.
const RULES: &str = "rules";

impl Watch {
    /// Reads everything for the first time. There is no last good version yet, so any error counts; a rule in
    /// the package that cannot be loaded is no more than a diagnostic.
    pub async fn start(watched: Watched, now: Timestamp) -> Result<Self, SetupError> {
        let mut known = Known::default();
        let current = watched.look(&mut known, None, now).await?;
        let Some(current) = current.map(Arc::new) else {
            // Nothing is known, so nothing can be unchanged; an adapter that says so has not kept its word.
            let source = FetchError::Transient("the first version was not given".to_owned());
            return Err(SetupError::Unreachable { what: "configuration", location: "S3".to_owned(), source });
        };
        Ok(Watch { watched, state: Mutex::new(State { looked: now, known, current }) })
    }

    /// The last good setup.
    pub fn current(&self) -> Arc<Setup> {
        Arc::clone(&self.state.lock().unwrap_or_else(PoisonError::into_inner).current)
    }

    /// Looks for new versions, unless it has done so within the time of the setting `watch`.
    pub async fn refresh(&self, now: Timestamp) -> Refreshed {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if now.duration_since(state.looked).unsigned_abs() < state.current.configuration.watch {
            return Refreshed::Same;
        }
        let before = state.known.clone();
        let looked = self.watched.look(&mut state.known, Some(&state.current), now).await;
        state.looked = now;
        let refreshed = match looked {
            Ok(None) => Refreshed::Same,
            Ok(Some(setup)) => {
                state.current = Arc::new(setup);
                Refreshed::Adopted(Arc::clone(&state.current))
            }
            Err(SetupError::Unreachable { source, .. }) => {
                // A new configuration whose rules could not be fetched has to be read again.
                state.known = before;
                Refreshed::Unreachable(source)
            }
            Err(SetupError::Unusable { what, location, version, reason, .. }) => {
                // The rules that a new configuration names may yet be put in place.
                if what == RULES {
                    state.known.configuration = before.configuration;
                }
                Refreshed::Refused(Box::new(refused_version(what, &location, &version, &reason)))
            }
        };
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        refreshed
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Watch").field("file", &self.watched.file).finish_non_exhaustive()
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Watched").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Watched {
    /// The setup that is there now; `None` if it is the current one.
    async fn look(
        &self,
        known: &mut Known,
        current: Option<&Setup>,
        now: Timestamp,
    ) -> Result<Option<Setup>, SetupError> {
        let read = self.configuration(known, current.is_none()).await?;
        let (configuration, mut diagnostics) = read.unzip();
        let rules = configuration.as_ref().or(current.map(|setup| &setup.configuration)).map(|known| &known.rules);
        let from = rules.cloned().unwrap_or_default();
        let sources = self.sources(&from, known, current).await?;
        let day = now.to_zoned(TimeZone::UTC).date();
        let is_same_day = current.is_some_and(|setup| setup.day == day);
        if configuration.is_none() && sources.is_none() && is_same_day {
            return Ok(None);
        }
        let Some(configuration) = configuration.or_else(|| current.map(|setup| setup.configuration.clone())) else {
            return Ok(None);
        };
        let sources = sources.or_else(|| current.map(|setup| setup.sources.clone())).unwrap_or_default();
        let loaded = load(&sources, &configuration, day);
        if let Some(reason) = unusable(&from, &loaded.rules, &loaded.diagnostics) {
            let version = known.rules.clone().unwrap_or_default();
            let diagnostics = loaded.diagnostics;
            return Err(SetupError::Unusable { what: RULES, location: shown(&from), version, reason, diagnostics });
        }
        diagnostics.get_or_insert_default().extend(loaded.diagnostics);
        let diagnostics = diagnostics.unwrap_or_default();
        Ok(Some(Setup { configuration, rules: Arc::new(loaded.rules), diagnostics, sources, day }))
    }

    /// The configuration, if it is new.
    async fn configuration(
        &self,
        known: &mut Known,
        is_first: bool,
    ) -> Result<Option<(Configuration, Vec<Diagnostic>)>, SetupError> {
        let (source, version) = match &self.file {
            ConfigurationFile::Absent | ConfigurationFile::Packaged(_) if !is_first => return Ok(None),
            ConfigurationFile::Absent => (None, String::new()),
            ConfigurationFile::Packaged(source) => (Some(source.clone()), String::new()),
            ConfigurationFile::Object(object) => {
                let location = format!("s3://{}/{}", object.bucket, object.key);
                let newer = self.objects.get_newer(object, known.configuration.as_deref()).await;
                let newer = newer.map_err(|source| SetupError::Unreachable {
                    what: "configuration",
                    location: location.clone(),
                    source,
                })?;
                let Some(Versioned { bytes, version }) = newer else { return Ok(None) };
                known.configuration = Some(version.clone());
                let text = String::from_utf8(bytes).map_err(|_| unusable_configuration(&location, &version))?;
                (Some(Source::new(location, text)), version)
            }
        };
        let read = Configuration::read(source.as_ref(), &self.environment, &*self.files);
        if let Some(configuration) = read.configuration {
            return Ok(Some((configuration, read.diagnostics)));
        }
        let location = source.map_or_else(|| "the environment".to_owned(), |source| source.name().to_owned());
        let (reason, diagnostics) = (first_error(&read.diagnostics), read.diagnostics);
        Err(SetupError::Unusable { what: "configuration", location, version, reason, diagnostics })
    }

    /// The rule files, if they are new.
    async fn sources(
        &self,
        from: &RulesSource,
        known: &mut Known,
        current: Option<&Setup>,
    ) -> Result<Option<Vec<Source>>, SetupError> {
        let is_pinned_alike = current.is_some_and(|setup| setup.configuration.rules == *from);
        let refuse = |version: &str, reason: String| SetupError::Unusable {
            what: RULES,
            location: shown(from),
            version: version.to_owned(),
            reason,
            diagnostics: Vec::new(),
        };
        let RulesSource::Object { object, sha256 } = from else {
            if is_pinned_alike {
                return Ok(None);
            }
            return self.packaged.sources(from).map(Some).map_err(|reason| refuse("", reason));
        };
        let seen = known.rules.as_deref().filter(|_| is_pinned_alike);
        let newer = self.objects.get_newer(object, seen).await;
        let newer = newer.map_err(|source| SetupError::Unreachable { what: RULES, location: shown(from), source })?;
        let Some(Versioned { bytes, version }) = newer else { return Ok(None) };
        known.rules = Some(version.clone());
        let text = rules_text(&bytes, sha256).map_err(|reason| refuse(&version, reason))?;
        let mut sources = self.packaged.sources(from).map_err(|reason| refuse(&version, reason))?;
        sources.push(Source::new(shown(from), text));
        Ok(Some(sources))
    }
}

fn load(sources: &[Source], configuration: &Configuration, day: Date) -> trailhound_rule_engine::Loaded {
    let mut limits = Limits::default();
    limits.source_bytes = RULES_BYTES;
    limits.nodes = RULES_NODES;
    let settings = Settings {
        limits,
        lists: configuration.named_lists(),
        today: Some(day),
        tests: Tests::PassOver,
        ..Settings::default()
    };
    RuleSet::load_with(sources.iter().cloned().chain([markers::rules()]), &settings)
}

/// The text of a rule file that has the hash it has to have.
fn rules_text(bytes: &[u8], sha256: &str) -> Result<String, String> {
    let found: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    if found != sha256 {
        return Err(format!("its SHA-256 is {found}, and {sha256} is pinned"));
    }
    let inflated = inflate(bytes, RULES_BYTES);
    if let Some(problem) = inflated.problem {
        return Err(problem.to_string());
    }
    String::from_utf8(inflated.bytes.into_owned()).map_err(|_| "it is not UTF-8".to_owned())
}

/// Rules in S3 are good as a whole or not at all: they were tested before they got there. Of those in the
/// package the good ones are used.
fn unusable(from: &RulesSource, rules: &RuleSet, diagnostics: &[Diagnostic]) -> Option<String> {
    let has_errors = diagnostics.iter().any(|diagnostic| diagnostic.severity() == Severity::Error);
    match from {
        RulesSource::Object { .. } if has_errors => Some(first_error(diagnostics)),
        _ if markers::is_all(rules) => Some("no rule can be loaded".to_owned()),
        _ => None,
    }
}

fn unusable_configuration(location: &str, version: &str) -> SetupError {
    SetupError::Unusable {
        what: "configuration",
        location: location.to_owned(),
        version: version.to_owned(),
        reason: "it is not UTF-8".to_owned(),
        diagnostics: Vec::new(),
    }
}

/// `file:line: message`, and how many more there are.
fn first_error(diagnostics: &[Diagnostic]) -> String {
    let mut errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity() == Severity::Error);
    let Some(first) = errors.next() else { return "no reason given".to_owned() };
    let line = first.position().line;
    match errors.count() {
        0 => format!("{}:{line}: {}", first.file(), first.message()),
        more => format!("{}:{line}: {}, and {more} more errors", first.file(), first.message()),
    }
}

fn shown(from: &RulesSource) -> String {
    match from {
        RulesSource::Bundle => "the bundle".to_owned(),
        RulesSource::Folder(path) => path.display().to_string(),
        RulesSource::Object { object, .. } => format!("s3://{}/{}", object.bucket, object.key),
    }
}
