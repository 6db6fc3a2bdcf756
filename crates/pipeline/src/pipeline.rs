use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use jiff::{Timestamp, civil::Date};
use trailhound_cloudtrail::{ObjectFamily, ObjectKey};
use trailhound_rule_engine::{Firing, Level, RuleSet};

use crate::{
    Alert, AlertSource, Delivery, DeliveryError, DeliveryOutcome, DeliveryStatus, EventSummary, FetchError, Grouping,
    IgnoredWhy, Inspection, Inspector, Integrity, Match, Measures, ObjectRef, ObjectResult, Observed, Place, Ports,
    RecordCounts, StateError, StateKey,
    correlating::Correlating,
    delivery_log,
    limits::{LEASE_MARGIN, SWEEP_PAUSE, SWEEP_TIME},
    quarantine,
    render::Renderer,
    routing::{Dispatcher, Router},
    sending::{Sending, Sent, from_state},
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
    integrity: Option<Integrity>,
    /// When this pipeline last looked at what is due.
    swept: Mutex<Option<Timestamp>>,
    /// The day on which suppressions were announced last.
    pub(crate) announced: Mutex<Option<Date>>,
}

/// What a pipeline can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PipelineSettings {
    /// Alerts below this level are counted and not sent; `medium`.
    pub minimum_level: Level,
    /// How long an alert may take from its claim to its completion before another worker may send
    /// it; 15 minutes, the longest a function runs.
    pub lease: Duration,
    /// How alerts become few notifications; without it, each is sent on its own.
    pub grouping: Option<Grouping>,
    /// What becomes of objects whose key is none of CloudTrail's.
    pub other_keys: OtherKeys,
}

/// What becomes of objects whose key is none that CloudTrail gives. Those that it gives to what holds no records,
/// such as digests, are ignored in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OtherKeys {
    /// They are ignored: a bucket may hold the logs of other services as well.
    #[default]
    Ignored,
    /// They are read, as where somebody has chosen the files.
    Read,
}

impl Default for PipelineSettings {
    fn default() -> Self {
        PipelineSettings {
            minimum_level: Level::Medium,
            lease: Duration::from_mins(15),
            grouping: Some(Grouping::default()),
            other_keys: OtherKeys::default(),
        }
    }
}

impl Pipeline {
    /// A pipeline of these parts.
    ///
    /// All alerts go to the default topic as text; [`Pipeline::with_dispatcher`] changes that.
    pub fn new(inspector: Inspector, ports: Ports, settings: PipelineSettings) -> Self {
        let router = Router::single(settings.minimum_level);
        let dispatcher = Dispatcher::new(router, Renderer::default(), BTreeMap::new());
        let inspector = inspector.with_event_times().with_minimum_level(settings.minimum_level);
        let (swept, announced) = (Mutex::default(), Mutex::default());
        Pipeline { inspector, ports, settings, dispatcher, integrity: None, swept, announced }
    }

    /// The same with routes and formats; their least level takes the place of that of the settings.
    #[must_use]
    pub fn with_dispatcher(self, dispatcher: Dispatcher) -> Self {
        let wanted = Level::ALL.into_iter().find(|level| dispatcher.wants(*level));
        let inspector = self.inspector.with_minimum_level(wanted.unwrap_or(Level::Critical));
        Pipeline { inspector, dispatcher, ..self }
    }

    /// The same that checks digests as they arrive; without this they are passed over.
    #[must_use]
    pub fn with_integrity(self, integrity: Integrity) -> Self {
        Pipeline { integrity: Some(integrity), ..self }
    }

    /// Inspects a delivery, sends its alerts, and logs one line about it: names and counts, nothing of
    /// what the records hold.
    pub async fn deliver(&self, delivery: &Delivery) -> DeliveryOutcome {
        self.deliver_within(delivery, self.settings.lease).await
    }

    /// The same by a worker that ends in so much time, done or not: what it claims is claimed for that
    /// long and no longer than the lease, so that whoever takes the delivery after it can go on.
    pub async fn deliver_within(&self, delivery: &Delivery, time: Duration) -> DeliveryOutcome {
        let end = Instant::now() + time;
        let mut outcome = match delivery {
            Delivery::Object(object) => self.deliver_object(object, end).await,
            Delivery::Records { origin, bytes } => {
                let source = |index| AlertSource::Inline { origin: origin.clone(), index };
                self.judge(delivery, bytes, source, end).await
            }
        };
        if let Some(quarantine) = &self.ports.quarantine {
            outcome = quarantine::settle(quarantine.as_ref(), delivery, outcome).await;
        }
        delivery_log::write(delivery, &outcome);
        self.sweep_now_and_then(end).await;
        outcome
    }

