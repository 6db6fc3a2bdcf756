//! Reads the values of fields, by what their modifiers make of them.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::{
    code::Code,
    condition::UnknownLists,
    decimal::Decimal,
    detection::{FieldReference, Number, Value},
    diagnostic::suggestion,
    expression::Expression,
    modifier::{Chain, Comparison, Operation, RegexFlags, TimePart, Transforms},
    pattern::{Anchor, Case, Pattern},
    search::{Field, SearchReader},
    source::Span,
    syntax::{Scalar, Typed},
    time, transform,
};

impl SearchReader<'_> {
    pub(crate) fn value(&mut self, field: &Field<'_>, scalar: &Scalar, span: Span) -> Option<Value> {
        let transformed = field.chain.transforms != Transforms::default();
        match field.chain.operation {
            Operation::Plain if transformed => self.transformed(scalar, span, Anchor::Whole, &field.chain),
            Operation::Plain if field.chain.case == Case::Ignored => self.plain(scalar, span),
            Operation::Plain => self.text_value(scalar, span, Anchor::Whole, field.chain.case),
            Operation::Text(anchor) if transformed => self.transformed(scalar, span, anchor, &field.chain),
            Operation::Text(anchor) => self.text_value(scalar, span, anchor, field.chain.case),
            Operation::Regex(flags) => self.regex(scalar, span, flags),
            Operation::Cidr if field.chain.transforms.expand => self.networks(scalar, span),
            Operation::Cidr => self.network(&scalar.text, span).map(Value::Network),
            Operation::Compare(comparison) => {
                self.number_text(scalar, span).map(|number| Value::Compare(comparison, number))
            }
            Operation::Time(part, comparison) => self.time(scalar, span, part, comparison),
            Operation::FieldRef(anchor) => self.reference(scalar, span, anchor, field.chain.case),
            Operation::Exists => None,
        }
    }

    fn plain(&mut self, scalar: &Scalar, span: Span) -> Option<Value> {
        match scalar.typed() {
            Typed::Bool(value) => Some(Value::Bool(value)),
            Typed::Integer(text) | Typed::Float(text) => match number(text) {
                Some(number) => Some(Value::Number(number)),
                None => self.pattern(text, span, Anchor::Whole, Case::Ignored),
            },
            Typed::Text(text) => self.pattern(text, span, Anchor::Whole, Case::Ignored),
            Typed::Null => self.no_null(span),
        }
    }

    pub(crate) fn text_value(&mut self, scalar: &Scalar, span: Span, anchor: Anchor, case: Case) -> Option<Value> {
        if scalar.typed() == Typed::Null {
            return self.no_null(span);
        }
        self.pattern(&scalar.text, span, anchor, case)
    }

    fn no_null(&mut self, span: Span) -> Option<Value> {
        self.problems
            .error(Code::ValueType, span, "`null` is no text")
            .help("write `''` for an empty text, or `field: null` without modifiers for an absent field");
        None
    }

    fn pattern(&mut self, text: &str, span: Span, anchor: Anchor, case: Case) -> Option<Value> {
        let pattern = Pattern::parse(text, anchor, case);
        if pattern.wildcards() > self.terms.settings.limits.wildcards {
            let message = format!(
                "{} wildcards in one value, the limit is {}",
                pattern.wildcards(),
                self.terms.settings.limits.wildcards
            );
            self.problems.error(Code::TooManyWildcards, span, message);
            return None;
        }
        Some(Value::Text(pattern))
    }

    fn regex(&mut self, scalar: &Scalar, span: Span, flags: RegexFlags) -> Option<Value> {
        if scalar.typed() == Typed::Null {
            return self.no_null(span);
        }
        match Expression::new(&scalar.text, flags, self.terms.settings.limits.regex_bytes) {
            Ok(expression) => Some(Value::Regex(expression)),
            Err(error) => {
                self.report_regex(&error, &scalar.text, span);
                None
            }
        }
    }

    fn report_regex(&mut self, error: &regex::Error, text: &str, span: Span) {
        let look_around = ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|group| text.contains(group));
        let (reason, help) = match error {
            regex::Error::CompiledTooBig(limit) => {
                (format!("compiled it needs more than {limit} bytes"), "shorten the repetitions")
            }
            _ if look_around => ("look-around is not supported".to_owned(), "use a second search and `not` instead"),
            other => (last_line(&other.to_string()), "the syntax is that of the Rust crate `regex`"),
        };
        self.problems.error(Code::InvalidRegex, span, format!("invalid regular expression: {reason}")).help(help);
    }

    fn network(&mut self, text: &str, span: Span) -> Option<IpNet> {
        let Ok(network) = text.parse::<IpNet>() else {
            self.problems
                .error(Code::InvalidNetwork, span, format!("`{text}` is no IP network"))
                .help("write an address and a prefix length, as in `10.0.0.0/8` or `2001:db8::/32`");
            return None;
        };
        if network.trunc() != network {
            let message = format!("`{network}` has bits set beyond its prefix");
            self.problems.warning(Code::HostBits, span, message).help(format!("it is read as `{}`", network.trunc()));
        }
        Some(network.trunc())
    }

    fn networks(&mut self, scalar: &Scalar, span: Span) -> Option<Value> {
        let texts = self.expanded(&scalar.text, span)?;
        // Unlike a rule, a list may hold single addresses.
        let networks: Vec<Option<IpNet>> = texts
            .iter()
            .map(|text| text.parse::<IpAddr>().map(IpNet::from).ok().or_else(|| self.network(text, span)))
            .collect();
        let networks = networks.into_iter().collect::<Option<Vec<IpNet>>>()?;
        Some(Value::Forms(networks.into_iter().map(Value::Network).collect()))
    }

    fn time(&mut self, scalar: &Scalar, span: Span, part: TimePart, comparison: Option<Comparison>) -> Option<Value> {
        let number = self.number_text(scalar, span)?;
        let range = time::range(part);
        let bounds = [range.start(), range.end()].map(|bound| Decimal::parse(&bound.to_string()));
        let [Some(lowest), Some(highest)] = bounds else { return None };
        if number < lowest || number > highest {
            let message = format!("`{}` is outside of {} to {}", scalar.text, range.start(), range.end());
            self.problems.error(Code::ValueType, span, message);
            return None;
        }
        Some(Value::Time(part, comparison, number))
    }

    fn reference(&mut self, scalar: &Scalar, span: Span, anchor: Anchor, case: Case) -> Option<Value> {
        let wildcard = scalar.text.contains(['*', '?']);
        if scalar.typed() == Typed::Null || scalar.text.is_empty() || wildcard {
            self.problems
                .error(Code::ValueType, span, "`fieldref` needs the name of a field, without wildcards")
                .help("as in `userIdentity.userName|fieldref: requestParameters.userName`");
            return None;
        }
        let (field, origin) = self.referred(&scalar.text, span)?;
        Some(Value::Field(FieldReference { field, origin, anchor, case }))
    }

    /// A text with all that its modifiers make of it.
    fn transformed(&mut self, scalar: &Scalar, span: Span, anchor: Anchor, chain: &Chain) -> Option<Value> {
        if scalar.typed() == Typed::Null {
            return self.no_null(span);
        }
        let mut texts = vec![scalar.text.clone()];
        if chain.transforms.expand {
            texts = self.expanded(&scalar.text, span)?;
        }
        if chain.transforms.windash {
            texts = self.dashed(&texts, span)?;
        }
        if let Some(kind) = chain.transforms.base64 {
            let plain: Vec<Option<String>> = texts.iter().map(|text| self.without_wildcards(text, span)).collect();
            let plain = plain.into_iter().collect::<Option<Vec<String>>>()?;
            let encoded = |text: &String| transform::base64(&transform::bytes(text, chain.transforms.utf16), kind);
            texts = plain.iter().flat_map(encoded).collect();
        }
        let forms: Vec<Option<Value>> = texts.iter().map(|text| self.pattern(text, span, anchor, chain.case)).collect();
        forms.into_iter().collect::<Option<Vec<Value>>>().map(Value::Forms)
    }

    fn dashed(&mut self, texts: &[String], span: Span) -> Option<Vec<String>> {
        let mut variants = Vec::new();
        for text in texts {
            match transform::windash(text) {
                Ok(more) => variants.extend(more),
                Err(transform::TooManyDashes(count)) => {
                    let message = format!("`windash` on {count} dashes, the limit is {}", transform::WINDASH_DASHES);
                    self.problems.error(Code::ValueType, span, message).help("split the value into several with `all`");
                    return None;
                }
            }
        }
        Some(variants)
    }

    fn without_wildcards(&mut self, text: &str, span: Span) -> Option<String> {
        let pattern = Pattern::parse(text, Anchor::Whole, Case::Significant);
        let literal = pattern.literal().map(str::to_owned);
        if literal.is_none() {
            self.problems
                .error(Code::ValueType, span, "a value with wildcards cannot be encoded")
                .help("escape `*` and `?` with a backslash");
        }
        literal
    }

    /// Every text that a value with placeholders stands for.
    fn expanded(&mut self, text: &str, span: Span) -> Option<Vec<String>> {
        let mut texts = vec![String::new()];
        for piece in transform::pieces(text) {
            let choices = match piece {
                transform::Piece::Text(plain) => vec![plain],
                transform::Piece::Placeholder(name) => self.named_list(name, span)?,
            };
            texts = texts.iter().flat_map(|start| choices.iter().map(move |end| format!("{start}{end}"))).collect();
            if texts.len() > self.terms.settings.limits.expanded_values {
                let message =
                    format!("one value stands for more than {} texts", self.terms.settings.limits.expanded_values);
                self.problems.error(Code::TooComplex, span, message);
                return None;
            }
        }
        Some(texts)
    }

    fn named_list(&mut self, name: &str, span: Span) -> Option<Vec<String>> {
        let found = self.terms.settings.lists.get(name).map(<[String]>::to_vec);
        if found.is_none() && self.terms.unknown_lists == UnknownLists::Empty {
            return Some(Vec::new());
        }
        if found.is_none() {
            let help = match suggestion(name, self.terms.settings.lists.names()) {
                Some(near) => near,
                None => {
                    format!("fill it in a `lists` document or in the file given with `--lists`, as in `{name}: []`")
                }
            };
            self.problems.error(Code::UnknownList, span, format!("no list `%{name}%` is configured")).help(help);
        }
        found
    }

    fn number_text(&mut self, scalar: &Scalar, span: Span) -> Option<Decimal> {
        let parsed = if scalar.plain { Decimal::parse_yaml(&scalar.text) } else { Decimal::parse(&scalar.text) };
        if parsed.is_none() {
            let message = format!("`{}` is no number", scalar.text);
            self.problems.error(Code::ValueType, span, message).help("`gt`, `gte`, `lt` and `lte` compare numbers");
        }
        parsed
    }
}

fn number(text: &str) -> Option<Number> {
    let value = Decimal::parse_yaml(text)?;
    let mut texts = vec![text.to_lowercase()];
    texts.extend(value.canonical().filter(|canonical| canonical != text));
    Some(Number { value, texts })
}

fn last_line(message: &str) -> String {
    message.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned()
}
