//! The ports in memory: for tests, and for a dry run that must not touch anything.

mod digests;
mod notifier;
mod objects;
mod quarantine;
mod state;

pub use digests::MemoryDigests;
pub use notifier::MemoryNotifier;
pub use objects::MemoryObjects;
pub use quarantine::MemoryQuarantine;
pub use state::MemoryState;
