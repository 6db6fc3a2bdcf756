//! The executable started by hand, where no Lambda is.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a panic is the failed test")]

use std::process::Command;

use serde_json::Value;

#[test]
fn outside_of_lambda_it_says_what_to_run_instead() {
    let output = Command::new(env!("CARGO_BIN_EXE_bootstrap")).env_clear().output().unwrap();
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    let line: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(line["level"], "ERROR");
    assert_eq!(
        line["error"],
        "`AWS_LAMBDA_RUNTIME_API` is not set: this program is run by AWS Lambda; on a laptop, use `trailhound`"
    );
}
