//! The state of the pipeline in one DynamoDB table.
//!
//! The table has a partition key `pk` and a sort key `sk`, both texts, and its time to live on the
//! attribute `ttl`. DynamoDB removes what has ended hours or days late, so what has ended and is still
//! there counts as gone.
//!
//! | what | `pk` | `sk` |
//! |---|---|---|
//! | alert | `alert-` and its identity | `alert` |
//! | occurrence | its group | time in nanoseconds, `#`, a hash of the rest |
//! | document | its key | `cell` |
//! | agenda entry | `agenda` | time in nanoseconds, `#`, its key |
//!
//! Writes that must happen once carry a token of their own. When the answer to one is lost, the SDK
//! sends it again, and that attempt meets its own write: every condition accepts an item that carries
//! the token of the request.

mod alerts;
mod batch;
mod item;
mod judging;

use std::{fmt, sync::Arc};

use aws_config::{BehaviorVersion, ConfigLoader};
use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use trailhound_pipeline::{Clock, StateError};

use crate::{CallLimits, connect, error_text::error_text};

/// The state in a table.
pub struct DynamoState {
    client: Client,
    table: String,
    clock: Arc<dyn Clock>,
    limits: CallLimits,
}

impl DynamoState {
    /// An adapter to a table of this name, from the environment. Makes no call. Leases and ends are on `clock`.
    pub async fn connect(table: impl Into<String>, limits: CallLimits, clock: Arc<dyn Clock>) -> Self {
        DynamoState::connect_with(aws_config::defaults(BehaviorVersion::latest()), table, limits, clock).await
    }

    /// As [`DynamoState::connect`], with a loader that already knows something of its own.
    pub async fn connect_with(
        loader: ConfigLoader,
        table: impl Into<String>,
        limits: CallLimits,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let client = Client::new(&connect::load(loader, &limits).await);
        DynamoState { client, table: table.into(), clock, limits }
    }

    /// The present moment in milliseconds, as it is compared with the ends of items.
    fn now(&self) -> i64 {
        self.clock.now().as_millisecond()
    }
}

impl fmt::Debug for DynamoState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DynamoState").field("table", &self.table).finish_non_exhaustive()
    }
}

fn transient(error: &(dyn std::error::Error + 'static)) -> StateError {
    StateError::Transient(error_text(error))
}

/// Milliseconds since 1970, rounded up: what ends does not end early.
fn end(time: Timestamp) -> i64 {
    let whole = time.as_millisecond();
    if time.subsec_nanosecond() % 1_000_000 > 0 { whole.saturating_add(1) } else { whole }
}
