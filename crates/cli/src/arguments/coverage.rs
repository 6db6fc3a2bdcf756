use clap::{Args, ValueEnum};
use trailhound_rule_engine::Level;

use super::{RuleOperands, level_parser};

pub(super) const EXAMPLES: &str = "\
What rules say they detect, and what none says: tactics and techniques of
ATT&CK by tags such as `attack.t1098.001`; controls of the CIS AWS Foundations
Benchmark by tags such as `cis.aws.4.5`; techniques of Stratus Red Team by the
references to their pages; event sources by what the conditions ask for, with
those that are known to write logs and that no rule names.

Rules below `--level` do not count, since nobody hears of them who does not ask
for that level; controls that only such rules name stand among the gaps.

A number says how many rules there are, not how good they are: that is what
`trailhound test --mutate` is for.

Examples:
  trailhound coverage
      Of the built-in rules
  trailhound coverage rules/ my-rules/ > coverage.md
      With own rules, as a page
  trailhound coverage --format navigator > layer.json
      To open in the ATT&CK Navigator (layer format 4.5)
  trailhound coverage --level high --format json | jq .gaps
      What no rule of level high or above covers";

#[derive(Debug, Args)]
pub(crate) struct CoverageArguments {
    #[command(flatten)]
    pub(crate) rules: RuleOperands,

    /// Count only rules of this level and above
    #[arg(long, value_name = "LEVEL", default_value = "low", value_parser = level_parser())]
    #[arg(hide_possible_values = true)]
    pub(crate) level: Level,

    /// How to print results: markdown, json, navigator
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub(crate) format: CoverageFormat,
}

/// The forms in which `coverage` prints results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum CoverageFormat {
    /// Tables for people.
    #[default]
    Markdown,
    /// One JSON document.
    Json,
    /// A layer for the ATT&CK Navigator.
    Navigator,
}
