//! From alerts to notifications: claimed, counted with those that belong together, published, completed.

mod asking;
mod digesting;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use jiff::Timestamp;

use self::digesting::Way;
use crate::{
    AgendaEntry, Alert, AlertCounts, AlertError, AlertId, AlertKind, AlertSource, Claim, ClaimToken, Grouping, Ports,
    StateError,
    grouping::{About, Group, Part},
    limits::{ALERT_MEMORY, LATENESS},
    render::AlertView,
    routing::{Channel, Dispatcher, Fate, Routing},
    state::{Change, Documents},
};

/// Begins the keys of agenda entries about digests.
pub(crate) const DIGEST: &str = "digest";
/// Begins the keys of agenda entries about groups.
pub(crate) const GROUP: &str = "group";

/// Sends alerts at one moment.
pub(crate) struct Sending<'p> {
    pub(crate) ports: &'p Ports,
    pub(crate) grouping: Option<Grouping>,
    pub(crate) dispatcher: &'p Dispatcher,
    pub(crate) now: Timestamp,
    /// How long an alert may take from its claim to its completion before another worker may send it.
    pub(crate) lease: Duration,
}

/// What became of some alerts.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    pub(crate) counts: AlertCounts,
    pub(crate) first_error: Option<AlertError>,
}

/// An alert that is this worker's to send.
struct Claimed {
    alert: Alert,
    token: ClaimToken,
}

/// The alert that was sent for a group, or left to a digest.
#[derive(Debug, Default)]
struct Led {
    alert: Option<AlertId>,
    fate: Option<Fate>,
    digested: u64,
}

impl Sent {
    fn fail(&mut self, alerts: usize, error: AlertError) {
        self.counts.failed = self.counts.failed.saturating_add(number(alerts));
        self.first_error.get_or_insert(error);
    }

    /// Whether everything is accepted.
    pub(crate) fn is_done(&self) -> bool {
        self.counts.failed == 0 && self.counts.held == 0
    }
}

