//! Adapters to AWS: log objects from S3, alerts to SNS, state in DynamoDB and notes of what
//! cannot be read to S3 or SQS behind the ports of the pipeline, and the trails of CloudTrail.
//!
//! [`connect`] builds those behind the ports from the environment, the way every function in
//! AWS expects: region, credentials and endpoints come from where the SDK
//! looks for them, `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_S3` and
//! `AWS_ENDPOINT_URL_SNS` included. All timeouts and numbers of attempts are
//! in [`CallLimits`].
//!
//! [`Trails`] asks CloudTrail what the trails of an account are set to and how
//! they are doing; only the command line uses it.
//!
//! [`Queue`] is polled by whoever is not invoked; only the command line uses it.
//!
//! [`DynamoState`] keeps the state of the pipeline in a table.
//!
//! ```no_run
//! use std::collections::BTreeMap;
//!
//! use trailhound_pipeline::TopicName;
//!
//! # async fn example() -> Result<(), trailhound_aws::TopicArnError> {
//! let settings = trailhound_aws::Settings {
//!     topics: BTreeMap::from([(TopicName::default(), "arn:aws:sns:eu-west-1:111122223333:alerts".parse()?)]),
//!     max_object_bytes: 64 * 1024 * 1024,
//!     quarantine: None,
//!     limits: trailhound_aws::CallLimits::default(),
//! };
//! let adapters = trailhound_aws::connect(settings).await;
//! # Ok(())
//! # }
//! ```

mod connect;
pub mod deployment;
mod digests;
mod dynamodb;
mod error_text;
mod limits;
mod notification;
mod quarantine;
mod queue;
mod s3;
mod s3_versions;
mod sns;
pub mod trails;

pub use self::connect::{Adapters, Settings, connect, connect_with};
pub use self::digests::S3Digests;
pub use self::dynamodb::DynamoState;
pub use self::limits::CallLimits;
pub use self::quarantine::{QuarantinePlace, QuarantinePlaceError, S3Quarantine, SqsQuarantine};
pub use self::queue::{Message, Poll, Queue, QueueError};
pub use self::s3::S3Objects;
pub use self::s3_versions::S3Versions;
pub use self::sns::SnsNotifier;
pub use self::trails::Trails;
pub use trailhound_pipeline::{TopicArn, TopicArnError};
