use std::path::PathBuf;

use clap::{Args, ValueEnum};
use trailhound_rule_engine::Level;

use super::level_parser;

pub(super) const EXAMPLES: &str = "\
From an event: the rule asks for its event source and name, for how the call
went, and for those of its parameters that tell of no caller and no account.
Those that built-in rules ask of the same event come first; at most three are
taken, and `--where` names others. Tags are those of built-in rules about the
event. The event becomes a test, with documentation values in the place of
names, accounts, keys, addresses, ids and times; for each condition there is a
test that differs in it alone. Read the test before you publish it.

EVENT is a file with one record, in any shape that `scan` reads; `-` for
standard input; FILE#NUMBER or FILE:NUMBER, as `scan` names records.

Without `--from` and `--event`, a terminal is asked. The rule is written to
NAME.yml in the working directory unless `-o` says otherwise; a file that is
there is left alone without `--force`.

Examples:
  trailhound new
      Answer a few questions
  trailhound new --from event.json -o my-rules/
      A rule about what just happened
  trailhound new --from logs/trail.json.gz#17 --level high --stdout
      The record that `scan` has shown; print the rule
  trailhound new --source s3 --event PutBucketAcl --outcome any \\
      --where requestParameters.x-amz-acl=public-read
      Without an event; the test is made from the conditions";

/// What the rule is about, and where it goes.
#[derive(Debug, Clone, Args)]
pub(crate) struct NewArguments {
    /// Event to start from: FILE, `-`, or `FILE#NUMBER`
    #[arg(long, value_name = "EVENT", conflicts_with_all = ["source", "event"])]
    pub(crate) from: Option<String>,

    /// Event source, with or without `.amazonaws.com`
    #[arg(long, value_name = "SOURCE", requires = "event")]
    pub(crate) source: Option<String>,

    /// Event name
    #[arg(long, value_name = "NAME", requires = "source")]
    pub(crate) event: Option<String>,

    /// How the call went: success, denied, failed, any [default: as in the event]
    #[arg(long, value_enum, hide_possible_values = true)]
    pub(crate) outcome: Option<Outcome>,

    /// Condition in the place of those proposed, repeatable
    #[arg(long = "where", value_name = "FIELD=VALUE", value_parser = condition)]
    pub(crate) conditions: Vec<(String, String)>,

    /// First line of the alert [default: from the event name]
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,

    /// What it detects and why that matters
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,

    /// How urgent it is
    #[arg(long, value_name = "LEVEL", default_value = "medium", value_parser = level_parser())]
    #[arg(hide_possible_values = true)]
    pub(crate) level: Level,

    /// Who wrote it
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,

    /// Tag, such as attack.t1098.001, repeatable [default: those of built-in rules]
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,

    /// When it fires without harm, repeatable
    #[arg(long = "falsepositive", value_name = "TEXT")]
    pub(crate) false_positives: Vec<String>,

    /// File or folder to write to [default: NAME.yml]
    #[arg(short, long, value_name = "PATH", conflicts_with = "stdout")]
    pub(crate) output: Option<PathBuf>,

    /// Print the rule and write nothing
    #[arg(long)]
    pub(crate) stdout: bool,

    /// Overwrite a file that is there
    #[arg(long)]
    pub(crate) force: bool,
}

/// How a call went, as a rule asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Outcome {
    Success,
    Denied,
    Failed,
    /// It does not matter.
    Any,
}

fn condition(text: &str) -> Result<(String, String), &'static str> {
    let (field, value) = text.split_once('=').ok_or("write FIELD=VALUE")?;
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || "_-".contains(letter));
    if !field.split('.').all(is_name) || value.is_empty() {
        return Err("write FIELD=VALUE, where FIELD is names with dots between them");
    }
    Ok((field.to_owned(), value.to_owned()))
}
