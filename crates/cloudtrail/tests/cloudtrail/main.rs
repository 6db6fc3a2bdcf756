//! Tests of the public interface; one module for each thing it does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, reads files, and says on stdout what it skipped"
)]

mod fixtures;
mod inflation;
mod integrity;
mod keys;
mod properties;
mod reading;
mod support;
mod trail;
