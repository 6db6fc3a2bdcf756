//! What the function and the command line promise, one promise a test.

mod deployed;
mod deployment;
mod doctor;
mod doctor_alarms;
mod doctor_function;
mod failures;
mod faults;
mod in_the_emulator;
mod in_the_package;
mod integrity;
mod kills;
mod metrics;
mod notifications;
mod quarantine;
mod run;
mod schedule;
mod soak;
mod start_up;
mod state;
mod triggers;
