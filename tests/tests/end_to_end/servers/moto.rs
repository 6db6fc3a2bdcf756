//! moto's server, which stands for S3, SQS, SNS, CloudTrail, CloudWatch, Lambda and DynamoDB.

use std::io::{BufRead, BufReader};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;

use super::process::Process;
use super::python;

/// One server for all tests of the process; each test uses names of its own.
pub(crate) struct Moto {
    address: String,
    /// The server ends when this is closed, which the system does when the test process ends.
    _stdin: ChildStdin,
    _process: Process,
}

/// The address of the server, which is started on first use.
pub(crate) fn address() -> &'static str {
    static SERVER: OnceLock<Moto> = OnceLock::new();
    &SERVER.get_or_init(|| start(&[])).address
}

/// The address of another server, which works off one request after the other: for state.
pub(crate) fn serial_address() -> &'static str {
    static SERVER: OnceLock<Moto> = OnceLock::new();
    &SERVER.get_or_init(|| start(&["one-at-a-time"])).address
}

/// The address of another server, for the one test that looks at an account as a whole.
pub(crate) fn account_address() -> &'static str {
    static SERVER: OnceLock<Moto> = OnceLock::new();
    &SERVER.get_or_init(|| start(&[])).address
}

fn start(arguments: &[&str]) -> Moto {
    let mut child = Command::new(python::venv().join("bin/python"))
        .arg(python::script("moto_server.py"))
        .args(arguments)
        // It takes the times of trails for local ones.
        .env("TZ", "UTC")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdin = child.stdin.take().unwrap();
    let mut port = String::new();
    // Ends with an empty line when the server does not come up.
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
    let port: u16 = port.trim().parse().expect("moto did not start");
    Moto { address: format!("http://127.0.0.1:{port}"), _stdin: stdin, _process: Process::new(child) }
}
