//! `trailhound doctor`: looks whether CloudTrail records what Trailhound relies on, and whether a deployment works.
//!
//! [`look`] asks; [`judge`] decides, and knows neither AWS nor the time; [`report`] shows.

mod judge;
mod look;
mod management;
mod policy;
mod report;
#[cfg(test)]
mod samples;
mod selectors;

use std::io;

use jiff::Timestamp;
use tokio::runtime::Builder;
use trailhound_cloudtrail::NeededEvents;
use trailhound_rule_engine::Tests;

use self::judge::{Facts, Needs, Question};
use crate::{
    arguments::{DoctorArguments, Format},
    exit_status::ExitStatus,
    output::Output,
    rule_files::{self, RuleFiles},
};

pub(crate) fn run(arguments: &DoctorArguments, output: &mut Output) -> io::Result<ExitStatus> {
    if arguments.policy {
        output.json_document(&policy::policy())?;
        return Ok(ExitStatus::Clean);
    }
    let rules = rule_files::load(&arguments.rules.paths, &arguments.rules.lists.files, Tests::Read);
    rules.report_unreadable(output);
    rules.report_diagnostics(output);
    if rules.status() != ExitStatus::Clean {
        return Ok(rules.status());
    }
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output.error(format_args!("calls to AWS cannot be made: {error}"));
            return Ok(ExitStatus::CouldNotRun);
        }
    };
    let facts = Facts { needs: needs(&rules), ..runtime.block_on(look::look(arguments)) };
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

/// What those rules and correlations need that alert.
fn needs(files: &RuleFiles) -> Vec<Needs> {
    let rules = &files.loaded.rules;
    let NeededEvents { rules: of_rules, correlations } =
        NeededEvents::of(rules, &|source, name| files.event_file(source, name));
    let of_rules = of_rules.into_iter().filter(|(index, _)| !rules.is_silent(*index));
    let of_rules = of_rules.filter_map(|(index, events)| Some((rules.get(index)?.metadata(), events)));
    let of_correlations = correlations.into_iter().filter(|(index, _)| !rules.is_silent_correlation(*index));
    let of_correlations =
        of_correlations.filter_map(|(index, events)| Some((rules.correlation(index)?.metadata(), events)));
    let all = of_rules.chain(of_correlations);
    let mut needs: Vec<Needs> = all
        .map(|(metadata, events)| Needs { name: metadata.handle().to_owned(), level: metadata.level, events })
        .collect();
    needs.sort_by(|left, right| left.name.cmp(&right.name));
    needs
}
