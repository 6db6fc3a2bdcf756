use trailhound_rule_engine::json::{self, ErrorKind, Kind, Progress, Reader};

use super::{
    DocumentProblem, RecordRefusal, RecordSink,
    cursor::Cursor,
    form::{self, Form},
    recover,
};
use crate::{Limits, limits::RECOVERY_PASSES};

/// Which objects may stand in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Elements {
    /// Records, as under `Records`.
    Records,
    /// Any form that may also stand at the top.
    Documents,
    /// Wrappers of which one key holds the record.
    Wrapped(&'static str),
}

/// One pass over a document. An `Err` means that the structure is lost from there on.
pub(super) struct Walk<'a> {
    /// What was handed in; differs from `text` in bytes that are no UTF-8.
    document: &'a [u8],
    text: &'a str,
    cursor: Cursor<'a>,
    /// How many lists are open around the cursor.
    open_lists: usize,
    record_bytes: usize,
    /// How far the text goes that the sink gets to see.
    window_end: usize,
    sink: &'a mut dyn RecordSink,
    index: u64,
    recovery_budget: usize,
    problems: Vec<DocumentProblem>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(document: &'a [u8], text: &'a str, limits: &Limits, sink: &'a mut dyn RecordSink) -> Self {
        Walk {
            document,
            text,
            cursor: Cursor::new(text),
            open_lists: 0,
            record_bytes: limits.record_bytes,
            window_end: 0,
            sink,
            index: 0,
            recovery_budget: text.len().saturating_mul(RECOVERY_PASSES),
            problems: Vec::new(),
        }
    }

    pub(super) fn run(mut self) -> Vec<DocumentProblem> {
        if self.text.starts_with('\u{feff}') {
            self.cursor.go_to('\u{feff}'.len_utf8());
        }
        if self.cursor.at_end() {
            self.problems.push(DocumentProblem::Empty);
        }
        while !self.cursor.at_end() {
            let start = self.cursor.offset();
            self.open_lists = 0;
            if let Err(problem) = self.top_value() {
                self.problems.push(problem);
                self.go_to_next_document(start);
            }
        }
        self.problems
    }

    fn go_to_next_document(&mut self, after: usize) {
        let next = recover::next_document(self.text.as_bytes(), after).unwrap_or(self.text.len());
        self.cursor.go_to(next);
    }

    /// One of the values that stand one after another at the top.
    fn top_value(&mut self) -> Result<(), DocumentProblem> {
        match self.cursor.peek() {
            Ok(Kind::Array) => self.list(Elements::Documents),
            Ok(Kind::Object) => self.object_of_any_form(),
            Ok(Kind::String) => self.embedded(),
            Ok(kind) => self.no_object(kind),
            Err(error) => self.broken_here(error),
        }
    }

    fn object_of_any_form(&mut self) -> Result<(), DocumentProblem> {
        let start = self.cursor.offset();
        let form = form::of_object(&mut self.cursor);
        self.cursor.go_to(start);
        match form {
            Ok(Form::Record) => self.record(),
            Ok(Form::Records) => self.list_under("Records", Elements::Records),
            Ok(Form::LogMessage) => self.list_under("logEvents", Elements::Wrapped("message")),
            Ok(Form::LookupOutput) => self.list_under("Events", Elements::Wrapped("CloudTrailEvent")),
            Ok(Form::Envelope) => self.wrapped("detail"),
            Ok(Form::LookupEvent) => self.wrapped("CloudTrailEvent"),
            Ok(Form::ControlMessage) => self.skip_sound(),
            Err(error) => self.broken_here(error),
        }
    }

    /// Reads the list under `key`, or several where the key is repeated, and passes over the rest.
    fn list_under(&mut self, key: &'static str, elements: Elements) -> Result<(), DocumentProblem> {
        let mut progress = Progress::default();
        self.cursor.enter_object().map_err(|error| self.lost(error))?;
        while let Some(found) = self.cursor.next_key(&mut progress).map_err(|error| self.lost(error))? {
            match self.cursor.peek().map_err(|error| self.lost(error))? {
                Kind::Array if found.decode() == key => {
                    self.list(elements)?;
                    continue;
                }
                kind if found.decode() == key => {
                    let offset = self.cursor.offset() as u64;
                    self.problems.push(DocumentProblem::NotAList { key, offset, found: kind });
                }
                _ => {}
            }
            self.skip_sound()?;
        }
        Ok(())
    }

    fn list(&mut self, elements: Elements) -> Result<(), DocumentProblem> {
        let mut progress = Progress::default();
        self.cursor.enter_array().map_err(|error| self.lost(error))?;
        self.open_lists += 1;
        loop {
            match self.cursor.next_element(&mut progress) {
                Ok(true) => self.element(elements)?,
                Ok(false) => {
                    self.open_lists -= 1;
                    return Ok(());
                }
                // Something stands where a comma belongs.
                Err(error) => {
                    let start = self.cursor.offset();
                    let index = self.take_index();
                    self.broken_element(index, start, error)?;
                }
            }
        }
    }

    fn element(&mut self, elements: Elements) -> Result<(), DocumentProblem> {
        match (self.cursor.peek(), elements) {
            (Ok(Kind::Object), Elements::Records) => self.record(),
            (Ok(Kind::Object), Elements::Wrapped(key)) => self.wrapped(key),
            (Ok(Kind::Object), Elements::Documents) => self.object_of_any_form(),
            (Ok(Kind::String), Elements::Documents) => self.embedded(),
            (Ok(kind), _) => self.no_object(kind),
            (Err(error), _) => self.broken_here(error),
        }
    }

    /// Hands the object that comes next to the sink.
    fn record(&mut self) -> Result<(), DocumentProblem> {
        let start = self.cursor.next_offset();
        let index = self.take_index();
        if self.window_end < start.saturating_add(self.record_bytes / 2) {
            self.set_window(start);
        }
        let offered = self.offer(index, start).or_else(|error| {
            // Perhaps more than half of what a record may have was not enough.
            if self.set_window(start) { self.offer(index, start) } else { Err(error) }
        });
        offered.or_else(|error| self.refuse(index, start, error))
    }

    /// Hands the text from `start` to the end of the window to the sink, and goes on behind the record.
    fn offer(&mut self, index: u64, start: usize) -> Result<(), json::Error> {
        let mut window = Reader::new(self.text.get(start..self.window_end).unwrap_or_default());
        let offered = self.sink.record(index, &mut window);
        offered.map_err(|error| json::Error { offset: start + error.offset, ..error })?;
        self.cursor.go_to(start + window.offset());
        Ok(())
    }

    /// Ends the window where the largest record from `start` on would end; true if that is further than
    /// before. So a larger one is an error when it is read, and costs no pass of its own to find out.
    ///
    /// The window serves several records: its end is far ahead in memory, and looking there for each of
    /// them would cost as much as reading a twentieth of it.
    fn set_window(&mut self, start: usize) -> bool {
        let before = self.window_end;
        self.window_end = self.text.floor_char_boundary(start.saturating_add(self.record_bytes));
        self.window_end > before
    }

    /// Names the record at `start`, which `error` kept from being read, and finds its end.
    fn refuse(&mut self, index: u64, start: usize, error: json::Error) -> Result<(), DocumentProblem> {
        self.cursor.go_to(start);
        let offset = start as u64;
        match self.cursor.skip() {
            Ok(record) if record.len() > self.record_bytes => {
                self.sink.refused(index, RecordRefusal::TooLarge { offset, limit: self.record_bytes });
                Ok(())
            }
            Ok(_) => {
                self.sink.refused(index, RecordRefusal::Json { offset, error });
                Ok(())
            }
            Err(error) => self.broken_element(index, start, error),
        }
    }

    fn broken_here(&mut self, error: json::Error) -> Result<(), DocumentProblem> {
        let start = self.cursor.next_offset();
        let index = self.take_index();
        self.broken_element(index, start, error)
    }

    /// Passes over the broken element at `start`, up to the comma or bracket behind it.
    fn broken_element(&mut self, index: u64, start: usize, error: json::Error) -> Result<(), DocumentProblem> {
        if self.open_lists == 0 {
            return self.broken_value(index, start, error);
        }
        match recover::end_of_element(self.text.as_bytes(), start, &mut self.recovery_budget) {
            Some(end) => {
                self.cursor.go_to(end);
                self.name_broken(index, start, end, error);
                Ok(())
            }
            None => Err(unreadable(index, start, error)),
        }
    }

    /// Passes over a broken value at the top, up to its end or to the next document of the file.
    fn broken_value(&mut self, index: u64, start: usize, error: json::Error) -> Result<(), DocumentProblem> {
        let text = self.text.as_bytes();
        let next = recover::next_document(text, error.offset.saturating_sub(1).max(start));
        let end = recover::end_of_object(text, start, next.unwrap_or(text.len()));
        match end.or(next) {
            Some(end) => {
                self.cursor.go_to(end);
                self.name_broken(index, start, end, error);
                Ok(())
            }
            None => Err(unreadable(index, start, error)),
        }
    }

    fn name_broken(&mut self, index: u64, start: usize, end: usize, error: json::Error) {
        let offset = start as u64;
        let record = self.document.get(start..end).unwrap_or_default();
        let refusal = match std::str::from_utf8(record) {
            Ok(_) => RecordRefusal::Json { offset, error },
            Err(invalid) => RecordRefusal::NotUtf8 { offset, invalid: (start + invalid.valid_up_to()) as u64 },
        };
        self.sink.refused(index, refusal);
    }

    fn no_object(&mut self, found: Kind) -> Result<(), DocumentProblem> {
        let start = self.cursor.next_offset();
        let index = self.take_index();
        match self.cursor.skip() {
            Ok(_) => {
                self.sink.refused(index, RecordRefusal::NotAnObject { offset: start as u64, found });
                Ok(())
            }
            Err(error) => self.broken_element(index, start, error),
        }
    }

    /// Reads the record that the object which comes next has under `key`: an object, or a string
    /// that holds one.
    fn wrapped(&mut self, key: &'static str) -> Result<(), DocumentProblem> {
        let start = self.cursor.next_offset();
        if let Err(error) = self.cursor.skip() {
            let index = self.take_index();
            return self.broken_element(index, start, error);
        }
        let end = self.cursor.offset();
        self.cursor.go_to(start);
        if self.go_to_value(key) {
            match self.cursor.peek() {
                Ok(Kind::Object) => self.record()?,
                Ok(Kind::String) => self.embedded()?,
                Ok(kind) => self.no_object(kind)?,
                Err(error) => return Err(self.lost(error)),
            }
        } else {
            let index = self.take_index();
            self.sink.refused(index, RecordRefusal::NoRecord { offset: start as u64, key });
        }
        self.cursor.go_to(end);
        Ok(())
    }

    /// Whether the sound object that comes next has `key`; the cursor is then before its value.
    fn go_to_value(&mut self, key: &str) -> bool {
        let mut progress = Progress::default();
        let mut search = || -> Result<bool, json::Error> {
            self.cursor.enter_object()?;
            while let Some(found) = self.cursor.next_key(&mut progress)? {
                if found.decode() == key {
                    return Ok(true);
                }
                self.cursor.skip()?;
            }
            Ok(false)
        };
        search().unwrap_or(false)
    }

    /// Reads the record that the string which comes next holds as text.
    fn embedded(&mut self) -> Result<(), DocumentProblem> {
        let start = self.cursor.next_offset();
        let index = self.take_index();
        let text = match self.cursor.string() {
            Ok(text) => text.decode(),
            Err(error) => {
                self.cursor.go_to(start);
                return self.broken_element(index, start, error);
            }
        };
        let offset = start as u64;
        if text.len() > self.record_bytes {
            self.sink.refused(index, RecordRefusal::TooLarge { offset, limit: self.record_bytes });
        } else if let Err(error) = embedded_object(&text).and_then(|mut reader| self.sink.record(index, &mut reader)) {
            self.sink.refused(index, RecordRefusal::Embedded { offset, error });
        }
        Ok(())
    }

    /// Passes over a value that is no record.
    fn skip_sound(&mut self) -> Result<(), DocumentProblem> {
        self.cursor.skip().map(|_| ()).map_err(|error| self.lost(error))
    }

    fn take_index(&mut self) -> u64 {
        let index = self.index;
        self.index += 1;
        index
    }

    /// The structure is damaged outside of every record.
    fn lost(&self, error: json::Error) -> DocumentProblem {
        unreadable(self.index, error.offset, error)
    }
}

fn unreadable(index: u64, start: usize, error: json::Error) -> DocumentProblem {
    let offset = start as u64;
    match error.kind {
        ErrorKind::UnexpectedEnd => DocumentProblem::EndsEarly { index, offset },
        _ => DocumentProblem::Unbalanced { index, offset, error },
    }
}

/// A reader of `text` once it is known to hold one sound object and nothing else.
fn embedded_object(text: &str) -> Result<Reader<'_>, json::Error> {
    let mut reader = Reader::new(text);
    let start = reader.mark();
    reader.skip()?;
    reader.finish()?;
    reader.rewind(start);
    if reader.peek()? != Kind::Object {
        let character = text.trim_start().chars().next().unwrap_or('"');
        return Err(json::Error { kind: ErrorKind::Unexpected { character }, offset: reader.offset() });
    }
    Ok(reader)
}
