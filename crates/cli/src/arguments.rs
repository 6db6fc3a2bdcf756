//! What can be typed after `trailhound`, and the help on it.

mod age;
mod back_test;
mod byte_size;
mod check;
mod coverage;
mod doctor;
mod explain;
mod lookup;
mod lsp;
mod moment;
mod new;
mod rule_files;
mod run;
mod scan;
mod schema;
mod send_test;
mod shell;
mod test;

use std::{num::NonZeroUsize, path::PathBuf, process::ExitCode, thread};

use clap::{
    Args, Parser, Subcommand, ValueEnum,
    builder::{OsStringValueParser, PossibleValuesParser, TypedValueParser, ValueParser},
};
use jiff::Timestamp;
use trailhound_rule_engine::Level;

use self::rule_files::{ListOptions, RuleOperands, RuleOptions};
use crate::inputs::Input;

pub(crate) use back_test::BackTestArguments;
pub(crate) use byte_size::ByteSize;
pub(crate) use check::{CatalogArguments, CatalogCommand, CheckArguments, CheckFormat, LearnArguments};
pub(crate) use coverage::{CoverageArguments, CoverageFormat};
pub(crate) use doctor::DoctorArguments;
pub(crate) use explain::ExplainArguments;
pub(crate) use lookup::LookupArguments;
pub(crate) use lsp::LspArguments;
pub(crate) use new::{NewArguments, Outcome};
pub(crate) use run::RunArguments;
pub(crate) use scan::{ScanArguments, ScanFormat};
pub(crate) use schema::SchemaArguments;
pub(crate) use send_test::SendTestArguments;
pub(crate) use shell::{CompletionsArguments, ManArguments};
pub(crate) use test::{TestArguments, TestFormat};

const ABOUT: &str = "Finds suspicious activity in CloudTrail logs with Sigma rules.";

const OVERVIEW: &str = "\
Results go to standard output, diagnostics and progress to standard error.

Exit status:
  0  clean
  1  problems found: an invalid rule, a failed test, a match that
     `scan --fail-on` names, something `doctor` finds wrong with CloudTrail,
     or logs that `verify` finds changed
  2  could not run: bad usage, an unreadable input, rules that do not load,
     an account that cannot be looked at

Examples:
  trailhound scan logs/
      Look for suspicious activity with the built-in rules
  trailhound scan s3://my-trail/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/
      The same, straight from the bucket
  trailhound check my-rules/ && trailhound test my-rules/
      Check rules for mistakes, then run the tests they carry
  trailhound explain my-rules/new.yml event.json
      Why a rule does not match what it should match
  trailhound scan logs/ --rules my-rules/ --format ndjson | jq .rule.title
      Dry-run own rules and go on with the matches in other tools

`trailhound COMMAND --help` tells more about a command.";

const RULES_EXAMPLES: &str = "\
Examples:
  trailhound rules
  trailhound rules my-rules/ --format json | jq -r '.rules[].name'";

const CONFIG_EXAMPLES: &str = "\
Both look at the file and at the variables `TRAILHOUND_…` of the environment,
as the function does; a variable comes before the file. docs/configuration.md
names every setting.

Examples:
  trailhound config check trailhound.yml
      Every mistake with its place and what to write instead
  TRAILHOUND_MIN_LEVEL=high trailhound config show trailhound.yml
      What is in force, and where each value comes from";

const VERIFY_EXAMPLES: &str = "\
Every hour CloudTrail signs a digest of the log objects it delivered. INPUT has
logs and digests: the bucket, or a copy of it or of a part of it in a folder.
Of a bucket, with `--since` and `--until` only the objects of that time are
read. The public keys come from CloudTrail, of each region its own, or from
files:

  aws cloudtrail list-public-keys --region eu-west-1 \\
      --start-time 2026-03-01 --end-time 2026-04-01 > keys-eu-west-1.json

The signature of the newest digest stands only in the metadata of its object,
which a folder lacks; without it that digest counts as unsigned. Save it beside
the digest, under the digest's name and `.head.json`:

  aws s3api head-object --bucket my-trail --key KEY > copy/PATH.head.json

The rights that are needed are s3:ListBucket and s3:GetObject, kms:Decrypt
where objects are encrypted with a key of their own, and
cloudtrail:ListPublicKeys.

Exit status: 0 if everything is intact, 1 if a digest or a log object is
invalid, missing or in no digest that should list it, or if there is a hole,
2 if there is none of that but something could not be verified.

Examples:
  trailhound verify s3://my-trail/AWSLogs/111122223333 --since 2026-03-09
      An account since a day, straight from the bucket, keys from CloudTrail
  trailhound verify copy/ --keys keys-eu-west-1.json
      All that is in a copy
  trailhound verify copy/ --keys keys.json --since 2026-03-09 --until 2026-03-11
      Two days, which have to be covered from start to end
  trailhound verify copy/ --keys keys.json --format json | jq .chains[].holes
      The times of which nothing can be said";

