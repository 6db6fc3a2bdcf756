//! The break-in: ninety minutes with a leaked key, and the half hour in which it is cleaned up.

use serde_json::{Value, json};

mod blinding;
mod foothold;
mod reconnaissance;
mod response;
mod theft;

use super::actors::{Actor, BROWSER_AGENT, CLI_AGENT};
use super::company::{INTRUDER_ADDRESS, INTRUDER_BROWSER_ADDRESS, OFFICE_ADDRESS};
use super::moment::Moment;
use super::record::Record;

/// The user of the old build server, whose key leaked.
const VICTIM: &str = "ci-artifacts";
/// The user that the intruder creates.
const BACKDOOR: &str = "svc-backup-sync";
/// The bookkeeper, whose second factor the intruder takes away.
const BOOKKEEPER: &str = "helen.ward";

const INTRUDER_AGENT: &str = "aws-cli/2.23.6 md/awscrt#0.23.8 ua/2.0 os/linux#6.12.25-amd64 md/arch#x86_64 lang/python#3.13.3 md/pyimpl#CPython cfg/retry-mode#standard md/installer#source md/distrib#kali.2026";

/// All records of the break-in and of the answer to it.
pub(super) fn records() -> Vec<Record> {
    let mut records = reconnaissance::records();
    records.extend(foothold::records());
    records.extend(blinding::records());
    records.extend(theft::records());
    records.extend(response::records());
    records
}

/// The intruder with the leaked key.
fn with_leaked_key() -> Actor {
    Actor::user(VICTIM).from(INTRUDER_ADDRESS, INTRUDER_AGENT)
}

/// The intruder at the console, as the user of the backdoor.
fn at_console() -> Actor {
    Actor::user_at_console(BACKDOOR, foothold::CONSOLE_LOGIN).from(INTRUDER_BROWSER_ADDRESS, BROWSER_AGENT)
}

/// Anna, who answers from the command line.
fn responder() -> Actor {
    let mut anna = Actor::employee("Administrator", "anna.lindqvist", Moment::at(12, 14));
    anna.channel = super::actors::Channel::Direct;
    anna.from(OFFICE_ADDRESS, CLI_AGENT)
}

/// EC2's answer to nearly every change.
fn done() -> Value {
    json!({"_return": true})
}
