//! The function: its settings, its environment, and what feeds it.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use trailhound_aws::deployment::{AskError, Feed, FunctionFacts, QueueFacts};
use trailhound_pipeline::configuration::{Configuration, FILE_VARIABLE, NoFiles};
use trailhound_rule_engine::{Diagnostic, Severity};

use super::{Check, Parts, Subject, asked, failed_events};

/// The runtime that the binary is built for.
const RUNTIME: &str = "provided.al2023";
/// The shortest timeout in seconds that the template offers: calls to AWS are tried three times for ten seconds.
const LEAST_TIMEOUT: u64 = 30;
/// Memory in MB: the largest object that is inspected, 128 MiB once inflated, twice.
const LEAST_MEMORY: u64 = 256;
/// How many timeouts of the function a message has to stay hidden for.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
const VISIBILITY_FACTOR: u64 = 6;
/// What the names of our variables begin with.
const PREFIX: &str = "TRAILHOUND_";
/// Whose files are in the package, where they cannot be seen from here.
const TEMPLATES: &str = "TRAILHOUND_TEMPLATE_";

/// What the environment of a function says, as far as it can be read from here.
pub(in crate::commands::doctor) struct Environment {
    pub(in crate::commands::doctor) configuration: Configuration,
    diagnostics: Vec<Diagnostic>,
    /// Whether there is a file, which may say more.
    pub(in crate::commands::doctor) has_file: bool,
}

impl Environment {
    pub(in crate::commands::doctor) fn of(function: &FunctionFacts) -> Self {
        let ours = function.variables.iter().filter(|(name, _)| name.starts_with(PREFIX));
        let ours = ours.filter(|(name, _)| !name.starts_with(TEMPLATES));
        let ours: BTreeMap<String, String> = ours.map(|(name, value)| (name.clone(), value.clone())).collect();
        let has_file = ours.get(FILE_VARIABLE).is_some_and(|name| !name.trim().is_empty());
        let read = Configuration::read_without_topics(None, &ours, &NoFiles);
        Environment { configuration: read.configuration.unwrap_or_default(), diagnostics: read.diagnostics, has_file }
    }
}

/// All checks of the function.
pub(super) fn judge(name: &str, function: &Result<FunctionFacts, AskError>, parts: &Parts) -> Vec<Check> {
    let what = format!("the function `{name}`");
    let mut checks = vec![asked(Subject::Function, &what, function, settings)];
    if let Ok(function) = function {
        checks.push(environment(function));
        checks.push(feed(function, parts));
        checks.extend(failed_events::judge(function, parts));
    }
    checks
}

fn settings(function: &FunctionFacts) -> Check {
    const SUBJECT: Subject = Subject::Function;
    let FunctionFacts { name, state, runtime, architecture, memory, timeout, reserved, .. } = function;
    if let Some(state) = state.as_deref().filter(|state| !matches!(*state, "Active" | "ActiveNonInvocable")) {
        let advice = "wait until it is Active; an Inactive one wakes up with its next message";
        return Check::problem(SUBJECT, format!("`{name}` is {state}"), advice);
    }
    if *reserved == Some(0) {
        let seen = format!("the reserved concurrency of `{name}` is 0: it never runs");
        return Check::problem(SUBJECT, seen, "remove the reserved concurrency, or raise it");
    }
    if let Some(runtime) = runtime.as_deref().filter(|runtime| *runtime != RUNTIME) {
        let seen = format!("the runtime of `{name}` is {runtime}");
        return Check::problem(SUBJECT, seen, format!("deploy it with {RUNTIME}, which the binary is built for"));
    }
    if let Some(seconds) = timeout.filter(|seconds| *seconds < LEAST_TIMEOUT) {
        let seen = format!("`{name}` is ended after {seconds} s, in the middle of slow objects");
        return Check::problem(SUBJECT, seen, "raise the timeout to 60 s, and the visibility timeout of the queue");
    }
    if let Some(memory) = memory.filter(|memory| *memory < LEAST_MEMORY) {
        let seen = format!("`{name}` has {memory} MB of memory, too little for the largest objects");
        return Check::warning(SUBJECT, seen, "raise the memory to 512 MB");
    }
    let words = |value: Option<u64>, unit: &str| value.map(|number| format!("{number} {unit}"));
    let seen = [architecture.clone(), words(*memory, "MB"), words(*timeout, "s")].into_iter().flatten();
    let seen: Vec<String> = [format!("`{name}` can run")].into_iter().chain(seen).collect();
    Check::ok(SUBJECT, seen.join(", "))
}

