use std::path::PathBuf;

use clap::{ArgGroup, Args};
use jiff::SignedDuration;
use trailhound_pipeline::TopicArn;
use trailhound_rule_engine::Level;

use super::{RuleOptions, age, level_parser};

pub(super) const EXAMPLES: &str = "\
Does on one machine what the function does in AWS: reads each object once, runs
the rules, groups alerts and hands them on, judges correlations when their time
is over. Files (*.json, *.ndjson, *.jsonl, *.gz) are read when they have not
been changed for two seconds, and again when they change. What is done and what
was sent is remembered in the state file, for 90 days and for as long as a file
is there: whoever starts again, after a crash too, loses nothing and gets
nothing twice. Only what a crash interrupts while it is handed over may come
again: the one alert at the terminal or the command, up to ten alerts of each
object under way at a topic, none in the file. docs/run.md tells more.

A command gets the alert as JSON on its standard input, one at a time; any exit
status but 0 means that it was not delivered, and it is tried again.

SIGINT or SIGTERM ends the run after the objects under way; a second one does
not wait.

Exit status: 0, also when told to stop; with `--once` 2 if anything failed.

Examples:
  aws s3 sync s3://my-trail/AWSLogs logs/ && trailhound run --once logs/
      What is new since the last time, on the terminal
  trailhound run logs/ --to-file alerts.ndjson --quarantine damaged/
      Watch a folder for good
  trailhound run logs/ --to-command ./page-somebody --level high
      Hand urgent alerts to a program
  trailhound run --queue https://sqs.eu-west-1.amazonaws.com/111122223333/logs \\
      --to-topic arn:aws:sns:eu-west-1:111122223333:alerts
      Objects that a bucket announces, and alerts to whom they concern";

/// Where logs come from, and where alerts go.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("source").required(true).args(["folders", "queue"]))]
pub(crate) struct RunArguments {
    /// Folders to watch, with everything below them
    #[arg(value_name = "FOLDER")]
    pub(crate) folders: Vec<PathBuf>,

    /// SQS queue that hears of new objects, or gets records, by its URL
    #[arg(long, value_name = "URL")]
    pub(crate) queue: Option<String>,

    /// Read what is there, then end
    #[arg(long)]
    pub(crate) once: bool,

    #[command(flatten)]
    pub(crate) rules: RuleOptions,

    /// Configuration as the function has it; TRAILHOUND_ variables apply too
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// State file [default: trailhound/state.sqlite in `XDG_STATE_HOME` or
    /// ~/.local/state]
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,

    /// Print alerts; without any other `--to-…` and any topic, that is done
    #[arg(long)]
    pub(crate) to_terminal: bool,

    /// Append alerts to a file, one JSON document a line
    #[arg(long, value_name = "FILE")]
    pub(crate) to_file: Option<PathBuf>,

    /// Run a program for each alert
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) to_command: Option<PathBuf>,

    /// Send alerts as text to an SNS topic, repeatable
    #[arg(long = "to-topic", value_name = "ARN")]
    pub(crate) to_topics: Vec<TopicArn>,

    /// How long the program may take for one alert
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = age::parse)]
    pub(crate) command_timeout: SignedDuration,

    /// Folder for notes on damaged objects; without it they count as failed
    #[arg(long, value_name = "FOLDER")]
    pub(crate) quarantine: Option<PathBuf>,

    /// Least level of alerts [default: that of the configuration, or medium]
    #[arg(long, value_name = "LEVEL", value_parser = level_parser(), hide_possible_values = true)]
    pub(crate) level: Option<Level>,

    /// How often folders are looked at
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = age::parse)]
    pub(crate) interval: SignedDuration,
}
