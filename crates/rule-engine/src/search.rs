//! Reads the searches of a detection: maps, lists, keywords, and the entries with their modifiers.

use crate::{
    code::Code,
    condition::{Naming, Terms},
    detection::{self, Item, Places, Search, Test, Value},
    diagnostic::Problems,
    modifier::{self, Chain, Operation, Quantifier, Transforms},
    pattern::{Anchor, Case},
    source::Span,
    syntax::{Data, Entry, Node, Scalar, Typed},
};

/// Reads searches and collects what is wrong with them.
pub(crate) struct SearchReader<'r> {
    pub(crate) terms: Terms<'r>,
    pub(crate) problems: &'r mut Problems,
}

/// A field of a map entry, its modifiers, and where its key stands.
pub(crate) struct Field<'n> {
    pub(crate) name: Option<&'n str>,
    pub(crate) chain: Chain,
    pub(crate) key_span: Span,
}

impl SearchReader<'_> {
    /// Reads the value of a search identifier; `None` after a problem has been reported.
    pub(crate) fn search(&mut self, node: &Node) -> Option<Search> {
        match &node.data {
            Data::Map(entries) => self.map(entries, node.span),
            Data::List(members) => self.list(members, node.span),
            Data::Scalar(scalar) => self.keyword(scalar, node.span).map(Search::Item),
        }
    }

    pub(crate) fn map(&mut self, entries: &[Entry], span: Span) -> Option<Search> {
        if entries.is_empty() {
            return self.empty(span, "an empty map");
        }
        let searches: Vec<Option<Search>> = entries.iter().map(|entry| self.entry(entry)).collect();
        searches.into_iter().collect::<Option<Vec<Search>>>().map(Search::All)
    }

    fn list(&mut self, members: &[Node], span: Span) -> Option<Search> {
        if members.is_empty() {
            return self.empty(span, "an empty list");
        }
        let searches: Vec<Option<Search>> = members.iter().map(|member| self.member(member)).collect();
        searches.into_iter().collect::<Option<Vec<Search>>>().map(Search::Any)
    }

    fn member(&mut self, node: &Node) -> Option<Search> {
        match &node.data {
            Data::Map(entries) => self.map(entries, node.span),
            Data::Scalar(scalar) => self.keyword(scalar, node.span).map(Search::Item),
            Data::List(_) => {
                self.problems
                    .error(Code::WrongShape, node.span, "a list inside a list of searches")
                    .help("write one list; its members are alternatives");
                None
            }
        }
    }

    fn empty(&mut self, span: Span, what: &str) -> Option<Search> {
        self.problems.error(Code::EmptySearch, span, format!("{what} cannot be a search"));
        None
    }

    /// A bare value searches the whole record.
    fn keyword(&mut self, scalar: &Scalar, span: Span) -> Option<Item> {
        let value = self.text_value(scalar, span, Anchor::Anywhere, Case::Ignored)?;
        let test = Test::Values { quantifier: Quantifier::Any, values: vec![value] };
        let places = Places { key: span, values: vec![span] };
        Some(Item { field: None, test, negated: false, places })
    }

    fn entry(&mut self, entry: &Entry) -> Option<Search> {
        let name = entry.key.split('|').next().unwrap_or_default();
        let mut chain = modifier::parse(&entry.key, entry.key_span, self.problems)?;
        if name.is_empty() {
            let suits = self.keyword_chain(&mut chain, entry);
            let field = Field { name: None, chain, key_span: entry.key_span };
            return suits.then(|| self.item(&field, None, &entry.value)).flatten().map(Search::Item);
        }
        let field = Field { name: Some(name), chain, key_span: entry.key_span };
        self.named(&field, entry)
    }

    /// One entry whose field has been read.
    pub(crate) fn item(&mut self, field: &Field<'_>, named: Option<detection::Field>, node: &Node) -> Option<Item> {
        let test = self.test(field, node)?;
        let values = match &node.data {
            Data::List(members) => members.iter().map(|member| member.span).collect(),
            Data::Scalar(_) | Data::Map(_) => vec![node.span],
        };
        let places = Places { key: field.key_span, values };
        Some(Item { field: named, test, negated: field.chain.negated, places })
    }

    /// Fits a chain without field name to keywords: a plain value is found anywhere in a leaf.
    fn keyword_chain(&mut self, chain: &mut Chain, entry: &Entry) -> bool {
        match chain.operation {
            Operation::Plain => {
                chain.operation = Operation::Text(Anchor::Anywhere);
                true
            }
            Operation::Text(_) | Operation::Regex(_) => true,
            Operation::Cidr
            | Operation::Exists
            | Operation::Compare(_)
            | Operation::Time(..)
            | Operation::FieldRef(_) => {
                self.problems
                    .error(Code::FieldNeeded, entry.key_span, "this modifier needs a field name before it")
                    .help("write it as `field|modifier`");
                false
            }
        }
    }

    fn test(&mut self, field: &Field<'_>, node: &Node) -> Option<Test> {
        match &node.data {
            Data::Scalar(scalar) => self.single(field, scalar, node.span),
            Data::List(members) => self.several(field, members, node.span),
            Data::Map(_) => {
                let help = match (self.terms.naming, field.name) {
                    (Naming::Literal, Some(name)) if name.contains('[') => {
                        "blocks such as `field[any]` need `sigma-version: 3` beside the title"
                    }
                    (Naming::Literal, _) => "name nested fields with dots, as in `userIdentity.type`",
                    (Naming::Selectors | Naming::OfElement, _) => {
                        "name nested fields with dots, as in `userIdentity.type`, or write `field[any]`"
                    }
                };
                self.problems.error(Code::WrongShape, node.span, "a map cannot be the value of a field").help(help);
                None
            }
        }
    }

    fn single(&mut self, field: &Field<'_>, scalar: &Scalar, span: Span) -> Option<Test> {
        if field.chain.operation == Operation::Exists {
            return self.exists(scalar, span);
        }
        if field.chain.quantifier == Quantifier::All && field.name.is_some() {
            self.problems
                .error(Code::AllOnSingleValue, field.key_span, "`all` needs a list of values")
                .help("remove `all`, or give several values");
            return None;
        }
        // `null` is a type of its own: what is done to text cannot be done to it.
        let plain = field.chain.operation == Operation::Plain
            && field.chain.case == Case::Ignored
            && field.chain.transforms == Transforms::default();
        if scalar.typed() == Typed::Null && field.name.is_some() && plain {
            return Some(Test::Null);
        }
        let value = self.value(field, scalar, span)?;
        Some(Test::Values { quantifier: field.chain.quantifier, values: vec![value] })
    }

    fn several(&mut self, field: &Field<'_>, members: &[Node], span: Span) -> Option<Test> {
        if field.chain.operation == Operation::Exists {
            self.problems.error(Code::ValueType, span, "`exists` takes `true` or `false`, not a list");
            return None;
        }
        if members.is_empty() {
            self.problems.error(Code::EmptySearch, span, "an empty list of values never matches");
            return None;
        }
        let values: Vec<Option<Value>> = members.iter().map(|member| self.listed(field, member)).collect();
        let values = values.into_iter().collect::<Option<Vec<Value>>>()?;
        if field.chain.quantifier == Quantifier::All && values.len() == 1 && field.name.is_some() {
            self.problems
                .error(Code::AllOnSingleValue, field.key_span, "`all` needs more than one value")
                .help("remove `all`, or give several values");
            return None;
        }
        Some(Test::Values { quantifier: field.chain.quantifier, values })
    }

    fn listed(&mut self, field: &Field<'_>, node: &Node) -> Option<Value> {
        match &node.data {
            Data::Scalar(scalar) if scalar.typed() == Typed::Null => {
                self.problems
                    .error(Code::NullInList, node.span, "`null` cannot stand in a list of values")
                    .help("give `field: null` a search identifier of its own and join the two in the condition");
                None
            }
            Data::Scalar(scalar) => self.value(field, scalar, node.span),
            Data::List(_) | Data::Map(_) => {
                let message = format!("{} cannot stand in a list of values", node.kind());
                self.problems.error(Code::WrongShape, node.span, message);
                None
            }
        }
    }

    fn exists(&mut self, scalar: &Scalar, span: Span) -> Option<Test> {
        if let Typed::Bool(wanted) = scalar.typed() {
            return Some(Test::Exists(wanted));
        }
        self.problems.error(Code::ValueType, span, "`exists` takes `true` or `false`").help("write it without quotes");
        None
    }
}
