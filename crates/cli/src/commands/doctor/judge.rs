//! What is healthy and what is not: facts and a time in, checks out. No AWS, no clock.

mod parts;
mod rules;
#[cfg(test)]
mod tests;
mod trail;

pub(super) use parts::{Asynchronous, Environment, Keeper, Parts, Redrive, alarms, main_feed};
pub(super) use rules::{Needs, RulesReport};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use trailhound_aws::trails::{LookError, Selectors, Status, Trail};

use crate::{exit_status::ExitStatus, output::count};

/// What was found out.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Regions looked from.
    pub(super) regions: Vec<String>,
    /// Why something could not be looked at.
    pub(super) failures: Vec<Failure>,
    /// The trails that were asked for.
    pub(super) trails: Vec<Examined>,
    /// Names of trails that were seen and not asked for.
    pub(super) others: Vec<String>,
    /// What the rules need.
    pub(super) needs: Vec<Needs>,
    /// What else was named.
    pub(super) parts: Parts,
}

/// Why trails could not be listed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nobody says which region to look from.
    NoRegion,
    /// In this region; without one, anywhere.
    Call { region: Option<String>, error: LookError },
}

/// A trail and what CloudTrail says about it.
#[derive(Debug)]
pub(super) struct Examined {
    pub(super) trail: Trail,
    pub(super) status: Result<Status, LookError>,
    pub(super) selectors: Result<Selectors, LookError>,
}

/// What the user wants to know, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'q> {
    pub(super) trail: Option<&'q str>,
    pub(super) bucket: Option<&'q str>,
    pub(super) stale_after: SignedDuration,
    pub(super) now: Timestamp,
}

/// What each check looks at. The words are a promise to the programs that read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Subject {
    Trail,
    Logging,
    Delivery,
    Validation,
    Regions,
    ManagementEvents,
    Encryption,
    Bucket,
    Rules,
    Notification,
    Queue,
    DeadLetters,
    Topic,
    Table,
    Function,
    Environment,
    EventSource,
    FailedEvents,
    Alarms,
    AlarmActions,
    AlarmState,
    AlarmTopic,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Verdict {
    Ok,
    Warning,
    Problem,
    /// It could not be looked at.
    Unknown,
}

/// One thing that was looked at.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    #[serde(rename = "check")]
    pub(super) subject: Subject,
    pub(super) verdict: Verdict,
    /// What was seen.
    pub(super) seen: String,
    /// What to do, unless all is well.
    pub(super) advice: Option<String>,
}

/// All checks, those of the account first.
#[derive(Debug, Serialize)]
pub(super) struct Report<'f> {
    pub(super) time: String,
    pub(super) regions: &'f [String],
    pub(super) checks: Vec<Check>,
    pub(super) trails: Vec<TrailReport<'f>>,
    /// Against what the trails record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rules: Option<RulesReport<'f>>,
    /// Of the parts of the deployment that were named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) deployment: Vec<Check>,
    pub(super) summary: Summary,
}

/// The checks of one trail.
#[derive(Debug, Serialize)]
pub(super) struct TrailReport<'f> {
    pub(super) name: &'f str,
    pub(super) arn: &'f str,
    pub(super) home_region: &'f str,
    pub(super) bucket: &'f str,
    pub(super) prefix: Option<&'f str>,
    pub(super) kms_key: Option<&'f str>,
    pub(super) organization: bool,
    pub(super) checks: Vec<Check>,
}

/// How many checks ended how.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Summary {
    pub(super) trails: usize,
    pub(super) ok: usize,
    pub(super) warnings: usize,
    pub(super) problems: usize,
    pub(super) unknown: usize,
}

/// Judges everything that was found out.
pub(super) fn judge<'f>(facts: &'f Facts, question: &Question<'_>) -> Report<'f> {
    let mut trails: Vec<TrailReport<'f>> =
        facts.trails.iter().map(|examined| trail::judge(examined, question)).collect();
    excuse_lesser_trails(&mut trails);
    let checks = of_account(facts, question);
    let rules = rules::judge(&facts.needs, &facts.trails, question);
    let deployment = parts::judge(&facts.parts, question.now);
    let of_rules = rules.iter().flat_map(|rules| &rules.checks);
    let summary = Summary::of(checks.iter().chain(of_rules).chain(&deployment), &trails);
    Report { time: format!("{:.0}", question.now), regions: &facts.regions, checks, trails, rules, deployment, summary }
}

/// Where one trail has all that is needed, it does no harm that another records less or goes elsewhere.
/// That another one is stopped or cannot deliver stays a problem.
fn excuse_lesser_trails(trails: &mut [TrailReport<'_>]) {
    let suffices = |trail: &TrailReport<'_>| {
        trail.checks.iter().all(|check| matches!(check.verdict, Verdict::Ok | Verdict::Warning))
    };
    let Some(name) = trails.iter().find(|trail| suffices(trail)).map(|trail| trail.name) else { return };
    for check in trails.iter_mut().flat_map(|trail| &mut trail.checks) {
        let is_excusable = matches!(check.subject, Subject::Regions | Subject::ManagementEvents | Subject::Bucket);
        if is_excusable && check.verdict == Verdict::Problem {
            check.verdict = Verdict::Warning;
            check.advice =
                Some(format!("nothing, if this trail is meant for something else: `{name}` has what is needed"));
        }
    }
}