impl Sending<'_> {
    /// Sends alerts. Those that belong together are counted together, in one step.
    pub(crate) async fn send(&self, alerts: Vec<Alert>) -> Sent {
        let mut sent = Sent::default();
        let mut seen = BTreeSet::new();
        let mut groups: Vec<(Option<About>, Vec<Alert>)> = Vec::new();
        for alert in alerts {
            if !seen.insert(alert.id.clone()) {
                sent.counts.duplicate += 1;
                continue;
            }
            let topics = match self.dispatcher.routing(&self.dispatcher.view(&alert)) {
                Routing::To(topics) => topics,
                Routing::BelowLevel => {
                    sent.counts.below_level += 1;
                    continue;
                }
                Routing::Nowhere => {
                    sent.counts.unrouted += 1;
                    continue;
                }
            };
            let about = self.grouping.map(|grouping| About::of(&alert, &topics, grouping.window, self.now));
            let known = |about: &About| {
                groups.iter().position(|(known, _)| known.as_ref().is_some_and(|known| known.key() == about.key()))
            };
            match about.as_ref().and_then(known).and_then(|known| groups.get_mut(known)) {
                Some((_, members)) => members.push(alert),
                None => groups.push((about, vec![alert])),
            }
        }
        for (about, members) in groups {
            let claimed = self.claim(members, &mut sent).await;
            match (about, self.grouping) {
                (Some(about), Some(grouping)) if !claimed.is_empty() => {
                    self.send_group(&about, grouping, claimed, &mut sent).await;
                }
                _ => self.send_each(claimed, &mut sent).await,
            }
        }
        sent
    }

    async fn claim(&self, alerts: Vec<Alert>, sent: &mut Sent) -> Vec<Claimed> {
        let mut claimed = Vec::new();
        for alert in alerts {
            match self.ports.state.claim(&alert.id, self.lease).await {
                Ok(Claim::Granted(token)) => claimed.push(Claimed { alert, token }),
                Ok(Claim::Held) => sent.counts.held += 1,
                Ok(Claim::Completed) => sent.counts.duplicate += 1,
                Err(error) => sent.fail(1, error.into()),
            }
        }
        claimed
    }

    async fn send_each(&self, claimed: Vec<Claimed>, sent: &mut Sent) {
        let views: Vec<AlertView> = claimed.iter().map(|claimed| self.dispatcher.view(&claimed.alert)).collect();
        let fates = self.dispatcher.send(&views, self.channel()).await;
        for (claimed, fate) in claimed.iter().zip(fates) {
            match fate {
                Ok(Fate::Held) => {
                    self.release(std::slice::from_ref(claimed)).await;
                    sent.counts.add(Fate::Held);
                }
                Ok(fate) => {
                    self.complete(claimed).await;
                    sent.counts.add(fate);
                }
                Err(error) => {
                    self.release(std::slice::from_ref(claimed)).await;
                    sent.fail(1, error);
                }
            }
        }
    }

    /// Sends one of them for all, if none was sent yet; none is completed before that is accepted.
    async fn send_group(&self, about: &About, grouping: Grouping, claimed: Vec<Claimed>, sent: &mut Sent) {
        let mut led = Led::default();
        let result = self.notify_group(about, grouping, &claimed, &mut led).await;
        led.fate.into_iter().for_each(|fate| sent.counts.add(fate));
        sent.counts.digested += led.digested;
        let rest: Vec<Claimed> =
            claimed.into_iter().filter(|claimed| Some(&claimed.alert.id) != led.alert.as_ref()).collect();
        match result {
            Ok(Some(group)) => {
                let mut completed: Vec<AlertId> = led.alert.into_iter().collect();
                for claimed in &rest {
                    if self.complete(claimed).await {
                        completed.push(claimed.alert.id.clone());
                    }
                }
                if group.is_crowded() {
                    self.clear(about, &completed).await;
                }
                sent.counts.grouped += number(rest.len());
            }
            Ok(None) => {
                self.release(&rest).await;
                // One at least, for the same reason as below.
                sent.counts.held += number(rest.len().max(1));
            }
            Err(error) => {
                self.release(&rest).await;
                // One at least, so that a delivery whose only alert is out is not taken for done.
                sent.fail(rest.len().max(1), error);
            }
        }
    }

    /// The group once people know of it; `None` while another worker is telling them.
    async fn notify_group(
        &self,
        about: &About,
        grouping: Grouping,
        claimed: &[Claimed],
        led: &mut Led,
    ) -> Result<Option<Group>, AlertError> {
        let ids: Vec<AlertId> = claimed.iter().map(|claimed| claimed.alert.id.clone()).collect();
        let until = self.after(ALERT_MEMORY);
        let due = later(later(about.since, grouping.window).max(self.now), LATENESS);
        let join = |group: &mut Group| {
            let part = group.join(&ids);
            group.due.get_or_insert(due);
            Change::Write((part, group.clone()), until)
        };
        let (mut part, mut group) = self.documents().update(&about.key(), join).await?;
        if let Part::Ask(leader) = part {
            part = self.ask(about, &leader, &ids, until).await?;
        }
        match part {
            Part::Ask(_) => return Ok(None),
            Part::Follow => {}
            Part::Lead(id) => {
                let Some(leader) = claimed.iter().find(|claimed| claimed.alert.id == id) else { return Ok(None) };
                let way = self.way(&leader.alert, grouping).await?;
                match way {
                    Way::Held => return Ok(None),
                    Way::Digest => led.digested += 1,
                    Way::Alone => match self.publish(&leader.alert).await? {
                        Fate::Held => return Ok(None),
                        fate => led.fate = Some(fate),
                    },
                }
                // At once: whatever fails from here on must not send it again.
                self.complete(leader).await;
                led.alert = Some(id.clone());
                // Where this fails, whoever joins next asks what became of the alert.
                let lead = |group: &mut Group| {
                    group.lead(&id);
                    group.is_digested = way == Way::Digest;
                    Change::Write(group.clone(), until)
                };
                match self.documents().update(&about.key(), lead).await {
                    Ok(noted) => group = noted,
                    Err(error) => tracing::warn!(alert = %id, %error, "alert sent but its group not told"),
                }
            }
        }
        Ok(self.follow_up(about, &group, claimed).await?.then_some(group))
    }

    /// Sees to it that a group with several alerts is closed, and tells when it has grown large; done if nobody
    /// else is telling that. Whoever does may have crashed, so these alerts have to come again.
    async fn follow_up(&self, about: &About, group: &Group, claimed: &[Claimed]) -> Result<bool, AlertError> {
        if let Some(due) = group.due.filter(|_| group.count > 1 && !group.is_digested) {
            let note = serde_json::to_string(about).unwrap_or_default();
            self.ports.state.schedule(&AgendaEntry { due, key: about.key(), note }).await?;
        }
        let (Some(reached), Some(last)) = (group.reached(), claimed.last()) else { return Ok(true) };
        let kind = AlertKind::GroupUpdate { count: group.count, since: about.since, closed: false };
        let alert = Alert { id: update_id(about, &format!("{reached}")), kind, ..last.alert.clone() };
        if !self.send_once(&alert).await? {
            return Ok(false);
        }
        let tell = |group: &mut Group| {
            group.tell(reached);
            Change::Write(true, self.after(ALERT_MEMORY))
        };
        Ok(self.documents().update(&about.key(), tell).await?)
    }

    /// Tells the count of a group of which no more alerts are expected; done if nobody else is doing so.
    pub(crate) async fn close(
        &self,
        about: &About,
        rule: &trailhound_rule_engine::Metadata,
    ) -> Result<bool, AlertError> {
        let group: Group = self.documents().read(&about.key()).await?;
        let Some(count) = group.closing() else { return Ok(true) };
        let kind = AlertKind::GroupUpdate { count, since: about.since, closed: true };
        let alert = Alert {
            id: update_id(about, &format!("closed at {count}")),
            rule: rule.clone(),
            event: about.event(),
            source: from_state(),
            record: Arc::from(""),
            kind,
            standing: None,
        };
        if !self.send_once(&alert).await? {
            return Ok(false);
        }
        let close = |group: &mut Group| Change::Write(group.close(count), self.after(ALERT_MEMORY));
        Ok(self.documents().update(&about.key(), close).await?)
    }

    /// Claims, publishes and completes; false while another worker holds it.
    async fn send_once(&self, alert: &Alert) -> Result<bool, AlertError> {
        let claimed = match self.ports.state.claim(&alert.id, self.lease).await? {
            Claim::Granted(token) => Claimed { alert: alert.clone(), token },
            Claim::Held => return Ok(false),
            Claim::Completed => return Ok(true),
        };
        let fate = self.publish(alert).await;
        if matches!(fate, Ok(Fate::Held) | Err(_)) {
            self.release(std::slice::from_ref(&claimed)).await;
            return fate.map(|_| false);
        }
        self.complete(&claimed).await;
        Ok(true)
    }

    async fn publish(&self, alert: &Alert) -> Result<Fate, AlertError> {
        let view = self.dispatcher.view(alert);
        let fates = self.dispatcher.send(std::slice::from_ref(&view), self.channel()).await;
        // There is one for each.
        fates.into_iter().next().unwrap_or(Ok(Fate::Held))
    }

    fn channel(&self) -> Channel<'_> {
        Channel { state: &*self.ports.state, notifier: &*self.ports.notifier, lease: self.lease }
    }

    /// Records that an alert was sent, with a second attempt: what is not recorded may be repeated.
    async fn complete(&self, claimed: &Claimed) -> bool {
        let Claimed { alert, token } = claimed;
        let first = self.ports.state.complete(&alert.id, token).await;
        let result = match first {
            Err(StateError::Transient(_)) => self.ports.state.complete(&alert.id, token).await,
            result => result,
        };
        if let Err(error) = &result {
            // The alert is out. Failing now would send it again for certain, going on at most perhaps.
            tracing::warn!(alert = %alert.id, %error, "alert sent but not recorded as sent");
        }
        result.is_ok()
    }

    /// Gives claims back. Where this fails as well, the lease frees them.
    async fn release(&self, claimed: &[Claimed]) {
        for Claimed { alert, token } in claimed {
            if let Err(error) = self.ports.state.release(&alert.id, token).await {
                tracing::warn!(alert = %alert.id, %error, "claim not released");
            }
        }
    }

    async fn clear(&self, about: &About, completed: &[AlertId]) {
        let clear = |group: &mut Group| {
            group.clear(completed);
            Change::Write((), self.after(ALERT_MEMORY))
        };
        if let Err(error) = self.documents().update(&about.key(), clear).await {
            // The document stays larger than it has to be.
            tracing::warn!(%error, "completed alerts not cleared from their group");
        }
    }

    fn documents(&self) -> Documents<'_> {
        Documents::new(&*self.ports.state)
    }

    fn after(&self, time: Duration) -> Timestamp {
        later(self.now, time)
    }
}

/// Where alerts come from that no single record causes.
pub(crate) fn from_state() -> AlertSource {
    AlertSource::Inline { origin: "what was remembered".to_owned(), index: 0 }
}

fn update_id(about: &About, what: &str) -> AlertId {
    AlertId::new(&about.rule, Some(about.key().as_str()), Some(what), "")
}

fn later(time: Timestamp, by: Duration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn number(count: usize) -> u64 {
    count.try_into().unwrap_or(u64::MAX)
}
