use super::{Error, ErrorKind, MAX_DEPTH, Text, number};

/// What kind of value comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `{`
    Object,
    /// `[`
    Array,
    /// `"`
    String,
    /// `-` or a digit
    Number,
    /// `true`
    True,
    /// `false`
    False,
    /// `null`
    Null,
}

/// How far a loop over the members of one container has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Progress {
    /// The opening bracket has been read and nothing after it.
    #[default]
    Entered,
    /// At least one member has been read.
    Started,
}

/// A cursor over JSON text.
///
/// ```
/// use trailhound_rule_engine::json::{Progress, Reader};
///
/// let mut reader = Reader::new(r#"{"eventName": "StopLogging", "requestParameters": {"a": [1]}}"#);
/// let mut progress = Progress::default();
/// reader.enter_object()?;
/// while let Some(key) = reader.next_key(&mut progress)? {
///     match key.raw() {
///         "eventName" => assert_eq!(reader.string()?.decode(), "StopLogging"),
///         _ => assert_eq!(reader.skip()?, r#"{"a": [1]}"#),
///     }
/// }
/// # Ok::<(), trailhound_rule_engine::json::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Reader<'d> {
    text: &'d str,
    at: usize,
    depth: usize,
}

/// A point in the text that a reader has come past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    at: usize,
    depth: usize,
}

impl<'d> Reader<'d> {
    /// A cursor at the start of `text`.
    pub fn new(text: &'d str) -> Self {
        Reader { text, at: 0, depth: 0 }
    }

    /// A cursor at the start of a text that stands inside `depth` containers of another.
    pub(crate) fn within(text: &'d str, depth: usize) -> Self {
        Reader { text, at: 0, depth }
    }

