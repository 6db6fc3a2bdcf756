//! `trailhound lsp`: moves messages between an editor and the language server.

use std::{
    fs::{self, File},
    io::{IsTerminal, Read, stdin},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use lsp_server::{Connection, Message, Response};
use lsp_types::InitializeParams;
use trailhound_lsp::{Files, Options, Server, limits};
use trailhound_rule_engine::Settings;

use super::check;
use crate::{
    arguments::LspArguments,
    exit_status::ExitStatus,
    inputs,
    output::Output,
    rule_files::{default_lists, fill_lists, is_rule_file, today},
};

pub(crate) fn run(arguments: &LspArguments, output: &Output) -> ExitStatus {
    let Some(options) = options(arguments, output) else { return ExitStatus::CouldNotRun };
    if stdin().is_terminal() {
        output.note("this waits for an editor to speak to it; `trailhound lsp --help` says how to set one up");
    }
    let (connection, threads) = Connection::stdio();
    let ended = serve(&connection, options);
    // The threads end when nobody can send any more.
    drop(connection);
    match (ended, threads.join()) {
        (Some(()), Ok(())) => ExitStatus::Clean,
        (_, Err(error)) => {
            output.error(format_args!("the editor cannot be understood: {error}"));
            ExitStatus::Problems
        }
        (None, Ok(())) => ExitStatus::Problems,
    }
}

/// What rules are judged by; none where a file cannot be used, which has been said.
fn options(arguments: &LspArguments, output: &Output) -> Option<Options> {
    let catalog = check::catalog(&arguments.catalog, output)?;
    let mut settings = Settings { today: Some(today()), catalog: Some(Arc::new(catalog)), ..Settings::default() };
    let (diagnostics, unreadable) = fill_lists(&arguments.lists.files, &mut settings);
    if !diagnostics.is_empty() {
        output.diagnostics(&diagnostics);
    }
    for unreadable in &unreadable {
        output.unreadable(unreadable);
    }
    unreadable.is_empty().then(|| Options {
        settings,
        built_in: default_lists().collect(),
        allow: arguments.allow.clone(),
        page: check::page::markdown,
    })
}

/// Serves until the editor says goodbye; nothing where it went without.
fn serve(connection: &Connection, options: Options) -> Option<()> {
    let (id, params) = connection.initialize_start().ok()?;
    let answer = serde_json::to_value(Server::capabilities()).ok()?;
    let params: InitializeParams = match serde_json::from_value(params) {
        Ok(params) => params,
        Err(error) => {
            let code = lsp_server::ErrorCode::InvalidParams as i32;
            let refusal = Response::new_err(id, code, error.to_string());
            connection.sender.send(Message::Response(refusal)).ok()?;
            return None;
        }
    };
    connection.initialize_finish(id, answer).ok()?;
    let (mut server, messages) = Server::start(&params, options, Box::new(Disk));
    send(connection, messages)?;
    attend(connection, &mut server)
}

/// Answers one message after the other, and checks when no further change comes at once.
fn attend(connection: &Connection, server: &mut Server) -> Option<()> {
    let mut changed: Option<Instant> = None;
    loop {
        let wait = changed.map(|since| limits::LONGEST_WAIT.saturating_sub(since.elapsed()).min(limits::QUIET));
        let Some(message) = next(connection, wait).ok()? else {
            changed = None;
            send(connection, server.check())?;
            continue;
        };
        match message {
            Message::Request(request) => {
                if connection.handle_shutdown(&request).ok()? {
                    return Some(());
                }
                send(connection, server.answer(request))?;
            }
            Message::Notification(notification) if notification.method == "exit" => return None,
            Message::Notification(notification) => {
                send(connection, server.notice(notification))?;
                if server.is_stale() {
                    changed.get_or_insert_with(Instant::now);
                }
            }
            Message::Response(_) => {}
        }
    }
}

/// The editor has closed its end.
struct Gone;

/// The next message, if one comes in time.
fn next(connection: &Connection, wait: Option<Duration>) -> Result<Option<Message>, Gone> {
    match wait {
        None => connection.receiver.recv().map(Some).map_err(|_| Gone),
        Some(Duration::ZERO) => Ok(None),
        Some(wait) => match connection.receiver.recv_timeout(wait) {
            Ok(message) => Ok(Some(message)),
            Err(error) if error.is_timeout() => Ok(None),
            Err(_) => Err(Gone),
        },
    }
}

fn send(connection: &Connection, messages: Vec<Message>) -> Option<()> {
    messages.into_iter().try_for_each(|message| connection.sender.send(message).ok())
}

/// The files of this machine.
#[derive(Debug)]
struct Disk;

impl Files for Disk {
    fn below(&self, folder: &Path, limit: usize) -> Vec<PathBuf> {
        inputs::files(folder).take(limits::WALKED).flatten().filter(|path| is_rule_file(path)).take(limit).collect()
    }

    fn read(&self, path: &Path) -> Result<String, String> {
        let whole = |error: std::io::Error| error.to_string();
        let size = fs::metadata(path).map_err(whole)?.len();
        if size > limits::FILE_BYTES {
            return Err(format!("{size} bytes, the limit is {}", limits::FILE_BYTES));
        }
        let mut text = String::new();
        File::open(path).and_then(|file| file.take(limits::FILE_BYTES).read_to_string(&mut text)).map_err(whole)?;
        Ok(text)
    }
}
