//! The virtual environment with moto and Lambda's runtime interface emulator.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Names a virtual environment to use as it is.
const VENV: &str = "TESTED_TRAILHOUND_VENV";

/// Folder of the virtual environment, made on first use.
pub(crate) fn venv() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| env::var_os(VENV).map_or_else(set_up, PathBuf::from))
}

/// A script of `tests/python`.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(name)
}

fn set_up() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let folder = target.join("test-venv");
    let status = Command::new("sh").arg(script("setup.sh")).arg(&folder).stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "tests/python/setup.sh failed");
    folder
}
