//! The configuration: one YAML file, and environment variables that come before it.
//!
//! Text, then values with their places ([`Configuration::read`]), then a checked [`Configuration`]: all
//! problems come out at once, as the same kind of diagnostics as those of rules.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use trailhound_pipeline::configuration::{Configuration, NoFiles};
//! use trailhound_rule_engine::Source;
//!
//! let file = Source::new("trailhound.yml", "
//! topics:
//!   mail: arn:aws:sns:eu-west-1:111122223333:mail
//! minimum_level: hihg
//! ");
//! let read = Configuration::read(Some(&file), &BTreeMap::new(), &NoFiles);
//! assert!(read.configuration.is_none());
//! assert_eq!(read.diagnostics[0].help(), Some("did you mean `high`?"));
//! ```

mod checker;
mod raw;
mod read;
mod routes;
mod schema;
mod settings;
mod targets;
mod values;

use std::{collections::BTreeMap, io, path::Path, time::Duration};

use trailhound_rule_engine::{Diagnostic, Level, Lists, Severity, Source};

use self::{
    checker::{Checker, Topics},
    raw::Raw,
};
use crate::{
    Depth, Grouping, TopicArn, TopicName,
    render::{Format, RenderSettings, Renderer, Template},
    routing::{Dispatcher, Router},
};

pub use raw::Origin;
pub use schema::schema;
pub use settings::{FILE_VARIABLE, Form, SETTINGS, Setting};
pub use targets::{QuarantineTarget, RulesSource, object_location};

/// Settings that have been checked. The default is what holds when nobody says anything.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// Topics by name.
    pub topics: BTreeMap<TopicName, Topic>,
    /// Which alerts go where.
    pub router: Router,
    /// Names of accounts by their number.
    pub accounts: BTreeMap<String, String>,
    /// Named lists for rules.
    pub lists: BTreeMap<String, Vec<String>>,
    /// Where rules come from.
    pub rules: RulesSource,
    /// Largest object that is fetched, in bytes as stored; 64 MiB. CloudTrail states 50 MB for an object;
    /// the rest is room for it to change its mind.
    pub object_bytes: u64,
    /// Largest object that is inspected, in bytes once inflated; 128 MiB: more than twice of what CloudTrail
    /// writes, and little enough for the memory of a function.
    pub inflated_bytes: u64,
    /// Objects worked on at the same time; 4.
    pub concurrency: u64,
    /// How long AWS may take to begin an answer; 10 seconds: an endpoint that does not answer fails its own
    /// delivery and leaves time for the others.
    pub call_timeout: Duration,
    /// Times a call to AWS is sent before its error counts; 3.
    pub call_attempts: u64,
    /// How long alerts of one rule about one actor count as one group; 1 hour.
    pub group_window: Duration,
    /// Notifications of one rule in an hour that are sent one by one; 20.
    pub digest_rule_rate: u64,
    /// Notifications of all rules in an hour that are sent one by one; 100.
    pub digest_overall_rate: u64,
    /// DynamoDB table that remembers what was sent.
    pub state_table: Option<String>,
    /// Where damaged objects are named.
    pub quarantine: Option<QuarantineTarget>,
    /// How far digests are followed as they arrive; not at all, since it costs requests.
    pub integrity: Option<Depth>,
    /// Whether metrics are written; yes.
    pub metrics: bool,
    /// Namespace of metrics; `Trailhound`.
    pub metrics_namespace: String,
    /// Pairs of account and region that have metrics of their own; 50.
    pub metrics_places: u64,
    /// Address that opens the console through a portal.
    pub console_url: Option<String>,
    /// Address of a rule.
    pub rule_url: Option<String>,
    /// Templates in place of those built in.
    pub templates: Vec<Template>,
    /// How often what is in S3 is looked at for a new version, at most; 1 minute.
    pub watch: Duration,
    /// Filter of log lines; `info`.
    pub log: String,
    /// Where each value comes from.
    origins: BTreeMap<&'static str, Origin>,
}

/// A topic and what it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its ARN.
    pub arn: TopicArn,
    /// What its messages look like.
    pub format: Format,
}

