//! YAML with positions: the first stage of a rule file.

use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle, Span as ParserSpan, StrInput, Tag};

use crate::{code::Code, diagnostic::Problems, limits::Limits, source::Span};

/// One value of a YAML document and where it stands.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub data: Data,
}

/// The kinds of values.
#[derive(Debug, Clone)]
pub enum Data {
    /// A single value.
    Scalar(Scalar),
    /// Values in their order.
    List(Vec<Node>),
    /// Keys with values, in the order of the file; no key is there twice.
    Map(Vec<Entry>),
}

/// A key of a map with its value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// A scalar before anybody decides what type it has.
#[derive(Debug, Clone)]
pub struct Scalar {
    /// Its text, as in the file.
    pub text: String,
    /// Quoted and block scalars are text whatever they look like.
    pub plain: bool,
}

/// A plain scalar seen through the YAML 1.2 core schema.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Typed<'n> {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number, as written.
    Integer(&'n str),
    /// Another number, as written.
    Float(&'n str),
    /// Anything else.
    Text(&'n str),
}

impl Node {
    /// Whether this is the null of YAML, which a key without a value has as well.
    pub fn is_null(&self) -> bool {
        matches!(&self.data, Data::Scalar(scalar) if scalar.typed() == Typed::Null)
    }

    /// A word for what this is, for messages.
    pub fn kind(&self) -> &'static str {
        match &self.data {
            Data::List(_) => "a list",
            Data::Map(_) => "a map",
            Data::Scalar(scalar) => match scalar.typed() {
                Typed::Null => "null",
                Typed::Bool(_) => "a boolean",
                Typed::Integer(_) | Typed::Float(_) => "a number",
                Typed::Text(_) => "text",
            },
        }
    }
}

impl Scalar {
    /// Resolves the scalar by the core schema of YAML 1.2.2, section 10.3.
    pub fn typed(&self) -> Typed<'_> {
        let text = self.text.as_str();
        if !self.plain {
            return Typed::Text(text);
        }
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Typed::Null,
            "true" | "True" | "TRUE" => Typed::Bool(true),
            "false" | "False" | "FALSE" => Typed::Bool(false),
            _ if is_integer(text) => Typed::Integer(text),
            _ if is_float(text) => Typed::Float(text),
            _ => Typed::Text(text),
        }
    }
}

fn is_integer(text: &str) -> bool {
    let digits = |digits: &str, radix| !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits(unsigned, 10)
        || text.strip_prefix("0x").is_some_and(|hex| digits(hex, 16))
        || text.strip_prefix("0o").is_some_and(|octal| digits(octal, 8))
}

fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let starts_right = unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    let only_float_characters =
        unsigned.chars().all(|character| character.is_ascii_digit() || "+-.eE".contains(character));
    starts_right && only_float_characters && unsigned.parse::<f64>().is_ok()
}

/// Parses all documents of a file. Problems end the file they are in, except repeated keys, which are
/// all reported.
pub fn parse(text: &str, limits: &Limits, problems: &mut Problems) -> Vec<Node> {
    if text.len() > limits.source_bytes {
        let message = format!("the file has {} bytes, the limit is {}", text.len(), limits.source_bytes);
        problems.error(Code::FileTooLarge, Span::default(), message);
        return Vec::new();
    }
    let offsets = Offsets::of(text);
    let mut parser = Parser::new_from_str(text);
    let mut builder = Builder { limits, problems, offsets: &offsets, nodes: 0, anchors: HashMap::new() };
    let mut documents = Vec::new();
    builder.read_stream(&mut parser, &mut documents);
    documents
}

/// Byte offsets of characters: the parser counts characters.
enum Offsets {
    Ascii { length: usize },
    Table(Vec<usize>),
}

impl Offsets {
    fn of(text: &str) -> Self {
        if text.is_ascii() {
            return Offsets::Ascii { length: text.len() };
        }
        Offsets::Table(text.char_indices().map(|(offset, _)| offset).chain([text.len()]).collect())
    }

    fn byte(&self, character: usize) -> usize {
        match self {
            Offsets::Ascii { length } => character.min(*length),
            Offsets::Table(table) => table.get(character).or(table.last()).copied().unwrap_or_default(),
        }
    }

    fn span(&self, span: ParserSpan) -> Span {
        Span::new(self.byte(span.start.index()), self.byte(span.end.index()))
    }
}

struct Builder<'b> {
    limits: &'b Limits,
    problems: &'b mut Problems,
    offsets: &'b Offsets,
    nodes: usize,
    anchors: HashMap<usize, (Node, usize)>,
}

/// So many keys of a map are compared one by one, which is faster than to remember them; 24.
const FEW_KEYS: usize = 24;

/// The rest of the file cannot be read; the reason has been reported.
struct Abandoned;

type Yaml<'t> = Parser<'t, StrInput<'t>>;

