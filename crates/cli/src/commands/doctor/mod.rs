//! `trailhound doctor`: looks whether CloudTrail records what Trailhound relies on.
//!
//! This module asks; [`judge`] decides, and knows neither AWS nor the time; [`report`] shows.

mod judge;
mod management;
mod policy;
mod report;
#[cfg(test)]
mod samples;

use std::io;

use jiff::Timestamp;
use tokio::runtime::Builder;
use trailhound_aws::{
    CallLimits, Trails,
    deployment::Deployment,
    trails::{Listing, LookError},
};

use self::judge::{Examined, Facts, Failure, Parts, Question, Redrive};
use crate::{
    arguments::{DoctorArguments, Format},
    exit_status::ExitStatus,
    output::Output,
};

pub(crate) fn run(arguments: &DoctorArguments, output: &mut Output) -> io::Result<ExitStatus> {
    if arguments.policy {
        output.json_document(&policy::policy())?;
        return Ok(ExitStatus::Clean);
    }
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output.error(format_args!("calls to AWS cannot be made: {error}"));
            return Ok(ExitStatus::CouldNotRun);
        }
    };
    let facts = runtime.block_on(look(arguments));
    let question = Question {
        trail: arguments.trail.as_deref(),
        bucket: arguments.bucket.as_deref(),
        stale_after: arguments.stale_after,
        now: Timestamp::now(),
    };
    let report = judge::judge(&facts, &question);
    match arguments.format {
        Format::Text => report::print_text(&report, output)?,
        Format::Json => output.json_document(&report)?,
    }
    if report.is_blind() {
        output.error("CloudTrail could not be looked at");
    }
    Ok(report.status())
}

/// Everything that can be found out about the trails that were asked for.
async fn look(arguments: &DoctorArguments) -> Facts {
    let trails = match Trails::connect(&CallLimits::default()).await {
        Ok(trails) => trails,
        Err(error) => return Facts::blind(Failure::Call { region: None, error }),
    };
    let regions = match (arguments.regions.as_slice(), trails.region()) {
        ([], Some(region)) => vec![region.to_owned()],
        ([], None) => return Facts::blind(Failure::NoRegion),
        (regions, _) => regions.to_vec(),
    };
    let Listing { trails: listed, failures } = trails.list(&regions).await;
    let mut facts = Facts { regions, failures: failures.into_iter().map(Failure::from).collect(), ..Facts::default() };
    for trail in listed {
        if arguments.trail.as_ref().is_none_or(|wanted| *wanted == trail.name || *wanted == trail.arn) {
            let (status, selectors) = (trails.status(&trail).await, trails.selectors(&trail).await);
            facts.trails.push(Examined { trail, status, selectors });
        } else {
            facts.others.push(trail.name);
        }
    }
    facts.parts = parts(&Deployment::beside(&trails), arguments).await;
    facts
}

/// What can be found out about the parts of the deployment that were named.
async fn parts(deployment: &Deployment, arguments: &DoctorArguments) -> Parts {
    let mut parts = Parts::default();
    if let Some(bucket) = &arguments.bucket {
        parts.bucket = Some((bucket.clone(), deployment.announcements(bucket).await));
    }
    if let Some(url) = &arguments.queue {
        let queue = deployment.queue(url).await;
        if let Some(Redrive { dead_letter_target_arn: arn, .. }) = queue.as_ref().ok().and_then(Redrive::of) {
            let dead = deployment.queue_of_arn(&arn).await;
            parts.dead = Some((arn, dead));
        }
        parts.queue = Some((url.clone(), queue));
    }
    for topic in &arguments.topics {
        parts.topics.push((topic.to_string(), deployment.topic(topic).await));
    }
    if let Some(table) = &arguments.table {
        parts.table = Some((table.clone(), deployment.table(table).await));
    }
    parts
}

impl From<(String, LookError)> for Failure {
    fn from((region, error): (String, LookError)) -> Self {
        Failure::Call { region: Some(region), error }
    }
}
