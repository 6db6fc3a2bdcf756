//! Explanations of verdicts, for people and for programs.

use serde::Serialize;
use serde_json::{Map, Value, json};
use trailhound_rule_engine::{
    Source, Span,
    explain::{Change, Explanation, NearestMiss, Needs, Owner, Part, PartKind, TestSeen, ValueSeen, Wanted},
};

use crate::output::{Paint, WIDTH, printable, wrapped};

/// Texts of rules and records are cut to so many characters within a tree.
const LONGEST: usize = 60;
/// So many values of a rule, values seen or elements of a list are shown; further ones are counted.
const SHOWN: usize = 4;

/// Columns before the mark of a part: the line of the rule, and two blanks.
const MARGIN: usize = 6;

/// The lines of a tree of what a record made of a condition, to stand behind `indent` blanks.
pub(crate) fn tree(part: &Part, source: &Source, paint: Paint, indent: usize) -> Vec<String> {
    let mut tree = Tree { source, paint, width: WIDTH.saturating_sub(indent), lines: Vec::new() };
    tree.part(part, 0);
    tree.lines
}

/// The nearest miss as a sentence.
fn sentence(miss: &NearestMiss) -> String {
    let text = miss.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    printable(&format!("{first}{}.", letters.as_str()))
}

struct Tree<'t> {
    source: &'t Source,
    paint: Paint,
    /// Columns of a line.
    width: usize,
    lines: Vec<String>,
}

impl Tree<'_> {
    fn part(&mut self, part: &Part, depth: usize) {
        match &part.kind {
            // What joins one thing is that thing.
            PartKind::All | PartKind::Any if part.parts.len() == 1 => self.parts(&part.parts, depth),
            PartKind::Not => self.around(part, depth, "not"),
            PartKind::All => self.around(part, depth, "all of"),
            PartKind::Any => self.around(part, depth, "any of"),
            PartKind::Search(name) => {
                let name = self.paint.bold(printable(name)).to_string();
                self.named(part, depth, &name);
            }
            PartKind::Element(element) => self.named(part, depth, &format!("element {}", cut(element))),
            PartKind::Block { field, needs } => {
                self.line(part, depth, &format!("{}: {}", cut(field), needed(*needs, part.parts.len())));
                self.elements(part, depth + 1);
            }
            PartKind::Test(test) => self.test(part, test, depth),
        }
    }

    fn around(&mut self, part: &Part, depth: usize, text: &str) {
        self.line(part, depth, text);
        self.parts(&part.parts, depth + 1);
    }

    /// A search or an element: what it joins stands right below its name.
    fn named(&mut self, part: &Part, depth: usize, name: &str) {
        match part.parts.as_slice() {
            [Part { kind: PartKind::Any, parts, .. }] if parts.len() > 1 => {
                self.line(part, depth, &format!("{name}: any of"));
                self.parts(parts, depth + 1);
            }
            [Part { kind: PartKind::All, parts, .. }] => {
                self.line(part, depth, name);
                self.parts(parts, depth + 1);
            }
            _ => self.around(part, depth, name),
        }
    }

    fn parts(&mut self, parts: &[Part], depth: usize) {
        for part in parts {
            self.part(part, depth);
        }
    }

    /// The elements of a list, those that fit first.
    fn elements(&mut self, part: &Part, depth: usize) {
        let fitting = part.parts.iter().filter(|part| part.held);
        let elements: Vec<&Part> = fitting.chain(part.parts.iter().filter(|part| !part.held)).collect();
        for element in elements.iter().take(SHOWN) {
            self.part(element, depth);
        }
        if let Some(more) = elements.len().checked_sub(SHOWN).filter(|&more| more > 0) {
            self.lines.push(format!("{:width$}  … and {more} more", "", width = depth * 2));
        }
    }

    fn test(&mut self, part: &Part, test: &TestSeen, depth: usize) {
        let field = test.field.as_deref().unwrap_or("anywhere");
        let modifiers = if test.modifiers.is_empty() { String::new() } else { format!("|{}", test.modifiers) };
        let asked = format!("{}{}: {}", cut(field), printable(&modifiers), wanted(&test.wanted));
        let seen = if test.field.is_some() { seen(&test.seen) } else { String::new() };
        let indent = MARGIN + depth * 2;
        if self.width.saturating_sub(indent) > asked.chars().count() + seen.chars().count() + 1 {
            self.line(part, depth, format!("{asked}  {}", self.paint.dim(seen)).trim_end());
            return;
        }
        let room = self.width.saturating_sub(indent + 2);
        for (number, line) in wrapped(&asked, room).iter().enumerate() {
            match number {
                0 => self.line(part, depth, line),
                _ => self.lines.push(format!("{:indent$}  {line}", "")),
            }
        }
        let seen = wrapped(&seen, room);
        self.lines.extend(seen.iter().map(|line| format!("{:indent$}  {}", "", self.paint.dim(line))));
    }

    /// A line with the mark of what the part came to, and the line of the rule.
    fn line(&mut self, part: &Part, depth: usize, text: &str) {
        let mark = if part.held { self.paint.good("✓").to_string() } else { self.paint.error("✗").to_string() };
        let place = part.span.map(|span| self.source.position(span.start).line);
        let place = place.map_or_else(String::new, |line| line.to_string());
        let place = self.paint.dim(format!("{place:>4}")).to_string();
        self.lines.push(format!("{place}  {:width$}{mark} {text}", "", width = depth * 2));
    }
}

