use std::path::PathBuf;

use clap::Args;

use super::{Format, input_parser};
use crate::inputs::Input;

pub(super) const EXAMPLES: &str = "\
Shows every part of the condition with whether it held, what the event has in
the place, and the line of the rule; then the fewest changes of the event that
would turn the verdict; then what becomes of a match: the filters that apply,
the correlations that keep the rule silent, and the level.

EVENT is a file with one record, in any shape that `scan` reads; `-` for
standard input; FILE:NUMBER or FILE#NUMBER, as `scan` names records, counted
from zero; or, where LOGS are named behind it, the eventID of a record in them.

Examples:
  trailhound explain rules/iam/new.yml event.json
      Why does it not match?
  trailhound explain trail-stopped logs/trail.json.gz#17
      A built-in rule by its name, and what `scan` has found
  trailhound explain trail-stopped 0c6f2c5e-8a3b-4d0e-9a53-1f0f0f6f9d11 logs/
      A record by its eventID, looked for in a folder
  trailhound explain new-rule event.json --rules rules/ --format json
      By the name within own rules, with the filters among them";

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// Rule file, or the name or id of a rule
    #[arg(value_name = "RULE")]
    pub(crate) rule: String,

    /// FILE, `-`, `FILE:NUMBER`, or an eventID within LOGS
    #[arg(value_name = "EVENT")]
    pub(crate) event: String,

    /// Files, folders or `s3://BUCKET/PREFIX` in which to look for the eventID
    #[arg(value_name = "LOGS", value_parser = input_parser())]
    pub(crate) logs: Vec<Input>,

    /// Rule file or folder (*.yml, *.yaml), repeatable [default: built-in rules]
    #[arg(long, value_name = "PATH")]
    pub(crate) rules: Vec<PathBuf>,

    /// File that fills named lists (`name: [value, …]`), repeatable
    #[arg(long, value_name = "FILE")]
    pub(crate) lists: Vec<PathBuf>,

    /// How to print results: text, json
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub(crate) format: Format,
}
