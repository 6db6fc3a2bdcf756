//! Tests of the rule engine through its public interface.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod agreement;
mod corpus;
mod correlating;
mod diagnostics;
mod explaining;
mod generated;
mod hostile;
mod lints;
mod modifiers;
mod mutations;
mod reader;
mod semantics;
