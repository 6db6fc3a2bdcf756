use std::path::PathBuf;

use clap::Args;

use super::{Format, input_parser};
use crate::inputs::Input;

pub(super) const EXAMPLES: &str = "\
Shows every part of the condition with whether it held, what the event has in
the place, and the line of the rule; then the fewest changes of the event that
would turn the verdict; then what becomes of a match: the filters that apply,
what it counts towards of correlations, the level, the identity of the alert,
by which it is sent once, the group that is one notification, and with
`--config` the topics it goes to.

Where RULE is a correlation, EVENT and LOGS are all looked at: how the count of
each group grows from event to event, and where it alerts.

EVENT is a file with one record, in any shape that `scan` reads; `-` for
standard input; FILE:NUMBER or FILE#NUMBER, as `scan` names records, counted
from zero; or, where LOGS are named behind it, the eventID of a record in them.

Examples:
  trailhound explain rules/iam/new.yml event.json
      Why does it not match?
  trailhound explain cloudtrail-stopped logs/trail.json.gz#17
      A built-in rule by its name, and what `scan` has found
  trailhound explain ami-public 0c6f2c5e-8a3b-4d0e-9a53-1f0f0f6f9d11 logs/
      A record by its eventID, looked for in a folder
  trailhound explain cloudtrail-stopped event.json --config trailhound.yml
      Which topics get it, and in what form
  trailhound explain console-login-bruteforce-by-ip logs/
      How far the events in a folder are from an alert of a correlation
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

    /// Configuration of the function: its named lists, and where an alert goes
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// How to print results: text, json
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub(crate) format: Format,
}
