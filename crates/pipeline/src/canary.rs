//! Canaries: a record made here that has to come out as an alert.

use thiserror::Error;

use crate::{Alert, AlertCounts, AlertError, AlertKind, AlertSource, Pipeline, markers};

/// Why a canary did not come out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CanaryError {
    /// The rules let it pass, as if it were of no interest.
    #[error("no rule matched the canary")]
    NotMatched,
    /// Nobody said where canaries go.
    #[error("no topic takes canaries: name one in `canaries`")]
    NoTopic,
    /// It could not be claimed or was not accepted.
    #[error("the canary could not be sent: {0}")]
    NotSent(AlertError),
}

impl Pipeline {
    /// Makes a record, has the rules judge it, and sends the alert to the topics for canaries.
    ///
    /// It takes the way of every alert through rules, state, rendering and publishing, but the routes, and goes
    /// to nobody else. One a second at most.
    pub async fn canary(&self) -> Result<AlertCounts, CanaryError> {
        let record = markers::canary_record(self.ports().clock.now()).to_string();
        let inspection = self.inspector().clone().with_minimum_level(trailhound_rule_engine::Level::Informational);
        let inspection = inspection.inspect(record.as_bytes());
        let rule = |found: &crate::Match| Some(self.rules().get(found.rule)?.metadata());
        let canary = inspection.matches.iter().find_map(|found| {
            let rule = rule(found).filter(|rule| rule.handle() == markers::CANARY)?;
            Some((rule, found))
        });
        let (rule, found) = canary.ok_or(CanaryError::NotMatched)?;
        let source = AlertSource::Inline { origin: "the schedule of canaries".to_owned(), index: 0 };
        let alert = Alert { kind: AlertKind::Canary, ..Alert::new(rule, found, source) };
        let counts = self.announce(&[self.dispatcher().view(&alert)]).await.map_err(CanaryError::NotSent)?;
        if counts.unrouted > 0 { Err(CanaryError::NoTopic) } else { Ok(counts) }
    }
}
