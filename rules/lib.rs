//! The detections of Trailhound, as text: every rule file of this folder, built into the binary.
//!
//! The command line and the Lambda function carry the same rules, so that what a laptop shows is
//! what production does. Nothing is parsed here; the rule engine loads these texts like any other.
//!
//! ```
//! for (path, text) in trailhound_rules::sources() {
//!     assert!(path.ends_with(".yml") && !text.is_empty());
//! }
//! ```

mod benchmarks;

pub use benchmarks::{CIS, STRATUS};

/// Path inside this folder and text of every rule file, in the order of the paths; `build.rs` lists them.
static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Every rule file, and `lists.yml` with the named lists they refer to: its path inside the folder of the
/// rules, for example `iam/root-access-key-created.yml`, and its text; sorted by path.
pub fn sources() -> Vec<(String, &'static str)> {
    FILES.iter().map(|&(path, text)| (path.to_owned(), text)).collect()
}
