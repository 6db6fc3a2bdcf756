//! Reads field names with their selectors, and the blocks they open.

use crate::{
    code::Code,
    condition::{Context, Naming, Terms},
    derived::{self, Derived},
    detection::{Block, Condition, Detection, Field, Fitting, Identifier, Item, Origin, Search},
    detection_reader,
    diagnostic::suggestion,
    path::{self, BadPath, BlockQuantifier, Path, Segment},
    search::{self, SearchReader},
    source::Span,
    syntax::{Data, Entry},
};

impl SearchReader<'_> {
    /// Reads an entry whose key names a field.
    pub(crate) fn named(&mut self, field: &search::Field<'_>, entry: &Entry) -> Option<Search> {
        let name = field.name.unwrap_or_default();
        if self.reads_selectors(name) {
            let segments = self.segments(name, entry.key_span)?;
            return self.selected(field, &segments, entry);
        }
        let named = self.unselected(name, entry.key_span);
        let item = self.item(field, None, &entry.value)?;
        Some(Search::Item(Item { field: Some(named?), ..item }))
    }

    /// A field that a value names, and what it is a field of.
    pub(crate) fn referred(&mut self, name: &str, span: Span) -> Option<(Field, Origin)> {
        let Some(of_record) = name.strip_prefix(derived::RECORD).filter(|name| !name.is_empty()) else {
            return self.field(name, span).map(|field| (field, Origin::Searched));
        };
        let outer = self.terms;
        if outer.naming == Naming::OfElement {
            self.terms = Terms { naming: Naming::Selectors, ..outer };
        }
        let field = self.field(of_record, span);
        self.terms = outer;
        field.map(|field| (field, Origin::Record))
    }

    /// A field that is named where a value or a correlation needs one.
    pub(crate) fn field(&mut self, name: &str, span: Span) -> Option<Field> {
        if !self.reads_selectors(name) {
            return self.unselected(name, span);
        }
        let segments = self.segments(name, span)?;
        if segments.iter().any(|segment| segment.quantifier.is_some()) {
            self.problems
                .error(Code::InvalidSelector, span, "a reference names a field, not a block")
                .help("positions such as `[0]` are allowed");
            return None;
        }
        self.path(&segments, span).map(Field::Path)
    }

    fn reads_selectors(&self, name: &str) -> bool {
        self.terms.naming != Naming::Literal && name != "." && !name.starts_with(derived::PREFIX)
    }

    fn segments(&mut self, name: &str, span: Span) -> Option<Vec<Segment>> {
        match path::parse(name) {
            Ok(segments) => Some(segments),
            Err(bad) => {
                self.problems.error(Code::InvalidSelector, span, bad.to_string()).help(selector_help(&bad));
                None
            }
        }
    }

    /// A name that holds no selectors: a derived field, the element itself, or a literal name.
    fn unselected(&mut self, name: &str, span: Span) -> Option<Field> {
        if name.starts_with(derived::PREFIX) {
            return self.derived(name, span);
        }
        let path = match (name, self.terms.naming) {
            (".", Naming::OfElement) => Path::itself(),
            (".", Naming::Selectors) => {
                self.problems
                    .error(Code::InvalidSelector, span, "`.` means the element of a block, and this is outside of one")
                    .help("write it inside a block, as in `field[any]: {.|startswith: x}`");
                return None;
            }
            _ => Path::literal(name),
        };
        self.sized(path, span).map(Field::Path)
    }

    fn derived(&mut self, name: &str, span: Span) -> Option<Field> {
        if let Some(of_record) = name.strip_prefix(derived::RECORD).filter(|name| !name.is_empty()) {
            let help = match self.terms.naming {
                Naming::OfElement => "give the field a search outside of the block and join the two in the condition",
                Naming::Literal | Naming::Selectors => "fields of the record need no prefix outside of a block",
            };
            let message = format!("only the value of `fieldref` can name `{of_record}` of the record like this");
            self.problems.error(Code::UnknownDerivedField, span, message).help(help);
            return None;
        }
        if self.terms.naming == Naming::OfElement {
            self.problems
                .error(Code::UnknownDerivedField, span, "derived fields belong to the record, not to an element")
                .help("give it a search outside of the block and join the two in the condition");
            return None;
        }
        let found = Derived::named(name).map(Field::Derived);
        if found.is_none() {
            let names: Vec<&str> = Derived::ALL.into_iter().map(Derived::name).collect();
            let help = suggestion(name, names.iter().copied());
            self.problems
                .error(Code::UnknownDerivedField, span, format!("there is no derived field `{name}`"))
                .help(help.unwrap_or_else(|| format!("the derived fields are {}", names.join(", "))));
        }
        found
    }

    fn path(&mut self, segments: &[Segment], span: Span) -> Option<Path> {
        self.sized(Path::of(segments), span)
    }

    fn sized(&mut self, path: Path, span: Span) -> Option<Path> {
        let limits = &self.terms.settings.limits;
        let (names, positions) = path.size();
        let message = if names > limits.path_names {
            format!("a field path of {names} names, the limit is {}", limits.path_names)
        } else if positions > limits.path_positions {
            format!("a field path with {positions} positions, the limit is {}", limits.path_positions)
        } else {
            return Some(path);
        };
        self.problems.error(Code::TooComplex, span, message);
        None
    }

    /// Reads an entry by its selectors: up to the first quantifier its path, behind that the body.
    fn selected(&mut self, field: &search::Field<'_>, segments: &[Segment], entry: &Entry) -> Option<Search> {
        let quantified = segments.iter().position(|segment| segment.quantifier.is_some());
        let (head, tail) = segments.split_at_checked(quantified.map_or(segments.len(), |at| at + 1))?;
        let path = self.path(head, entry.key_span)?;
        let opens = matches!(entry.value.data, Data::Map(_));
        let quantifier = match head.last().and_then(|segment| segment.quantifier) {
            Some(quantifier) => quantifier,
            // A position picks one element, so a map behind it can only mean that one.
            None if opens && path.has_positions() => BlockQuantifier::Any,
            None => return self.item(field, Some(Field::Path(path)), &entry.value).map(Search::Item),
        };
        let body = self.inside(entry.key_span, |reader| reader.body(field, tail, entry))?;
        Some(Search::Block(Block { path, span: entry.key_span, quantifier, fitting: fitting(&body), body }))
    }

    /// Reads something on the terms of a block.
    fn inside<T>(&mut self, span: Span, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let limit = self.terms.settings.limits.block_depth;
        if self.terms.blocks == limit {
            let message = format!("blocks nest deeper than {limit} levels");
            self.problems.error(Code::TooComplex, span, message);
            return None;
        }
        let outer = self.terms;
        self.terms = Terms { naming: Naming::OfElement, blocks: outer.blocks + 1, ..outer };
        let found = read(self);
        self.terms = outer;
        found
    }

    fn body(&mut self, field: &search::Field<'_>, tail: &[Segment], entry: &Entry) -> Option<Detection> {
        if !tail.is_empty() {
            return self.selected(field, tail, entry).map(|search| single(search, entry.key_span));
        }
        match &entry.value.data {
            Data::Map(_) if entry.key.contains('|') => {
                self.problems
                    .error(Code::ModifierCombination, entry.key_span, "a block takes no modifiers")
                    .help("put them behind the fields inside the block");
                None
            }
            Data::Map(entries) if entries.iter().any(|entry| entry.key == "condition") => {
                let context = Context { terms: self.terms, problems: self.problems };
                detection_reader::read(entry, &[], context)
            }
            Data::Map(entries) => self.map(entries, entry.value.span).map(|search| single(search, entry.key_span)),
            Data::Scalar(_) | Data::List(_) => {
                let item = self.item(field, Some(Field::Path(Path::itself())), &entry.value)?;
                Some(single(Search::Item(item), entry.key_span))
            }
        }
    }
}

