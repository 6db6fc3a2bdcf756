//! One delivery in, alerts out: the alert model, rendering, deduplication, and the ports with their
//! in-memory twins.
//!
//! [`Inspector`] is what the dry run on a laptop and the deployed function have in common: the bytes
//! of an object go in, the matches come out. [`Pipeline`] puts the effects around it: it fetches what
//! a [`Delivery`] names, claims each alert, publishes it, and says in a [`DeliveryOutcome`] what
//! became of everything. Effects enter through [`ObjectStore`], [`State`], [`Notifier`],
//! [`Quarantine`] and [`Clock`]; no AWS SDK and no async runtime is needed here.
//!
//! ```
//! use std::sync::Arc;
//!
//! use trailhound_pipeline::{InspectLimits, Inspector};
//! use trailhound_rule_engine::{Limits, RuleSet, Source};
//!
//! let rule = "
//! title: Trail stopped
//! logsource: {product: aws, service: cloudtrail}
//! detection:
//!   selection: {eventSource: cloudtrail.amazonaws.com, eventName: StopLogging}
//!   condition: selection
//! level: high
//! ";
//! let loaded = RuleSet::load([Source::new("stop.yml", rule)], &Limits::default());
//! let inspector = Inspector::new(Arc::new(loaded.rules), InspectLimits::default());
//! let found = inspector.inspect(
//!     br#"{"Records": [{"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging"}]}"#,
//! );
//! assert_eq!((found.records, found.matched_records), (1, 1));
//! ```

mod alert;
mod announcing;
mod canary;
mod clock;
pub mod configuration;
#[cfg(any(test, feature = "contract-tests"))]
#[doc(hidden)]
pub mod contract;
mod correlating;
mod delivery;
mod delivery_log;
mod event;
mod event_times;
mod grouping;
mod inspect;
mod integrity;
mod level_counts;
mod limits;
mod markers;
mod measures;
pub mod memory;
mod pipeline;
mod ports;
mod quarantine;
pub mod render;
pub mod routing;
mod sending;
#[cfg(feature = "sqlite")]
pub mod sqlite;
mod state;
mod sweeping;
mod topic;
pub mod watching;
mod window;

pub use alert::{Alert, AlertId, AlertKind, AlertSource, GroupKey};
pub use canary::CanaryError;
pub use clock::{Clock, ManualClock, SystemClock};
pub use delivery::{
    AlertCounts, AlertError, Delivery, DeliveryError, DeliveryOutcome, DeliveryStatus, IgnoredWhy, ObjectRef,
    ObjectResult, RecordCounts,
};
pub use event::EventSummary;
pub use event_times::EventTimes;
pub use grouping::Grouping;
pub use inspect::{Inspection, Inspector, Match, Observed, Refusal};
pub use integrity::{Depth, DigestStore, FetchedDigest, Integrity, KeysError, Standing};
pub use level_counts::LevelCounts;
pub use limits::{ALERT_MEMORY, InspectLimits};
pub use markers::{MARKER_SOURCE, test_record};
pub use measures::{DigestMeasures, Measures, Place};
pub use pipeline::{OtherKeys, Pipeline, PipelineSettings};
pub use ports::{
    AlertState, Attribute, AttributeKind, Claim, ClaimToken, FetchError, Notification, Notifier, NotifyError,
    ObjectStore, Ports, Receipt, StateError, TopicName,
};
pub use quarantine::{FolderQuarantine, Quarantine, QuarantineEntry, QuarantineError};
pub use state::{Agenda, AgendaEntry, Cell, CellState, OccurrenceState, State, StateKey, unique_token};
pub use topic::{TopicArn, TopicArnError};
pub use window::{TimeSpan, TimeWindow};
