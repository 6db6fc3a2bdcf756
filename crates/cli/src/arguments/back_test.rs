use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

use super::moment;

/// What makes a scan a back-test: a span of time, a run to compare with, a page to hand on.
#[derive(Debug, Args)]
pub(crate) struct BackTestArguments {
    /// Only events from this day or moment on, such as 2026-03-10 or
    /// 2026-03-10T11:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment::since)]
    pub(crate) since: Option<Timestamp>,

    /// Only events up to the end of this day, or before this moment
    #[arg(long, value_name = "TIME", value_parser = moment::until)]
    pub(crate) until: Option<Timestamp>,

    /// Compare with an earlier run, as `--format json` or `ndjson` printed it
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,

    /// Write a report as one page for a browser, which needs no network
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}
