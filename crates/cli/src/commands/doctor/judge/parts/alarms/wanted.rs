//! What alarms have to watch: the alarms of `infra/template.yaml`, by their metrics and not by their names.

use trailhound_aws::deployment::{MetricFacts, Rings};
use trailhound_pipeline::configuration::Configuration;

use super::super::{Environment, Parts};

/// A part of the deployment whose metrics are watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Function,
    Queue,
    DeadLetters,
    Table,
}

/// Whose metrics they are.
#[derive(Debug, Clone, Copy)]
enum Space {
    /// Those that the function writes itself.
    Own,
    /// Those of a service of AWS.
    Aws(&'static str),
}

/// What it means that an alarm is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// Without it nobody hears that nothing is watched, or that alerts are lost.
    Vital,
    /// Without it something is found out later or by chance.
    Useful,
}

/// What has to be switched on for the metric to say anything.
#[derive(Debug, Clone, Copy)]
enum When {
    Always,
    Canaries,
    Integrity,
}

/// One alarm of the template.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Its name in the template, and of its runbook in `docs/operations.md`.
    pub(super) name: &'static str,
    /// What nobody hears of without it.
    pub(super) what: &'static str,
    part: Part,
    space: Space,
    /// All of them have to be watched, by one alarm or by several.
    pub(super) metrics: &'static [&'static str],
    pub(super) rings: Rings,
    pub(super) weight: Weight,
    when: When,
}

impl Wanted {
    const fn new(name: &'static str, what: &'static str, part: Part, metrics: &'static [&'static str]) -> Self {
        let (space, rings, weight, when) = (Space::Own, Rings::Above, Weight::Useful, When::Always);
        Self { name, what, part, space, metrics, rings, weight, when }
    }

    const fn of(self, namespace: &'static str) -> Self {
        Self { space: Space::Aws(namespace), ..self }
    }

    const fn below(self) -> Self {
        Self { rings: Rings::Below, ..self }
    }

    const fn vital(self) -> Self {
        Self { weight: Weight::Vital, ..self }
    }

    const fn when(self, when: When) -> Self {
        Self { when, ..self }
    }
}

const SQS: &str = "AWS/SQS";
const LAMBDA: &str = "AWS/Lambda";
const DYNAMODB: &str = "AWS/DynamoDB";

/// In the order of the template.
const ALL: [Wanted; 14] = [
    Wanted::new(
        "DeadLetterAlarm",
        "messages that were given up",
        Part::DeadLetters,
        &["ApproximateNumberOfMessagesVisible"],
    )
    .of(SQS)
    .vital(),
    Wanted::new("SilenceAlarm", "logs that no longer come", Part::Function, &["Objects"]).below().vital(),
    Wanted::new("BacklogAlarm", "a queue that grows", Part::Queue, &["ApproximateAgeOfOldestMessage"]).of(SQS),
    Wanted::new("LatenessAlarm", "records that come late", Part::Function, &["RecordLateness"]),
    Wanted::new("FunctionErrorAlarm", "invocations that fail", Part::Function, &["Errors"]).of(LAMBDA).vital(),
    Wanted::new("ThrottleAlarm", "invocations that are refused", Part::Function, &["Throttles"]).of(LAMBDA),
    Wanted::new("FailedObjectAlarm", "objects that keep failing", Part::Function, &["ObjectsFailed"]),
    Wanted::new("FailedAlertAlarm", "alerts that cannot be published", Part::Function, &["AlertsFailed"]).vital(),
    Wanted::new(
        "StateTableAlarm",
        "a table that throttles or fails",
        Part::Table,
        &["ReadThrottleEvents", "WriteThrottleEvents", "SystemErrors"],
    )
    .of(DYNAMODB),
    Wanted::new(
        "UnreadableAlarm",
        "what cannot be read",
        Part::Function,
        &["EventsRefused", "RecordsRefused", "Quarantined"],
    ),
    Wanted::new(
        "RulesAlarm",
        "rules with errors and versions that were refused",
        Part::Function,
        &["RuleErrors", "VersionsRefused"],
    ),
    Wanted::new("DigestAlarm", "so many alerts that they go into digests", Part::Function, &["AlertsDigested"]),
    Wanted::new("CanaryAlarm", "canaries that no longer come out", Part::Function, &["CanaryAlerts"])
        .below()
        .vital()
        .when(When::Canaries),
    Wanted::new("IntegrityAlarm", "logs that were changed or removed", Part::Function, &["IntegrityBroken"])
        .vital()
        .when(When::Integrity),
];

