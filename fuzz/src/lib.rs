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
}
