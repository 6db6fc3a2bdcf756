//! The trails of an account: what they are set to and how they are doing.
//!
//! Three calls, all of them only reading: `DescribeTrails` in each region asked for, then `GetTrailStatus`
//! and `GetEventSelectors` for each trail. CloudTrail answers ten of each a second in an account and region;
//! they are made one after the other, and the SDK repeats those that are throttled.

mod answer;
mod error;
mod keys;
mod lookup;

use std::collections::BTreeMap;
use std::fmt;

use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_cloudtrail::Client;
use jiff::Timestamp;

use crate::CallLimits;
use crate::connect::load;

#[cfg(feature = "function")]
pub(crate) use self::answer::timestamp;
pub use self::error::{Call, LookError};
pub use self::lookup::{Events, Lookup};

/// Asks CloudTrail about trails.
pub struct Trails {
    shared: SdkConfig,
}

/// A trail as `DescribeTrails` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// Its ARN, which is the management account's for the trail of an organization.
    pub arn: String,
    /// Its name, unique in its account and home region.
    pub name: String,
    /// Region in which it was created and can be changed.
    pub home_region: String,
    /// Bucket that objects are delivered to.
    pub bucket: String,
    /// What the keys of objects begin with before `AWSLogs/`, if anything.
    pub prefix: Option<String>,
    /// Whose events it records.
    pub owner: Owner,
    /// Which regions' events it records.
    pub scope: Scope,
    /// Whether events of services without a region, such as IAM, are recorded.
    pub global_services: bool,
    /// Whether digests are made of what is delivered.
    pub validates: bool,
    /// KMS key that objects are encrypted with.
    pub key: Option<String>,
    /// Whether somebody chose which events are recorded. Without a choice all management events are.
    pub has_own_selectors: bool,
}

/// Whose events a trail records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Those of one account.
    Account,
    /// Those of all accounts of an organization.
    Organization,
}

/// Which regions' events a trail records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those of its home region.
    HomeRegion,
    /// Those of all regions that are switched on.
    AllRegions,
}

/// How a trail is doing in its home region, as `GetTrailStatus` tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// Whether events are recorded now.
    pub logging: bool,
    /// When logging was last started.
    pub started: Option<Timestamp>,
    /// When logging was last stopped.
    pub stopped: Option<Timestamp>,
    /// When an object was last delivered.
    pub delivered: Option<Timestamp>,
    /// What S3 answered if the last delivery failed. Timeouts are not told.
    pub delivery_error: Option<String>,
    /// When a digest was last delivered.
    pub digest_delivered: Option<Timestamp>,
    /// What S3 answered if the last delivery of a digest failed.
    pub digest_error: Option<String>,
}

/// Which events are recorded, as `GetEventSelectors` tells it. An event is recorded if any selector takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selectors {
    /// Basic selectors; none if nobody chose any.
    Basic(Vec<BasicSelector>),
    /// Advanced selectors, at least one.
    Advanced(Vec<AdvancedSelector>),
}

/// A basic selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasicSelector {
    /// Whether it takes management events at all.
    pub management: bool,
    /// Which of them.
    pub activity: Activity,
    /// Services whose management events it leaves out, such as `kms.amazonaws.com`.
    pub excluded_sources: Vec<String>,
    /// Whose data events it takes.
    pub data: Vec<DataResource>,
}

/// Resources whose data events a basic selector takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataResource {
    /// Their type, such as `AWS::S3::Object`.
    pub resource_type: String,
    /// What their ARNs begin with; `arn:aws:s3` and the like stand for all.
    pub prefixes: Vec<String>,
}

/// Reading and writing calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// Calls that read and calls that write.
    All,
    /// Calls that read.
    Read,
    /// Calls that write.
    Write,
    /// A word this version does not know.
    Unknown,
}

/// An advanced selector: takes an event that all its fields allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvancedSelector {
    /// What it demands of the event.
    pub fields: Vec<FieldSelector>,
}

