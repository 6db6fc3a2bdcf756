//! The condition grammar.

use crate::{
    code::Code,
    detection::{Condition, Identifier},
    diagnostic::{Problems, suggestion},
    limits::Limits,
    lists::Settings,
    pattern::{Anchor, Case, Matcher, Pattern},
    source::Span,
};

/// Reads one condition text; `None` after a problem has been reported.
///
/// `span` is the whole scalar in the file, `used` collects the identifiers the condition reaches.
pub(crate) fn parse(
    text: &str,
    span: Span,
    identifiers: &[Identifier],
    used: &mut [bool],
    context: Context<'_>,
) -> Option<Condition> {
    let Context { terms, problems } = context;
    let limits = &terms.settings.limits;
    if text.len() > limits.condition_bytes {
        let message = format!("the condition has {} bytes, the limit is {}", text.len(), limits.condition_bytes);
        problems.error(Code::ConditionTooComplex, span, message);
        return None;
    }
    let base = text_start(text, span, problems);
    let end = Token { kind: TokenKind::End, text: "", offset: text.len() };
    let mut parser =
        ConditionParser { tokens: Vec::new(), at: 0, end, identifiers, used, span, base, limits, problems, depth: 0 };
    parser.tokens = parser.tokenise(text)?;
    let condition = parser.any()?;
    parser.expect_end()?;
    Some(condition)
}

/// What reading a rule needs beside its text.
pub(crate) struct Context<'c> {
    pub(crate) terms: Terms<'c>,
    pub(crate) problems: &'c mut Problems,
}

/// The terms on which a rule is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms<'c> {
    pub(crate) settings: &'c Settings,
    pub(crate) unknown_lists: UnknownLists,
    pub(crate) naming: Naming,
    /// How many blocks are open.
    pub(crate) blocks: usize,
}

/// How field names are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// Sigma 2: a bracket is a letter of the name.
    Literal,
    /// Sigma 3: selectors in brackets.
    Selectors,
    /// Sigma 3 inside a block: names are relative to an element.
    OfElement,
}

/// What a placeholder means whose list nobody filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnknownLists {
    Refused,
    Empty,
}

/// Where in the file the text starts, if it stands there as it reads (no folding, no escapes).
fn text_start(text: &str, span: Span, problems: &Problems) -> Option<usize> {
    let written = problems.source().text().get(span.start..span.end)?;
    written.find(text).map(|at| span.start + at)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TokenKind {
    Word,
    Open,
    Close,
    Pipe,
    End,
}

#[derive(Debug, Clone, Copy)]
struct Token<'t> {
    kind: TokenKind,
    text: &'t str,
    offset: usize,
}

struct ConditionParser<'p, 't> {
    tokens: Vec<Token<'t>>,
    at: usize,
    end: Token<'t>,
    identifiers: &'p [Identifier],
    used: &'p mut [bool],
    span: Span,
    base: Option<usize>,
    limits: &'p Limits,
    problems: &'p mut Problems,
    depth: usize,
}

const OPERATORS: [&str; 3] = ["and", "or", "not"];

