use std::sync::{Arc, OnceLock};

use regex::{Regex, RegexBuilder};
use regex_syntax::{
    ast::{self, Ast},
    hir::{Class, Hir, HirKind, translate::TranslatorBuilder},
};

use crate::modifier::RegexFlags;

/// Bytes of a compiled expression for each unit of its weight, more than any takes.
const BYTES_FOR_WEIGHT: usize = 40;

/// A regular expression that is known to be valid and to keep its limit, and is compiled when it is first
/// asked: most rules' expressions never are, and compiling one costs more than all else in its rule.
#[derive(Debug, Clone)]
pub(crate) struct Expression {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    text: String,
    flags: RegexFlags,
    /// Bytes it may take when it is compiled.
    limit: usize,
    compiled: OnceLock<Option<Regex>>,
    pieces: Vec<String>,
}

impl Expression {
    /// An expression in the syntax of `regex`, of at most `limit` bytes when it is compiled.
    pub(crate) fn new(text: &str, flags: RegexFlags, limit: usize) -> Result<Self, regex::Error> {
        let mut shared = Shared { text: text.to_owned(), flags, limit, compiled: OnceLock::new(), pieces: Vec::new() };
        if !shared.look_at() {
            let built = shared.build()?;
            shared.compiled.get_or_init(|| Some(built));
        }
        Ok(Expression { shared: Arc::new(shared) })
    }

    /// Texts of which one stands in everything that matches, apart from letter case; none if there is no such.
    pub(crate) fn pieces(&self) -> &[String] {
        &self.shared.pieces
    }

    /// Whether it is found anywhere in the text.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        // What was not compiled at once can be compiled, as its tests show.
        let compiled = self.shared.compiled.get_or_init(|| self.shared.build().ok());
        compiled.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

impl Shared {
    fn build(&self) -> Result<Regex, regex::Error> {
        RegexBuilder::new(&self.text)
            .case_insensitive(self.flags.ignore_case)
            .multi_line(self.flags.multi_line)
            .dot_matches_new_line(self.flags.dot_all)
            .size_limit(self.limit)
            .build()
    }

    /// Finds the pieces. Whether it is valid and so small that compiling it cannot fail.
    fn look_at(&mut self) -> bool {
        let Ok(tree) = ast::parse::Parser::new().parse(&self.text) else { return false };
        let Some(parsed) = self.translate(&tree, false) else { return false };
        self.pieces = pieces(&parsed).unwrap_or_default();
        let is_small = |parsed: &Hir| weight(parsed).saturating_mul(BYTES_FOR_WEIGHT) <= self.limit;
        if self.flags.ignore_case {
            self.translate(&tree, true).is_some_and(|parsed| is_small(&parsed))
        } else {
            is_small(&parsed)
        }
    }

    fn translate(&self, tree: &Ast, ignore_case: bool) -> Option<Hir> {
        let mut builder = TranslatorBuilder::new();
        builder.case_insensitive(ignore_case);
        builder.multi_line(self.flags.multi_line).dot_matches_new_line(self.flags.dot_all);
        builder.build().translate(&self.text, tree).ok()
    }
}

/// Roughly how many states the expression is compiled into, rather too many.
fn weight(expression: &Hir) -> usize {
    let own = match expression.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Unicode(class)) if class.is_ascii() => class.ranges().len(),
        HirKind::Class(Class::Unicode(class)) => {
            class.ranges().iter().map(|range| weight_of_range(range.start(), range.end())).sum()
        }
        HirKind::Class(Class::Bytes(class)) => class.ranges().len(),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.saturating_add(1));
            weight(&repetition.sub).saturating_mul(usize::try_from(times).unwrap_or(usize::MAX))
        }
        HirKind::Capture(capture) => weight(&capture.sub),
        HirKind::Concat(members) | HirKind::Alternation(members) => {
            members.iter().fold(0, |sum: usize, member| sum.saturating_add(weight(member)))
        }
    };
    own.saturating_add(1)
}

/// A range of characters becomes one or several sequences of up to four ranges of bytes.
fn weight_of_range(start: char, end: char) -> usize {
    if u32::from(end) - u32::from(start) < 64 { 6 } else { 40 }
}

/// Texts of which one stands in everything that matches.
fn pieces(expression: &Hir) -> Option<Vec<String>> {
    match expression.kind() {
        HirKind::Literal(literal) => Some(vec![str::from_utf8(&literal.0).ok()?.to_owned()]),
        HirKind::Capture(capture) => pieces(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => pieces(&repetition.sub),
        // The text that rules out the most: of several the longest, where alternatives count as their shortest.
        HirKind::Concat(members) => {
            members.iter().filter_map(pieces).max_by_key(|pieces| pieces.iter().map(String::len).min())
        }
        HirKind::Alternation(members) => {
            let all: Option<Vec<Vec<String>>> = members.iter().map(pieces).collect();
            all.map(|all| all.into_iter().flatten().collect())
        }
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(_) | HirKind::Repetition(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 1 << 20;

    fn expression(text: &str) -> Result<Expression, regex::Error> {
        Expression::new(text, RegexFlags { ignore_case: true, ..RegexFlags::default() }, LIMIT)
    }

    #[test]
    fn what_waits_can_be_compiled() {
        let pieces =
            ["a", "ü", ".", r"\w", r"\d", r"\s", "[^/]", "[а-я]", r"\pL", "(a|bc)", "^", r"\b", "[A-Za-z0-9+/=]"];
        let fixed = ["", "*", "+?", "{2,40}", "{0,200}", "{17,}"].map(str::to_owned);
        let repetitions: Vec<String> =
            fixed.into_iter().chain((0..11).map(|power| format!("{{{}}}", 1 << power))).collect();
        let mut waiting = 0;
        for piece in pieces {
            for repetition in &repetitions {
                for text in [format!("{piece}{repetition}"), format!("(x{piece}{repetition}|y){{4}}{piece}")] {
                    let Ok(expression) = expression(&text) else { continue };
                    if expression.shared.compiled.get().is_none() {
                        waiting += 1;
                        assert!(expression.shared.build().is_ok(), "{text} waits and is too large");
                    }
                }
            }
        }
        assert!(waiting > 50, "only {waiting} expressions wait");
    }

    #[test]
    fn ordinary_expressions_wait_and_match() {
        let expression = expression(r":assumed-role/[^/]+/i-[0-9a-f]{8,17}$").unwrap();
        assert!(expression.shared.compiled.get().is_none());
        assert!(expression.is_match("arn:aws:sts::111122223333:assumed-role/web/i-0ABCDEF12"));
        assert!(!expression.is_match("arn:aws:sts::111122223333:assumed-role/web/dana"));
    }

    #[test]
    fn pieces_stand_in_everything_that_matches() {
        for (text, expected) in [
            ("(^|[^a-z])kali([^a-z]|$)", vec!["kali"]),
            ("distrib#(parrot|blackarch)", vec!["distrib#"]),
            ("linux.*[0-9]parrot[0-9]", vec!["parrot"]),
            ("(abc|defgh)x?", vec!["abc", "defgh"]),
            ("(abc)+d", vec!["abc"]),
            ("(abc)*d", vec!["d"]),
            ("a|[0-9]", vec![]),
            ("[0-9]*", vec![]),
        ] {
            assert_eq!(expression(text).unwrap().pieces(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_known_at_once() {
        assert!(expression("(").is_err());
        assert!(matches!(expression(r"(\w{900}){900}"), Err(regex::Error::CompiledTooBig(_))));
    }
}