fn of_account(facts: &Facts, question: &Question<'_>) -> Vec<Check> {
    let mut checks: Vec<Check> = facts.failures.iter().map(Failure::check).collect();
    let regions = facts.answering().join(", ");
    match (facts.trails.len(), question.trail) {
        // A trail may be hidden where nothing can be seen.
        (0, _) if !checks.is_empty() => {}
        (0, None) => checks.push(Check::problem(
            Subject::Trail,
            format!("no trail is seen from {regions}"),
            "create a trail for all regions; one that is for a single region is seen only from there: name that region \
             with `--region`",
        )),
        (0, Some(wanted)) => {
            let others: Vec<String> = facts.others.iter().map(|name| format!("`{name}`")).collect();
            let others = if others.is_empty() { "no other either".to_owned() } else { others.join(", ") };
            checks.push(Check::problem(
                Subject::Trail,
                format!("the trail `{wanted}` is not seen from {regions}, but {others}"),
                "look at the name; a trail for a single region is seen only from there: name that region with `--region`",
            ));
        }
        (seen, _) => {
            let all = seen.saturating_add(facts.others.len());
            let (trails, verb) = (count_trails(all), if all == 1 { "is" } else { "are" });
            let looked_at = if seen == all { String::new() } else { format!(", {seen} looked at") };
            checks.push(Check::ok(Subject::Trail, format!("{trails} {verb} seen from {regions}{looked_at}")));
        }
    }
    checks
}

fn count_trails(number: usize) -> String {
    u64::try_from(number).map_or_else(|_| String::new(), |number| count(number, "trail"))
}

impl Facts {
    /// The regions in which trails could be listed.
    fn answering(&self) -> Vec<&str> {
        let is_failed = |name: &str| {
            let is =
                |failure: &Failure| matches!(failure, Failure::Call { region: Some(region), .. } if region == name);
            self.failures.iter().any(is)
        };
        self.regions.iter().map(String::as_str).filter(|name| !is_failed(name)).collect()
    }

    /// Nothing could be found out.
    pub(super) fn blind(failure: Failure) -> Self {
        Facts { failures: vec![failure], ..Facts::default() }
    }
}

impl Failure {
    fn check(&self) -> Check {
        match self {
            Failure::NoRegion => Check::unknown(
                Subject::Trail,
                "no region is set".to_owned(),
                "name a region with `--region`, in AWS_REGION or in the profile",
            ),
            Failure::Call { region, error } => {
                let place = region.as_ref().map_or(String::new(), |region| format!(" of {region}"));
                let seen = format!("the trails{place} cannot be listed: {}", error.reason());
                Check::unknown(Subject::Trail, seen, error.advice())
            }
        }
    }
}

impl Check {
    fn ok(subject: Subject, seen: impl Into<String>) -> Self {
        Check { subject, verdict: Verdict::Ok, seen: seen.into(), advice: None }
    }

    fn warning(subject: Subject, seen: impl Into<String>, advice: impl Into<String>) -> Self {
        Check { subject, verdict: Verdict::Warning, seen: seen.into(), advice: Some(advice.into()) }
    }

    fn problem(subject: Subject, seen: impl Into<String>, advice: impl Into<String>) -> Self {
        Check { subject, verdict: Verdict::Problem, seen: seen.into(), advice: Some(advice.into()) }
    }

    fn unknown(subject: Subject, seen: impl Into<String>, advice: impl Into<String>) -> Self {
        Check { subject, verdict: Verdict::Unknown, seen: seen.into(), advice: Some(advice.into()) }
    }
}

impl Report<'_> {
    /// A problem is one, whatever else could not be looked at.
    pub(super) fn status(&self) -> ExitStatus {
        match &self.summary {
            Summary { problems: 1.., .. } => ExitStatus::Problems,
            Summary { unknown: 1.., .. } => ExitStatus::CouldNotRun,
            Summary { .. } => ExitStatus::Clean,
        }
    }

    /// Whether nothing at all could be looked at.
    pub(super) fn is_blind(&self) -> bool {
        self.trails.is_empty() && self.checks.iter().all(|check| check.verdict == Verdict::Unknown)
    }
}

impl Summary {
    fn of<'c>(checks: impl Iterator<Item = &'c Check>, trails: &'c [TrailReport<'_>]) -> Self {
        let all: Vec<&Check> = checks.chain(trails.iter().flat_map(|trail| &trail.checks)).collect();
        let ended = |verdict: Verdict| all.iter().filter(|check| check.verdict == verdict).count();
        Summary {
            trails: trails.len(),
            ok: ended(Verdict::Ok),
            warnings: ended(Verdict::Warning),
            problems: ended(Verdict::Problem),
            unknown: ended(Verdict::Unknown),
        }
    }
}

impl Subject {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Subject::Trail => "trail",
            Subject::Logging => "logging",
            Subject::Delivery => "delivery",
            Subject::Validation => "validation",
            Subject::Regions => "regions",
            Subject::ManagementEvents => "management-events",
            Subject::Encryption => "encryption",
            Subject::Bucket => "bucket",
            Subject::Rules => "rules",
            Subject::Notification => "notification",
            Subject::Queue => "queue",
            Subject::DeadLetters => "dead-letters",
            Subject::Topic => "topic",
            Subject::Table => "table",
            Subject::Function => "function",
            Subject::Environment => "environment",
            Subject::EventSource => "event-source",
            Subject::FailedEvents => "failed-events",
            Subject::Alarms => "alarms",
            Subject::AlarmActions => "alarm-actions",
            Subject::AlarmState => "alarm-state",
            Subject::AlarmTopic => "alarm-topic",
        }
    }
}
