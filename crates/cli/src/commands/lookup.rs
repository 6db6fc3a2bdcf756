//! `trailhound lookup`: fetches what CloudTrail remembers by itself, for `scan` to read.

use std::{io, time::Duration};

use jiff::SignedDuration;
use tokio::{
    runtime::Builder,
    time::{self, MissedTickBehavior},
};
use trailhound_aws::{
    CallLimits, Trails,
    trails::{LookError, Lookup},
};

use crate::{
    arguments::LookupArguments,
    exit_status::ExitStatus,
    output::{Output, count, printable},
};

/// CloudTrail answers two calls a second in an account and region.
const PACE: Duration = Duration::from_millis(500);

/// Why there are no more events.
enum End {
    Reached,
    NoRegion,
    Failed(LookError),
}

pub(crate) fn run(arguments: &LookupArguments, output: &mut Output) -> io::Result<ExitStatus> {
    if arguments.since.zip(arguments.until).is_some_and(|(since, until)| since >= until) {
        output.error("there is nothing to look up: `--since` is not before `--until`");
        return Ok(ExitStatus::CouldNotRun);
    }
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output.error(format_args!("calls to AWS cannot be made: {error}"));
            return Ok(ExitStatus::CouldNotRun);
        }
    };
    match runtime.block_on(fetch(arguments, output))? {
        End::Reached => return Ok(ExitStatus::Clean),
        End::NoRegion => output.error("there is no region: name one with `--region`, in AWS_REGION or in the profile"),
        End::Failed(error) => {
            output.error(format_args!("{}; {}", printable(&error.reason()), printable(&error.advice())));
        }
    }
    Ok(ExitStatus::CouldNotRun)
}

/// Prints page after page, each as soon as it is there.
async fn fetch(arguments: &LookupArguments, output: &mut Output) -> io::Result<End> {
    let trails = match Trails::connect(&CallLimits::default()).await {
        Ok(trails) => trails,
        Err(error) => return Ok(End::Failed(error)),
    };
    let Some(region) = arguments.region.as_deref().or(trails.region()) else { return Ok(End::NoRegion) };
    // CloudTrail counts the last moment in; we do not.
    let until = arguments.until.and_then(|until| until.checked_sub(SignedDuration::from_secs(1)).ok());
    let lookup = Lookup { since: arguments.since, until, attribute: arguments.attribute.clone() };
    let mut pace = time::interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut next, mut records, mut without_record) = (None, 0_usize, 0);
    loop {
        pace.tick().await;
        let events = match trails.lookup(region, &lookup, next).await {
            Ok(events) => events,
            Err(error) => return Ok(End::Failed(error)),
        };
        records += events.records.len();
        without_record += events.without_record;
        for record in events.records {
            // A line end in JSON can only stand between its tokens.
            output.line(record.replace(['\n', '\r'], " "))?;
        }
        output.flush()?;
        next = events.next;
        if next.is_none() || output.reader_is_gone() {
            break;
        }
    }
    if without_record > 0 {
        output.warning(format_args!("{} came without a record", count(without_record, "event")));
    }
    output.note(format_args!("{} of {}", count(records, "record"), printable(region)));
    Ok(End::Reached)
}
