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

mod raw;
mod read;
mod routes;
mod schema;
mod settings;
mod targets;
mod values;

use std::{collections::BTreeMap, io, path::Path, time::Duration};

use trailhound_rule_engine::{
    Code, Diagnostic, Level, Lists, Severity, Source, Span,
    yaml::{Data, Node, Problems},
};

use self::raw::{Given, Raw};
use crate::{
    Depth, Grouping, TopicArn, TopicName,
    limits::MOST_DIGEST_RATE,
    render::{Format, RenderSettings, Renderer, Template, TemplateKind},
    routing::{Dispatcher, Route, Router},
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

/// Whether there has to be a topic.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Topics {
    Required,
    Optional,
}

struct Checker<'c> {
    topics: Topics,
    values: &'c BTreeMap<&'static str, Given>,
    files: &'c dyn Files,
    diagnostics: Vec<Diagnostic>,
}

impl Checker<'_> {
    /// Reads every setting, so that all problems come out at once.
    fn check(&mut self, file: Option<&Source>) -> Configuration {
        let mut checked = Configuration {
            origins: self.values.iter().map(|(key, given)| (*key, given.origin.clone())).collect(),
            ..Configuration::default()
        };
        let order = self.topics(&mut checked, file);
        self.routes(&mut checked, &order);
        self.simple(&mut checked);
        self.rules(&mut checked);
        self.links_and_templates(&mut checked);
        self.check_use(&checked);
        checked
    }

    /// The value of a setting, if it was given and can be read.
    fn value<T>(&mut self, key: &str, read: impl FnOnce(&Node, &mut Problems) -> Option<T>) -> Option<T> {
        let given = self.values.get(key)?;
        let mut problems = Problems::new(&given.source);
        let value = read(&given.node, &mut problems);
        self.diagnostics.extend(problems.into_diagnostics());
        value
    }

    /// Puts the value of a setting in the place of its default.
    fn set<T>(&mut self, place: &mut T, key: &str, read: impl FnOnce(&Node, &mut Problems) -> Option<T>) {
        if let Some(value) = self.value(key, read) {
            *place = value;
        }
    }

    /// Reads the topics and returns their names in the order in which they were given.
    fn topics(&mut self, checked: &mut Configuration, file: Option<&Source>) -> Vec<TopicName> {
        let default = self.value("topic_arn", routes::arn);
        let default = default.map(|arn| (TopicName::default(), Some(Topic { arn, format: Format::default() })));
        let others = self.value("topics", routes::topics).unwrap_or_default();
        let mut order = Vec::new();
        for (name, topic) in default.into_iter().chain(others) {
            if !order.contains(&name) {
                order.push(name.clone());
            }
            checked.topics.extend(topic.map(|topic| (name, topic)));
        }
        let is_given = self.values.contains_key("topic_arn") || self.values.contains_key("topics");
        if order.is_empty() && !is_given && self.topics == Topics::Required {
            let nothing = Source::new("environment", "");
            let mut problems = Problems::new(file.unwrap_or(&nothing));
            problems
                .error(Code::MissingSetting, Span::default(), "there is no topic for alerts")
                .help("give `topic_arn`, or set TRAILHOUND_TOPIC_ARN, to the ARN of an SNS topic");
            self.diagnostics.extend(problems.into_diagnostics());
        }
        order
    }

    fn routes(&mut self, checked: &mut Configuration, topics: &[TopicName]) {
        let default = TopicName::default();
        let main = if topics.contains(&default) { default } else { topics.first().cloned().unwrap_or_default() };
        checked.router.routes = vec![Route { to: vec![main.clone()], ..Route::default() }];
        checked.router.notices = vec![main];
        self.set(&mut checked.router.minimum_level, "minimum_level", read::level);
        self.set(&mut checked.router.routes, "routes", |node, problems| routes::routes(node, topics, problems));
        self.set(&mut checked.router.notices, "notices", |node, problems| routes::names(node, topics, problems));
        self.set(&mut checked.router.canaries, "canaries", |node, problems| routes::names(node, topics, problems));
    }

    fn simple(&mut self, checked: &mut Configuration) {
        const MINUTE: Duration = Duration::from_mins(1);
        const SECOND: Duration = Duration::from_secs(1);
        const MAX_CONCURRENCY: u64 = 64;
        const MAX_ATTEMPTS: u64 = 10;
        const DAY: Duration = Duration::from_hours(24);
        let duration = |range| move |node: &Node, problems: &mut Problems| read::duration(node, range, problems);
        self.set(&mut checked.accounts, "accounts", read::accounts);
        self.set(&mut checked.lists, "lists", read::lists);
        self.set(&mut checked.object_bytes, "limits.object_bytes", read::bytes);
        self.set(&mut checked.inflated_bytes, "limits.inflated_bytes", read::bytes);
        let up_to = |most| move |node: &Node, problems: &mut Problems| read::count_up_to(node, most, problems);
        self.set(&mut checked.concurrency, "limits.concurrency", up_to(MAX_CONCURRENCY));
        self.set(&mut checked.call_timeout, "calls.timeout", duration([SECOND, MINUTE]));
        self.set(&mut checked.call_attempts, "calls.attempts", up_to(MAX_ATTEMPTS));
        self.set(&mut checked.group_window, "grouping.window", duration([MINUTE, DAY]));
        self.set(&mut checked.digest_rule_rate, "digest.rule_rate", up_to(MOST_DIGEST_RATE));
        self.set(&mut checked.digest_overall_rate, "digest.overall_rate", up_to(MOST_DIGEST_RATE));
        self.set(&mut checked.watch, "watch", duration([Duration::from_secs(10), DAY]));
        self.set(&mut checked.log, "log", |node, problems| read::text(node, "the filter", problems));
        checked.state_table = self.value("state.table", |node, problems| read::text(node, "the table", problems));
        checked.quarantine = self.value("quarantine", targets::quarantine);
        self.set(&mut checked.integrity, "integrity", |node, problems| {
            let words =
                [("off", None), ("false", None), ("digests", Some(Depth::Digests)), ("logs", Some(Depth::Logs))];
            read::word(node, "depth", &words, problems)
        });
        self.set(&mut checked.metrics, "metrics.write", |node, problems| {
            read::word(node, "choice", &[("on", true), ("off", false), ("true", true), ("false", false)], problems)
        });
        self.set(&mut checked.metrics_namespace, "metrics.namespace", read::namespace);
        self.set(&mut checked.metrics_places, "metrics.places", |node, problems| read::count(node, 0, problems));
    }

    fn rules(&mut self, checked: &mut Configuration) {
        let sha256 = self.value("rules.sha256", targets::sha256);
        let is_wrong = sha256.is_none() && self.values.contains_key("rules.sha256");
        // A wrong hash has been reported; that there is none would not be true.
        let sha256 = if is_wrong { Some(String::new()) } else { sha256 };
        self.set(&mut checked.rules, "rules.from", |node, problems| targets::rules(node, sha256.as_deref(), problems));
    }

    fn links_and_templates(&mut self, checked: &mut Configuration) {
        checked.console_url = self.value("links.console", read::url);
        checked.rule_url = self.value("links.rules", read::url);
        for kind in TemplateKind::ALL {
            let key = format!("templates.{}", kind.as_str());
            if let Some((source, text)) =
                self.value(&key, |node, problems| Some((problems.source().clone(), node.clone())))
            {
                checked.templates.extend(self.template(kind, &text, &source));
            }
        }
    }

    /// A template that stands in the configuration, or in a file of its own.
    fn template(&mut self, kind: TemplateKind, node: &Node, source: &Source) -> Option<Template> {
        let mut problems = Problems::new(source);
        let text = match &node.data {
            Data::Map(entries) => match entries.as_slice() {
                [entry] if entry.key == "file" => {
                    let path = read::text(&entry.value, "the path of a template", &mut problems);
                    path.and_then(|path| match self.files.read(Path::new(&path)) {
                        Ok(text) => Some(Source::new(path, text)),
                        Err(error) => {
                            let message = format!("the template `{path}` cannot be read: {error}");
                            let help = "give a path relative to the configuration";
                            read::wrong(entry.value.span, message, help, &mut problems)
                        }
                    })
                }
                _ => {
                    let message = "a template is a text, or a map of `file` alone".to_owned();
                    read::wrong(node.span, message, "write `{file: path}`", &mut problems)
                }
            },
            _ => read::text(node, "the template", &mut problems)
                .map(|text| Source::new(format!("{} (template {})", source.name(), kind.as_str()), text)),
        };
        self.diagnostics.extend(problems.into_diagnostics());
        let text = text?;
        match Template::new(kind, text.text()) {
            Ok(template) => Some(template),
            Err(error) => {
                let mut problems = Problems::new(&text);
                let span = Span::new(error.span.start, error.span.end);
                problems.error(Code::InvalidTemplate, span, format!("the template cannot be used: {error}"));
                self.diagnostics.extend(problems.into_diagnostics());
                None
            }
        }
    }

    /// Warns of topics that nothing goes to.
    fn check_use(&mut self, checked: &Configuration) {
        let router = &checked.router;
        let used = |name: &TopicName| {
            router.routes.iter().any(|route| route.to.contains(name))
                || router.notices.contains(name)
                || router.canaries.contains(name)
        };
        let unused: Vec<&str> = checked.topics.keys().filter(|name| !used(name)).map(TopicName::as_str).collect();
        self.value::<()>("topics", |node, problems| {
            let Data::Map(entries) = &node.data else { return None };
            for entry in entries.iter().filter(|entry| unused.contains(&entry.key.as_str())) {
                let message = format!("nothing goes to the topic `{}`", entry.key);
                problems.warning(Code::TopicReference, entry.key_span, message).help("name it in a route");
            }
            None
        });
    }
}
