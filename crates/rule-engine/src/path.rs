//! Field paths: names joined by dots, and from Sigma 3 on selectors in brackets behind a name.

use std::fmt;

/// Where in a record a field stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Path {
    /// None for the value itself, which `.` means inside a block.
    steps: Vec<Step>,
}

/// Names joined by dots, and the positions behind the last of them.
///
/// The names stay together, because a key that holds the dot itself wins over the names it joins.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Step {
    pub(crate) names: String,
    pub(crate) positions: Vec<Position>,
}

/// Which element of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Position {
    /// Zero for the first.
    FromStart(usize),
    /// One for the last.
    FromEnd(usize),
}

/// How many elements of a list have to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockQuantifier {
    Any,
    /// Every one, and there is one.
    All,
    AllOrEmpty,
    None,
}

/// One name of a path as a rule of Sigma 3 writes it, with its selectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    name: String,
    positions: Vec<Position>,
    pub(crate) quantifier: Option<BlockQuantifier>,
}

/// Why a path of Sigma 3 cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BadPath {
    UnknownSelector(String),
    Unclosed,
    Unopened,
    NameNeeded,
    AfterSelector(String),
    AfterQuantifier(String),
}

impl Path {
    /// Names joined by dots; brackets are letters.
    pub(crate) fn literal(names: &str) -> Self {
        Path { steps: vec![Step { names: names.to_owned(), positions: Vec::new() }] }
    }

    /// The value itself.
    pub(crate) fn itself() -> Self {
        Path { steps: Vec::new() }
    }

    pub(crate) fn of(segments: &[Segment]) -> Self {
        let mut steps: Vec<Step> = Vec::new();
        for segment in segments {
            match steps.last_mut() {
                Some(step) if step.positions.is_empty() => {
                    step.names.push('.');
                    step.names.push_str(&segment.name);
                    step.positions.clone_from(&segment.positions);
                }
                _ => steps.push(Step { names: segment.name.clone(), positions: segment.positions.clone() }),
            }
        }
        Path { steps }
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }

    pub(crate) fn is_itself(&self) -> bool {
        self.steps.is_empty()
    }

    /// The key of the record below which it stands, and whether it is that key and nothing more.
    pub(crate) fn key(&self) -> Option<&str> {
        self.steps.first()?.names.split('.').next()
    }

    /// The name, for a path that is a single key of the record.
    pub(crate) fn as_key(&self) -> Option<&str> {
        self.as_names().filter(|names| !names.contains('.'))
    }

    /// The names with dots between them, for a path without positions.
    pub(crate) fn as_names(&self) -> Option<&str> {
        match self.steps.as_slice() {
            [Step { names, positions }] if positions.is_empty() => Some(names),
            _ => None,
        }
    }

    pub(crate) fn has_positions(&self) -> bool {
        self.steps.iter().any(|step| !step.positions.is_empty())
    }

    /// How many names and how many positions it has.
    pub(crate) fn size(&self) -> (usize, usize) {
        let names = self.steps.iter().map(|step| step.names.split('.').count()).sum();
        (names, self.steps.iter().map(|step| step.positions.len()).sum())
    }
}

impl Position {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let number: usize = digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        Some(if text.starts_with('-') && number > 0 { Position::FromEnd(number) } else { Position::FromStart(number) })
    }

    /// The zero-based number of the element in a list of this length.
    pub(crate) fn within(self, length: usize) -> Option<usize> {
        match self {
            Position::FromStart(number) => Some(number).filter(|number| *number < length),
            Position::FromEnd(number) => length.checked_sub(number),
        }
    }

    /// Whether it means the only element of a list of one.
    pub(crate) fn is_only(self) -> bool {
        self.within(1).is_some()
    }
}

