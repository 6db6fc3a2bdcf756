use async_trait::async_trait;
use jiff::Timestamp;
use trailhound_rule_engine::Occurrence;

use super::MemoryState;
use crate::{Agenda, AgendaEntry, Cell, CellState, OccurrenceState, StateError, StateKey};

#[async_trait]
impl OccurrenceState for MemoryState {
    async fn record(&self, group: &StateKey, occurrences: &[Occurrence], until: Timestamp) -> Result<(), StateError> {
        let mut inner = self.lock_to_write(self.clock.now());
        let known = inner.occurrences.entry(group.clone()).or_default();
        known.extend(occurrences.iter().map(|occurrence| (occurrence.clone(), until)));
        Ok(())
    }

    async fn window(&self, group: &StateKey, from: Timestamp, to: Timestamp) -> Result<Vec<Occurrence>, StateError> {
        let now = self.clock.now();
        let inner = self.lock();
        let known = inner.occurrences.get(group).into_iter().flatten();
        let inside = known.filter(|(occurrence, until)| (from..=to).contains(&occurrence.time) && now < **until);
        Ok(inside.map(|(occurrence, _)| occurrence.clone()).collect())
    }
}

#[async_trait]
impl CellState for MemoryState {
    async fn load(&self, key: &StateKey) -> Result<Option<Cell>, StateError> {
        let now = self.clock.now();
        Ok(self.lock().cells.get(key).filter(|(_, until)| now < *until).map(|(cell, _)| cell.clone()))
    }

    async fn swap(
        &self,
        key: &StateKey,
        seen: Option<&str>,
        document: &str,
        until: Timestamp,
    ) -> Result<bool, StateError> {
        let now = self.clock.now();
        let mut inner = self.lock_to_write(now);
        let known = inner.cells.get(key).filter(|(_, until)| now < *until);
        if known.map(|(cell, _)| cell.version.as_str()) != seen {
            return Ok(false);
        }
        let cell = Cell { version: inner.next_token(), document: document.to_owned() };
        inner.cells.insert(key.clone(), (cell, until));
        Ok(true)
    }
}

#[async_trait]
impl Agenda for MemoryState {
    async fn schedule(&self, entry: &AgendaEntry) -> Result<(), StateError> {
        let mut inner = self.lock();
        inner.agenda.retain(|known| (known.due, &known.key) != (entry.due, &entry.key));
        inner.agenda.insert(entry.clone());
        Ok(())
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<AgendaEntry>, StateError> {
        Ok(self.lock().agenda.iter().take_while(|entry| entry.due <= now).take(limit).cloned().collect())
    }

    async fn unschedule(&self, entry: &AgendaEntry) -> Result<(), StateError> {
        self.lock().agenda.retain(|known| (known.due, &known.key) != (entry.due, &entry.key));
        Ok(())
    }
}
