//! Stands in for what `trailhound run` does in AWS, in a build without the feature `aws`.

use std::sync::Arc;

use trailhound_pipeline::{
    Notifier, ObjectStore, Quarantine,
    configuration::{Configuration, QuarantineTarget},
};

use super::{session::Session, setup::SetupError, watch::Until};
use crate::{arguments::RunArguments, exit_status::ExitStatus};

/// There is none in this build.
pub(super) enum Remote {}

impl Remote {
    /// Nothing if nothing of AWS is asked for, and else an error.
    #[expect(clippy::unused_async, reason = "the same signature as with the feature")]
    pub(super) async fn connect(
        arguments: &RunArguments,
        configuration: &Configuration,
    ) -> Result<Option<Self>, SetupError> {
        let local = matches!(&configuration.quarantine, None | Some(QuarantineTarget::Folder(_)));
        let needs_none = arguments.queue.is_none() && configuration.topics.is_empty() && local;
        if needs_none { Ok(None) } else { Err(SetupError::NoAws) }
    }

    pub(super) fn notifier(&self, _configuration: &Configuration) -> Arc<dyn Notifier> {
        match *self {}
    }

    pub(super) fn objects(&self, _max_bytes: u64) -> Arc<dyn ObjectStore> {
        match *self {}
    }

    pub(super) fn quarantine(&self, _target: &QuarantineTarget) -> Option<Arc<dyn Quarantine>> {
        match *self {}
    }

    #[expect(clippy::unused_async, reason = "the same signature as with the feature")]
    pub(super) async fn poll(&self, _url: &str, _until: Until, _session: &mut Session<'_>) -> ExitStatus {
        match *self {}
    }
}
