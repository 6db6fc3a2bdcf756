//! Both evaluators over generated rules and records, and over any record.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trailhound_fuzz::agreement::check(bytes));
