//! What the function tells CloudWatch about itself.

mod catalogue;
mod document;
mod gather;
mod sink;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use tracing::warn;
use trailhound_pipeline::Place;

#[cfg(test)]
pub(crate) use self::sink::Memory;
pub(crate) use self::sink::{Sink, Stdout};
use crate::trigger::Sender;
use crate::work::UnitOutcome;

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
    settings: MetricsSettings,
    function: Option<String>,
    rule_errors: usize,
    sink: Box<dyn Sink>,
    was_invoked: AtomicBool,
    places: Mutex<Places>,
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
        settings: MetricsSettings,
        function: Option<String>,
        rule_errors: usize,
        sink: Box<dyn Sink>,
    ) -> Self {
        Self { settings, function, rule_errors, sink, was_invoked: AtomicBool::new(false), places: Mutex::default() }
    }

    /// Writes what became of an invocation; `None` where its event was refused as a whole.
    pub(crate) fn write(&self, invocation: Invocation<'_>, done: Option<(&Sender, &[UnitOutcome])>) {
        let now = Timestamp::now();
        let gathered = gather::gather(done, now);
        let mut document = gathered.document();
        let is_first = !self.was_invoked.swap(true, Ordering::Relaxed);
        document.metrics.push((catalogue::COLD_STARTS, vec![f64::from(u8::from(is_first))]));
        document.metrics.push((catalogue::RULE_ERRORS, vec![gather::as_number(self.rule_errors as u64)]));
        document.dimensions = self.function.iter().map(|name| (FUNCTION, name.clone())).collect();
        document.properties = invocation.properties();
        self.sink.write(&document.to_json(&self.settings.namespace, now));
        for (place, age) in gathered.ages {
            if self.is_reported(&place) {
                let mut document = gather::of_place(place, age);
                document.dimensions.extend(self.function.iter().map(|name| (FUNCTION, name.clone())));
                self.sink.write(&document.to_json(&self.settings.namespace, now));
            }
        }
    }

    /// Whether a place is among the first that this environment has seen.
    fn is_reported(&self, place: &Place) -> bool {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places.reported.contains(place) {
            return true;
        }
        if places.reported.len() < self.settings.places {
            return places.reported.insert(place.clone());
        }
        if self.settings.places > 0 && !places.are_too_many {
            places.are_too_many = true;
            warn!(places = self.settings.places, "logs come from more places than are reported on");
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
