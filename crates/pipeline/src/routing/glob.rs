use std::fmt;

/// A text with `*` for any number of characters and `?` for one. Letter case counts.
///
/// ```
/// use trailhound_pipeline::routing::Glob;
///
/// assert!(Glob::new("eu-*").fits("eu-west-1"));
/// assert!(Glob::new("root_?*").fits("root_login"));
/// assert!(!Glob::new("eu-*").fits("us-east-1"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    /// A pattern; every text is one.
    pub fn new(pattern: impl Into<String>) -> Self {
        Glob(pattern.into())
    }

    /// The pattern as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the whole value fits. Takes at most as many steps as the lengths of both multiplied.
    pub fn fits(&self, value: &str) -> bool {
        let (mut pattern, mut value) = (self.0.chars(), value.chars());
        // Where to go on when what follows the last asterisk does not fit after all.
        let mut again = None;
        loop {
            let mut rest = (pattern.clone(), value.clone());
            match (rest.0.next(), rest.1.next()) {
                (Some('*'), _) => {
                    again = Some((rest.0.clone(), value.clone()));
                    pattern = rest.0;
                    continue;
                }
                (None, None) => return true,
                (Some(wanted), Some(found)) if wanted == '?' || wanted == found => {
                    (pattern, value) = rest;
                    continue;
                }
                _ => {}
            }
            let Some((after_asterisk, mut from)) = again.take() else { return false };
            if from.next().is_none() {
                return false;
            }
            (pattern, value) = (after_asterisk.clone(), from.clone());
            again = Some((after_asterisk, from));
        }
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn patterns_fit_as_people_expect() {
        for (pattern, value, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything", true),
            ("a*", "abc", true),
            ("a*", "b", false),
            ("*c", "abcc", true),
            ("*bc*", "aabcd", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("?*", "ü", true),
            ("?*", "", false),
            ("111122223333", "111122223333", true),
            ("**a**", "ba", true),
        ] {
            assert_eq!(Glob::new(pattern).fits(value), expected, "{pattern} {value}");
        }
    }

    #[test]
    fn a_bad_pattern_costs_little() {
        assert!(!Glob::new("*a".repeat(50) + "b").fits(&"a".repeat(5_000)));
    }
}
