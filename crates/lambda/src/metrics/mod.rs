//! What the function tells CloudWatch about itself.

mod catalogue;
mod document;
mod gather;
mod sink;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use tracing::warn;
use trailhound_pipeline::Place;

#[cfg(test)]
pub(crate) use self::sink::Memory;
pub(crate) use self::sink::{Sink, Stdout};
use trailhound_trigger::Sender;
use trailhound_trigger::UnitOutcome;

/// What metrics can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MetricsSettings {
    /// The namespace in CloudWatch.
    pub(crate) namespace: String,
    /// How many pairs of account and region one environment reports the age of. Each is a metric that
    /// AWS charges for.
    pub(crate) places: usize,
}

/// Turns outcomes into metrics.
pub(crate) struct Metrics {
    adopted: Mutex<Adopted>,
    function: Option<String>,
    sink: Box<dyn Sink>,
    was_invoked: AtomicBool,
    refused_versions: AtomicU64,
    places: Mutex<Places>,
}

/// What a new version of configuration or rules changes.
#[derive(Debug, Clone)]
struct Adopted {
    /// None where metrics are off.
    settings: Option<MetricsSettings>,
    rule_errors: usize,
}

/// The places that are reported on.
#[derive(Debug, Default)]
struct Places {
    reported: BTreeSet<Place>,
    /// Whether somebody was told that there are more.
    are_too_many: bool,
}

/// What an invocation was about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Invocation<'a> {
    /// Its identifier.
    pub(crate) request_id: &'a str,
    /// The trace it belongs to.
    pub(crate) trace_id: Option<&'a str>,
}

impl Metrics {
    /// Metrics of the function of this name, whose rules have so many errors.
    pub(crate) fn new(
        settings: Option<MetricsSettings>,
        function: Option<String>,
        rule_errors: usize,
        sink: Box<dyn Sink>,
    ) -> Self {
        Self {
            adopted: Mutex::new(Adopted { settings, rule_errors }),
            function,
            sink,
            was_invoked: AtomicBool::new(false),
            refused_versions: AtomicU64::new(0),
            places: Mutex::default(),
        }
    }

    /// Goes on with these settings and this number of errors in the rules.
    pub(crate) fn adopt(&self, settings: Option<MetricsSettings>, rule_errors: usize) {
        *self.adopted.lock().unwrap_or_else(PoisonError::into_inner) = Adopted { settings, rule_errors };
    }

    /// A new version of configuration or rules was refused.
    pub(crate) fn count_refused_version(&self) {
        self.refused_versions.fetch_add(1, Ordering::Relaxed);
    }

    /// Writes what became of an invocation; `None` where its event was refused as a whole.
    pub(crate) fn write(&self, invocation: Invocation<'_>, done: Option<(&Sender, &[UnitOutcome])>) {
        let Adopted { settings, rule_errors } = self.adopted.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(settings) = settings else { return };
        let now = Timestamp::now();
        let gathered = gather::gather(done, now);
        let mut document = gathered.document();
        let is_first = !self.was_invoked.swap(true, Ordering::Relaxed);
        document.metrics.push((catalogue::COLD_STARTS, vec![f64::from(u8::from(is_first))]));
        document.metrics.push((catalogue::RULE_ERRORS, vec![gather::as_number(rule_errors as u64)]));
        let refused = self.refused_versions.swap(0, Ordering::Relaxed);
        document.metrics.push((catalogue::VERSIONS_REFUSED, vec![gather::as_number(refused)]));
        document.dimensions = self.function.iter().map(|name| (FUNCTION, name.clone())).collect();
        document.properties = invocation.properties();
        self.sink.write(&document.to_json(&settings.namespace, now));
        for (place, age) in gathered.ages {
            if self.is_reported(&place, settings.places) {
                let mut document = gather::of_place(place, age);
                document.dimensions.extend(self.function.iter().map(|name| (FUNCTION, name.clone())));
                self.sink.write(&document.to_json(&settings.namespace, now));
            }
        }
    }

    /// Whether a place is among the first that this environment has seen.
    fn is_reported(&self, place: &Place, most: usize) -> bool {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places.reported.contains(place) {
            return true;
        }
        if places.reported.len() < most {
            return places.reported.insert(place.clone());
        }
        if most > 0 && !places.are_too_many {
            places.are_too_many = true;
            warn!(places = most, "logs come from more places than are reported on");
        }
        false
    }
}

/// The dimension that tells functions apart.
const FUNCTION: &str = "FunctionName";

impl Invocation<'_> {
    fn properties(self) -> Vec<(&'static str, String)> {
        let trace = self.trace_id.map(|trace| ("traceId", trace.to_owned()));
        [("requestId", self.request_id.to_owned())].into_iter().chain(trace).collect()
    }
}
