//! What the function promises, one promise a test.

mod failures;
mod in_the_emulator;
mod notifications;
mod start_up;
