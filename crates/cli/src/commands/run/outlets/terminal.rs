use std::io;

use trailhound_pipeline::{Notification, NotifyError};

use super::{Answer, Noted, accepted};
use crate::{commands::run::stopping::Stopping, output::Blocks};

/// Prints alerts on standard output, one block each.
pub(in crate::commands::run) struct Terminal {
    blocks: Blocks,
    noted: Noted,
    stopping: Stopping,
}

impl Terminal {
    pub(in crate::commands::run) fn new(blocks: Blocks, noted: Noted, stopping: Stopping) -> Self {
        Terminal { blocks, noted, stopping }
    }

    pub(super) async fn print(&self, notifications: &[Notification]) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(notifications.len());
        for notification in notifications {
            answers.push(self.print_one(notification).await.map(|()| accepted()));
        }
        answers
    }

    async fn print_one(&self, notification: &Notification) -> Result<(), NotifyError> {
        let _turn = self.noted.turn().await;
        if self.noted.is_noted(&notification.alert).await? {
            return Ok(());
        }
        // What is in it of records was neutralised when it was rendered.
        let printed = self.blocks.print(notification.level, &notification.body);
        if let Err(error) = printed {
            if error.kind() == io::ErrorKind::BrokenPipe {
                // Nobody reads any more, and nobody will.
                self.stopping.ask();
            }
            return Err(NotifyError::Transient(format!("the alert cannot be printed: {error}")));
        }
        self.noted.note(&notification.alert).await;
        Ok(())
    }
}
