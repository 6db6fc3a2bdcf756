//! What the function and the command line promise, one promise a test.

mod doctor;
mod failures;
mod faults;
mod in_the_emulator;
mod kills;
mod metrics;
mod notifications;
mod quarantine;
mod schedule;
mod soak;
mod start_up;
mod state;
mod triggers;
