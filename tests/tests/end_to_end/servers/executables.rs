//! The executables under test.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// The executable that the environment variable `name` gives; without one, it is built.
pub(crate) fn find(name: &str, package: &str, binary: &str) -> PathBuf {
    env::var_os(name).map_or_else(|| build(package, binary), PathBuf::from)
}

fn build(package: &str, binary: &str) -> PathBuf {
    let arguments = ["build", "--locked", "--package", package, "--bin", binary, "--message-format", "json"];
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "`{binary}` does not build");
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .expect("cargo named no executable")
}
