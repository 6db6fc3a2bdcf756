use trailhound_rule_engine::json::{Error, Kind, Progress, Reader};

use super::{
    Row,
    secrets::{self, MASK},
};
use crate::limits::Detail;

/// The values under `fields`, in the order of the fields, and how many rows there was no room for. Secrets
/// are masked by key; the values themselves are as in the record.
/// A field that holds an object gives one row for each value inside.
pub(super) fn rows(record: &str, fields: &[String], detail: Detail) -> (Vec<Row>, usize) {
    let mut evidence = Evidence { detail, rows: Vec::new(), left_out: 0 };
    for field in fields {
        let rest = without_positions(field);
        // The record has been read once before, by the rules; damage here costs only what follows it.
        let _ = evidence.walk(&mut Reader::new(record), &rest, Place::default());
    }
    (evidence.rows, evidence.left_out)
}

/// The field without `[any]`, `[0]` and the like: evidence shows every element.
fn without_positions(field: &str) -> String {
    let mut plain = String::with_capacity(field.len());
    let mut depth = 0_usize;
    for character in field.chars() {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(character),
            _ => {}
        }
    }
    plain
}

struct Evidence {
    detail: Detail,
    rows: Vec<Row>,
    left_out: usize,
}

/// Where in the record the walk is.
#[derive(Debug, Clone, Default)]
struct Place {
    path: String,
    is_secret: bool,
}

impl Place {
    fn below(&self, key: &str) -> Self {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Place { path, is_secret: self.is_secret || secrets::is_secret_key(key) }
    }
}

impl Evidence {
    /// Goes down to what `rest` names; a key may itself hold dots.
    fn walk(&mut self, reader: &mut Reader<'_>, rest: &str, place: Place) -> Result<(), Error> {
        if rest.is_empty() {
            return self.leaves(reader, place);
        }
        match reader.peek()? {
            Kind::Object => {
                let mut progress = Progress::default();
                reader.enter_object()?;
                while let Some(key) = reader.next_key(&mut progress)? {
                    let key = key.decode();
                    match rest.strip_prefix(&*key) {
                        Some("") => self.leaves(reader, place.below(&key))?,
                        Some(below) if below.starts_with('.') && !key.is_empty() => {
                            self.walk(reader, below.trim_start_matches('.'), place.below(&key))?;
                        }
                        _ => {
                            reader.skip()?;
                        }
                    }
                }
                Ok(())
            }
            Kind::Array => self.each(reader, |evidence, reader| evidence.walk(reader, rest, place.clone())),
            Kind::String | Kind::Number | Kind::True | Kind::False | Kind::Null => reader.skip().map(|_| ()),
        }
    }

    /// Takes every value in the tree that comes next.
    fn leaves(&mut self, reader: &mut Reader<'_>, place: Place) -> Result<(), Error> {
        match reader.peek()? {
            Kind::Object => {
                let mut progress = Progress::default();
                reader.enter_object()?;
                while let Some(key) = reader.next_key(&mut progress)? {
                    self.leaves(reader, place.below(&key.decode()))?;
                }
                Ok(())
            }
            Kind::Array => self.each(reader, |evidence, reader| evidence.leaves(reader, place.clone())),
            Kind::String => {
                let value = reader.string()?.decode().into_owned();
                self.add(place, value);
                Ok(())
            }
            Kind::Number | Kind::True | Kind::False => {
                let value = reader.skip()?.to_owned();
                self.add(place, value);
                Ok(())
            }
            // Absent and `null` mean the same to whoever reads an alert.
            Kind::Null => reader.skip().map(|_| ()),
        }
    }

    fn each(
        &mut self,
        reader: &mut Reader<'_>,
        mut visit: impl FnMut(&mut Self, &mut Reader<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut progress = Progress::default();
        reader.enter_array()?;
        while reader.next_element(&mut progress)? {
            visit(self, reader)?;
        }
        Ok(())
    }

    fn add(&mut self, place: Place, value: String) {
        let is_flag = matches!(value.as_str(), "true" | "false" | "");
        let value = if place.is_secret && !is_flag { MASK.to_owned() } else { value };
        let room = self.rows.len() < self.detail.rows;
        match self.rows.iter_mut().find(|row| row.name == place.path) {
            Some(row) if row.values.contains(&value) => {}
            Some(row) if row.values.len() < self.detail.values => row.values.push(value),
            Some(row) => row.more += 1,
            None if room => self.rows.push(Row { name: place.path, values: vec![value], more: 0 }),
            None => self.left_out += 1,
        }
    }
}
