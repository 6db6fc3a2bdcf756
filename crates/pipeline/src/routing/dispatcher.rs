use std::{collections::BTreeMap, time::Duration};

use trailhound_rule_engine::Level;

use super::{Router, Routing};
use crate::{
    Alert, AlertError, AlertId, AlertState, Claim, ClaimToken, Notification, Notifier, NotifyError, StateError,
    TopicName,
    limits::DISPATCHED_TOGETHER,
    render::{Account, AlertView, Format, Renderer},
};

/// Sends alerts: asks the routes, claims, renders, publishes, completes.
///
/// What is claimed is an alert at a topic. An alert counts as sent when all its topics have accepted it,
/// and when it is sent again, those that have do not get it twice.
#[derive(Debug, Clone)]
pub struct Dispatcher {
    router: Router,
    renderer: Renderer,
    formats: BTreeMap<TopicName, Format>,
}

/// What became of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// No route takes it, and its level is below the least.
    BelowLevel,
    /// No route takes it.
    Unrouted,
    /// All its topics had it before.
    Duplicate,
    /// At least one of its topics has accepted it now, the others now or before.
    Sent,
    /// Another worker is sending it to one of its topics, or crashed while doing so.
    Held,
}

/// What a dispatcher needs of the world.
#[derive(Clone, Copy)]
pub(crate) struct Channel<'p> {
    pub(crate) state: &'p dyn AlertState,
    pub(crate) notifier: &'p dyn Notifier,
    pub(crate) lease: Duration,
}

/// A notification that was claimed, with the number of its alert.
struct Claimed {
    alert: usize,
    id: AlertId,
    token: ClaimToken,
}

impl Dispatcher {
    /// A dispatcher; a topic that has no entry in `formats` gets text.
    pub fn new(router: Router, renderer: Renderer, formats: BTreeMap<TopicName, Format>) -> Self {
        Dispatcher { router, renderer, formats }
    }

    /// Whether an alert of this level could be sent anywhere.
    pub fn wants(&self, level: Level) -> bool {
        self.router.wants(level)
    }

    /// The view of an alert, with the names and links of the configuration.
    pub fn view(&self, alert: &Alert) -> AlertView {
        self.renderer.view(alert)
    }

    /// An account with the name that the configuration gives it.
    pub(crate) fn account(&self, id: &str) -> Account {
        self.renderer.settings().account(id)
    }

    /// Where an alert goes.
    pub(crate) fn routing(&self, view: &AlertView) -> Routing {
        self.router.route(view)
    }

    /// Sends alerts and says of each what became of it, in their order.
    pub(crate) async fn send(&self, views: &[AlertView], channel: Channel<'_>) -> Vec<Result<Fate, AlertError>> {
        let mut fates = Vec::with_capacity(views.len());
        for views in views.chunks(DISPATCHED_TOGETHER) {
            fates.extend(self.send_together(views, channel).await);
        }
        fates
    }

    async fn send_together(&self, views: &[AlertView], channel: Channel<'_>) -> Vec<Result<Fate, AlertError>> {
        let mut fates: Vec<Result<Fate, AlertError>> = Vec::with_capacity(views.len());
        let mut claimed: Vec<Claimed> = Vec::new();
        let mut notifications = Vec::new();
        for (alert, view) in views.iter().enumerate() {
            let topics = match self.router.route(view) {
                Routing::To(topics) => topics,
                Routing::BelowLevel => {
                    fates.push(Ok(Fate::BelowLevel));
                    continue;
                }
                Routing::Nowhere => {
                    fates.push(Ok(Fate::Unrouted));
                    continue;
                }
            };
            let mut fate = Ok(Fate::Duplicate);
            for topic in &topics {
                let id = view.id.to_topic(topic);
                // CloudTrail repeats records within an object: this is not another worker's claim but ours.
                if claimed.iter().any(|earlier| earlier.id == id) {
                    continue;
                }
                match channel.state.claim(&id, channel.lease).await {
                    Ok(Claim::Granted(token)) => {
                        notifications.push(self.notification(view, topic, &id));
                        claimed.push(Claimed { alert, id, token });
                    }
                    Ok(Claim::Completed) => {}
                    Ok(Claim::Held) => fate = worse(fate, Ok(Fate::Held)),
                    Err(error) => fate = worse(fate, Err(error.into())),
                }
            }
            fates.push(fate);
        }
        let mut answers = match notifications.as_slice() {
            [] => Vec::new(),
            notifications => channel.notifier.notify(notifications).await,
        }
        .into_iter();
        for claimed in claimed {
            // A notifier that answers for too few has not accepted the rest.
            let answer =
                answers.next().unwrap_or_else(|| Err(NotifyError::Transient("the channel gave no answer".to_owned())));
            let fate = settle(&claimed, answer.map(|_| ()), channel).await;
            if let Some(known) = fates.get_mut(claimed.alert) {
                *known = worse(std::mem::replace(known, Ok(Fate::Sent)), fate);
            }
        }
        fates
    }

    fn notification(&self, view: &AlertView, topic: &TopicName, id: &AlertId) -> Notification {
        let format = self.formats.get(topic).copied().unwrap_or_default();
        let message = self.renderer.render(view, format);
        Notification {
            alert: id.clone(),
            topic: topic.clone(),
            group: view.group.clone(),
            level: view.level,
            subject: message.subject,
            body: message.body,
            attributes: message.attributes,
        }
    }
}

/// Records what the topic said.
async fn settle(claimed: &Claimed, answer: Result<(), NotifyError>, channel: Channel<'_>) -> Result<Fate, AlertError> {
    let Claimed { id, token, .. } = claimed;
    if let Err(error) = answer {
        // If this fails as well, the lease frees the claim.
        if let Err(state) = channel.state.release(id, token).await {
            tracing::warn!(alert = %id, error = %state, "claim not released");
        }
        return Err(error.into());
    }
    if let Err(error) = complete(id, token, channel.state).await {
        // The alert is out. Failing now would send it again for certain, going on at most perhaps.
        tracing::warn!(alert = %id, %error, "alert sent but not recorded as sent");
    }
    Ok(Fate::Sent)
}

/// Records that an alert was sent, with a second attempt: what is not recorded may be repeated.
async fn complete(id: &AlertId, token: &ClaimToken, state: &dyn AlertState) -> Result<(), StateError> {
    match state.complete(id, token).await {
        Err(StateError::Transient(_)) => state.complete(id, token).await,
        result => result,
    }
}

/// Of what two topics of an alert say, what counts: an error more than anything, then the later fate.
fn worse(one: Result<Fate, AlertError>, other: Result<Fate, AlertError>) -> Result<Fate, AlertError> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok(one.max(other)),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}