#[derive(Debug, Parser)]
#[command(name = "trailhound", version, about = ABOUT, after_help = OVERVIEW, max_term_width = 80)]
#[command(subcommand_required = true, arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// When to use colour: auto, always, never
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t, hide_possible_values = true)]
    pub(crate) color: ColorChoice,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run rules over CloudTrail logs and show what matches
    #[command(after_help = scan::EXAMPLES)]
    Scan(ScanArguments),
    /// Watch folders or a queue, and hand on the alerts
    #[command(after_help = run::EXAMPLES)]
    Run(RunArguments),
    /// Check rule files for mistakes
    #[command(after_help = check::EXAMPLES)]
    Check(CheckArguments),
    /// The names of events and fields that `check` knows
    #[command(after_help = check::LEARN_EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
    #[command(disable_help_subcommand = true)]
    Catalog(CatalogArguments),
    /// Run the tests that rules carry
    #[command(after_help = test::EXAMPLES)]
    Test(TestArguments),
    /// Say why a rule matches an event or does not
    #[command(after_help = explain::EXAMPLES)]
    Explain(ExplainArguments),
    /// Write a rule with its tests, from an event or from flags
    #[command(after_help = new::EXAMPLES)]
    New(NewArguments),
    /// List rules: level, name, title
    #[command(after_help = RULES_EXAMPLES)]
    Rules(RuleArguments),
    /// Say what rules cover of ATT&CK, CIS, Stratus Red Team, event sources
    #[command(after_help = coverage::EXAMPLES)]
    Coverage(CoverageArguments),
    /// Check the configuration of the function, or show what is in force
    #[command(after_help = CONFIG_EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
    #[command(disable_help_subcommand = true)]
    Config(ConfigArguments),
    /// Look whether CloudTrail records what Trailhound relies on
    #[command(after_help = doctor::EXAMPLES)]
    Doctor(DoctorArguments),
    /// Prove by CloudTrail's signatures that logs are as they were delivered
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(VerifyArguments),
    /// Send a marked test the way that logs go, to see an alert arrive
    #[command(after_help = send_test::EXAMPLES)]
    SendTest(SendTestArguments),
    /// Fetch the events that CloudTrail keeps by itself, for `scan -`
    #[command(after_help = lookup::EXAMPLES)]
    Lookup(LookupArguments),
    /// Print a JSON Schema of rule files, for editors
    #[command(after_help = schema::EXAMPLES)]
    Schema(SchemaArguments),
    /// Help an editor with rules: a language server on standard input
    #[command(after_help = lsp::EXAMPLES)]
    Lsp(LspArguments),
    /// Print what a shell needs to complete words
    #[command(after_help = shell::COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArguments),
    /// Print the man page of the program or of a command
    #[command(after_help = shell::MAN_EXAMPLES)]
    Man(ManArguments),
}

/// How many processors this process may use; one where that cannot be found out.
fn processors() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

#[derive(Debug, Args)]
pub(crate) struct RuleArguments {
    #[command(flatten)]
    pub(crate) rules: RuleOperands,

    /// How to print results: text, json
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArguments {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show every mistake
    #[command(after_help = CONFIG_EXAMPLES)]
    Check(ConfigFile),
    /// Show the values in force and where they come from
    #[command(after_help = CONFIG_EXAMPLES)]
    Show(ConfigFile),
}

#[derive(Debug, Args)]
pub(crate) struct ConfigFile {
    /// The configuration [default: the environment alone]
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,

    /// How to print results: text, json
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// Folder with a copy of the bucket or of a part of it, or `s3://BUCKET/PREFIX`
    #[arg(value_name = "INPUT", value_parser = input_parser())]
    pub(crate) input: Input,

    /// Public keys as `aws cloudtrail list-public-keys` prints them, repeatable [default: ask CloudTrail]
    #[arg(long, value_name = "FILE")]
    pub(crate) keys: Vec<PathBuf>,

    /// Only the objects of this account
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,

    /// Only the objects of this region
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,

    /// Only the digests of this trail
    #[arg(long, value_name = "NAME")]
    pub(crate) trail: Option<String>,

    /// Start of the time to verify, such as 2026-03-09 or 2026-03-09T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment::since)]
    pub(crate) since: Option<Timestamp>,

    /// End of the time to verify; a day counts whole
    #[arg(long, value_name = "TIME", value_parser = moment::until)]
    pub(crate) until: Option<Timestamp>,

    /// How to print results: text, json
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub(crate) format: Format,

    /// How many objects to read at a time [default: one for each processor; 8 of a bucket]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) threads: Option<NonZeroUsize>,
}

/// The forms in which the other commands print results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON document.
    Json,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Even into files and pipes.
    Always,
    /// Not at all.
    Never,
}

/// Prints what is wrong with the usage, or the help or version that was asked for.
pub(crate) fn explain(usage: &clap::Error) -> ExitCode {
    // Nobody is left to tell when this cannot be printed.
    let _ = usage.print();
    u8::try_from(usage.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

fn input_parser() -> ValueParser {
    OsStringValueParser::new().try_map(Input::try_from).into()
}

/// Offers the words of the levels, so that the error on another word lists them.
fn level_parser() -> ValueParser {
    PossibleValuesParser::new(Level::ALL.map(Level::as_str)).try_map(|word| word.parse::<Level>()).into()
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    use trailhound_rule_engine::Tests;

    use super::{Arguments, explain};
    use crate::rule_files;

    #[test]
    fn examples_name_rules_that_there_are() {
        let files = rule_files::load(&[], &[], Tests::PassOver);
        let built_in: Vec<&str> = files.carriers().map(|known| known.metadata.handle()).collect();
        let examples = explain::EXAMPLES.lines().filter_map(|line| line.trim().strip_prefix("trailhound explain "));
        let names: Vec<&str> = examples
            .filter(|example| !example.contains("--rules"))
            .filter_map(|example| example.split(' ').next())
            .filter(|name| !name.contains('.'))
            .collect();
        assert!(names.len() > 2);
        assert!(names.iter().all(|name| built_in.contains(name)), "{names:?}");
    }

    #[test]
    fn every_command_has_examples_within_80_columns() {
        judge(&Arguments::command());
    }

    fn judge(command: &Command) {
        let help = command.get_after_help().unwrap_or_default().to_string();
        assert!(help.contains("Examples:\n"), "{} shows no example", command.get_name());
        let wide = help.lines().find(|line| line.chars().count() > 80);
        assert_eq!(wide, None, "{}", command.get_name());
        command.get_subcommands().for_each(judge);
    }
}
