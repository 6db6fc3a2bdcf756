//! Stands in for `trailhound send-test` in a build without the feature `aws`.

use std::io;

use crate::{arguments::SendTestArguments, exit_status::ExitStatus, output::Output};

#[expect(clippy::unnecessary_wraps, reason = "the same signature as with the feature")]
pub(crate) fn run(_arguments: &SendTestArguments, output: &mut Output) -> io::Result<ExitStatus> {
    output.error("this build cannot look at AWS: build it with the feature `aws`");
    Ok(ExitStatus::CouldNotRun)
}
