//! What each stage costs for one object of 5,000 records, and what loading the rules costs.
//!
//! `cargo bench -p trailhound-benches`

#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::sync::{Arc, LazyLock};

use divan::{
    Bencher, black_box,
    counter::{BytesCount, ItemsCount},
};
use trailhound_cloudtrail::{Inflater, Limits, RecordRefusal, RecordSink, read_records};
use trailhound_pipeline::{InspectLimits, Inspector};
use trailhound_rule_engine::{RuleSet, Settings, Source, Tests, json};
use trailhound_tests::examples::Corpus;

const RECORDS: usize = 5_000;

static PACKED: LazyLock<Vec<u8>> = LazyLock::new(|| Corpus::new(1).object(RECORDS).unwrap());
static DOCUMENT: LazyLock<Vec<u8>> =
    LazyLock::new(|| trailhound_cloudtrail::inflate(&PACKED, usize::MAX >> 1).bytes.into_owned());

fn main() {
    divan::main();
}

fn sources() -> Vec<Source> {
    trailhound_rules::sources().into_iter().map(|(path, text)| Source::built_in(path, text)).collect()
}

fn rules() -> RuleSet {
    RuleSet::load_with(sources(), &Settings { tests: Tests::PassOver, ..Settings::default() }).rules
}

#[divan::bench]
fn load(bencher: Bencher) {
    bencher.with_inputs(sources).counter(ItemsCount::new(sources().len())).bench_values(|sources| {
        RuleSet::load_with(sources, &Settings { tests: Tests::PassOver, ..Settings::default() })
    });
}

#[divan::bench]
fn inflate(bencher: Bencher) {
    let mut inflater = Inflater::default();
    bencher
        .counter(BytesCount::new(DOCUMENT.len()))
        .bench_local(|| black_box(inflater.inflate(&PACKED, usize::MAX >> 1)).bytes.len());
}

/// Passes over every record, with its grammar checked.
struct Skip;

impl RecordSink for Skip {
    fn record(&mut self, _: u64, reader: &mut json::Reader<'_>) -> Result<(), json::Error> {
        reader.skip().map(drop)
    }

    fn refused(&mut self, _: u64, _: RecordRefusal) {}
}

#[divan::bench]
fn skip(bencher: Bencher) {
    bencher
        .counter(BytesCount::new(DOCUMENT.len()))
        .bench_local(|| read_records(&DOCUMENT, &Limits::default(), &mut Skip));
}

#[divan::bench]
fn evaluate_without_rules(bencher: Bencher) {
    evaluate_with(bencher, &RuleSet::default());
}

#[divan::bench]
fn evaluate_with_the_pack(bencher: Bencher) {
    evaluate_with(bencher, &rules());
}

fn evaluate_with(bencher: Bencher, rules: &RuleSet) {
    struct Evaluate<'r>(trailhound_rule_engine::Evaluator<'r>);

    impl RecordSink for Evaluate<'_> {
        fn record(&mut self, _: u64, reader: &mut json::Reader<'_>) -> Result<(), json::Error> {
            self.0.evaluate(reader).map(drop)
        }

        fn refused(&mut self, _: u64, _: RecordRefusal) {}
    }

    let mut sink = Evaluate(rules.evaluator());
    bencher
        .counter(BytesCount::new(DOCUMENT.len()))
        .counter(ItemsCount::new(RECORDS))
        .bench_local(|| read_records(&DOCUMENT, &Limits::default(), &mut sink));
}

#[divan::bench]
fn inspect_with_the_pack(bencher: Bencher) {
    let inspector = Inspector::new(Arc::new(rules()), InspectLimits::default());
    let mut inflater = Inflater::default();
    bencher
        .counter(BytesCount::new(DOCUMENT.len()))
        .counter(ItemsCount::new(RECORDS))
        .bench_local(|| inspector.inspect_with(&PACKED, &mut inflater).matched_records);
}