    /// How many containers around the cursor have been entered.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// The whole text, not only what is left of it.
    pub fn text(&self) -> &'d str {
        self.text
    }

    /// Byte offset of the next unread character.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// A point to come back to with [`Reader::rewind`].
    pub fn mark(&self) -> Mark {
        Mark { at: self.at, depth: self.depth }
    }

    /// Goes back to a point that [`Reader::mark`] of this reader gave.
    pub fn rewind(&mut self, mark: Mark) {
        self.at = mark.at;
        self.depth = mark.depth;
    }

    /// Passes over white space and says what kind of value follows.
    pub fn peek(&mut self) -> Result<Kind, Error> {
        match self.next_byte()? {
            b'{' => Ok(Kind::Object),
            b'[' => Ok(Kind::Array),
            b'"' => Ok(Kind::String),
            b'-' | b'0'..=b'9' => Ok(Kind::Number),
            b't' => Ok(Kind::True),
            b'f' => Ok(Kind::False),
            b'n' => Ok(Kind::Null),
            _ => Err(self.unexpected()),
        }
    }

    /// Whether only white space is left.
    pub fn at_end(&mut self) -> bool {
        self.skip_whitespace();
        self.at >= self.text.len()
    }

    /// Passes over white space and a byte order mark; an error if anything else is left.
    pub fn finish(&mut self) -> Result<(), Error> {
        if self.at_end() { Ok(()) } else { Err(self.error(ErrorKind::TrailingText)) }
    }

    /// Reads the `{` of an object.
    pub fn enter_object(&mut self) -> Result<(), Error> {
        self.expect(b'{')?;
        self.deepen()
    }

    /// Reads the `[` of an array.
    pub fn enter_array(&mut self) -> Result<(), Error> {
        self.expect(b'[')?;
        self.deepen()
    }

    /// The next key of the object just entered with its colon, or `None` after its `}`.
    pub fn next_key(&mut self, progress: &mut Progress) -> Result<Option<Text<'d>>, Error> {
        if !self.next_member(progress, b'}')? {
            return Ok(None);
        }
        let key = self.string()?;
        self.expect(b':')?;
        Ok(Some(key))
    }

    /// Whether `key`, quotes and colon included, comes next in the object just entered, just as it is written
    /// there; reads it if so.
    pub(crate) fn next_key_is(&mut self, progress: &mut Progress, key: &str) -> bool {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let (comma, rest) = match (*progress, rest) {
            (Progress::Entered, rest) => (0, rest),
            (Progress::Started, [b',', rest @ ..]) => (1, rest),
            (Progress::Started, _) => return false,
        };
        if !rest.starts_with(key.as_bytes()) {
            return false;
        }
        *progress = Progress::Started;
        self.at += comma + key.len();
        true
    }

    /// Whether the array just entered has another element; reads the `]` when it has not.
    pub fn next_element(&mut self, progress: &mut Progress) -> Result<bool, Error> {
        self.next_member(progress, b']')
    }

    /// Reads a string.
    pub fn string(&mut self) -> Result<Text<'d>, Error> {
        self.expect(b'"')?;
        let start = self.at;
        let escaped = self.pass_string()?;
        let raw = self.slice(start, self.at.saturating_sub(1));
        Ok(Text { raw, escaped })
    }

    /// Reads a number and gives its source text.
    pub fn number(&mut self) -> Result<&'d str, Error> {
        self.skip_whitespace();
        let start = self.at;
        self.pass_number()?;
        Ok(self.slice(start, self.at))
    }

    /// Passes over one value of any kind, checking its grammar, and gives its source text.
    pub fn skip(&mut self) -> Result<&'d str, Error> {
        let first = self.next_byte()?;
        let start = self.at;
        match first {
            b'{' | b'[' => self.pass_value()?,
            _ => self.pass_scalar()?,
        }
        Ok(self.slice(start, self.at))
    }

    fn next_member(&mut self, progress: &mut Progress, close: u8) -> Result<bool, Error> {
        let next = self.next_byte()?;
        if next == close {
            self.at += 1;
            self.depth = self.depth.saturating_sub(1);
            return Ok(false);
        }
        match progress {
            Progress::Entered => *progress = Progress::Started,
            Progress::Started => self.expect(b',')?,
        }
        Ok(true)
    }

    /// Walks over one value with one bit a level instead of recursion.
    fn pass_value(&mut self) -> Result<(), Error> {
        let mut open = OpenContainers::default();
        loop {
            match self.next_byte()? {
                b'{' => {
                    self.check_depth(open.depth + 1)?;
                    self.at += 1;
                    if self.next_byte()? == b'}' {
                        self.at += 1;
                    } else {
                        open.push(Container::Object);
                        self.pass_key()?;
                        continue;
                    }
                }
                b'[' => {
                    self.check_depth(open.depth + 1)?;
                    self.at += 1;
                    if self.next_byte()? == b']' {
                        self.at += 1;
                    } else {
                        open.push(Container::Array);
                        continue;
                    }
                }
                _ => self.pass_scalar()?,
            }
            if self.close_containers(&mut open)? {
                return Ok(());
            }
        }
    }

    /// After a value: closes what ends here; true when the outermost value is complete.
    fn close_containers(&mut self, open: &mut OpenContainers) -> Result<bool, Error> {
        while let Some(innermost) = open.innermost() {
            match (self.next_byte()?, innermost) {
                (b',', Container::Object) => {
                    self.at += 1;
                    self.pass_key()?;
                    return Ok(false);
                }
                (b',', Container::Array) => {
                    self.at += 1;
                    return Ok(false);
                }
                (b'}', Container::Object) | (b']', Container::Array) => {
                    self.at += 1;
                    open.pop();
                }
                _ => return Err(self.unexpected()),
            }
        }
        Ok(true)
    }

    fn pass_key(&mut self) -> Result<(), Error> {
        self.expect(b'"')?;
        self.pass_string()?;
        self.expect(b':')
    }

    fn pass_scalar(&mut self) -> Result<(), Error> {
        match self.byte() {
            Some(b'"') => {
                self.at += 1;
                self.pass_string().map(|_| ())
            }
            Some(b'-' | b'0'..=b'9') => self.pass_number(),
            Some(b't') => self.pass_word("true"),
            Some(b'f') => self.pass_word("false"),
            Some(b'n') => self.pass_word("null"),
            _ => Err(self.unexpected()),
        }
    }

    fn pass_word(&mut self, word: &str) -> Result<(), Error> {
        for expected in word.bytes() {
            match self.byte() {
                Some(byte) if byte == expected => self.at += 1,
                _ => return Err(self.unexpected()),
            }
        }
        Ok(())
    }

    fn pass_number(&mut self) -> Result<(), Error> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        match number::length(rest) {
            Ok(length) => {
                self.at += length;
                Ok(())
            }
            Err(kind) => Err(self.error(kind)),
        }
    }

    /// Passes over the rest of a string and its closing quote; true if it held an escape.
    fn pass_string(&mut self) -> Result<bool, Error> {
        let mut escaped = false;
        loop {
            self.pass_plain_characters();
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    self.pass_escape()?;
                }
                Some(_) => return Err(self.error(ErrorKind::ControlCharacter)),
                None => return Err(self.error(ErrorKind::UnexpectedEnd)),
            }
        }
    }

    fn pass_plain_characters(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(chunk) = bytes.get(self.at..self.at + 8).and_then(|chunk| chunk.try_into().ok()) {
            let special = special_bytes(u64::from_le_bytes(chunk));
            if special != 0 {
                self.at += (special.trailing_zeros() / 8) as usize;
                return;
            }
            self.at += 8;
        }
        while let Some(&byte) = bytes.get(self.at) {
            if byte < 0x20 || byte == b'"' || byte == b'\\' {
                return;
            }
            self.at += 1;
        }
    }

    fn pass_escape(&mut self) -> Result<(), Error> {
        let bytes = self.text.as_bytes();
        let length = match bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') => match bytes.get(self.at + 2..self.at + 6) {
                Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => 6,
                Some(_) => return Err(self.error(ErrorKind::InvalidEscape)),
                None => return Err(self.error(ErrorKind::UnexpectedEnd)),
            },
            Some(_) => return Err(self.error(ErrorKind::InvalidEscape)),
            None => return Err(self.error(ErrorKind::UnexpectedEnd)),
        };
        self.at += length;
        Ok(())
    }

    fn deepen(&mut self) -> Result<(), Error> {
        self.check_depth(1)?;
        self.depth += 1;
        Ok(())
    }

    fn check_depth(&self, deeper: usize) -> Result<(), Error> {
        if self.depth + deeper > MAX_DEPTH { Err(self.error(ErrorKind::TooDeep)) } else { Ok(()) }
    }

    fn expect(&mut self, wanted: u8) -> Result<(), Error> {
        if self.next_byte()? == wanted {
            self.at += 1;
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// The next byte that is no white space, which stays unread.
    fn next_byte(&mut self) -> Result<u8, Error> {
        match self.byte() {
            Some(byte) if byte > b' ' => Ok(byte),
            _ => {
                self.skip_whitespace();
                self.byte().ok_or_else(|| self.error(ErrorKind::UnexpectedEnd))
            }
        }
    }

    fn skip_whitespace(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn slice(&self, start: usize, end: usize) -> &'d str {
        self.text.get(start..end).unwrap_or_default()
    }

    fn unexpected(&self) -> Error {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(character) => self.error(ErrorKind::Unexpected { character }),
            None => self.error(ErrorKind::UnexpectedEnd),
        }
    }

    fn error(&self, kind: ErrorKind) -> Error {
        Error { kind, offset: self.at }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Container {
    Object,
    Array,
}

/// The containers around the cursor, innermost in the lowest bit: one for an object.
#[derive(Debug, Default)]
struct OpenContainers {
    bits: u128,
    depth: usize,
}

impl OpenContainers {
    fn push(&mut self, container: Container) {
        self.bits = (self.bits << 1) | u128::from(container == Container::Object);
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.bits >>= 1;
        self.depth -= 1;
    }

    fn innermost(&self) -> Option<Container> {
        if self.depth == 0 {
            None
        } else if self.bits & 1 == 1 {
            Some(Container::Object)
        } else {
            Some(Container::Array)
        }
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Marks with its high bit each of the eight bytes that ends a run of plain string characters: a
/// quote, a backslash, or a control character. Bytes above the lowest marked one may be marked
/// wrongly (the subtraction borrows), so only the lowest mark counts.
fn special_bytes(word: u64) -> u64 {
    let quote = word ^ (ONES * u64::from(b'"'));
    let backslash = word ^ (ONES * u64::from(b'\\'));
    let zero_in = |value: u64| value.wrapping_sub(ONES) & !value;
    let below_space = word.wrapping_sub(ONES * 0x20) & !word;
    (zero_in(quote) | zero_in(backslash) | below_space) & HIGHS
}
