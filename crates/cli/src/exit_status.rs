use std::process::ExitCode;

/// What a run tells the shell; where several apply, the greatest wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ExitStatus {
    /// Everything was looked at, nothing is wrong: 0.
    Clean,
    /// An invalid rule, a failed test, a match that `--fail-on` names, or a trail that does not do its work: 1.
    Problems,
    /// Something could not be read or done, so that nothing can be said about it: 2.
    CouldNotRun,
}

impl ExitStatus {
    /// The number that the shell gets.
    pub(crate) fn code(self) -> u8 {
        match self {
            ExitStatus::Clean => 0,
            ExitStatus::Problems => 1,
            ExitStatus::CouldNotRun => 2,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        ExitCode::from(status.code())
    }
}
