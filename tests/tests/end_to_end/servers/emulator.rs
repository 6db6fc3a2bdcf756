//! AWS's own runtime interface emulator.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::bootstrap;
use super::process::{PATIENCE, Process, wait_for};
use super::python;

/// The emulator with the function behind it.
pub(crate) struct Emulator {
    address: String,
    _process: Process,
}

/// Where the emulator is, on machines it exists for.
pub(crate) fn executable() -> Option<PathBuf> {
    Some(python::venv().join("bin/aws-lambda-rie")).filter(|path| path.exists())
}

impl Emulator {
    pub(crate) fn start(executable: &Path, settings: &[(&str, &str)]) -> Self {
        Self::start_program(&mut bootstrap::command(executable), bootstrap::executable(), settings)
    }

    /// Runs `bootstrap` in the folder of a package, as Lambda does.
    pub(crate) fn start_in(folder: &Path, executable: &Path, settings: &[(&str, &str)]) -> Self {
        Self::start_program(bootstrap::command(executable).current_dir(folder), &folder.join("bootstrap"), settings)
    }

    fn start_program(emulator: &mut Command, program: &Path, settings: &[(&str, &str)]) -> Self {
        let address = free_address();
        let child = emulator
            // Without both of these it listens on all interfaces.
            .args(["--runtime-interface-emulator-address", &address])
            .args(["--runtime-api-address", &free_address()])
            .arg(program)
            .envs(settings.iter().copied())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        Self { address, _process: Process::new(child) }
    }

    /// Invokes the function; its errors come as answers as well.
    pub(crate) fn invoke(&self, event: &Value) -> Value {
        let mut stream = wait_for("the emulator", || TcpStream::connect(&self.address).ok());
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let body = event.to_string();
        write!(
            stream,
            "POST /2015-03-31/functions/function/invocations HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body.trim()).unwrap_or_else(|_| panic!("{answer}"))
    }
}

/// An address nobody listens on. Somebody else may take it first; the emulator cannot choose one itself.
fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}