fn environment(function: &FunctionFacts) -> Check {
    const SUBJECT: Subject = Subject::Environment;
    if let Some(code) = &function.hidden {
        let seen = format!("the environment cannot be had: {code}");
        return Check::unknown(SUBJECT, seen, "let kms:Decrypt be allowed for the key of the environment");
    }
    let Environment { configuration, diagnostics, has_file } = Environment::of(function);
    // What refers to topics of a file can be judged only with it.
    let is_sure = |diagnostic: &&Diagnostic| !has_file || diagnostic.severity() != Severity::Error;
    if let Some(worst) = diagnostics.iter().filter(is_sure).max_by_key(|one| one.severity() == Severity::Error) {
        let advice = worst.help().unwrap_or("see docs/configuration.md").to_owned();
        let seen = format!("{}: {}", worst.source().name(), worst.message());
        return match worst.severity() {
            Severity::Error => Check::problem(SUBJECT, seen, advice),
            _ => Check::warning(SUBJECT, seen, advice),
        };
    }
    if configuration.topics.is_empty() && !has_file {
        let advice = "set TRAILHOUND_TOPIC_ARN, unless a `trailhound.yml` in the package names topics";
        return Check::warning(SUBJECT, "no variable names a topic for alerts", advice);
    }
    if configuration.state_table.is_none() && !has_file {
        let advice = "set TRAILHOUND_STATE_TABLE, so that nothing is alerted twice and correlations last";
        return Check::warning(SUBJECT, "no variable names a table for the state", advice);
    }
    let more = if has_file { "; the configuration file is not looked at" } else { "" };
    Check::ok(SUBJECT, format!("the variables are known and can be read{more}"))
}

fn feed(function: &FunctionFacts, parts: &Parts) -> Check {
    const SUBJECT: Subject = Subject::EventSource;
    let name = &function.name;
    let queue = parts.queue.as_ref().and_then(|(_, queue)| queue.as_ref().ok());
    let Some(feed) = main_feed(function, queue) else {
        let (seen, advice) = match (queue, function.feeds.first()) {
            (Some(queue), Some(_)) => {
                (format!("{} does not feed `{name}`, other queues do", queue.arn), "map the queue")
            }
            _ => (format!("no queue feeds `{name}`"), "map the queue that is told of new objects to the function"),
        };
        return Check::problem(SUBJECT, seen, advice);
    };
    let Feed { arn, state, reports_failures, concurrency } = feed;
    if !matches!(state.as_str(), "Enabled" | "Enabling" | "Updating") {
        let advice = "enable the event source mapping: `aws lambda update-event-source-mapping --enabled`";
        return Check::problem(SUBJECT, format!("{arn} does not feed `{name}`: the mapping is {state}"), advice);
    }
    if !reports_failures {
        let seen = format!("the mapping of {arn} passes over which messages failed: one bad object loses ten");
        return Check::problem(SUBJECT, seen, "let the function response types hold ReportBatchItemFailures");
    }
    let hidden = queue.filter(|queue| queue.arn == *arn).and_then(|queue| queue.visibility);
    if let Some((hidden, timeout)) = hidden.zip(function.timeout)
        && hidden < timeout.saturating_mul(VISIBILITY_FACTOR)
    {
        let seen = format!("a message of {arn} comes back after {hidden} s, and the function may take {timeout} s");
        let advice = format!("set the visibility timeout to {} s, six times as long", timeout * VISIBILITY_FACTOR);
        return Check::problem(SUBJECT, seen, advice);
    }
    if let Some((reserved, concurrency)) = function.reserved.zip(*concurrency)
        && (1..concurrency).contains(&reserved)
    {
        let seen = format!("the mapping starts up to {concurrency} instances, and {reserved} are set aside");
        let advice = "raise the reserved concurrency: messages that are throttled end as dead letters";
        return Check::problem(SUBJECT, seen, advice);
    }
    Check::ok(SUBJECT, format!("{arn} feeds `{name}`"))
}

/// The mapping of the queue in question; without one, of the first queue.
pub(in crate::commands::doctor) fn main_feed<'f>(
    function: &'f FunctionFacts,
    queue: Option<&QueueFacts>,
) -> Option<&'f Feed> {
    match queue {
        Some(queue) => function.feeds.iter().find(|feed| feed.arn == queue.arn),
        None => function.feeds.iter().find(|feed| feed.arn.contains(":sqs:")),
    }
}
