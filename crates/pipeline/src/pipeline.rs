use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use trailhound_cloudtrail::{ObjectFamily, ObjectKey};
use trailhound_rule_engine::Level;

use crate::{
    Alert, AlertCounts, AlertError, AlertSource, AlertState, Claim, ClaimToken, Delivery, DeliveryError,
    DeliveryOutcome, DeliveryStatus, FetchError, IgnoredWhy, Inspection, Inspector, Match, Measures, Notifier,
    ObjectRef, ObjectResult, ObjectStore, Place, Quarantine, RecordCounts, StateError, delivery_log, quarantine,
    render,
};

/// Takes deliveries and sends the alerts they cause.
///
/// Nothing is lost: a delivery is [`DeliveryStatus::Done`] only when everything in it was judged and
/// the channel has accepted every alert. Nothing is sent twice: each alert is claimed before and
/// completed after it is published, so a delivery can be repeated at any time.
pub struct Pipeline {
    inspector: Inspector,
    ports: Ports,
    settings: PipelineSettings,
}

/// What a pipeline reaches the world through.
#[derive(Clone)]
pub struct Ports {
    /// Where objects are.
    pub objects: Arc<dyn ObjectStore>,
    /// Which alerts were sent.
    pub state: Arc<dyn AlertState>,
    /// Where alerts go.
    pub notifier: Arc<dyn Notifier>,
    /// Where a note of what cannot be judged for good is kept. Without one such a delivery fails, until
    /// its sender gives up and keeps it.
    pub quarantine: Option<Arc<dyn Quarantine>>,
}

/// What a pipeline can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PipelineSettings {
    /// Alerts below this level are counted and not sent; `medium`.
    pub minimum_level: Level,
    /// How long an alert may take from its claim to its completion before another worker may send
    /// it; 15 minutes, the longest a function runs.
    pub lease: Duration,
}

impl Default for PipelineSettings {
    fn default() -> Self {
        PipelineSettings { minimum_level: Level::Medium, lease: Duration::from_mins(15) }
    }
}

/// What became of one alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Sent,
    Duplicate,
    Held,
}

impl Pipeline {
    /// A pipeline of these parts.
    pub fn new(inspector: Inspector, ports: Ports, settings: PipelineSettings) -> Self {
        Pipeline { inspector, ports, settings }
    }

    /// Inspects a delivery, sends its alerts, and logs one line about it: names and counts, nothing of
    /// what the records hold.
    pub async fn deliver(&self, delivery: &Delivery) -> DeliveryOutcome {
        let mut outcome = match delivery {
            Delivery::Object(object) => self.deliver_object(object).await,
            Delivery::Records { origin, bytes } => {
                let source = |index| AlertSource::Inline { origin: origin.clone(), index };
                self.judge(delivery, bytes, source).await
            }
        };
        if let Some(quarantine) = &self.ports.quarantine {
            outcome = quarantine::settle(quarantine.as_ref(), delivery, outcome).await;
        }
        delivery_log::write(delivery, &outcome);
        outcome
    }

    async fn deliver_object(&self, object: &ObjectRef) -> DeliveryOutcome {
        if let Some(why) = self.ignored(object) {
            return DeliveryOutcome::new(DeliveryStatus::Ignored { why }, ObjectResult::Ignored);
        }
        let start = Instant::now();
        let fetched = self.ports.objects.get(object).await;
        let fetch = Some(start.elapsed());
        let mut outcome = match fetched {
            Ok(bytes) => {
                let source = |index| AlertSource::Object { object: object.clone(), index };
                self.judge(&Delivery::Object(object.clone()), &bytes, source).await
            }
            // Deleted since it was announced: there is nothing left that could be read later.
            Err(FetchError::Missing) => DeliveryOutcome::new(DeliveryStatus::Done, ObjectResult::Missing),
            Err(error) => DeliveryOutcome::unreadable(error),
        };
        outcome.measures.fetch = fetch;
        outcome
    }

    fn ignored(&self, object: &ObjectRef) -> Option<IgnoredWhy> {
        let is_note = self.ports.quarantine.as_ref().is_some_and(|quarantine| quarantine.holds(object));
        if is_note { Some(IgnoredWhy::Quarantine) } else { ignored(&object.key) }
    }

