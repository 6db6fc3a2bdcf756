//! Tests of the public interface; one module for each thing it does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::panic_in_result_fn,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, reads files, and says on stdout what it skipped"
)]

mod canaries;
mod configuring;
mod correlating;
mod delivering;
mod documenting;
mod faulty;
mod grouping;
mod identity;
mod inspecting;
mod logging;
mod masking;
mod poison;
mod rendering;
mod routing;
mod schedules;
mod schemas;
mod summaries;
mod support;
#[path = "../../../cloudtrail/tests/cloudtrail/trail.rs"]
mod trail;
mod verifying;
mod watching;
