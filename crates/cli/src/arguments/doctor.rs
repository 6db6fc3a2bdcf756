use clap::Args;
use jiff::SignedDuration;
use trailhound_pipeline::TopicArn;

use super::{Format, RuleOptions, age};

pub(super) const EXAMPLES: &str = "\
Looks, changes nothing. For every trail that is seen from the regions:

  logging            it is on
  delivery           the latest object came without error and not long ago
  validation         digests are made, and the latest came without error
  regions            all regions and global services, such as IAM, are recorded
  management-events  all of them are recorded, reads and writes of all services
  encryption         objects are encrypted with a KMS key
  bucket             objects go to the bucket of `--bucket`

and of the parts of a deployment that are named:

  notification       the bucket tells the queue of new objects (`--bucket`)
  queue              a service may send, messages stay hidden long enough, and
                     what fails is kept (`--queue`)
  dead-letters       nothing lies there
  topic              somebody is subscribed and has confirmed it (`--topic`)
  table              keys are right and items end (`--table`)
  function           it can run: state, runtime, timeout, memory, concurrency
                     (`--function`)
  environment        its variables are known and can be read
  event-source       the queue feeds it, as slowly and exactly as it has to
  failed-events      where no queue feeds it, somebody keeps what it fails on
  alarms             those of the template are there, for each of these parts
  alarm-actions      each of them does something when it rings
  alarm-state        none rings, or has long had too few data
  alarm-topic        somebody is subscribed to what they tell

With `--function` the queue that feeds it, and the topics and the table that its
environment names, are looked at as if they had been named. Alarms are found by
what they watch, whatever their names are. A configuration file of the function
is not looked at.

What the trails record is held against the events that the rules need, which are
read off the tests in which they match: `rules` says which of them cannot fire,
and shows the event selectors that would let them. Data events cost extra, so
that one without them is a warning.

Where one trail has all this, another one may record less: that is a warning.
Delivery is told by CloudTrail for the home region of the trail.

Credentials, region and endpoint come from where every AWS tool has them. They
need the rights that `--policy` prints: they read, and no records.

Exit status: 0 if all is well or there are only warnings, 1 if there are
problems, 2 if there are none but something could not be looked at.

Examples:
  trailhound doctor
      All trails that are seen from the region of the profile
  trailhound doctor --region eu-west-1 --region us-east-1 --stale-after 6h
      From two regions; the account is quiet at night
  trailhound doctor --trail main --bucket my-trail --format json | jq .trails
      The trail that Trailhound reads, and whether it fills the right bucket
  trailhound doctor --bucket my-trail --queue https://sqs.…/logs --table state
      The way from the bucket to the function, and its state
  trailhound doctor --bucket my-trail --function trailhound
      The same, as the function itself names it
  trailhound doctor --rules rules/ --format json | jq .rules
      Which rules cannot fire, and the event selectors that would let them";

/// What `--rules` is for here.
const RULES: &str = "Rule file or folder that has to be able to fire, repeatable [default: built-in rules]";

#[derive(Debug, Args)]
#[command(mut_arg("rules", |rules| rules.help(RULES)))]
pub(crate) struct DoctorArguments {
    /// Region to look from, repeatable [default: that of the profile]
    #[arg(long = "region", value_name = "REGION")]
    pub(crate) regions: Vec<String>,

    /// Look only at this trail
    #[arg(long, value_name = "NAME-OR-ARN")]
    pub(crate) trail: Option<String>,

    /// Bucket that Trailhound reads: does the trail fill it, does it tell of it
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Option<String>,

    /// URL of the queue that feeds the function
    #[arg(long, value_name = "URL")]
    pub(crate) queue: Option<String>,

    /// ARN of a topic that alerts go to, repeatable
    #[arg(long = "topic", value_name = "ARN")]
    pub(crate) topics: Vec<TopicArn>,

    /// Table of DynamoDB that keeps the state
    #[arg(long, value_name = "NAME")]
    pub(crate) table: Option<String>,

    /// Name or ARN of the function; its queue, topics and table are looked at too
    #[arg(long, value_name = "NAME-OR-ARN")]
    pub(crate) function: Option<String>,

    #[command(flatten)]
    pub(crate) rules: RuleOptions,

    /// Print the rights that are needed as a policy, and look at nothing
    #[arg(long)]
    pub(crate) policy: bool,

    /// How old the latest delivery may be, such as 30m or 6h
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = age::parse)]
    pub(crate) stale_after: SignedDuration,

    /// How to print results: text, json
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub(crate) format: Format,
}
