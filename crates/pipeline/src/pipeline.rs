use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::civil::Date;
use trailhound_cloudtrail::{ObjectFamily, ObjectKey};
use trailhound_rule_engine::Level;

use crate::{
    Alert, AlertCounts, AlertError, AlertSource, AlertState, Delivery, DeliveryError, DeliveryOutcome, DeliveryStatus,
    FetchError, IgnoredWhy, Inspection, Inspector, Match, Notifier, ObjectRef, ObjectResult, ObjectStore, RecordCounts,
    limits::DISPATCHED_TOGETHER,
    render::{AlertView, Renderer},
    routing::{Channel, Dispatcher, Fate, Router, expiring_suppressions},
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
    dispatcher: Dispatcher,
    /// The day on which suppressions were announced last.
    announced: Mutex<Option<Date>>,
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

impl Pipeline {
    /// A pipeline of these parts.
    ///
    /// All alerts go to the default topic as text; [`Pipeline::with_dispatcher`] changes that.
    pub fn new(inspector: Inspector, ports: Ports, settings: PipelineSettings) -> Self {
        let router = Router::single(settings.minimum_level);
        let dispatcher = Dispatcher::new(router, Renderer::default(), BTreeMap::new());
        Pipeline { inspector, ports, settings, dispatcher, announced: Mutex::default() }
    }

    /// The same with routes and formats; its least level comes before that of the settings.
    #[must_use]
    pub fn with_dispatcher(self, dispatcher: Dispatcher) -> Self {
        Pipeline { dispatcher, ..self }
    }

    /// Inspects a delivery, sends its alerts, and logs one line about it: names and counts, nothing of
    /// what the records hold.
    pub async fn deliver(&self, delivery: &Delivery) -> DeliveryOutcome {
        let outcome = match delivery {
            Delivery::Object(object) => self.deliver_object(object).await,
            Delivery::Records { origin, bytes } => {
                let source = |index| AlertSource::Inline { origin: origin.clone(), index };
                self.judge(bytes, source).await
            }
        };
        log(delivery, &outcome);
        outcome
    }

    async fn deliver_object(&self, object: &ObjectRef) -> DeliveryOutcome {
        if let Some(why) = ignored(&object.key) {
            return DeliveryOutcome::new(DeliveryStatus::Ignored { why }, ObjectResult::Ignored);
        }
        match self.ports.objects.get(object).await {
            Ok(bytes) => {
                let source = |index| AlertSource::Object { object: object.clone(), index };
                self.judge(&bytes, source).await
            }
            // Deleted since it was announced: there is nothing left that could be read later.
            Err(FetchError::Missing) => DeliveryOutcome::new(DeliveryStatus::Done, ObjectResult::Missing),
            Err(error) => DeliveryOutcome::unreadable(error),
        }
    }

    async fn judge(&self, bytes: &[u8], source: impl Fn(u64) -> AlertSource) -> DeliveryOutcome {
        let inspection = self.inspector.inspect(bytes);
        let mut alerts = AlertCounts::default();
        let mut first_error = None;
        for matches in inspection.matches.chunks(DISPATCHED_TOGETHER) {
            let views: Vec<AlertView> = matches.iter().filter_map(|found| self.view(found, &source)).collect();
            alerts.below_level += (matches.len() - views.len()) as u64;
            let fates = self.dispatcher.send(&views, self.channel()).await;
            for fate in fates {
                count(fate, &mut alerts, &mut first_error);
            }
        }
        outcome(inspection, alerts, first_error)
    }

    /// The alert of a match, unless no route takes alerts of its level.
    fn view(&self, found: &Match, source: impl Fn(u64) -> AlertSource) -> Option<AlertView> {
        let rule = self.inspector.rules().get(found.rule)?.metadata();
        let is_wanted = self.dispatcher.wants(rule.level);
        is_wanted.then(|| self.dispatcher.view(&Alert::new(rule, found, source(found.index))))
    }

    /// Sends alerts that come from elsewhere than a delivery, such as notices about the product itself.
    pub async fn announce(&self, views: &[AlertView]) -> Result<AlertCounts, AlertError> {
        let (mut alerts, mut first_error) = (AlertCounts::default(), None);
        let fates = self.dispatcher.send(views, self.channel()).await;
        for fate in fates {
            count(fate, &mut alerts, &mut first_error);
        }
        first_error.map_or(Ok(alerts), Err)
    }

    /// Announces suppressions that have expired or soon will, once a day.
    ///
    /// Of what was announced today this pipeline remembers that it was, so that it can be called at every
    /// invocation; the state of alerts remembers it for all others.
    pub async fn announce_suppressions(&self, today: Date) -> Result<AlertCounts, AlertError> {
        if self.announced() == Some(today) {
            return Ok(AlertCounts::default());
        }
        let counts = self.announce(&expiring_suppressions(self.inspector.rules(), today)).await?;
        *self.announced.lock().unwrap_or_else(PoisonError::into_inner) = Some(today);
        Ok(counts)
    }

    fn announced(&self) -> Option<Date> {
        *self.announced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn channel(&self) -> Channel<'_> {
        Channel { state: &*self.ports.state, notifier: &*self.ports.notifier, lease: self.settings.lease }
    }
}

fn count(fate: Result<Fate, AlertError>, alerts: &mut AlertCounts, first_error: &mut Option<AlertError>) {
    match fate {
        Ok(Fate::Sent) => alerts.sent += 1,
        Ok(Fate::Duplicate) => alerts.duplicate += 1,
        Ok(Fate::Held) => alerts.held += 1,
        Ok(Fate::BelowLevel) => alerts.below_level += 1,
        Ok(Fate::Unrouted) => alerts.unrouted += 1,
        Err(error) => {
            alerts.failed += 1;
            first_error.get_or_insert(error);
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
        status,
        object: ObjectResult::Read,
        records,
        alerts,
        refusals: inspection.refusals,
        quarantine: inspection.damage,
    }
}

fn log(delivery: &Delivery, outcome: &DeliveryOutcome) {
    let (bucket, key) = match delivery {
        Delivery::Object(object) => (object.bucket.as_str(), object.key.as_str()),
        Delivery::Records { origin, .. } => ("", origin.as_str()),
    };
    let (status, why) = match &outcome.status {
        DeliveryStatus::Done => ("done", String::new()),
        DeliveryStatus::Ignored { why } => ("ignored", why.to_string()),
        DeliveryStatus::Failed { error, .. } => ("failed", error.to_string()),
    };
    tracing::info!(
        bucket,
        key,
        status,
        why,
        object = ?outcome.object,
        records = outcome.records.records,
        matched = outcome.records.matched,
        refused = outcome.records.refused,
        sent = outcome.alerts.sent,
        duplicate = outcome.alerts.duplicate,
        held = outcome.alerts.held,
        below_level = outcome.alerts.below_level,
        unrouted = outcome.alerts.unrouted,
        failed = outcome.alerts.failed,
        "delivery"
    );
    for refusal in outcome.refusals.iter().take(LOGGED_REFUSALS) {
        tracing::warn!(bucket, key, index = refusal.index, offset = refusal.offset, reason = refusal.reason, "refused");
    }
}

/// How many refusals of one delivery get a log line of their own; the counts cover all.
const LOGGED_REFUSALS: usize = 10;