impl BlockQuantifier {
    pub(crate) const WORDS: [(&'static str, BlockQuantifier); 4] = [
        ("any", BlockQuantifier::Any),
        ("all", BlockQuantifier::All),
        ("all_or_empty", BlockQuantifier::AllOrEmpty),
        ("none", BlockQuantifier::None),
    ];

    fn parse(text: &str) -> Option<Self> {
        BlockQuantifier::WORDS.iter().find(|(word, _)| *word == text).map(|(_, quantifier)| *quantifier)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_itself() {
            return formatter.write_str(".");
        }
        for (number, step) in self.steps.iter().enumerate() {
            formatter.write_str(if number == 0 { "" } else { "." })?;
            formatter.write_str(&step.names)?;
            for position in &step.positions {
                match position {
                    Position::FromStart(number) => write!(formatter, "[{number}]")?,
                    Position::FromEnd(number) => write!(formatter, "[-{number}]")?,
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for BlockQuantifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = BlockQuantifier::WORDS.iter().find(|(_, quantifier)| quantifier == self).map(|(word, _)| *word);
        formatter.write_str(word.unwrap_or_default())
    }
}

impl fmt::Display for BadPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadPath::UnknownSelector(text) => write!(formatter, "unknown selector `[{text}]`"),
            BadPath::Unclosed => formatter.write_str("the `[` of a selector has no `]`"),
            BadPath::Unopened => formatter.write_str("a `]` without `[` before it"),
            BadPath::NameNeeded => formatter.write_str("a selector needs the name of a field before it"),
            BadPath::AfterSelector(text) => write!(formatter, "`{text}` stands behind a selector without a dot"),
            BadPath::AfterQuantifier(text) => write!(formatter, "the selector `[{text}]` stands behind a quantifier"),
        }
    }
}

/// Reads a path of Sigma 3, name by name.
pub(crate) fn parse(text: &str) -> Result<Vec<Segment>, BadPath> {
    let mut segments = Vec::new();
    let mut rest = text;
    loop {
        let (segment, after) = segment(rest)?;
        segments.push(segment);
        match after.strip_prefix('.') {
            Some(more) => rest = more,
            None if after.is_empty() => return Ok(segments),
            None => return Err(BadPath::AfterSelector(after.to_owned())),
        }
    }
}

/// One name with its selectors, and the text behind them.
fn segment(text: &str) -> Result<(Segment, &str), BadPath> {
    let (name, mut rest) = name(text)?;
    let mut segment = Segment { name, positions: Vec::new(), quantifier: None };
    while let Some(after) = rest.strip_prefix('[') {
        let (selector, more) = after.split_once(']').ok_or(BadPath::Unclosed)?;
        if segment.name.is_empty() {
            return Err(BadPath::NameNeeded);
        }
        if segment.quantifier.is_some() {
            return Err(BadPath::AfterQuantifier(selector.to_owned()));
        }
        match (Position::parse(selector), BlockQuantifier::parse(selector)) {
            (Some(position), _) => segment.positions.push(position),
            (None, Some(quantifier)) => segment.quantifier = Some(quantifier),
            (None, None) => return Err(BadPath::UnknownSelector(selector.to_owned())),
        }
        rest = more;
    }
    Ok((segment, rest))
}

/// A name up to the next dot or bracket. A backslash takes the special meaning from brackets.
fn name(text: &str) -> Result<(String, &str), BadPath> {
    let mut name = String::new();
    let mut chars = text.chars();
    loop {
        let rest = chars.as_str();
        match chars.next() {
            None | Some('.' | '[') => return Ok((name, rest)),
            Some(']') => return Err(BadPath::Unopened),
            Some('\\') if chars.as_str().starts_with(['[', ']']) => name.extend(chars.next()),
            Some(character) => name.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match parse(text) {
            Ok(segments) => {
                let shown = segments.iter().map(|segment| {
                    let quantifier = segment.quantifier.map(|quantifier| format!("{quantifier:?}")).unwrap_or_default();
                    format!("{}{:?}{quantifier}", segment.name, segment.positions)
                });
                shown.collect::<Vec<_>>().join(" ")
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn paths_of_sigma_3() {
        for (text, wanted) in [
            ("a", "a[]"),
            ("a.b", "a[] b[]"),
            ("a[any]", "a[]Any"),
            ("a.b[0].c", "a[] b[FromStart(0)] c[]"),
            ("a[-1][2][none].b", "a[FromEnd(1), FromStart(2)]None b[]"),
            ("a[-0]", "a[FromStart(0)]"),
            (r"a\[0\].b", "a[0][] b[]"),
            (r"a\b", r"a\b[]"),
            ("a[all_or_empty].b[all]", "a[]AllOrEmpty b[]All"),
            ("a[some]", "unknown selector `[some]`"),
            ("a[+1]", "unknown selector `[+1]`"),
            ("a[]", "unknown selector `[]`"),
            ("a[99999999999999999999]", "unknown selector `[99999999999999999999]`"),
            ("a[any", "the `[` of a selector has no `]`"),
            ("a]", "a `]` without `[` before it"),
            ("[any]", "a selector needs the name of a field before it"),
            ("a[any]b", "`b` stands behind a selector without a dot"),
            ("a[any][0]", "the selector `[0]` stands behind a quantifier"),
        ] {
            assert_eq!(read(text), wanted, "{text}");
        }
    }

    #[test]
    fn names_stay_together_between_positions() {
        let path = Path::of(&parse("a.b[0].c.d").unwrap());
        let names: Vec<&str> = path.steps().iter().map(|step| step.names.as_str()).collect();
        assert_eq!(names, ["a.b", "c.d"]);
        assert_eq!(path.size(), (4, 1));
        assert_eq!(Path::of(&parse(r"a\[0\]").unwrap()), Path::literal("a[0]"));
    }

    #[test]
    fn positions_count_from_both_ends() {
        let within = |text, length| Position::parse(text).and_then(|position| position.within(length));
        assert_eq!([within("0", 2), within("1", 2), within("2", 2), within("0", 0)], [Some(0), Some(1), None, None]);
        assert_eq!(
            [within("-1", 2), within("-2", 2), within("-3", 2), within("-1", 0)],
            [Some(1), Some(0), None, None]
        );
    }
}
