use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params, types::Type};
use trailhound_rule_engine::Occurrence;

use super::{SqliteState, end};
use crate::{Agenda, AgendaEntry, Cell, CellState, OccurrenceState, StateError, StateKey, unique_token};

#[async_trait]
impl OccurrenceState for SqliteState {
    async fn record(&self, group: &StateKey, occurrences: &[Occurrence], until: Timestamp) -> Result<(), StateError> {
        let (group, occurrences, until) = (group.to_string(), occurrences.to_vec(), end(until));
        self.write(move |connection| {
            let mut insert = connection.prepare_cached(
                "insert or replace into occurrences (grp, second, nanosecond, event, member, value, until)
                    values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?;
            for Occurrence { time, event, member, value } in occurrences {
                let member = i64::try_from(member).unwrap_or(i64::MAX);
                let value = serde_json::to_string(&value).map_err(|error| conversion(5, error))?;
                insert.execute(params![group, second(time), nanosecond(time), event, member, value, until])?;
            }
            Ok(())
        })
        .await
    }

    async fn window(&self, group: &StateKey, from: Timestamp, to: Timestamp) -> Result<Vec<Occurrence>, StateError> {
        let (group, now) = (group.to_string(), end(self.clock.now()));
        let mut found = self
            .read(move |connection| {
                let mut select = connection.prepare_cached(
                    "select second, nanosecond, event, member, value from occurrences where grp = ?1
                        and (second, nanosecond) >= (?2, ?3) and (second, nanosecond) <= (?4, ?5) and until > ?6",
                )?;
                let range = params![group, second(from), nanosecond(from), second(to), nanosecond(to), now];
                select.query_map(range, occurrence)?.collect::<rusqlite::Result<Vec<_>>>()
            })
            .await?;
        found.sort();
        Ok(found)
    }
}

#[async_trait]
impl CellState for SqliteState {
    async fn load(&self, key: &StateKey) -> Result<Option<Cell>, StateError> {
        let (key, now) = (key.to_string(), end(self.clock.now()));
        self.read(move |connection| {
            connection
                .prepare_cached("select version, document from cells where key = ?1 and until > ?2")?
                .query_row(params![key, now], |row| Ok(Cell { version: row.get(0)?, document: row.get(1)? }))
                .optional()
        })
        .await
    }

    async fn swap(
        &self,
        key: &StateKey,
        seen: Option<&str>,
        document: &str,
        until: Timestamp,
    ) -> Result<bool, StateError> {
        let (key, seen, document) = (key.to_string(), seen.map(str::to_owned), document.to_owned());
        let (now, until, version) = (end(self.clock.now()), end(until), unique_token());
        let changed = self.write(move |connection| match seen {
            Some(seen) => connection
                .prepare_cached(
                    "update cells set version = ?3, document = ?4, until = ?5 where key = ?1 and version = ?2",
                )?
                .execute(params![key, seen, version, document, until]),
            None => connection
                .prepare_cached(
                    "insert into cells (key, version, document, until) values (?1, ?3, ?4, ?5)
                        on conflict do update set version = excluded.version, document = excluded.document,
                        until = excluded.until where until <= ?2",
                )?
                .execute(params![key, now, version, document, until]),
        });
        Ok(changed.await? == 1)
    }
}

#[async_trait]
impl Agenda for SqliteState {
    async fn schedule(&self, entry: &AgendaEntry) -> Result<(), StateError> {
        let AgendaEntry { due, key, note } = entry.clone();
        self.write(move |connection| {
            connection
                .prepare_cached("insert or replace into agenda (due, key, note) values (?1, ?2, ?3)")?
                .execute(params![second(due), key.as_str(), note])
        })
        .await
        .map(|_| ())
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<AgendaEntry>, StateError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(move |connection| {
            connection
                .prepare_cached("select due, key, note from agenda where due <= ?1 order by due, key limit ?2")?
                .query_map(params![second(now), limit], |row| {
                    let due = time(row.get(0)?, 0)?;
                    Ok(AgendaEntry { due, key: StateKey::stored(row.get::<_, String>(1)?), note: row.get(2)? })
                })?
                .collect()
        })
        .await
    }

    async fn unschedule(&self, entry: &AgendaEntry) -> Result<(), StateError> {
        let (due, key) = (second(entry.due), entry.key.to_string());
        self.write(move |connection| {
            connection.prepare_cached("delete from agenda where due = ?1 and key = ?2")?.execute(params![due, key])
        })
        .await
        .map(|_| ())
    }
}

fn occurrence(row: &Row<'_>) -> rusqlite::Result<Occurrence> {
    let member: i64 = row.get(3)?;
    let value: String = row.get(4)?;
    Ok(Occurrence {
        time: time(row.get(0)?, row.get(1)?)?,
        event: row.get(2)?,
        member: usize::try_from(member).map_err(|error| conversion(3, error))?,
        value: serde_json::from_str(&value).map_err(|error| conversion(4, error))?,
    })
}

/// Seconds and nanoseconds are both at or below zero before 1970, so that pairs of them are in the
/// order of time.
fn second(time: Timestamp) -> i64 {
    time.as_second()
}

fn nanosecond(time: Timestamp) -> i32 {
    time.subsec_nanosecond()
}

fn time(second: i64, nanosecond: i32) -> rusqlite::Result<Timestamp> {
    Timestamp::new(second, nanosecond).map_err(|error| conversion(0, error))
}

fn conversion(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}
