use trailhound_rule_engine::json::{self, Kind, Progress, Reader, Text};

/// A reader that can be put at any offset, to go on behind a broken record. Offsets, also those of
/// errors, count from the start of the text.
#[derive(Debug)]
pub(super) struct Cursor<'d> {
    text: &'d str,
    base: usize,
    reader: Reader<'d>,
}

impl<'d> Cursor<'d> {
    pub(super) fn new(text: &'d str) -> Self {
        Cursor { text, base: 0, reader: Reader::new(text) }
    }

    pub(super) fn offset(&self) -> usize {
        self.base + self.reader.offset()
    }

    pub(super) fn go_to(&mut self, offset: usize) {
        self.base = offset;
        self.reader = Reader::new(self.text.get(offset..).unwrap_or_default());
    }

    pub(super) fn at_end(&mut self) -> bool {
        self.reader.at_end()
    }

    /// Passes over white space and gives the offset of what follows.
    pub(super) fn next_offset(&mut self) -> usize {
        self.reader.at_end();
        self.offset()
    }

    pub(super) fn peek(&mut self) -> Result<Kind, json::Error> {
        self.reader.peek().map_err(|error| self.absolute(&error))
    }

    pub(super) fn enter_object(&mut self) -> Result<(), json::Error> {
        self.reader.enter_object().map_err(|error| self.absolute(&error))
    }

    pub(super) fn enter_array(&mut self) -> Result<(), json::Error> {
        self.reader.enter_array().map_err(|error| self.absolute(&error))
    }

    pub(super) fn next_key(&mut self, progress: &mut Progress) -> Result<Option<Text<'d>>, json::Error> {
        self.reader.next_key(progress).map_err(|error| self.absolute(&error))
    }

    pub(super) fn next_element(&mut self, progress: &mut Progress) -> Result<bool, json::Error> {
        self.reader.next_element(progress).map_err(|error| self.absolute(&error))
    }

    pub(super) fn string(&mut self) -> Result<Text<'d>, json::Error> {
        self.reader.string().map_err(|error| self.absolute(&error))
    }

    pub(super) fn skip(&mut self) -> Result<&'d str, json::Error> {
        self.reader.skip().map_err(|error| self.absolute(&error))
    }

    fn absolute(&self, error: &json::Error) -> json::Error {
        json::Error { kind: error.kind, offset: self.base + error.offset }
    }
}
