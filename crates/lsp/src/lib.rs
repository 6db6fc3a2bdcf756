//! A language server for rules: diagnostics, completion, hover, quick fixes, symbols, and running tests.
//!
//! The pure side of it: messages go in, messages come out. Files come through the port [`Files`]; whoever runs
//! a [`Server`] moves the messages and keeps the time ([`limits::QUIET`]). What is said about rules is what
//! `trailhound check` says; how editors ask is the Language Server Protocol, version 3.17,
//! <https://microsoft.github.io/language-server-protocol/>.

#![deny(clippy::disallowed_methods)]

mod address;
mod completion;
mod cursor;
mod fields;
mod fixes;
mod hover;
pub mod limits;
mod outline;
mod runs;
mod server;
mod symbols;
mod text;
mod values;
mod workspace;

pub use server::Server;
pub use workspace::{Files, Options};

#[cfg(test)]
mod tests;
