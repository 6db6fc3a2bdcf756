//! Small damages of a rule, each of which the tests beside it should notice.
//!
//! A mutant is the rule with one change: a search, an entry, a value or a filter term dropped, something
//! negated, a value widened, a threshold or a time shifted. A mutant that no test notices shows what the tests
//! do not ask.

mod change;
mod closed;
mod correlations;
mod rules;

pub use change::{Change, ChangeKind};
pub use closed::Names;

use crate::{
    Rule, Source, Span,
    correlation::CorrelationIndex,
    detection::Detection,
    oracle::{self, Json},
    ruleset::RuleSet,
    suite::RuleTest,
};

/// What became of the mutants of a rule.
#[derive(Debug, Clone, Default)]
pub struct Score {
    /// How many mutants a test noticed.
    pub noticed: usize,
    /// How many were left out, because nothing CloudTrail records could tell them from the rule.
    pub equivalent: usize,
    /// The changes that no test noticed, in the order of the rule.
    pub survived: Vec<Change>,
}

impl Score {
    /// How many mutants there are, without the equivalent ones.
    pub fn mutants(&self) -> usize {
        self.noticed + self.survived.len()
    }
}

/// A changed detection.
struct Mutant {
    change: Change,
    detection: Detection,
}

/// Runs the tests of a rule on all its mutants. Tests that fail on the rule itself do not count. `files` gives
/// the text of an event file, relative to the rule file; `names` are the names that AWS gives.
pub fn of_rule(rule: &Rule, names: &Names, files: &dyn Fn(&str) -> Result<String, String>) -> Score {
    let tried: Vec<Tried> = rule.tests().iter().filter_map(|test| Tried::read(test, rule, names, files)).collect();
    let mut score = Score::default();
    for (number, mutant) in rules::mutants(rule.detection(), rule.source(), names).into_iter().enumerate() {
        match mutant {
            None => score.equivalent += 1,
            Some(mutant) if tried.iter().any(|test| test.notices(number, &mutant)) => score.noticed += 1,
            Some(mutant) => score.survived.push(mutant.change),
        }
    }
    score
}

/// Runs the tests of a correlation on all its mutants, with the rules of its rule set.
pub fn of_correlation(
    rules: &RuleSet,
    index: CorrelationIndex,
    files: &dyn Fn(&str) -> Result<String, String>,
) -> Score {
    correlations::score(rules, index, files)
}

/// A test with its records as trees.
struct Tried {
    expects_match: bool,
    records: Vec<Json>,
    /// The mutants of the rule as the test reads it, where it fills named lists.
    own: Option<Vec<Option<Mutant>>>,
}

impl Tried {
    /// A test that the rule itself passes.
    fn read(
        test: &RuleTest,
        rule: &Rule,
        names: &Names,
        files: &dyn Fn(&str) -> Result<String, String>,
    ) -> Option<Self> {
        let records = test.records(files).ok()?;
        let records: Vec<Json> = records.iter().map(|record| Json::record(record).ok()).collect::<Option<_>>()?;
        let own_rule = test.rule(rule);
        let own = test.fills_lists().then(|| rules::mutants(own_rule.detection(), rule.source(), names));
        let tried = Tried { expects_match: test.expects_match(), records, own };
        (!tried.disagrees(own_rule.detection())).then_some(tried)
    }

    fn notices(&self, number: usize, mutant: &Mutant) -> bool {
        let own = self.own.as_ref().and_then(|own| own.get(number)?.as_ref());
        self.disagrees(&own.unwrap_or(mutant).detection)
    }

    /// Whether any record comes out otherwise than the test expects.
    fn disagrees(&self, detection: &Detection) -> bool {
        self.records.iter().any(|record| oracle::detection_holds(detection, record) != self.expects_match)
    }
}

/// Where a change is, and in words of the file.
fn written(source: &Source, span: Span) -> String {
    source.written(span).to_owned()
}
