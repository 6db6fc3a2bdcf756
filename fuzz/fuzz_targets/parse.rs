//! Any bytes as a rule file and as a file of lists.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trailhound_fuzz::parse::check(bytes));