/// What came of reading a configuration.
#[derive(Debug)]
pub struct ReadConfiguration {
    /// The configuration, if there is no error in it.
    pub configuration: Option<Configuration>,
    /// Everything that is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

/// Gives the files that a configuration names: templates.
pub trait Files {
    /// The text of a file, whose path is relative to the configuration.
    fn read(&self, path: &Path) -> io::Result<String>;
}

/// There are no files.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _path: &Path) -> io::Result<String> {
        Err(io::Error::new(io::ErrorKind::NotFound, "no files can be read here"))
    }
}

impl Default for Configuration {
    fn default() -> Self {
        Configuration {
            topics: BTreeMap::new(),
            router: Router::single(Level::Medium),
            accounts: BTreeMap::new(),
            lists: BTreeMap::new(),
            rules: RulesSource::default(),
            object_bytes: 64 << 20,
            inflated_bytes: 128 << 20,
            concurrency: 4,
            call_timeout: Duration::from_secs(10),
            call_attempts: 3,
            group_window: Duration::from_hours(1),
            digest_rule_rate: 20,
            digest_overall_rate: 100,
            state_table: None,
            quarantine: None,
            integrity: None,
            metrics: true,
            metrics_namespace: "Trailhound".to_owned(),
            metrics_places: 50,
            console_url: None,
            rule_url: None,
            templates: Vec::new(),
            watch: Duration::from_mins(1),
            log: "info".to_owned(),
            origins: BTreeMap::new(),
        }
    }
}

impl Configuration {
    /// Reads and checks a configuration. `environment` holds the variables whose names begin with
    /// `TRAILHOUND_`; those that are empty count as not set.
    pub fn read(file: Option<&Source>, environment: &BTreeMap<String, String>, files: &dyn Files) -> ReadConfiguration {
        Self::read_where(Topics::Required, file, environment, files)
    }

    /// The same for whoever has other places for alerts: there need not be any topic.
    pub fn read_without_topics(
        file: Option<&Source>,
        environment: &BTreeMap<String, String>,
        files: &dyn Files,
    ) -> ReadConfiguration {
        Self::read_where(Topics::Optional, file, environment, files)
    }

    fn read_where(
        topics: Topics,
        file: Option<&Source>,
        environment: &BTreeMap<String, String>,
        files: &dyn Files,
    ) -> ReadConfiguration {
        let raw = Raw::read(file, environment);
        let mut checker = Checker { topics, values: &raw.values, files, diagnostics: raw.diagnostics };
        let configuration = checker.check(file);
        let has_errors = checker.diagnostics.iter().any(|diagnostic| diagnostic.severity() == Severity::Error);
        ReadConfiguration { configuration: (!has_errors).then_some(configuration), diagnostics: checker.diagnostics }
    }

    /// What sends alerts as this configuration says.
    pub fn dispatcher(&self) -> Dispatcher {
        self.dispatcher_with(&BTreeMap::new())
    }

    /// The same where there are topics beside those of the configuration, with these formats.
    pub fn dispatcher_with(&self, others: &BTreeMap<TopicName, Format>) -> Dispatcher {
        let settings = RenderSettings {
            accounts: self.accounts.clone(),
            rule_url: self.rule_url.clone(),
            console_url: self.console_url.clone(),
        };
        let own = self.topics.iter().map(|(name, topic)| (name.clone(), topic.format));
        let others = others.iter().map(|(name, format)| (name.clone(), *format));
        let renderer = Renderer::new(settings, self.templates.clone());
        Dispatcher::new(self.router.clone(), renderer, own.chain(others).collect())
    }

    /// How alerts become few notifications.
    pub fn grouping(&self) -> Grouping {
        let count = |rate: u64| usize::try_from(rate).unwrap_or(usize::MAX);
        Grouping {
            window: self.group_window,
            of_a_rule: count(self.digest_rule_rate),
            of_all: count(self.digest_overall_rate),
        }
    }

    /// The ARNs of the topics.
    pub fn topic_arns(&self) -> BTreeMap<TopicName, TopicArn> {
        self.topics.iter().map(|(name, topic)| (name.clone(), topic.arn.clone())).collect()
    }

    /// The named lists as rules take them.
    pub fn named_lists(&self) -> Lists {
        let mut lists = Lists::default();
        for (name, values) in &self.lists {
            lists.insert(name, values.iter().cloned());
        }
        lists
    }

    /// Where the value of a setting comes from.
    pub fn origin(&self, setting: &Setting) -> &Origin {
        self.origins.get(setting.key).unwrap_or(&Origin::Default)
    }
}
