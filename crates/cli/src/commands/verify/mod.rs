//! `trailhound verify`: proves by CloudTrail's signatures that logs are as they were delivered.
//!
//! [`copy`] knows what lies where, [`logs`] reads log objects and compares them, [`report`] is the result, which
//! [`text`] shows to people. What a digest proves is decided in the crate `cloudtrail`.

mod copy;
mod logs;
mod report;
mod text;

use std::io;

use trailhound_cloudtrail::{Chain, Cover, Limits, PublicKeys, Range, judge_digests};

use self::{copy::Copy, report::Report};
use crate::{
    arguments::{Format, VerifyArguments},
    exit_status::ExitStatus,
    inputs::read_text,
    output::{Output, printable},
};

pub(crate) fn run(arguments: &VerifyArguments, output: &mut Output) -> io::Result<ExitStatus> {
    let Some(keys) = read_keys(arguments, output) else { return Ok(ExitStatus::CouldNotRun) };
    let mut copy = Copy::list(&arguments.folder);
    let limits = Limits::default();
    let digests = copy.read_digests(&limits);
    copy.report_unreadable(output);
    let all = judge_digests(digests, &keys, &limits);
    let wanted: Vec<Chain> =
        all.iter().filter(|chain| arguments.wants(chain)).map(|chain| chain.within(&arguments.range())).collect();
    if wanted.iter().all(|chain| chain.digests.is_empty() && chain.holes.is_empty()) {
        output.error(format_args!(
            "{}: no digest of what is asked for",
            printable(&arguments.folder.display().to_string())
        ));
        return Ok(ExitStatus::CouldNotRun);
    }
    let compared = logs::compare(&wanted, &copy, arguments.threads, &limits)?;
    let unproven = logs::unproven(&all, &copy, &Cover::of(&all), arguments);
    let report = Report::new(&wanted, &compared, &unproven, copy.unreadable());
    match arguments.format {
        Format::Text => text::print(&report, output)?,
        Format::Json => output.json_document(&report)?,
    }
    Ok(report.status())
}

/// All keys of all files; `None` if one cannot be read, which has been said.
fn read_keys(arguments: &VerifyArguments, output: &Output) -> Option<PublicKeys> {
    let mut keys = PublicKeys::default();
    let mut is_complete = true;
    for path in &arguments.keys {
        match read_text(path) {
            Ok(json) => {
                if let Err(error) = keys.insert_listed(&json) {
                    output.error(format_args!(
                        "{}: {}",
                        printable(&path.display().to_string()),
                        printable(&error.to_string())
                    ));
                    is_complete = false;
                }
            }
            Err(unreadable) => {
                output.unreadable(&unreadable);
                is_complete = false;
            }
        }
    }
    is_complete.then_some(keys)
}

impl VerifyArguments {
    fn range(&self) -> Range {
        Range { since: self.since, until: self.until }
    }

    fn wants(&self, chain: &Chain) -> bool {
        self.wants_place(&chain.name.account, &chain.name.region)
            && self.trail.as_ref().is_none_or(|trail| *trail == chain.name.trail)
    }

    fn wants_place(&self, account: &str, region: &str) -> bool {
        self.account.as_ref().is_none_or(|wanted| wanted == account)
            && self.region.as_ref().is_none_or(|wanted| wanted == region)
    }
}
