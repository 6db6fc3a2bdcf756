//! Any rule file over any document: what lies before the first NUL, and what lies behind it.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trailhound_fuzz::evaluate::check(bytes));
