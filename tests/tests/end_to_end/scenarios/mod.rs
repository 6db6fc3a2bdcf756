//! What the function and the command line promise, one promise a test.

mod deployment;
mod doctor;
mod failures;
mod in_the_emulator;
mod metrics;
mod notifications;
mod quarantine;
mod start_up;
mod state;
mod triggers;
