use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{OptionalExtension, params};

use super::{SqliteState, end};
use crate::{AlertId, AlertState, Claim, ClaimToken, StateError, limits::ALERT_MEMORY, unique_token};

#[async_trait]
impl AlertState for SqliteState {
    async fn claim(&self, alert: &AlertId, lease: Duration) -> Result<Claim, StateError> {
        let now = self.clock.now();
        let until = end(now.saturating_add(lease).unwrap_or(jiff::Timestamp::MAX));
        let (id, now, token) = (alert.to_string(), end(now), unique_token());
        self.write(move |connection| {
            let mut known = connection.prepare_cached("select completed from alerts where id = ?1 and until > ?2")?;
            match known.query_row(params![id, now], |row| row.get(0)).optional()? {
                Some(true) => return Ok(Claim::Completed),
                Some(false) => return Ok(Claim::Held),
                None => {}
            }
            connection
                .prepare_cached("insert or replace into alerts (id, token, until, completed) values (?1, ?2, ?3, 0)")?
                .execute(params![id, token, until])?;
            Ok(Claim::Granted(ClaimToken::new(token)))
        })
        .await
    }

    async fn complete(&self, alert: &AlertId, token: &ClaimToken) -> Result<(), StateError> {
        let until = end(self.clock.now().saturating_add(ALERT_MEMORY).unwrap_or(jiff::Timestamp::MAX));
        let (id, token) = (alert.to_string(), token.as_str().to_owned());
        let is_completed = self
            .write(move |connection| {
                connection
                    .prepare_cached(
                        "update alerts set completed = 1, until = ?3 where id = ?1 and token = ?2 and completed = 0",
                    )?
                    .execute(params![id, token, until])?;
                let mut known = connection.prepare_cached("select completed from alerts where id = ?1")?;
                Ok(known.query_row([id], |row| row.get(0)).optional()?.unwrap_or(false))
            })
            .await?;
        if is_completed { Ok(()) } else { Err(StateError::ClaimLost) }
    }

    async fn release(&self, alert: &AlertId, token: &ClaimToken) -> Result<(), StateError> {
        let (id, token) = (alert.to_string(), token.as_str().to_owned());
        self.write(move |connection| {
            connection
                .prepare_cached("delete from alerts where id = ?1 and token = ?2 and completed = 0")?
                .execute(params![id, token])
        })
        .await
        .map(|_| ())
    }
}