    async fn deliver_object(&self, object: &ObjectRef, end: Instant) -> DeliveryOutcome {
        if let Some(integrity) = self.integrity.as_ref().filter(|_| is_digest(&object.key)) {
            return self.deliver_digest(integrity, object, end).await;
        }
        if let Some(why) = self.ignored(object) {
            return DeliveryOutcome::new(DeliveryStatus::Ignored { why }, ObjectResult::Ignored);
        }
        let start = Instant::now();
        let fetched = self.ports.objects.get(object).await;
        let fetch = Some(start.elapsed());
        let mut outcome = match fetched {
            Ok(bytes) => {
                let source = |index| AlertSource::Object { object: object.clone(), index };
                self.judge(&Delivery::Object(object.clone()), &bytes, source, end).await
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
        if is_note {
            return Some(IgnoredWhy::Quarantine);
        }
        ignored(&object.key).filter(|why| {
            let is_other = *why == IgnoredWhy::Family(ObjectFamily::Other);
            !is_other || self.settings.other_keys == OtherKeys::Ignored
        })
    }

    async fn judge(
        &self,
        delivery: &Delivery,
        bytes: &[u8],
        source: impl Fn(u64) -> AlertSource,
        end: Instant,
    ) -> DeliveryOutcome {
        let start = Instant::now();
        let mut inspection = self.inspector.inspect(bytes);
        let mut measures = self.measures(delivery, &inspection);
        measures.inspect = Some(start.elapsed());
        let start = Instant::now();
        let now = self.ports.clock.now();
        let mut below_level = inspection.below_level.total();
        // The inspector knows every rule it found.
        let mut alerts: Vec<Alert> = inspection.matches.iter().filter_map(|found| self.alert(found, &source)).collect();
        let observed = std::mem::take(&mut inspection.observations);
        let correlated = self.correlate(observed, now, &source).await;
        let mut correlations = None;
        match correlated {
            Ok((correlated, below)) => {
                alerts.extend(correlated);
                below_level += below;
            }
            Err(error) => correlations = Some(DeliveryError::Correlations(error)),
        }
        if let Delivery::Object(object) = delivery
            && let Err(error) = self.vouch(object, &mut alerts).await
        {
            // An alert that says less is better than one that comes later.
            tracing::warn!(%error, "it is not known whether a log object is verified");
        }
        let mut sent = self.sending(now, self.lease(end)).send(alerts).await;
        sent.counts.below_level += below_level;
        measures.notify = Some(start.elapsed());
        DeliveryOutcome { measures, ..outcome(inspection, sent, correlations) }
    }

    fn measures(&self, delivery: &Delivery, inspection: &Inspection) -> Measures {
        let mut measures = Measures {
            suppressed: inspection.suppressed,
            times: inspection.times.clone(),
            place: Place::of(delivery, inspection.first.as_deref()),
            ..Measures::default()
        };
        for (level, count) in inspection.below_level.descending().filter(|&(_, count)| count > 0) {
            measures.matches.insert(level, count);
        }
        for found in &inspection.matches {
            if let Some(rule) = self.inspector.rules().get(found.rule) {
                *measures.matches.entry(rule.metadata().level).or_default() += 1;
            }
        }
        measures
    }

    /// The alerts of correlations that these observations are answerable for, and how many of them have too
    /// low a level.
    async fn correlate(
        &self,
        observed: Vec<Observed>,
        now: Timestamp,
        source: &impl Fn(u64) -> AlertSource,
    ) -> Result<(Vec<Alert>, u64), StateError> {
        if observed.is_empty() {
            return Ok((Vec::new(), 0));
        }
        let (mut places, mut near) = (BTreeMap::new(), Vec::new());
        let mut observations = Vec::new();
        for Observed { index, mut observation, event, record } in observed {
            let name = &mut observation.occurrence.event;
            if name.is_empty() {
                // By its text, so that it has the same name by whatever way it comes again.
                *name = StateKey::new("record", [&*record]).to_string();
            }
            near.push((observation.correlation, observation.group.clone(), Arc::clone(&event)));
            places.entry(name.clone()).or_insert((event, record, index));
            observations.push(observation);
        }
        let correlating = Correlating::new(self.rules(), &*self.ports.state, now).with_events(near);
        let firings = correlating.observe(observations).await?;
        let place = |firing: &Firing| {
            if let Some((event, record, index)) = places.get(&firing.verdict.event) {
                return Some((Arc::clone(event), Arc::clone(record), source(*index)));
            }
            let group: Vec<&str> = firing.group.iter().map(|(_, value)| value.as_str()).collect();
            let near = correlating.event_near(firing.correlation, &group)?;
            Some((elsewhere(firing, Some(near)), Arc::from(""), from_state()))
        };
        Ok(self.alerts_of(firings, &place))
    }

    /// The alerts of firings that speak for themselves, and how many of them have too low a level. `place` gives
    /// the event that made it hold, as far as it is at hand.
    pub(crate) fn alerts_of(
        &self,
        firings: Vec<Firing>,
        place: &dyn Fn(&Firing) -> Option<AlertPlace>,
    ) -> (Vec<Alert>, u64) {
        let (mut alerts, mut below_level) = (Vec::new(), 0);
        for firing in firings {
            let Some(correlation) = self.rules().correlation(firing.correlation) else { continue };
            if self.rules().is_silent_correlation(firing.correlation) {
                continue;
            }
            let rule = correlation.metadata();
            if !self.dispatcher.wants(rule.level) {
                below_level += 1;
                continue;
            }
            let at = place(&firing).unwrap_or_else(|| (elsewhere(&firing, None), Arc::from(""), from_state()));
            alerts.push(Alert::of_firing(correlation, firing, at));
        }
        (alerts, below_level)
    }

    fn alert(&self, found: &Match, source: impl Fn(u64) -> AlertSource) -> Option<Alert> {
        let rule = self.inspector.rules().get(found.rule)?.metadata();
        Some(Alert::new(rule, found, source(found.index)))
    }

    /// How long a worker that ends at that time may hold what it claims.
    fn lease(&self, end: Instant) -> Duration {
        end.saturating_duration_since(Instant::now()).saturating_add(LEASE_MARGIN).min(self.settings.lease)
    }

    /// Sweeps if nobody has done so for a while and there is time. What fails stays due, and fails no delivery.
    async fn sweep_now_and_then(&self, end: Instant) {
        let time = end.saturating_duration_since(Instant::now());
        if time < SWEEP_TIME {
            return;
        }
        let now = self.ports.clock.now();
        {
            let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
            let is_recent = |swept: Timestamp| now < swept.saturating_add(SWEEP_PAUSE).unwrap_or(swept);
            if swept.is_some_and(is_recent) {
                return;
            }
            *swept = Some(now);
        }
        if let Err(error) = self.sweep_within(time).await {
            tracing::warn!(%error, "what is due was not all done");
        }
    }

    pub(crate) fn rules(&self) -> &RuleSet {
        self.inspector.rules()
    }

    pub(crate) fn inspector(&self) -> &Inspector {
        &self.inspector
    }

    pub(crate) fn ports(&self) -> &Ports {
        &self.ports
    }

    pub(crate) fn dispatcher(&self) -> &Dispatcher {
        &self.dispatcher
    }

    pub(crate) fn integrity(&self) -> Option<&Integrity> {
        self.integrity.as_ref()
    }

    pub(crate) fn settings(&self) -> &PipelineSettings {
        &self.settings
    }

    pub(crate) fn sending(&self, now: Timestamp, lease: Duration) -> Sending<'_> {
        Sending { ports: &self.ports, grouping: self.settings.grouping, dispatcher: &self.dispatcher, now, lease }
    }
}

/// The event and record of an alert, and where they were found.
pub(crate) type AlertPlace = (Arc<EventSummary>, Arc<str>, AlertSource);

/// What is known of the event of a firing that came with another delivery; `near` is one of the same group.
pub(crate) fn elsewhere(firing: &Firing, near: Option<&EventSummary>) -> Arc<EventSummary> {
    Arc::new(EventSummary {
        recipient_account_id: near.and_then(|near| near.recipient_account_id.clone()),
        aws_region: near.and_then(|near| near.aws_region.clone()),
        event_id: Some(firing.verdict.event.clone()),
        event_time: Some(firing.verdict.time.to_string()),
        ..EventSummary::default()
    })
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pipeline").field("settings", &self.settings).finish_non_exhaustive()
    }
}

fn is_digest(key: &str) -> bool {
    let family = ObjectKey::parse(key).family;
    matches!(family, ObjectFamily::Digest | ObjectFamily::BackfillDigest) && !key.ends_with('/')
}

fn ignored(key: &str) -> Option<IgnoredWhy> {
    if key.ends_with('/') {
        return Some(IgnoredWhy::FolderMarker);
    }
    let family: ObjectFamily = ObjectKey::parse(key).family;
    (!family.holds_records()).then_some(IgnoredWhy::Family(family))
}

fn outcome(inspection: Inspection, sent: Sent, correlations: Option<DeliveryError>) -> DeliveryOutcome {
    let Sent { counts: alerts, first_error } = sent;
    let alert_error = first_error.map(|first| DeliveryError::Alerts { failed: alerts.failed, first });
    let held = (alerts.held > 0).then_some(DeliveryError::Held { held: alerts.held });
    let damaged = inspection.damage.clone().map(|reason| DeliveryError::Damaged { reason });
    let error = alert_error.or(correlations).or(held).or(damaged);
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