fn needed(needs: Needs, elements: usize) -> String {
    let needs = match needs {
        Needs::Any => "at least one element",
        Needs::All => "every element, and there is one",
        Needs::AllOrEmpty => "every element",
        Needs::None => "no element",
    };
    let of = if elements == 0 { "there is none".to_owned() } else { format!("of {elements}") };
    format!("{needs} ({of})")
}

fn wanted(wanted: &Wanted) -> String {
    let values = |values: &[ValueSeen], joint: &str| {
        // What fits is worth more than what comes first.
        let fitting = values.iter().filter(|value| value.fits);
        let sorted: Vec<&ValueSeen> = fitting.chain(values.iter().filter(|value| !value.fits)).collect();
        let texts: Vec<String> = sorted.iter().map(|value| cut(&value.written)).collect();
        few(&texts, joint)
    };
    match wanted {
        Wanted::Null => "null".to_owned(),
        Wanted::Exists(wanted) => wanted.to_string(),
        Wanted::AnyOf(all) => values(all, ", "),
        Wanted::AllOf(all) => values(all, " and "),
    }
}

fn seen(seen: &[String]) -> String {
    let texts: Vec<String> = seen.iter().map(|seen| cut(seen)).collect();
    if texts.is_empty() { "← absent".to_owned() } else { format!("← {}", few(&texts, ", ")) }
}

fn few(texts: &[String], joint: &str) -> String {
    let shown: Vec<&str> = texts.iter().take(SHOWN).map(String::as_str).collect();
    match texts.len().saturating_sub(SHOWN) {
        0 => shown.join(joint),
        more => format!("{}{joint}… {more} more", shown.join(joint)),
    }
}

fn cut(text: &str) -> String {
    let text = printable(text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// The nearest miss in lines of a sentence, to stand behind `indent` blanks.
pub(crate) fn sentence_lines(miss: &NearestMiss, indent: usize) -> Vec<String> {
    wrapped(&sentence(miss), WIDTH.saturating_sub(indent))
}

/// The nearest miss as JSON has it.
#[derive(Debug, Serialize)]
pub(crate) struct Miss {
    sentence: String,
    would_match: bool,
    changes: Vec<ChangedTest>,
}

#[derive(Debug, Serialize)]
struct ChangedTest {
    sentence: String,
    /// `rule`, or the file of the filter.
    owner: &'static str,
    should_hold: bool,
    field: Option<String>,
    seen: Vec<String>,
}

impl Miss {
    pub(crate) fn of(explanation: &Explanation) -> Option<Self> {
        let miss = explanation.nearest_miss()?;
        let changes = miss.changes.iter().map(ChangedTest::from).collect();
        Some(Miss { sentence: sentence(&miss), would_match: miss.would_match, changes })
    }
}

impl From<&Change> for ChangedTest {
    fn from(change: &Change) -> Self {
        let (field, seen) = match &change.part.kind {
            PartKind::Test(test) => (test.field.clone(), test.seen.clone()),
            PartKind::Block { field, .. } => (Some(field.clone()), Vec::new()),
            _ => (None, Vec::new()),
        };
        let owner = if change.owner == Owner::Rule { "rule" } else { "filter" };
        ChangedTest { sentence: change.to_string(), owner, should_hold: !change.part.held, field, seen }
    }
}

/// A part of a condition as JSON has it.
pub(crate) fn json_tree(part: &Part, source: &Source) -> Value {
    let (kind, more) = match &part.kind {
        PartKind::Not => ("not", json!({})),
        PartKind::All => ("all", json!({})),
        PartKind::Any => ("any", json!({})),
        PartKind::Search(name) => ("search", json!({"name": name})),
        PartKind::Block { field, needs } => ("block", json!({"field": field, "needs": needs_word(*needs)})),
        PartKind::Element(element) => ("element", json!({"element": element})),
        PartKind::Test(test) => ("test", json_test(test)),
    };
    let mut node = Map::new();
    node.insert("kind".to_owned(), kind.into());
    node.insert("held".to_owned(), part.held.into());
    if let Value::Object(more) = more {
        node.extend(more);
    }
    if let Some(Span { start, end }) = part.span {
        let (start, end) = (source.position(start), source.position(end));
        node.insert("line".to_owned(), start.line.into());
        node.insert("column".to_owned(), start.column.into());
        node.insert("end_line".to_owned(), end.line.into());
        node.insert("end_column".to_owned(), end.column.into());
    }
    if !part.parts.is_empty() {
        let parts: Vec<Value> = part.parts.iter().map(|part| json_tree(part, source)).collect();
        node.insert("parts".to_owned(), parts.into());
    }
    Value::Object(node)
}

fn json_test(test: &TestSeen) -> Value {
    let values = |values: &[ValueSeen]| -> Vec<Value> {
        values.iter().map(|value| json!({"value": value.written, "fits": value.fits})).collect()
    };
    let (wants, wanted) = match &test.wanted {
        Wanted::Null => ("null", Vec::new()),
        Wanted::Exists(true) => ("present", Vec::new()),
        Wanted::Exists(false) => ("absent", Vec::new()),
        Wanted::AnyOf(all) => ("any", values(all)),
        Wanted::AllOf(all) => ("all", values(all)),
    };
    json!({
        "field": test.field,
        "modifiers": test.modifiers,
        "negated": test.negated,
        "wants": wants,
        "values": wanted,
        "seen": test.seen,
    })
}

fn needs_word(needs: Needs) -> &'static str {
    match needs {
        Needs::Any => "any",
        Needs::All => "all",
        Needs::AllOrEmpty => "all_or_empty",
        Needs::None => "none",
    }
}
