//! Our engine and our rules against what other people wrote: an independent Sigma engine, and public
//! records with verdicts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod agreement;
mod corpus;
mod differences;
mod rsigma;
