//! The servers and processes the tests talk to. All listen on loopback only,
//! on ports the system chose, and end with the test process.

pub(crate) mod bootstrap;
pub(crate) mod command_line;
pub(crate) mod deployment;
pub(crate) mod emulator;
mod executables;
pub(crate) mod faulty_proxy;
pub(crate) mod moto;
pub(crate) mod process;
pub(crate) mod public_keys;
pub(crate) mod python;
pub(crate) mod recorder;
pub(crate) mod runtime_api;