impl Builder<'_> {
    fn read_stream(&mut self, parser: &mut Yaml<'_>, documents: &mut Vec<Node>) {
        while let Ok(Some((event, span))) = self.next(parser) {
            match event {
                Event::StreamEnd => return,
                Event::Nothing | Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => {}
                event => match self.node(parser, event, span, 0) {
                    Ok(node) => documents.push(node),
                    Err(Abandoned) => return,
                },
            }
        }
    }

    fn next<'t>(&mut self, parser: &mut Yaml<'t>) -> Result<Option<(Event<'t>, Span)>, Abandoned> {
        match parser.next_event() {
            None => Ok(None),
            Some(Ok((event, span))) => Ok(Some((event, self.offsets.span(span)))),
            Some(Err(error)) => {
                // One character, which may be several bytes; none where the text ends too early.
                let at = error.marker().index();
                let span = Span::new(self.offsets.byte(at), self.offsets.byte(at + 1));
                let message = format!("invalid YAML: {}", error.info());
                self.problems.error(Code::InvalidYaml, span, message);
                Err(Abandoned)
            }
        }
    }

    fn node(&mut self, parser: &mut Yaml<'_>, event: Event<'_>, span: Span, depth: usize) -> Result<Node, Abandoned> {
        self.count(1, span)?;
        if depth > self.limits.yaml_depth {
            return self.too_complex(span, format!("nested deeper than {} levels", self.limits.yaml_depth));
        }
        let before = self.nodes;
        let (anchor, node) = match event {
            Event::Alias(anchor) => return self.alias(anchor, span),
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && !is_text_tag(tag.as_deref());
                (anchor, Node { span, data: Data::Scalar(Scalar { text: text.into_owned(), plain }) })
            }
            Event::SequenceStart(anchor, _) => (anchor, self.list(parser, span, depth)?),
            Event::MappingStart(anchor, _) => (anchor, self.map(parser, span, depth)?),
            _ => return Err(Abandoned),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), self.nodes - before + 1));
        }
        Ok(node)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<Node, Abandoned> {
        let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
            self.problems.error(Code::InvalidYaml, span, "invalid YAML: an alias inside the value it stands for");
            return Err(Abandoned);
        };
        self.count(size, span)?;
        Ok(Node { span, data: node.data })
    }

    fn list(&mut self, parser: &mut Yaml<'_>, span: Span, depth: usize) -> Result<Node, Abandoned> {
        let mut items: Vec<Node> = Vec::new();
        while let Some((event, item_span)) = self.next(parser)? {
            if event == Event::SequenceEnd {
                let end = block_end(item_span, items.last().map(|item| item.span));
                return Ok(Node { span: Span::new(span.start, end), data: Data::List(items) });
            }
            items.push(self.node(parser, event, item_span, depth + 1)?);
        }
        Err(Abandoned)
    }

    fn map(&mut self, parser: &mut Yaml<'_>, span: Span, depth: usize) -> Result<Node, Abandoned> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: Option<HashSet<String>> = None;
        while let Some((event, key_span)) = self.next(parser)? {
            if event == Event::MappingEnd {
                let end = block_end(key_span, entries.last().map(|entry| entry.value.span));
                return Ok(Node { span: Span::new(span.start, end), data: Data::Map(entries) });
            }
            let key_node = self.node(parser, event, key_span, depth + 1)?;
            let key = self.key(key_node)?;
            let Some((event, value_span)) = self.next(parser)? else { return Err(Abandoned) };
            let value = self.node(parser, event, value_span, depth + 1)?;
            let is_new = seen.as_mut().is_some_and(|seen| seen.insert(key.clone()));
            let mut earlier = entries.iter().filter(|_| !is_new);
            if let Some(first) = earlier.find(|entry| entry.key == key).map(|entry| entry.key_span) {
                let message = format!("the key `{key}` stands twice in this map");
                self.problems.error(Code::DuplicateKey, key_span, message).related(first);
                continue;
            }
            entries.push(Entry { key, key_span, value });
            if entries.len() == FEW_KEYS {
                seen = Some(entries.iter().map(|entry| entry.key.clone()).collect());
            }
        }
        Err(Abandoned)
    }

    fn key(&mut self, node: Node) -> Result<String, Abandoned> {
        match node.data {
            Data::Scalar(scalar) => Ok(scalar.text),
            Data::List(_) | Data::Map(_) => {
                self.problems.error(Code::InvalidYaml, node.span, "a key must be a single text");
                Err(Abandoned)
            }
        }
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), Abandoned> {
        self.nodes += nodes;
        if self.nodes <= self.limits.nodes {
            return Ok(());
        }
        self.too_complex(span, format!("more than {} YAML nodes in one file", self.limits.nodes))
    }

    fn too_complex<T>(&mut self, span: Span, message: String) -> Result<T, Abandoned> {
        self.problems.error(Code::TooComplex, span, message);
        Err(Abandoned)
    }
}

fn is_text_tag(tag: Option<&Tag>) -> bool {
    tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str")
}

/// A block ends where its last member does; the parser reports the start of whatever comes next.
fn block_end(closing: Span, last: Option<Span>) -> usize {
    if closing.start < closing.end { closing.end } else { last.map_or(closing.end, |span| span.end) }
}
