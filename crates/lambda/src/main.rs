//! The executable that Lambda starts; everything is in the library.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    trailhound_lambda::run().await
}
