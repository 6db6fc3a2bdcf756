use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use trailhound_pipeline::{Agenda, AgendaEntry, Cell, CellState, OccurrenceState, StateError, StateKey, unique_token};
use trailhound_rule_engine::Occurrence;

use super::{
    DynamoState, end,
    item::{Item, SORT, UNTIL, ending, from_sortable, keys, number, read_number, read_text, sortable, text, unusable},
    transient,
};

const CELL: &str = "cell";
const AGENDA: &str = "agenda";
/// Comes after everything that follows a time in a sort key.
const AFTER: char = '~';

#[async_trait]
impl OccurrenceState for DynamoState {
    async fn record(&self, group: &StateKey, occurrences: &[Occurrence], until: Timestamp) -> Result<(), StateError> {
        let items = occurrences.iter().map(|occurrence| {
            let sort = format!("{}#{}", sortable(occurrence.time), rest_of(occurrence));
            let mut item = keys(group.as_str(), &sort);
            item.insert("event".to_owned(), text(&occurrence.event));
            item.insert("member".to_owned(), number(occurrence.member));
            if let Some(value) = &occurrence.value {
                item.insert("value".to_owned(), AttributeValue::L(value.iter().map(text).collect()));
            }
            item.extend(ending(end(until), 0));
            (sort, item)
        });
        self.put_all(items.collect::<BTreeMap<_, _>>()).await
    }

    async fn window(&self, group: &StateKey, from: Timestamp, to: Timestamp) -> Result<Vec<Occurrence>, StateError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .filter_expression("#until > :now")
            .expression_attribute_names("#until", UNTIL)
            .expression_attribute_values(":pk", text(group.as_str()))
            .expression_attribute_values(":from", text(sortable(from)))
            .expression_attribute_values(":to", text(format!("{}{AFTER}", sortable(to))))
            .expression_attribute_values(":now", number(self.now()))
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(item) = pages.next().await {
            found.push(occurrence(&item.map_err(|error| transient(&error))?)?);
        }
        found.sort();
        Ok(found)
    }
}

#[async_trait]
impl CellState for DynamoState {
    async fn load(&self, key: &StateKey) -> Result<Option<Cell>, StateError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(keys(key.as_str(), CELL)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| transient(&error))?;
        let Some(item) = answer.item else { return Ok(None) };
        if read_number::<i64>(&item, UNTIL)? <= self.now() {
            return Ok(None);
        }
        let (version, document) = (read_text(&item, "version")?, read_text(&item, "document")?);
        Ok(Some(Cell { version: version.to_owned(), document: document.to_owned() }))
    }

    async fn swap(
        &self,
        key: &StateKey,
        seen: Option<&str>,
        document: &str,
        until: Timestamp,
    ) -> Result<bool, StateError> {
        let version = unique_token();
        let mut item = keys(key.as_str(), CELL);
        item.insert("version".to_owned(), text(&version));
        item.insert("document".to_owned(), text(document));
        item.extend(ending(end(until), 0));
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":mine", text(&version));
        let put = match seen {
            Some(seen) => put
                .condition_expression("#version = :seen OR #version = :mine")
                .expression_attribute_values(":seen", text(seen)),
            None => put
                .condition_expression("attribute_not_exists(pk) OR #until <= :now OR #version = :mine")
                .expression_attribute_names("#until", UNTIL)
                .expression_attribute_values(":now", number(self.now())),
        };
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(service) if service.is_conditional_check_failed_exception() => Ok(false),
                _ => Err(transient(&error)),
            },
        }
    }
}

#[async_trait]
impl Agenda for DynamoState {
    async fn schedule(&self, entry: &AgendaEntry) -> Result<(), StateError> {
        let mut item = agenda_keys(entry);
        item.insert("note".to_owned(), text(&entry.note));
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        put.send().await.map(|_| ()).map_err(|error| transient(&error))
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<AgendaEntry>, StateError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk < :now")
            .expression_attribute_values(":pk", text(AGENDA))
            .expression_attribute_values(":now", text(format!("{}{AFTER}", sortable(now))))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .into_paginator()
            .items()
            .send();
        let mut entries = Vec::new();
        while entries.len() < limit
            && let Some(item) = pages.next().await
        {
            entries.push(agenda_entry(&item.map_err(|error| transient(&error))?)?);
        }
        Ok(entries)
    }

    async fn unschedule(&self, entry: &AgendaEntry) -> Result<(), StateError> {
        let delete = self.client.delete_item().table_name(&self.table).set_key(Some(agenda_keys(entry)));
        delete.send().await.map(|_| ()).map_err(|error| transient(&error))
    }
}

/// What tells occurrences of the same time apart.
fn rest_of(occurrence: &Occurrence) -> String {
    let Occurrence { time: _, event, member, value } = occurrence;
    let member = member.to_string();
    let has_value = if value.is_some() { "value" } else { "none" };
    let values = value.iter().flatten().map(String::as_str);
    StateKey::new("e", [event.as_str(), member.as_str(), has_value].into_iter().chain(values)).to_string()
}

fn occurrence(item: &Item) -> Result<Occurrence, StateError> {
    let value = match item.get("value") {
        None => None,
        Some(value) => {
            let texts = value.as_l().map_err(|_| unusable("value"))?.iter();
            Some(texts.map(|text| text.as_s().cloned().map_err(|_| unusable("value"))).collect::<Result<_, _>>()?)
        }
    };
    Ok(Occurrence {
        time: time(item)?,
        event: read_text(item, "event")?.to_owned(),
        member: read_number(item, "member")?,
        value,
    })
}

fn agenda_keys(entry: &AgendaEntry) -> Item {
    keys(AGENDA, format!("{}#{}", sortable(entry.due), entry.key))
}

fn agenda_entry(item: &Item) -> Result<AgendaEntry, StateError> {
    let (_, key) = read_text(item, SORT)?.split_once('#').ok_or_else(|| unusable(SORT))?;
    Ok(AgendaEntry { due: time(item)?, key: StateKey::stored(key), note: read_text(item, "note")?.to_owned() })
}

/// The time at the beginning of a sort key.
fn time(item: &Item) -> Result<Timestamp, StateError> {
    let (time, _) = read_text(item, SORT)?.split_once('#').ok_or_else(|| unusable(SORT))?;
    from_sortable(time)
}
