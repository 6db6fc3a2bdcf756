//! The function from end to end: the real executable, fed through Lambda's
//! Runtime API, with moto in the place of S3, SQS and SNS. And the command line,
//! where it asks AWS, with moto in the place of CloudTrail.
//!
//! Needs Python 3.11 with `venv`; everything else is set up on the first run.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests: a panic is the failed test"
)]

mod cloud;
mod events;
mod logs;
mod scenarios;
mod servers;
#[path = "../../../crates/cloudtrail/tests/cloudtrail/trail.rs"]
#[allow(dead_code, reason = "the tests of the chain need more of it")]
mod trail;