/// The parts at hand, by the names that their metrics have in a dimension.
#[derive(Debug)]
pub(super) struct Watched<'p> {
    function: Option<&'p str>,
    queue: Option<&'p str>,
    dead_letters: Option<&'p str>,
    table: Option<&'p str>,
    configuration: Configuration,
    /// Whether a file may say more than the environment.
    has_file: bool,
}

impl<'p> Watched<'p> {
    /// Only what is there: of the rest it is said elsewhere that it is missing.
    pub(super) fn of(parts: &'p Parts) -> Self {
        let function = parts.function.as_ref().and_then(|(_, function)| function.as_ref().ok());
        let environment = function.map(Environment::of);
        let queue = parts.queue.as_ref().and_then(|(_, queue)| queue.as_ref().ok());
        let dead = parts.dead.as_ref().and_then(|(_, dead)| dead.as_ref().ok());
        let table = parts.table.as_ref().filter(|(_, table)| table.is_ok());
        Self {
            function: function.map(|function| function.name.as_str()),
            queue: queue.map(|queue| last_part(&queue.arn)),
            dead_letters: dead.map(|dead| last_part(&dead.arn)),
            table: table.map(|(name, _)| name.as_str()),
            has_file: environment.as_ref().is_some_and(|environment| environment.has_file),
            configuration: environment.map(|environment| environment.configuration).unwrap_or_default(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        let Self { function, queue, dead_letters, table, configuration: _, has_file: _ } = self;
        [function, queue, dead_letters, table].into_iter().all(Option::is_none)
    }

    /// Whether the function writes metrics of its own at all, as far as its environment tells.
    pub(super) fn writes_metrics(&self) -> bool {
        self.configuration.metrics
    }

    /// The alarms that these parts should have.
    pub(super) fn wanted(&self) -> impl Iterator<Item = &'static Wanted> {
        ALL.iter().filter(|wanted| self.name(wanted.part).is_some() && self.matters(wanted))
    }

    /// Whether the metric is one of the alarm in question.
    pub(super) fn is_of(&self, wanted: &Wanted, metric: &MetricFacts) -> bool {
        wanted.metrics.contains(&metric.name.as_str())
            && self.is_in(wanted.space, &metric.namespace)
            && self.is_about(wanted.part, metric)
    }

    /// Whether the metric is any of these parts: also of alarms that the template does not have.
    pub(super) fn has(&self, metric: &MetricFacts) -> bool {
        let parts = [(Part::Queue, SQS), (Part::DeadLetters, SQS), (Part::Function, LAMBDA), (Part::Table, DYNAMODB)];
        let of_aws = parts.iter().any(|(part, space)| metric.namespace == *space && self.is_about(*part, metric));
        of_aws || (self.is_in(Space::Own, &metric.namespace) && self.is_about(Part::Function, metric))
    }

    /// The parts in words.
    pub(super) fn names(&self) -> String {
        let Self { function, queue, dead_letters, table, configuration: _, has_file: _ } = self;
        let names = [function, queue, dead_letters, table].into_iter().flatten();
        names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    }

    fn matters(&self, wanted: &Wanted) -> bool {
        let is_on = match wanted.when {
            When::Always => true,
            When::Canaries => !self.configuration.router.canaries.is_empty(),
            When::Integrity => self.configuration.integrity.is_some(),
        };
        is_on && (self.writes_metrics() || matches!(wanted.space, Space::Aws(_)))
    }

    /// A file may name another namespace.
    fn is_in(&self, space: Space, namespace: &str) -> bool {
        match space {
            Space::Aws(name) => namespace == name,
            Space::Own if self.has_file => !namespace.starts_with("AWS/"),
            Space::Own => namespace == self.configuration.metrics_namespace,
        }
    }

    fn is_about(&self, part: Part, metric: &MetricFacts) -> bool {
        // What services add to the name of a part; with any other dimension it is a metric that nobody writes.
        let (name, more): (&str, &[&str]) = match part {
            Part::Function => ("FunctionName", &["Resource", "ExecutedVersion"]),
            Part::Queue | Part::DeadLetters => ("QueueName", &[]),
            Part::Table => ("TableName", &["Operation"]),
        };
        let is_known = |dimension: &String| dimension == name || more.contains(&dimension.as_str());
        let value = metric.dimensions.get(name).map(String::as_str);
        value.is_some() && value == self.name(part) && metric.dimensions.keys().all(is_known)
    }

    fn name(&self, part: Part) -> Option<&'p str> {
        match part {
            Part::Function => self.function,
            Part::Queue => self.queue,
            Part::DeadLetters => self.dead_letters,
            Part::Table => self.table,
        }
    }
}

/// The name in an ARN.
fn last_part(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}