impl<'t> ConditionParser<'_, 't> {
    fn tokenise(&mut self, text: &'t str) -> Option<Vec<Token<'t>>> {
        let mut tokens = Vec::new();
        let mut rest = text;
        loop {
            rest = rest.trim_start();
            let offset = text.len() - rest.len();
            let Some(first) = rest.chars().next() else { return Some(tokens) };
            let (kind, length) = match first {
                '(' => (TokenKind::Open, 1),
                ')' => (TokenKind::Close, 1),
                '|' => (TokenKind::Pipe, 1),
                _ if tokens.last().is_some_and(|token: &Token<'t>| token.kind == TokenKind::Pipe) => {
                    // Whatever stands behind a pipe, the pipe is what is wrong.
                    return Some(tokens);
                }
                _ if is_word(first) => (TokenKind::Word, rest.find(|c| !is_word(c)).unwrap_or(rest.len())),
                _ => {
                    let token = Token { kind: TokenKind::Word, text: "", offset };
                    let message = format!("unexpected character `{first}` in the condition");
                    let span = self.token_span(token, first.len_utf8());
                    self.problems.error(Code::ConditionSyntax, span, message);
                    return None;
                }
            };
            let (word, after) = rest.split_at_checked(length)?;
            tokens.push(Token { kind, text: word, offset });
            rest = after;
        }
    }

    fn any(&mut self) -> Option<Condition> {
        let mut alternatives = vec![self.all()?];
        while self.take_operator("or") {
            alternatives.push(self.all()?);
        }
        Some(joined(alternatives, Condition::Any))
    }

    fn all(&mut self) -> Option<Condition> {
        let mut members = vec![self.negation()?];
        while self.take_operator("and") {
            members.push(self.negation()?);
        }
        Some(joined(members, Condition::All))
    }

    fn negation(&mut self) -> Option<Condition> {
        self.depth += 1;
        if self.depth > self.limits.condition_depth {
            let message = format!("the condition nests deeper than {} levels", self.limits.condition_depth);
            self.error(self.peek(), Code::ConditionTooComplex, message, None);
            return None;
        }
        let condition = if self.take_operator("not") {
            self.negation().map(|inner| Condition::Not(Box::new(inner)))
        } else {
            self.primary()
        };
        self.depth -= 1;
        condition
    }

    fn primary(&mut self) -> Option<Condition> {
        let token = self.advance();
        match token.kind {
            TokenKind::Open => {
                let inner = self.any()?;
                let close = self.advance();
                if close.kind == TokenKind::Close {
                    return Some(inner);
                }
                self.unexpected(close, "`)`");
                None
            }
            TokenKind::Word if self.is_selector(token) => self.selector(token),
            TokenKind::Word if !is_operator(token.text) => self.named(token),
            _ => {
                self.unexpected(token, "a search identifier");
                None
            }
        }
    }

    fn is_selector(&self, token: Token<'t>) -> bool {
        let quantity = token.text.bytes().all(|byte| byte.is_ascii_digit())
            || ["all", "any"].iter().any(|word| token.text.eq_ignore_ascii_case(word));
        quantity && self.peek().kind == TokenKind::Word && self.peek().text.eq_ignore_ascii_case("of")
    }

    fn selector(&mut self, quantity: Token<'t>) -> Option<Condition> {
        let of = self.advance();
        self.warn_upper_case(of, "of");
        let join: fn(Vec<Condition>) -> Condition = match quantity.text.to_ascii_lowercase().as_str() {
            "all" => Condition::All,
            "1" | "any" => Condition::Any,
            _ => {
                let message = format!("`{} of` is not Sigma", quantity.text);
                let help = "only `1 of`, `any of` and `all of` exist; count events with a correlation".to_owned();
                self.error(quantity, Code::CountedSelector, message, Some(help));
                return None;
            }
        };
        if quantity.text != quantity.text.to_ascii_lowercase() {
            self.warn_upper_case(quantity, &quantity.text.to_ascii_lowercase());
        }
        let pattern = self.advance();
        if pattern.kind != TokenKind::Word {
            self.unexpected(pattern, "`them` or a pattern such as `filter_*`");
            return None;
        }
        let chosen: Vec<usize> = self
            .identifiers
            .iter()
            .enumerate()
            .filter(|(_, identifier)| selects(pattern.text, &identifier.name))
            .map(|(index, _)| index)
            .collect();
        if chosen.is_empty() {
            let message = format!("no search identifier fits `{}`", pattern.text);
            let help = format!("the identifiers are {}", self.names());
            self.error(pattern, Code::EmptySelector, message, Some(help));
            return None;
        }
        self.mark_used(&chosen);
        Some(joined(chosen.into_iter().map(Condition::Identifier).collect(), join))
    }

    fn named(&mut self, token: Token<'t>) -> Option<Condition> {
        if let Some(index) = self.identifiers.iter().position(|identifier| identifier.name == token.text) {
            self.mark_used(&[index]);
            return Some(Condition::Identifier(index));
        }
        let help = if token.text.contains('*') {
            Some(format!("a pattern needs a quantity, as in `1 of {}`", token.text))
        } else {
            suggestion(token.text, self.identifiers.iter().map(|known| known.name.as_str()))
        };
        let message = format!("the condition names `{}`, which is not defined", token.text);
        self.error(token, Code::UnknownIdentifier, message, help);
        None
    }

    fn expect_end(&mut self) -> Option<()> {
        let token = self.peek();
        if token.kind == TokenKind::End {
            return Some(());
        }
        self.unexpected(token, "`and`, `or` or the end");
        None
    }

    fn take_operator(&mut self, operator: &str) -> bool {
        let token = self.peek();
        let taken = token.kind == TokenKind::Word && token.text.eq_ignore_ascii_case(operator);
        if taken {
            self.warn_upper_case(token, operator);
            self.at += 1;
        }
        taken
    }

    fn warn_upper_case(&mut self, token: Token<'t>, lower: &str) {
        if token.text != lower {
            let span = self.token_span(token, token.text.len());
            self.problems
                .warning(Code::UpperCaseOperator, span, format!("the operator `{}` is not in lower case", token.text))
                .help(format!("write `{lower}`; other tools refuse it"));
        }
    }

    fn mark_used(&mut self, chosen: &[usize]) {
        for &index in chosen {
            if let Some(used) = self.used.get_mut(index) {
                *used = true;
            }
        }
    }

    fn names(&self) -> String {
        let names: Vec<String> = self.identifiers.iter().map(|identifier| format!("`{}`", identifier.name)).collect();
        names.join(", ")
    }

    fn peek(&self) -> Token<'t> {
        self.tokens.get(self.at).copied().unwrap_or(self.end)
    }

    fn advance(&mut self) -> Token<'t> {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn unexpected(&mut self, token: Token<'t>, wanted: &str) {
        match token.kind {
            TokenKind::Pipe => {
                let help = "Sigma 2 removed aggregations; write a correlation rule instead".to_owned();
                let message = "an aggregation in the condition".to_owned();
                self.error(token, Code::Aggregation, message, Some(help));
            }
            TokenKind::End => {
                self.error(token, Code::ConditionSyntax, format!("the condition ends where {wanted} is needed"), None);
            }
            TokenKind::Word | TokenKind::Open | TokenKind::Close => {
                let message = format!("expected {wanted}, found `{}`", token.text);
                self.error(token, Code::ConditionSyntax, message, None);
            }
        }
    }

    fn error(&mut self, token: Token<'t>, code: Code, message: String, help: Option<String>) {
        let span = self.token_span(token, token.text.len());
        self.problems.error(code, span, message).maybe_help(help);
    }

    fn token_span(&self, token: Token<'t>, length: usize) -> Span {
        match self.base {
            Some(base) if length > 0 => Span::new(base + token.offset, base + token.offset + length),
            _ => self.span,
        }
    }
}

fn joined(mut members: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match members.pop() {
        Some(only) if members.is_empty() => only,
        Some(last) => {
            members.push(last);
            join(members)
        }
        None => join(members),
    }
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '*')
}

fn is_operator(word: &str) -> bool {
    OPERATORS.iter().any(|operator| word.eq_ignore_ascii_case(operator))
}

/// Whether a condition can name an identifier like this.
pub(crate) fn is_identifier(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|character| is_word(character) && character != '*') && !is_operator(name)
}

/// Whether a selector reaches an identifier. One that starts with `_` is left out of `them` and of every
/// pattern that does not start with `_` itself.
fn selects(pattern: &str, name: &str) -> bool {
    let hidden = name.starts_with('_');
    if pattern == "them" {
        return !hidden;
    }
    (!hidden || pattern.starts_with('_')) && fits(pattern, name)
}

fn fits(pattern: &str, name: &str) -> bool {
    Matcher::new(&Pattern::parse(pattern, Anchor::Whole, Case::Significant)).matches(name)
}
