//! The example logs: six invented hours of one invented company, and a break-in.
//!
//! Everything in `examples/logs` is the output of [`log_objects`]. It has no clock, no environment
//! and no randomness but a seeded generator, so that whoever runs it gets the same bytes.
//!
//! ```
//! use trailhound_tests::examples::log_objects;
//!
//! let objects = log_objects()?;
//! assert!(objects.keys().all(|key| key.starts_with("AWSLogs/111122223333/CloudTrail/")));
//! # Ok::<(), std::io::Error>(())
//! ```

mod actors;
mod break_in;
mod company;
mod corpus;
#[allow(
    clippy::disallowed_methods,
    reason = "the folder of examples is files; the engine's purity does not reach here"
)]
mod folder;
mod moment;
mod objects;
mod ordinary;
mod random;
mod record;

pub use corpus::Corpus;
pub use folder::{Difference, differences, write};
pub use objects::log_objects;
