//! What has become due since somebody looked: windows that are over, groups that are closed, digests.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use trailhound_rule_engine::{Firing, Metadata, RuleSet};

use crate::{
    AgendaEntry, AlertError,
    alert::rule_identity,
    correlating::{Correlating, WINDOW},
    grouping::About,
    limits::{LEASE_MARGIN, SWEPT_ENTRIES},
    pipeline::{Pipeline, elsewhere},
    sending::{DIGEST, GROUP, from_state},
};

impl Pipeline {
    /// Looks at what has become due: judges windows that are over, closes groups, sends digests. How
    /// many entries are done.
    ///
    /// Every delivery does this now and then; a schedule has to do it where hours may pass without a
    /// delivery. What fails stays due; the first error is told.
    pub async fn sweep(&self) -> Result<usize, AlertError> {
        self.sweep_within(self.settings().lease).await
    }

    /// The same by a worker that ends in so much time, done or not.
    pub async fn sweep_within(&self, time: Duration) -> Result<usize, AlertError> {
        let lease = time.saturating_add(LEASE_MARGIN).min(self.settings().lease);
        let now = self.ports().clock.now();
        let (mut done, mut first_error) = (0_usize, None);
        for entry in self.ports().state.due(now, SWEPT_ENTRIES).await? {
            match self.look_at(&entry, now, lease).await {
                Ok(true) => done = done.saturating_add(1),
                Ok(false) => {}
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        first_error.map_or(Ok(done), Err)
    }

    async fn look_at(&self, entry: &AgendaEntry, now: Timestamp, lease: Duration) -> Result<bool, AlertError> {
        let state = &self.ports().state;
        let kind = entry.key.as_str().split_once('-').map(|(kind, _)| kind).unwrap_or_default();
        let is_done = match kind {
            WINDOW => return self.close_windows(entry, now, lease).await,
            GROUP => match serde_json::from_str::<About>(&entry.note) {
                Ok(about) => match rule(self.rules(), &about.rule) {
                    Some(rule) => self.sending(now, lease).close(&about, rule).await?,
                    None => true,
                },
                Err(_) => true,
            },
            DIGEST => match serde_json::from_str::<(String, Timestamp)>(&entry.note) {
                Ok((name, since)) => match rule(self.rules(), &name) {
                    Some(rule) => self.sending(now, lease).digest(rule, since).await?,
                    None => true,
                },
                Err(_) => true,
            },
            _ => true,
        };
        if is_done {
            state.unschedule(entry).await?;
        }
        Ok(is_done)
    }

    async fn close_windows(&self, entry: &AgendaEntry, now: Timestamp, lease: Duration) -> Result<bool, AlertError> {
        let correlating = Correlating::new(self.rules(), &*self.ports().state, now);
        let mut closed = correlating.close(entry).await?;
        let near = closed.near.take();
        let place = |firing: &Firing| Some((elsewhere(firing, near.as_ref()), Arc::from(""), from_state()));
        let (alerts, _) = self.alerts_of(std::mem::take(&mut closed.firings), &place);
        let sent = self.sending(now, lease).send(alerts).await;
        let is_done = sent.is_done();
        if let Some(error) = sent.first_error {
            return Err(error);
        }
        if is_done {
            correlating.finish(entry, &closed).await?;
        }
        Ok(is_done)
    }
}

/// A rule or correlation by what tells it from others.
fn rule<'r>(rules: &'r RuleSet, identity: &str) -> Option<&'r Metadata> {
    let single = rules.iter().map(|(_, rule)| rule.metadata());
    let correlations = rules.correlations().map(|(_, correlation)| correlation.metadata());
    single.chain(correlations).find(|metadata| rule_identity(metadata) == identity)
}
