use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use crate::{Notification, Notifier, NotifyError, Receipt};

/// Keeps notifications instead of sending them.
#[derive(Debug, Default)]
pub struct MemoryNotifier {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    sent: Vec<Notification>,
    failures: VecDeque<NotifyError>,
}

impl MemoryNotifier {
    /// What was accepted so far.
    pub fn sent(&self) -> Vec<Notification> {
        self.lock().sent.clone()
    }

    /// Lets one notification fail; several failures are used up in the order in which they came.
    pub fn fail_next(&self, error: NotifyError) {
        self.lock().failures.push_back(error);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Notifier for MemoryNotifier {
    async fn notify(&self, notifications: &[Notification]) -> Vec<Result<Receipt, NotifyError>> {
        let mut inner = self.lock();
        notifications.iter().map(|notification| inner.accept(notification)).collect()
    }
}

impl Inner {
    fn accept(&mut self, notification: &Notification) -> Result<Receipt, NotifyError> {
        if let Some(error) = self.failures.pop_front() {
            return Err(error);
        }
        self.sent.push(notification.clone());
        Ok(Receipt { id: format!("memory-{}", self.sent.len()) })
    }
}
