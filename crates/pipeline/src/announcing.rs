//! Alerts that come from elsewhere than a delivery.

use std::sync::PoisonError;

use jiff::civil::Date;

use crate::{
    AlertCounts, AlertError, Pipeline,
    render::AlertView,
    routing::{Channel, expiring_suppressions},
};

impl Pipeline {
    /// Sends alerts that come from elsewhere than a delivery, such as notices about the product itself.
    pub async fn announce(&self, views: &[AlertView]) -> Result<AlertCounts, AlertError> {
        let (mut alerts, mut first_error) = (AlertCounts::default(), None);
        let ports = self.ports();
        let channel = Channel { state: &*ports.state, notifier: &*ports.notifier, lease: self.settings().lease };
        for fate in self.dispatcher().send(views, channel).await {
            match fate {
                Ok(fate) => alerts.add(fate),
                Err(error) => {
                    alerts.failed += 1;
                    first_error.get_or_insert(error);
                }
            }
        }
        first_error.map_or(Ok(alerts), Err)
    }

    /// Announces suppressions that have expired or soon will, once a day.
    ///
    /// Of what was announced today this pipeline remembers that it was, so that it can be called at every
    /// invocation; the state of alerts remembers it for all others.
    pub async fn announce_suppressions(&self, today: Date) -> Result<AlertCounts, AlertError> {
        let announced = *self.announced.lock().unwrap_or_else(PoisonError::into_inner);
        if announced == Some(today) {
            return Ok(AlertCounts::default());
        }
        let counts = self.announce(&expiring_suppressions(self.rules(), today)).await?;
        // Whoever holds one of them may not come to send it.
        if counts.held == 0 {
            *self.announced.lock().unwrap_or_else(PoisonError::into_inner) = Some(today);
        }
        Ok(counts)
    }
}
