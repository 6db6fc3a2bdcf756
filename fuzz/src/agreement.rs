//! The fast evaluator against the oracle.

use std::sync::OnceLock;

use arbitrary::Unstructured;
use trailhound_rule_engine::{
    Limits, Rule, RuleIndex, RuleSet, Source,
    json::{ErrorKind, Reader},
    oracle::{self, Json},
};

use crate::{generate, seeds};

/// The first byte decides: a record as text against every rule of the semantics cases, which use each
/// modifier there is, or rules and records generated from the bytes.
pub fn check(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else { return };
    if kind % 2 == 0 {
        check_record(every_modifier(), &String::from_utf8_lossy(rest));
    } else if let Ok(scene) = generate::scene(&mut Unstructured::new(rest)) {
        let sources = scene.rules.iter().map(|text| Source::new("generated", text.as_str()));
        let loaded = RuleSet::load(sources, &Limits::default());
        for record in &scene.records {
            check_record(&loaded.rules, record);
        }
    }
}

/// Both evaluators accept the same records and say the same of every rule.
pub(crate) fn check_record(rules: &RuleSet, record: &str) {
    let mut evaluator = rules.evaluator();
    let fast = evaluate(&mut evaluator, record);
    if fast == Err(ErrorKind::TooDeep) {
        // The oracle knows no depth, and would take any.
        return;
    }
    let (fast, tree) = match (fast, Json::record(record)) {
        (Ok(matches), Ok(tree)) => (matches, tree),
        (Err(_), Err(_)) => return,
        (Ok(_), Err(error)) => panic!("only the oracle refuses, {error:?}: {record}"),
        (Err(kind), Ok(_)) => panic!("only the fast evaluator refuses, {kind}: {record}"),
    };
    let holds = |rule| oracle::matches_within(rules, rule, &tree);
    let slow: Vec<RuleIndex> = rules.iter().filter(|(_, rule)| holds(rule)).map(|(index, _)| index).collect();
    assert_eq!(fast, slow, "fast and slow: {record}\n{}", texts(rules, &fast, &slow));
    // The buffers that a record leaves behind must not show in the next.
    assert_eq!(evaluate(&mut evaluator, record), Ok(slow), "a second time: {record}");
}

fn evaluate(evaluator: &mut trailhound_rule_engine::Evaluator<'_>, record: &str) -> Result<Vec<RuleIndex>, ErrorKind> {
    let mut reader = Reader::new(record);
    let matches = evaluator.evaluate(&mut reader).map(<[RuleIndex]>::to_vec).map_err(|error| error.kind)?;
    reader.finish().map_err(|error| error.kind)?;
    Ok(matches)
}

/// The rules that the two disagree about.
fn texts(rules: &RuleSet, fast: &[RuleIndex], slow: &[RuleIndex]) -> String {
    let disputed = rules.iter().filter(|(index, _)| fast.contains(index) != slow.contains(index));
    let text = |(_, rule): (RuleIndex, &Rule)| {
        format!("`{}` in line {} of\n{}\n", rule.metadata().title, rule.position().line, rule.source().text())
    };
    disputed.map(text).collect::<Vec<String>>().concat()
}

fn every_modifier() -> &'static RuleSet {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    RULES.get_or_init(|| {
        let sources = seeds::semantics().into_iter().map(|(name, text)| Source::new(name, text));
        let loaded = RuleSet::load(sources, &Limits::default());
        assert!(!loaded.has_errors() && loaded.rules.len() > 50, "the semantics cases load");
        loaded.rules
    })
}
