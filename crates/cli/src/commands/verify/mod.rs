//! `trailhound verify`: proves by CloudTrail's signatures that logs are as they were delivered.
//!
//! [`copy`] knows what lies where, [`keys`] what signatures are verified with, [`logs`] reads log objects and compares them, [`report`] is the result, which
//! [`text`] shows to people. What a digest proves is decided in the crate `cloudtrail`.

mod copy;
mod keys;
mod limits;
mod logs;
mod report;
mod text;

use std::{io, num::NonZeroUsize};

use trailhound_cloudtrail::{Chain, Cover, Limits, Range, judge_digests};

use self::{copy::Copy, limits::READERS, report::Report};
use crate::{
    arguments::{Format, VerifyArguments},
    exit_status::ExitStatus,
    inputs::Input,
    output::{Output, named},
};

pub(crate) fn run(arguments: &VerifyArguments, output: &mut Output) -> io::Result<ExitStatus> {
    let given = if arguments.keys.is_empty() { Some(None) } else { keys::read(arguments, output).map(Some) };
    let Some(given) = given else { return Ok(ExitStatus::CouldNotRun) };
    let mut copy = match Copy::list(&arguments.input, arguments.range()) {
        Ok(copy) => copy,
        Err(unreadable) => {
            output.unreadable(&unreadable);
            return Ok(ExitStatus::CouldNotRun);
        }
    };
    let limits = Limits::default();
    let digests = copy.read_digests(arguments.threads(), &limits)?;
    copy.report_unreadable(output);
    let Some(keys) = given.or_else(|| keys::ask(&digests, output)) else { return Ok(ExitStatus::CouldNotRun) };
    let all = judge_digests(digests.into_iter().map(|digest| digest.stored).collect(), &keys, &limits);
    let wanted = all.iter().filter(|chain| arguments.wants(chain));
    let mut wanted: Vec<Chain> = wanted.map(|chain| chain.within(&arguments.range())).collect();
    if matches!(arguments.input, Input::S3(_)) && arguments.since.is_some() {
        // What lies before was not read; that says nothing about whether it is there.
        for chain in &mut wanted {
            chain.earlier = None;
        }
    }
    if wanted.iter().all(|chain| chain.digests.is_empty() && chain.holes.is_empty()) {
        output.error(format_args!("{}: no digest of what is asked for", named(&arguments.input.to_string())));
        return Ok(ExitStatus::CouldNotRun);
    }
    let compared = logs::compare(&wanted, &copy, arguments.threads(), &limits)?;
    let unproven = logs::unproven(&all, &copy, &Cover::of(&all), arguments);
    let report = Report::new(&wanted, &compared, &unproven, copy.unreadable());
    match arguments.format {
        Format::Text => text::print(&report, output)?,
        Format::Json => output.json_document(&report)?,
    }
    Ok(report.status())
}

impl VerifyArguments {
    fn range(&self) -> Range {
        Range { since: self.since, until: self.until }
    }

    /// How many objects are read at a time.
    fn threads(&self) -> NonZeroUsize {
        let processors = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        self.threads.unwrap_or(match self.input {
            Input::S3(_) => processors.max(READERS),
            Input::Path(_) | Input::Stdin => processors,
        })
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