    async fn judge(&self, delivery: &Delivery, bytes: &[u8], source: impl Fn(u64) -> AlertSource) -> DeliveryOutcome {
        let start = Instant::now();
        let inspection = self.inspector.inspect(bytes);
        let mut measures = self.measures(delivery, &inspection);
        measures.inspect = Some(start.elapsed());
        let start = Instant::now();
        let mut alerts = AlertCounts::default();
        let mut first_error = None;
        for found in &inspection.matches {
            let Some(alert) = self.alert(found, &source) else {
                alerts.below_level += 1;
                continue;
            };
            match self.send(&alert).await {
                Ok(Fate::Sent) => alerts.sent += 1,
                Ok(Fate::Duplicate) => alerts.duplicate += 1,
                Ok(Fate::Held) => alerts.held += 1,
                Err(error) => {
                    alerts.failed += 1;
                    first_error.get_or_insert(error);
                }
            }
        }
        measures.notify = Some(start.elapsed());
        DeliveryOutcome { measures, ..outcome(inspection, alerts, first_error) }
    }

    fn measures(&self, delivery: &Delivery, inspection: &Inspection) -> Measures {
        let mut measures = Measures {
            suppressed: inspection.suppressed,
            times: inspection.times.clone(),
            place: Place::of(delivery, inspection.first.as_deref()),
            ..Measures::default()
        };
        for found in &inspection.matches {
            if let Some(rule) = self.inspector.rules().get(found.rule) {
                *measures.matches.entry(rule.metadata().level).or_default() += 1;
            }
        }
        measures
    }

    /// The alert of a match, unless its level is too low.
    fn alert(&self, found: &Match, source: impl Fn(u64) -> AlertSource) -> Option<Alert> {
        let rule = self.inspector.rules().get(found.rule)?.metadata();
        (rule.level >= self.settings.minimum_level).then(|| Alert::new(rule, found, source(found.index)))
    }

    async fn send(&self, alert: &Alert) -> Result<Fate, AlertError> {
        let token = match self.ports.state.claim(&alert.id, self.settings.lease).await? {
            Claim::Granted(token) => token,
            Claim::Held => return Ok(Fate::Held),
            Claim::Completed => return Ok(Fate::Duplicate),
        };
        if let Err(error) = self.ports.notifier.notify(&render::text(alert)).await {
            // If this fails as well, the lease frees the claim.
            if let Err(state) = self.ports.state.release(&alert.id, &token).await {
                tracing::warn!(alert = %alert.id, error = %state, "claim not released");
            }
            return Err(error.into());
        }
        if let Err(error) = self.complete(alert, &token).await {
            // The alert is out. Failing now would send it again for certain, going on at most perhaps.
            tracing::warn!(alert = %alert.id, %error, "alert sent but not recorded as sent");
        }
        Ok(Fate::Sent)
    }

    /// Records that an alert was sent, with a second attempt: what is not recorded may be repeated.
    async fn complete(&self, alert: &Alert, token: &ClaimToken) -> Result<(), StateError> {
        match self.ports.state.complete(&alert.id, token).await {
            Err(StateError::Transient(_)) => self.ports.state.complete(&alert.id, token).await,
            result => result,
        }
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pipeline").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl fmt::Debug for Ports {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Ports").finish_non_exhaustive()
    }
}

fn ignored(key: &str) -> Option<IgnoredWhy> {
    if key.ends_with('/') {
        return Some(IgnoredWhy::FolderMarker);
    }
    let family: ObjectFamily = ObjectKey::parse(key).family;
    (!family.holds_records()).then_some(IgnoredWhy::Family(family))
}

fn outcome(inspection: Inspection, alerts: AlertCounts, first_error: Option<AlertError>) -> DeliveryOutcome {
    let error = match (first_error, inspection.damage.clone()) {
        (Some(first), _) => Some(DeliveryError::Alerts { failed: alerts.failed, first }),
        (None, _) if alerts.held > 0 => Some(DeliveryError::Held { held: alerts.held }),
        (None, Some(reason)) => Some(DeliveryError::Damaged { reason }),
        (None, None) => None,
    };
    let status = match error {
        Some(error) => DeliveryStatus::Failed { retry: error.retry(), error },
        None => DeliveryStatus::Done,
    };
    let records = RecordCounts {
        records: inspection.records,
        matched: inspection.matched_records,
        unmatched: inspection.unmatched,
        refused: inspection.refused,
    };
    DeliveryOutcome {
        records,
        alerts,
        refusals: inspection.refusals,
        quarantine: inspection.damage,
        ..DeliveryOutcome::new(status, ObjectResult::Read)
    }
}
