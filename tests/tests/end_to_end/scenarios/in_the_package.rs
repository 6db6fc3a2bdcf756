//! The package that is deployed, unpacked and run by AWS's own runtime interface emulator.

use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::json;

use crate::cloud::Cloud;
use crate::events::batch_of_one;
use crate::logs::{key, object, trail_stopped};
use crate::servers::emulator::{self, Emulator};
use crate::servers::python;

/// Names a package that `infra/package` has made. Building one takes a quarter of an hour, so the test
/// does not.
const PACKAGE: &str = "TESTED_TRAILHOUND_PACKAGE";

#[tokio::test]
async fn the_emulator_runs_the_package() {
    let (Some(package), Some(executable)) = (env::var_os(PACKAGE), emulator::executable()) else {
        // Not through a macro: the test runner would swallow the line.
        writeln!(io::stderr(), "SKIPPED: `{PACKAGE}` names no package, or there is no emulator for this machine")
            .unwrap();
        return;
    };
    let folder = unpacked(Path::new(&package));
    let cloud = Cloud::new("packaged").await;
    // Whatever else the package says of itself: it has its rules with it.
    let emulator = Emulator::start_in(&folder, &executable, &[("TRAILHOUND_TOPIC_ARN", &cloud.topic_arn())]);
    cloud.put(&key("a"), object(&[trail_stopped("e1")])).await;
    assert_eq!(emulator.invoke(&batch_of_one("packaged", &key("a"))), json!({"batchItemFailures": []}));
    assert!(!cloud.notifications().await.is_empty());
}

/// The files of the package, with what the archive says of who may run them.
fn unpacked(package: &Path) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("package");
    let _ = fs::remove_dir_all(&folder);
    let extract = "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1]) as package:\n package.extractall(sys.argv[2])\n \
                   print(package.getinfo('bootstrap').external_attr >> 16 & 0o777)";
    let output = Command::new(python::venv().join("bin/python"))
        .args(["-c", extract])
        .args([package, &folder])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mode: u32 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
    fs::set_permissions(folder.join("bootstrap"), fs::Permissions::from_mode(mode)).unwrap();
    folder
}
