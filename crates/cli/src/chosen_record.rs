//! The one record that an argument means: `FILE`, `FILE#NUMBER`, `-`, or an `eventID` within logs.

use std::path::{Path, PathBuf};

use trailhound_cloudtrail::{Inflater, Limits, RecordRefusal, RecordSink, read_records};
use trailhound_pipeline::EventSummary;
use trailhound_rule_engine::json;

use crate::{
    arguments::ByteSize,
    inputs::{Content, Input},
    output::{Output, count, named, printable},
};

/// Why there is no such record, in words that may be shown.
type Refusal = String;

/// A record and where it stands.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) record: String,
    pub(crate) path: String,
    /// Zero-based.
    pub(crate) index: u64,
    pub(crate) event_id: Option<String>,
}

impl Found {
    /// The place as `scan` shows it.
    pub(crate) fn place(&self) -> String {
        format!("{}#{}", self.path, self.index)
    }
}

/// Which record of an object is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Which {
    Only,
    Index(u64),
    EventId(String),
}

/// Finds the record that `event` means: a place, or an `eventID` where there are logs to look in.
pub(crate) fn find(event: &str, logs: &[Input], output: &Output) -> Result<Found, Refusal> {
    if !logs.is_empty() {
        let which = Which::EventId(event.to_owned());
        let found = logs.iter().find_map(|input| within(input, &which, output).transpose());
        return found.unwrap_or_else(|| Err(format!("no record with the eventID `{}`", printable(event))));
    }
    let (input, which) = place(event).ok_or_else(|| no_file(event))?;
    within(&input, &which, output)?.ok_or_else(|| match which {
        Which::Index(index) => format!("{}: there is no record {index}", named(&input.to_string())),
        Which::Only | Which::EventId(_) => format!("{}: there is no record", named(&input.to_string())),
    })
}

/// Whether `event` is a place: a file that is there, or standard input.
pub(crate) fn is_place(event: &str) -> bool {
    place(event).is_some()
}

/// The file, and which record of it.
fn place(event: &str) -> Option<(Input, Which)> {
    if event == "-" {
        return Some((Input::Stdin, Which::Only));
    }
    // A pipe, as from `<(…)` of a shell, is as good as a file.
    let is_there = |path: &str| Path::new(path).exists() && !Path::new(path).is_dir();
    if is_there(event) {
        return Some((Input::Path(PathBuf::from(event)), Which::Only));
    }
    let numbered = event.rsplit_once(['#', ':']).and_then(|(path, number)| Some((path, number.parse().ok()?)));
    let (path, index) = numbered.filter(|(path, _)| is_there(path))?;
    Some((Input::Path(PathBuf::from(path)), Which::Index(index)))
}

fn no_file(event: &str) -> Refusal {
    let problem = if Path::new(event).is_dir() { "a folder; name a file with one event" } else { "no such file" };
    format!("{}: {problem}", printable(event))
}

fn within(input: &Input, which: &Which, output: &Output) -> Result<Option<Found>, Refusal> {
    let mut inflater = Inflater::default();
    for object in input.objects(ByteSize::default().0) {
        let object = object.map_err(|error| format!("{}: {}", named(&error.path), error.reason()))?;
        let name = object.name;
        let bytes = match object.content {
            Content::Whole(bytes) => bytes,
            Content::TooLarge => {
                output.warning(format_args!("{}: too large, not looked at", named(&name)));
                continue;
            }
            Content::NoRecords => continue,
        };
        let limits = Limits::default();
        let inflated = inflater.inflate(&bytes, limits.inflated_bytes);
        let mut picker = Picker { which, records: 0, found: None, refused: None };
        let problems = read_records(&inflated.bytes, &limits, &mut picker);
        let Picker { records, found, refused, .. } = picker;
        if *which == Which::Only && records > 1 {
            return Err(too_many(input, &name, records));
        }
        if let Some((index, record)) = found {
            let event_id = EventSummary::of(&record).event_id;
            return Ok(Some(Found { record, path: name, index, event_id }));
        }
        let reason = refused.or_else(|| problems.first().map(ToString::to_string));
        if let Some(reason) = reason.filter(|_| *which == Which::Only) {
            return Err(format!("{}: {reason}", named(&name)));
        }
    }
    Ok(None)
}

/// Where one record is meant, and there are more.
fn too_many(input: &Input, name: &str, records: u64) -> Refusal {
    let (name, records) = (named(name), count(records, "record"));
    match input {
        Input::Stdin => format!("{name} holds {records}; hand over one, or a file, and name one as FILE#NUMBER"),
        Input::Path(_) | Input::S3(_) => {
            format!("{name} holds {records}; put `#NUMBER` behind the name, counted from zero")
        }
    }
}

/// Keeps the record that is meant.
struct Picker<'w> {
    which: &'w Which,
    records: u64,
    found: Option<(u64, String)>,
    refused: Option<String>,
}

impl RecordSink for Picker<'_> {
    fn record(&mut self, index: u64, reader: &mut json::Reader<'_>) -> Result<(), json::Error> {
        let record = reader.skip()?;
        self.records += 1;
        let is_meant = match self.which {
            Which::Only => true,
            Which::Index(wanted) => index == *wanted,
            Which::EventId(id) => {
                record.contains(id.as_str()) && EventSummary::of(record).event_id.as_ref() == Some(id)
            }
        };
        if is_meant && self.found.is_none() {
            self.found = Some((index, record.to_owned()));
        }
        Ok(())
    }

    fn refused(&mut self, _index: u64, refusal: RecordRefusal) {
        self.refused.get_or_insert_with(|| refusal.to_string());
    }
}
