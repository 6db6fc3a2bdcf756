//! What became of the first alert of a group, when its worker did not come to note it.

use jiff::Timestamp;

use super::Sending;
use crate::{
    AlertError, AlertId, Claim, StateError, TopicName,
    grouping::{About, Group, Part},
    state::Change,
};

/// Where an alert stands whose claim is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// All its topics have it.
    All,
    /// At least one has not.
    NotAll,
    /// The claim of its worker on one of them is not over.
    Held,
}

impl Sending<'_> {
    /// What is to be done about a group whose first alert another worker was to send: it may be out, or
    /// on its way, or nobody is sending it, as when it was refused.
    pub(super) async fn ask(
        &self,
        about: &About,
        leader: &AlertId,
        ids: &[AlertId],
        until: Timestamp,
    ) -> Result<Part, AlertError> {
        let token = match self.ports.state.claim(leader, self.lease).await? {
            Claim::Held => return Ok(Part::Ask(leader.clone())),
            Claim::Completed => return Ok(self.note(about, leader, ids, until).await?),
            Claim::Granted(token) => token,
        };
        // As long as this claim is held, nobody else sends it.
        let part = match self.told(about, leader).await {
            Ok(Told::All) => {
                // Its worker ended between the last topic and this. The group knows as well, so it may fail.
                if let Err(error) = self.ports.state.complete(leader, &token).await {
                    tracing::warn!(alert = %leader, %error, "alert sent but not recorded as sent");
                }
                return Ok(self.note(about, leader, ids, until).await?);
            }
            Ok(Told::Held) => Ok(Part::Ask(leader.clone())),
            Ok(Told::NotAll) => {
                let replace = |group: &mut Group| Change::Write(group.replace(leader, ids), until);
                self.documents().update(&about.key(), replace).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = self.ports.state.release(leader, &token).await {
            tracing::warn!(alert = %leader, %error, "claim not released");
        }
        Ok(part?)
    }

    /// Joins a group whose first alert is out.
    async fn note(
        &self,
        about: &About,
        leader: &AlertId,
        ids: &[AlertId],
        until: Timestamp,
    ) -> Result<Part, StateError> {
        let note = |group: &mut Group| {
            group.lead(leader);
            Change::Write(group.join(ids), until)
        };
        self.documents().update(&about.key(), note).await
    }

    /// Alerts of a group go to the same topics.
    async fn told(&self, about: &About, alert: &AlertId) -> Result<Told, StateError> {
        let mut told = Told::All;
        for topic in about.topics.iter().filter_map(|topic| TopicName::new(topic)) {
            let id = alert.to_topic(&topic);
            match self.ports.state.claim(&id, self.lease).await? {
                Claim::Completed => {}
                Claim::Held => return Ok(Told::Held),
                Claim::Granted(token) => {
                    told = Told::NotAll;
                    self.ports.state.release(&id, &token).await?;
                }
            }
        }
        Ok(told)
    }
}
