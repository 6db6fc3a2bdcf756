//! What can be typed after `trailhound`, and the help on it.

mod age;
mod back_test;
mod byte_size;
mod check;
mod explain;
mod lookup;
mod lsp;
mod moment;
mod schema;
mod shell;
mod test;

use std::{num::NonZeroUsize, path::PathBuf, process::ExitCode, thread};

use clap::{
    Args, Parser, Subcommand, ValueEnum,
    builder::{OsStringValueParser, PossibleValuesParser, TypedValueParser, ValueParser},
};
use jiff::{SignedDuration, Timestamp};
use trailhound_rule_engine::Level;

use crate::inputs::Input;

pub(crate) use back_test::BackTestArguments;
pub(crate) use byte_size::ByteSize;
pub(crate) use check::{CatalogArguments, CatalogCommand, CheckArguments, CheckFormat, LearnArguments};
pub(crate) use explain::ExplainArguments;
pub(crate) use lookup::LookupArguments;
pub(crate) use lsp::LspArguments;
pub(crate) use schema::SchemaArguments;
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

const SCAN_EXAMPLES: &str = "\
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

const DOCTOR_EXAMPLES: &str = "\
Looks, changes nothing. For every trail that is seen from the regions:

  logging            it is on
  delivery           the latest object came without error and not long ago
  validation         digests are made, and the latest came without error
  regions            all regions and global services, such as IAM, are recorded
  management-events  all of them are recorded, reads and writes of all services
  encryption         objects are encrypted with a KMS key
  bucket             objects go to the bucket of `--bucket`

Where one trail has all this, another one may record less: that is a warning.
Delivery is told by CloudTrail for the home region of the trail.

Credentials, region and endpoint come from where every AWS tool has them. They
need the rights cloudtrail:DescribeTrails, cloudtrail:GetTrailStatus and
cloudtrail:GetEventSelectors.

Exit status: 0 if all is well or there are only warnings, 1 if there are
problems, 2 if there are none but something could not be looked at.

Examples:
  trailhound doctor
      All trails that are seen from the region of the profile
  trailhound doctor --region eu-west-1 --region us-east-1 --stale-after 6h
      From two regions; the account is quiet at night
  trailhound doctor --trail main --bucket my-trail --format json | jq .trails
      The trail that Trailhound reads, and whether it fills the right bucket";

const VERIFY_EXAMPLES: &str = "\
Every hour CloudTrail signs a digest of the log objects it delivered. FOLDER is
a copy of the bucket, or of a part of it, with logs and digests:

  aws s3 sync s3://my-trail/AWSLogs/111122223333 copy/
  aws cloudtrail list-public-keys --region eu-west-1 \\
      --start-time 2026-03-01 --end-time 2026-04-01 > keys-eu-west-1.json

Each region has keys of its own. The signature of the newest digest stands only
in the metadata of its object; without it that digest counts as unsigned. Save
it beside the digest, under the digest's name and `.head.json`:

  aws s3api head-object --bucket my-trail --key KEY > copy/PATH.head.json

Exit status: 0 if everything is intact, 1 if a digest or a log object is
invalid, missing or in no digest that should list it, or if there is a hole,
2 if there is none of that but something could not be verified.

Examples:
  trailhound verify copy/ --keys keys-eu-west-1.json
      All that is there
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
    #[command(after_help = SCAN_EXAMPLES)]
    Scan(ScanArguments),
    /// Check rule files for mistakes
    #[command(after_help = check::EXAMPLES)]
    Check(CheckArguments),
    /// The names of events and fields that `check` knows
    #[command(subcommand_required = true, arg_required_else_help = true, disable_help_subcommand = true)]
    Catalog(CatalogArguments),
    /// Run the tests that rules carry
    #[command(after_help = test::EXAMPLES)]
    Test(TestArguments),
    /// Say why a rule matches an event or does not
    #[command(after_help = explain::EXAMPLES)]
    Explain(ExplainArguments),
    /// List rules: level, name, title
    #[command(after_help = RULES_EXAMPLES)]
    Rules(RuleArguments),
    /// Check the configuration of the function, or show what is in force
    #[command(after_help = CONFIG_EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
    #[command(disable_help_subcommand = true)]
    Config(ConfigArguments),
    /// Look whether CloudTrail records what Trailhound relies on
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor(DoctorArguments),
    /// Prove by CloudTrail's signatures that logs are as they were delivered
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(VerifyArguments),
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

#[derive(Debug, Args)]
pub(crate) struct ScanArguments {
    /// Files, folders, `s3://BUCKET/PREFIX`, or `-` for standard input [default: -]
    #[arg(value_name = "INPUT", value_parser = input_parser())]
    pub(crate) inputs: Vec<Input>,

    /// Rule file or folder (*.yml, *.yaml), repeatable [default: built-in rules]
    #[arg(long, value_name = "PATH")]
    pub(crate) rules: Vec<PathBuf>,

    /// File that fills named lists (`name: [value, …]`), repeatable
    #[arg(long, value_name = "FILE")]
    pub(crate) lists: Vec<PathBuf>,

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

/// How many processors this process may use; one where that cannot be found out.
fn processors() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

#[derive(Debug, Args)]
pub(crate) struct RuleArguments {
    /// Rule files or folders (*.yml, *.yaml) [default: built-in rules]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// File that fills named lists (`name: [value, …]`), repeatable
    #[arg(long, value_name = "FILE")]
    pub(crate) lists: Vec<PathBuf>,

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
    Check(ConfigFile),
    /// Show the values in force and where they come from
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
pub(crate) struct DoctorArguments {
    /// Region to look from, repeatable [default: that of the profile]
    #[arg(long = "region", value_name = "REGION")]
    pub(crate) regions: Vec<String>,

    /// Look only at this trail
    #[arg(long, value_name = "NAME-OR-ARN")]
    pub(crate) trail: Option<String>,

    /// Bucket that Trailhound reads, to see that the trail fills it
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Option<String>,

    /// How old the latest delivery may be, such as 30m or 6h
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = age::parse)]
    pub(crate) stale_after: SignedDuration,

    /// How to print results: text, json
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// Copy of the bucket, or of a part of it, with log objects and digests
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,

    /// Public keys as `aws cloudtrail list-public-keys` prints them, repeatable
    #[arg(long, value_name = "FILE", required = true)]
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

    /// How many objects to read at a time [default: one for each processor]
    #[arg(long, value_name = "NUMBER", default_value_t = processors(), hide_default_value = true)]
    pub(crate) threads: NonZeroUsize,
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
