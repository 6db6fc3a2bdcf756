//! Where alerts go: the terminal, a file, a command, topics of SNS.

mod command;
mod file;
mod noted;
mod terminal;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use trailhound_pipeline::{Notification, Notifier, NotifyError, Receipt, TopicName, render::Format};

pub(super) use self::{
    command::{AlertCommand, CommandError},
    file::{AlertFile, FileError},
    noted::Noted,
    terminal::Terminal,
};

/// Names that the outlets have among topics: what is claimed is an alert at one of them.
pub(super) const TERMINAL: &str = "run-terminal";
pub(super) const FILE: &str = "run-file";
pub(super) const COMMAND: &str = "run-command";

/// All places that alerts go to.
#[derive(Default)]
pub(super) struct Outlets {
    pub(super) terminal: Option<Terminal>,
    pub(super) file: Option<AlertFile>,
    pub(super) command: Option<AlertCommand>,
    /// Everything that is none of these.
    pub(super) topics: Option<Arc<dyn Notifier>>,
}

type Answer = Result<Receipt, NotifyError>;

impl Outlets {
    /// Names and formats of those that are on this machine.
    pub(super) fn formats(&self) -> BTreeMap<TopicName, Format> {
        let terminal = self.terminal.as_ref().map(|_| (TERMINAL, Format::Text));
        let file = self.file.as_ref().map(|_| (FILE, Format::Json));
        let command = self.command.as_ref().map(|_| (COMMAND, Format::Json));
        let all = [terminal, file, command].into_iter().flatten();
        all.filter_map(|(name, format)| Some((TopicName::new(name)?, format))).collect()
    }

    async fn hand_over(&self, outlet: &str, notifications: &[Notification]) -> Vec<Answer> {
        match outlet {
            TERMINAL => match &self.terminal {
                Some(terminal) => terminal.print(notifications).await,
                None => nowhere(notifications),
            },
            FILE => match &self.file {
                Some(file) => file.append(notifications),
                None => nowhere(notifications),
            },
            COMMAND => match &self.command {
                Some(command) => command.run(notifications).await,
                None => nowhere(notifications),
            },
            _ => match &self.topics {
                Some(topics) => topics.notify(notifications).await,
                None => nowhere(notifications),
            },
        }
    }
}

/// The outlet of a notification; topics of SNS are one, so that they get theirs in one call.
fn outlet(notification: &Notification) -> &'static str {
    let name = notification.topic.as_str();
    [TERMINAL, FILE, COMMAND].into_iter().find(|known| *known == name).unwrap_or_default()
}

fn nowhere(notifications: &[Notification]) -> Vec<Answer> {
    notifications.iter().map(|_| Err(NotifyError::Rejected("there is no such outlet".to_owned()))).collect()
}

/// What a program or a file was given has been accepted; there is no identifier of theirs.
fn accepted() -> Receipt {
    Receipt { id: String::new() }
}

#[async_trait]
impl Notifier for Outlets {
    async fn notify(&self, notifications: &[Notification]) -> Vec<Answer> {
        let mut answers: Vec<Option<Answer>> = notifications.iter().map(|_| None).collect();
        for name in [TERMINAL, FILE, COMMAND, ""] {
            let (places, own): (Vec<usize>, Vec<Notification>) = notifications
                .iter()
                .enumerate()
                .filter(|(_, notification)| outlet(notification) == name)
                .map(|(place, notification)| (place, notification.clone()))
                .unzip();
            if own.is_empty() {
                continue;
            }
            for (place, answer) in places.into_iter().zip(self.hand_over(name, &own).await) {
                if let Some(slot) = answers.get_mut(place) {
                    *slot = Some(answer);
                }
            }
        }
        let none = || Err(NotifyError::Transient("the outlet gave no answer".to_owned()));
        answers.into_iter().map(|answer| answer.unwrap_or_else(none)).collect()
    }
}
