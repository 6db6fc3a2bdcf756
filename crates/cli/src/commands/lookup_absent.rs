//! Stands in for `trailhound lookup` in a build without the feature `aws`.

use std::io;

use crate::{arguments::LookupArguments, exit_status::ExitStatus, output::Output};

#[expect(clippy::unnecessary_wraps, reason = "the same signature as with the feature")]
pub(crate) fn run(_arguments: &LookupArguments, output: &mut Output) -> io::Result<ExitStatus> {
    output.error("this build cannot look at AWS: build it with the feature `aws`");
    Ok(ExitStatus::CouldNotRun)
}
