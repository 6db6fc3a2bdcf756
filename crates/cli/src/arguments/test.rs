use std::num::NonZeroUsize;

use clap::{Args, ValueEnum};

use super::{RuleOperands, processors};

pub(super) const EXAMPLES: &str = "\
A rule carries its tests under the key `tests`:

  tests:
    - name: logging is stopped
      match: true
      event: {eventSource: cloudtrail.amazonaws.com, eventName: StopLogging}
    - name: logging is started
      match: false
      event: {eventSource: cloudtrail.amazonaws.com, eventName: StartLogging}

A test that fails comes with an explanation of what the event made of the rule.

`--coverage` says which searches, alternatives and values of a list no test
needed: turning them alone would have turned no verdict.

`--mutate` damages each rule in many small ways (drops a search, an entry or a
value, negates, widens, shifts a threshold or a time) and says which damages no
test notices. What no record could tell apart is left out. The score is the
share of damages that were noticed.

Examples:
  trailhound test rules/
  trailhound test rules/iam/new.yml --coverage --mutate
      What its tests do not ask yet
  trailhound test rules/ --mutate --min-score 90
      Exit status 1 if any rule has a lower score
  trailhound test rules/ --format junit > results.xml
      For the test reports of a CI system";

#[derive(Debug, Args)]
pub(crate) struct TestArguments {
    #[command(flatten)]
    pub(crate) rules: RuleOperands,

    /// How to print results: text, json, junit
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub(crate) format: TestFormat,

    /// Say which parts of the rules no test needs
    #[arg(long)]
    pub(crate) coverage: bool,

    /// Damage the rules and say which damages no test notices
    #[arg(long)]
    pub(crate) mutate: bool,

    /// Exit with status 1 if any rule notices fewer damages, in percent
    #[arg(long, value_name = "PERCENT", requires = "mutate", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) min_score: Option<u8>,

    /// How many rules to damage at a time [default: one for each processor]
    #[arg(long, value_name = "NUMBER", default_value_t = processors(), hide_default_value = true)]
    pub(crate) threads: NonZeroUsize,
}

/// The forms in which `test` prints results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// The XML that CI systems read; tests alone, without coverage and mutants.
    Junit,
}
