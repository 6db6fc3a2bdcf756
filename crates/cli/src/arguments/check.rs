//! What can be typed after `trailhound check` and `trailhound catalog`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use trailhound_rule_engine::{Code, Severity};

use super::{ByteSize, RuleOperands};
use crate::inputs::Input;

pub(super) const EXAMPLES: &str = "\
Errors keep a rule from being loaded. Warnings and notes come from lints: the
rule loads, and probably does not do what it should. Each has a code, and a page
that `--explain` shows. A rule takes one back with a reason:

  allow:
    - {lint: TH1015, reason: the call is worth an alert in any service}

Lints know the names of CloudTrail's events and fields from a catalogue. What
you log beyond it can be learnt:

  trailhound catalog learn logs/ > own.catalog
  trailhound check my-rules/ --catalog own.catalog

Examples:
  trailhound check rules/
  trailhound check rules/ --fail-on warning --allow TH1040
      Exit status 1 on a warning as well; no word about missing tests
  trailhound check rules/iam/new.yml --format json | jq '.diagnostics[].code'
  trailhound check rules/ --format sarif > check.sarif
      For code review tools
  trailhound check --explain TH1011";

pub(super) const LEARN_EXAMPLES: &str = "\
Takes the names of event sources, events and fields, never values, and prints
those that the built-in catalogue does not have. Logs may be all that `scan`
reads.

Examples:
  trailhound catalog learn logs/ > own.catalog
  trailhound check my-rules/ --catalog own.catalog";

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    pub(crate) rules: RuleOperands,

    /// More names of events and fields, from `catalog learn`, repeatable
    #[arg(long, value_name = "FILE")]
    pub(crate) catalog: Vec<PathBuf>,

    /// Leave out a lint in all rules, repeatable
    #[arg(long, value_name = "CODE", value_parser = lint)]
    pub(crate) allow: Vec<Code>,

    /// Exit with status 1 on this or worse: note, warning, error
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t, hide_possible_values = true)]
    pub(crate) fail_on: Threshold,

    /// Show the page of a code, such as TH1011
    #[arg(long, value_name = "CODE", conflicts_with_all = ["paths", "lists", "catalog", "allow", "format"])]
    pub(crate) explain: Option<Code>,

    /// How to print results: text, json, sarif
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub(crate) format: CheckFormat,
}

/// The forms in which `check` prints results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, for code review tools.
    Sarif,
}

/// The least severity that counts as a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Threshold {
    Note,
    Warning,
    #[default]
    Error,
}

impl Threshold {
    pub(crate) fn severity(self) -> Severity {
        match self {
            Threshold::Note => Severity::Note,
            Threshold::Warning => Severity::Warning,
            Threshold::Error => Severity::Error,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct CatalogArguments {
    #[command(subcommand)]
    pub(crate) command: CatalogCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CatalogCommand {
    /// Learn names from logs
    #[command(after_help = LEARN_EXAMPLES)]
    Learn(LearnArguments),
}

#[derive(Debug, Args)]
pub(crate) struct LearnArguments {
    /// Files, folders, `s3://BUCKET/PREFIX`, or `-` for standard input
    #[arg(value_name = "INPUT", required = true, value_parser = super::input_parser())]
    pub(crate) inputs: Vec<Input>,

    /// Refuse objects of more bytes than this, uncompressed; takes KiB, MiB, GiB
    #[arg(long, value_name = "SIZE", default_value_t)]
    pub(crate) max_object_bytes: ByteSize,

    /// Print the built-in names as well
    #[arg(long)]
    pub(crate) all: bool,
}

pub(super) fn lint(text: &str) -> Result<Code, String> {
    let code: Code = text.parse().map_err(|unknown| format!("{unknown}"))?;
    if code.is_lint() { Ok(code) } else { Err(format!("{code} is an error of the rule and cannot be left out")) }
}
