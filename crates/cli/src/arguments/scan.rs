use std::num::NonZeroUsize;

use clap::{Args, ValueEnum};
use trailhound_rule_engine::Level;

use super::{BackTestArguments, ByteSize, RuleOptions, input_parser, level_parser, processors};
use crate::inputs::Input;

pub(super) const EXAMPLES: &str = "\
Folders are read with everything below them in the order of the names, except
what has a name that starts with a dot. Digest files of CloudTrail are passed
over.

Records may come in any shape CloudTrail is found in: log objects, plain or
gzip; JSON arrays; newline-delimited JSON; EventBridge events; CloudWatch Logs
messages; the output of `aws cloudtrail lookup-events`. What cannot be read is
reported on standard error with its place and counted as refused; the rest is
scanned.

With `--since` and `--until` other records are passed over, by their eventTime;
those without a time are scanned all the same. `--baseline` tells hits apart by
their eventID and rules by their id, else their name, else their title; scan
both times with the same `--level`, `--since` and `--until`. The exit status is
a matter of `--fail-on` alone.

Examples:
  trailhound scan logs/
      Everything in a folder, with the built-in rules
  trailhound scan logs/ --rules rules/ --rules drafts/new.yml --level high
      Own rules; show only matches from `high` upwards
  trailhound scan logs/ --level informational --format ndjson
      Also what is mostly only food for correlations, such as each secret read
  zcat *.json.gz | trailhound scan - --format ndjson
      From a pipe, one JSON object a line
  trailhound scan logs/ --fail-on medium > report.txt
      Exit status 1 if any rule from `medium` upwards matches
  trailhound scan logs/ --since 2026-03-01 --until 2026-03-31 --html march.html
      A month of events, and a page about them for a browser
  trailhound scan logs/ --format json > before.json
  trailhound scan logs/ --rules edited/ --baseline before.json
      What an edit of the rules changes: new, gone and changed hits";

#[derive(Debug, Args)]
pub(crate) struct ScanArguments {
    /// Files, folders, `s3://BUCKET/PREFIX`, or `-` for standard input [default: -]
    #[arg(value_name = "INPUT", value_parser = input_parser())]
    pub(crate) inputs: Vec<Input>,

    #[command(flatten)]
    pub(crate) rules: RuleOptions,

    /// How to print results: text, json, ndjson
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub(crate) format: ScanFormat,

    /// Show only matches of this level and above
    #[arg(long, value_name = "LEVEL", default_value = "low", value_parser = level_parser())]
    #[arg(hide_possible_values = true)]
    pub(crate) level: Level,

    /// Exit with status 1 on a match of this level or above, shown or not
    #[arg(long, value_name = "LEVEL", value_parser = level_parser(), hide_possible_values = true)]
    pub(crate) fail_on: Option<Level>,

    #[command(flatten)]
    pub(crate) back_test: BackTestArguments,

    /// Refuse objects of more bytes than this, uncompressed; takes KiB, MiB, GiB
    #[arg(long, value_name = "SIZE", default_value_t)]
    pub(crate) max_object_bytes: ByteSize,

    /// How many objects to look at at a time [default: one for each processor]
    #[arg(long, value_name = "NUMBER", default_value_t = processors(), hide_default_value = true)]
    pub(crate) threads: NonZeroUsize,

    /// Show no progress
    #[arg(short, long, visible_alias = "no-progress")]
    pub(crate) quiet: bool,
}

/// The forms in which `scan` prints results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ScanFormat {
    /// A list for people, sorted by time.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// One JSON object a line, as soon as it is known.
    Ndjson,
}