fn selector_help(bad: &BadPath) -> String {
    let near = match bad {
        BadPath::UnknownSelector(word) => suggestion(word, BlockQuantifier::WORDS.map(|(word, _)| word)),
        _ => None,
    };
    near.unwrap_or_else(|| {
        r"selectors are `[any]`, `[all]`, `[all_or_empty]`, `[none]` and positions; a literal bracket is `\[` or `\]`"
            .to_owned()
    })
}

/// A detection of one search.
fn single(search: Search, span: Span) -> Detection {
    let identifiers = vec![Identifier { name: String::new(), span, search }];
    Detection { identifiers, condition: Condition::Identifier(0) }
}

/// An element that is no object cannot fit a body that looks at nothing but fields; not even one that
/// wants a field to be absent.
fn fitting(body: &Detection) -> Fitting {
    let mut fields = Vec::new();
    for identifier in &body.identifiers {
        collect_paths(&identifier.search, &mut fields);
    }
    let looks_at_fields = fields.iter().any(|path| !path.is_itself());
    let looks_at_element = fields.iter().any(|path| path.is_itself());
    if looks_at_fields && !looks_at_element { Fitting::Objects } else { Fitting::Anything }
}

fn collect_paths<'s>(search: &'s Search, paths: &mut Vec<&'s Path>) {
    match search {
        Search::Item(item) => match &item.field {
            Some(Field::Path(path)) => paths.push(path),
            Some(Field::Derived(_)) | None => {}
        },
        Search::Block(block) => paths.push(&block.path),
        Search::All(members) | Search::Any(members) => {
            for member in members {
                collect_paths(member, paths);
            }
        }
    }
}