/// What an advanced selector demands of one field of an event: to be one of what is named first, if anything is,
/// and none of what is named with `not`.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html>
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldSelector {
    /// The field, such as `eventCategory` or `readOnly`.
    pub field: String,
    /// Whole values.
    pub equals: Vec<String>,
    /// How values begin.
    pub starts_with: Vec<String>,
    /// How values end.
    pub ends_with: Vec<String>,
    /// Whole values that it may not have.
    pub not_equals: Vec<String>,
    /// How values may not begin.
    pub not_starts_with: Vec<String>,
    /// How values may not end.
    pub not_ends_with: Vec<String>,
}

/// The trails that can be seen, and the regions that gave no answer.
#[derive(Debug, Default)]
pub struct Listing {
    /// Each trail once, by name and then by ARN.
    pub trails: Vec<Trail>,
    /// Regions in which trails could not be listed, in the order in which they were asked.
    pub failures: Vec<(String, LookError)>,
}

impl Trails {
    /// Asks with whatever credentials the configuration leads to, as they are at each call.
    pub(crate) fn new(shared: SdkConfig) -> Self {
        Self { shared }
    }

    /// Finds credentials where the SDK looks for them.
    pub async fn connect(limits: &CallLimits) -> Result<Self, LookError> {
        Self::connect_with(aws_config::defaults(BehaviorVersion::latest()), limits).await
    }

    /// As [`Trails::connect`], with a loader that already knows something of its own.
    pub async fn connect_with(loader: ConfigLoader, limits: &CallLimits) -> Result<Self, LookError> {
        let shared = load(loader, limits).await;
        let provider = shared.credentials_provider().ok_or(LookError::NoCredentials)?;
        // Asked for here, because without any the first call would fail like a lost connection; and only
        // once, because a provider may ask a person for a code.
        let credentials = provider.provide_credentials().await;
        let credentials = credentials.map_err(LookError::from)?;
        let provider = SharedCredentialsProvider::new(credentials);
        Ok(Self { shared: shared.into_builder().credentials_provider(provider).build() })
    }

    /// What the clients share.
    pub(crate) fn shared(&self) -> &SdkConfig {
        &self.shared
    }

    /// The region that the environment or the profile names.
    pub fn region(&self) -> Option<&str> {
        self.shared.region().map(Region::as_ref)
    }

    /// All trails that record events of these regions, those of other regions and of the organization included.
    pub async fn list(&self, regions: &[String]) -> Listing {
        let mut trails = BTreeMap::new();
        let mut failures = Vec::new();
        for region in regions {
            match self.client(region).describe_trails().include_shadow_trails(true).send().await {
                Ok(answer) => {
                    let seen = answer.trail_list.unwrap_or_default().into_iter();
                    let seen = seen.map(|trail| answer::trail(trail, region));
                    trails.extend(seen.map(|trail| ((trail.name.clone(), trail.arn.clone()), trail)));
                }
                Err(error) => failures.push((region.clone(), LookError::new(Call::DescribeTrails, error))),
            }
        }
        Listing { trails: trails.into_values().collect(), failures }
    }

    /// How the trail is doing in its home region.
    pub async fn status(&self, trail: &Trail) -> Result<Status, LookError> {
        let call = self.client(&trail.home_region).get_trail_status().name(&trail.arn);
        call.send().await.map(answer::status).map_err(|error| LookError::new(Call::GetTrailStatus, error))
    }

    /// Which events the trail records.
    pub async fn selectors(&self, trail: &Trail) -> Result<Selectors, LookError> {
        let call = self.client(&trail.home_region).get_event_selectors().trail_name(&trail.arn);
        call.send().await.map(answer::selectors).map_err(|error| LookError::new(Call::GetEventSelectors, error))
    }

    fn client(&self, region: &str) -> Client {
        let region = Region::new(region.to_owned());
        Client::from_conf(aws_sdk_cloudtrail::config::Builder::from(&self.shared).region(region).build())
    }
}

impl fmt::Debug for Trails {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shared: _ } = self;
        formatter.debug_struct("Trails").finish_non_exhaustive()
    }
}
