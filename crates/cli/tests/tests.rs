//! What the program prints and how it ends, seen from outside.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::format_collect,
    clippy::disallowed_methods,
    reason = "a test that cannot go on has failed"
)]

mod ci;
#[cfg(unix)]
mod dialogue;
mod golden;
#[cfg(feature = "aws")]
mod lookup;
#[cfg(feature = "aws")]
mod loopback;
mod lsp;
mod page;
#[cfg(unix)]
#[path = "run/main.rs"]
mod run;
#[cfg(feature = "aws")]
mod s3;
mod sarif;
mod schema;
mod streams;
#[cfg(unix)]
mod terminal;
#[path = "../../cloudtrail/tests/cloudtrail/trail.rs"]
mod trail;
mod verify;
#[cfg(feature = "aws")]
mod verify_s3;
mod walk;
