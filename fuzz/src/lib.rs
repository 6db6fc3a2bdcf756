//! What must hold for any input: one function for each fuzz target, which panics when it does not.
//!
//! The targets in `fuzz_targets` only hand their bytes on; so a finding can be replayed, and the
//! seeds be checked, without a fuzzer.

pub mod agreement;
pub mod evaluate;
mod generate;
pub mod parse;
pub mod seeds;

#[cfg(test)]
mod tests {
    use trailhound_rule_engine::{Limits, RuleSet, Source, json::Reader};

    use super::*;

    /// The checks on stable Rust, without a fuzzer: no seed may fail any of them.
    #[test]
    fn every_seed_passes() {
        let seeds = seeds::all();
        assert!(seeds.parse.len() > 50 && seeds.evaluate.len() > 500 && seeds.agreement.len() > 500, "{seeds:?}");
        seeds.parse.iter().for_each(|bytes| parse::check(bytes));
        seeds.evaluate.iter().for_each(|bytes| evaluate::check(bytes));
        seeds.agreement.iter().for_each(|bytes| agreement::check(bytes));
    }

    /// Generated rules are worth little if they do not load, or never meet a record they match.
    #[test]
    fn generated_rules_load_and_match() {
        let (mut generated, mut loaded, mut matches) = (0, 0, 0);
        for bytes in seeds::all().agreement.iter().filter(|bytes| bytes[0] == 1) {
            let Ok(scene) = generate::scene(&mut arbitrary::Unstructured::new(&bytes[1..])) else { continue };
            generated += scene.rules.iter().filter(|rule| rule.contains("\"detection\"")).count();
            let sources = scene.rules.iter().map(|text| Source::new("generated", text.as_str()));
            let rules = RuleSet::load(sources, &Limits::default()).rules;
            loaded += rules.len();
            for record in &scene.records {
                matches += rules.evaluator().evaluate(&mut Reader::new(record)).map_or(0, <[_]>::len);
            }
        }
        assert!(generated > 500 && loaded * 10 > generated * 8 && matches > 100, "{generated} {loaded} {matches}");
    }
}
