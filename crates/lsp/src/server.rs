//! Requests and notifications, and what is answered.

use std::{collections::BTreeMap, fmt};

use lsp_server::{ErrorCode, Message, Notification, Request, Response};
use lsp_types::{
    CodeActionParams, CodeActionProviderCapability, CodeLensOptions, CodeLensParams, CompletionOptions,
    CompletionParams, Diagnostic, DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DocumentSymbolParams, ExecuteCommandOptions, ExecuteCommandParams, HoverParams, HoverProviderCapability,
    InitializeParams, InitializeResult, MessageType, OneOf, PublishDiagnosticsParams, ServerCapabilities, ServerInfo,
    ShowMessageParams, TextDocumentSyncCapability, TextDocumentSyncKind, Uri,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    address, completion, fixes, hover,
    runs::{self, RUN_TESTS},
    symbols,
    workspace::{Files, Open, Options, Workspace},
};

/// A session with one editor.
pub struct Server {
    workspace: Workspace,
    files: Box<dyn Files>,
    /// Tests that failed, until their file is changed; by the name of the file.
    failures: BTreeMap<String, Vec<Diagnostic>>,
    /// Whether the editor does not know yet what the last change means.
    is_unpublished: bool,
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Server").field("workspace", &self.workspace).finish_non_exhaustive()
    }
}

/// Why a request is not answered.
struct Refusal(ErrorCode, String);

type Answer = Result<Value, Refusal>;

impl Server {
    /// Starts with what the editor says of itself, and reads the rules of its folders. The messages are for it,
    /// once the answer to `initialize` is sent.
    pub fn start(params: &InitializeParams, options: Options, files: Box<dyn Files>) -> (Server, Vec<Message>) {
        let mut folders: Vec<Uri> =
            params.workspace_folders.iter().flatten().map(|folder| folder.uri.clone()).collect();
        #[expect(deprecated, reason = "editors without folders still send it")]
        if folders.is_empty() {
            folders.extend(params.root_uri.clone());
        }
        let folders = folders.iter().filter_map(address::path).collect();
        let mut server = Server {
            workspace: Workspace::new(options, folders),
            files,
            failures: BTreeMap::new(),
            is_unpublished: false,
        };
        let left_out = server.workspace.look(server.files.as_ref());
        let messages = left_out.map(|message| show(MessageType::WARNING, message)).into_iter().collect();
        (server, messages)
    }

    /// What is answered to `initialize`.
    pub fn capabilities() -> InitializeResult {
        let text = |text: &str| text.to_owned();
        let capabilities = ServerCapabilities {
            text_document_sync: Some(TextDocumentSyncCapability::Kind(TextDocumentSyncKind::FULL)),
            completion_provider: Some(CompletionOptions {
                trigger_characters: Some(["|", ".", ":", " ", "-"].map(text).to_vec()),
                ..CompletionOptions::default()
            }),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            code_action_provider: Some(CodeActionProviderCapability::Simple(true)),
            code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
            document_symbol_provider: Some(OneOf::Left(true)),
            execute_command_provider: Some(ExecuteCommandOptions {
                commands: vec![RUN_TESTS.to_owned()],
                ..ExecuteCommandOptions::default()
            }),
            ..ServerCapabilities::default()
        };
        let server_info = ServerInfo { name: text("trailhound"), version: Some(text(env!("CARGO_PKG_VERSION"))) };
        InitializeResult { capabilities, server_info: Some(server_info) }
    }

    /// Whether something changed that the editor has not heard of.
    pub fn is_stale(&self) -> bool {
        self.is_unpublished
    }

    /// Checks all rules and tells the editor what was found in the documents that it has open.
    pub fn check(&mut self) -> Vec<Message> {
        self.bring_up_to_date();
        self.is_unpublished = false;
        let open = self.workspace.open.iter();
        open.map(|(name, open)| self.publish(name, open)).collect()
    }

    fn publish(&self, name: &str, open: &Open) -> Message {
        let found = self.workspace.diagnostics(name).map(|found| symbols::diagnostic(found, &open.text));
        let failures = self.failures.get(name).into_iter().flatten().cloned();
        let params = PublishDiagnosticsParams {
            uri: open.uri.clone(),
            diagnostics: found.chain(failures).collect(),
            version: Some(open.version),
        };
        notification("textDocument/publishDiagnostics", &params)
    }

    /// Takes a notification of the editor; what is not known is passed over, as the protocol wants it.
    pub fn notice(&mut self, notification: Notification) -> Vec<Message> {
        let Notification { method, params } = notification;
        self.is_unpublished |= method.starts_with("textDocument/did") || method.starts_with("workspace/did");
        match method.as_str() {
            "textDocument/didOpen" => {
                if let Ok(params) = serde_json::from_value::<DidOpenTextDocumentParams>(params) {
                    let document = params.text_document;
                    self.edit(document.uri, document.version, document.text);
                }
            }
            "textDocument/didChange" => {
                if let Ok(params) = serde_json::from_value::<DidChangeTextDocumentParams>(params)
                    && let Some(change) = params.content_changes.into_iter().next_back()
                {
                    self.edit(params.text_document.uri, params.text_document.version, change.text);
                }
            }
            "textDocument/didClose" => {
                if let Ok(params) = serde_json::from_value::<DidCloseTextDocumentParams>(params) {
                    return self.close(params.text_document.uri);
                }
            }
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                let left_out = self.workspace.look(self.files.as_ref());
                return left_out.map(|message| show(MessageType::WARNING, message)).into_iter().collect();
            }
            _ => {}
        }
        Vec::new()
    }

    fn edit(&mut self, uri: Uri, version: i32, text: String) {
        self.failures.remove(&address::name(&uri));
        self.workspace.edit(uri, version, text);
    }

    /// A document that is closed has nothing to show any more.
    fn close(&mut self, uri: Uri) -> Vec<Message> {
        self.failures.remove(&address::name(&uri));
        self.workspace.close(&uri, self.files.as_ref());
        let params = PublishDiagnosticsParams { uri, diagnostics: Vec::new(), version: None };
        vec![notification("textDocument/publishDiagnostics", &params)]
    }

    /// Answers a request. What else the editor has to hear comes before the answer.
    pub fn answer(&mut self, request: Request) -> Vec<Message> {
        let Request { id, method, params } = request;
        let mut messages = Vec::new();
        let answer = match method.as_str() {
            "textDocument/completion" => self.completion(params),
            "textDocument/hover" => self.hover(params),
            "textDocument/codeAction" => self.code_actions(params),
            "textDocument/codeLens" => self.code_lenses(params),
            "textDocument/documentSymbol" => self.document_symbols(params),
            "workspace/executeCommand" => self.execute(params, &mut messages),
            _ => Err(Refusal(ErrorCode::MethodNotFound, format!("there is no method `{method}`"))),
        };
        messages.push(Message::Response(match answer {
            Ok(value) => Response::new_ok(id, value),
            Err(Refusal(code, message)) => Response::new_err(id, code as i32, message),
        }));
        messages
    }

    fn open(&self, uri: &Uri) -> Result<&Open, Refusal> {
        let none = || Refusal(ErrorCode::InvalidParams, format!("`{}` is not open", uri.as_str()));
        self.workspace.document(uri).ok_or_else(none)
    }

    fn completion(&self, params: Value) -> Answer {
        let at = read::<CompletionParams>(params)?.text_document_position;
        json(&completion::complete(&self.workspace, self.open(&at.text_document.uri)?, at.position))
    }

    fn hover(&mut self, params: Value) -> Answer {
        let at = read::<HoverParams>(params)?.text_document_position_params;
        self.bring_up_to_date();
        json(&hover::hover(&self.workspace, self.open(&at.text_document.uri)?, at.position))
    }

    fn code_actions(&mut self, params: Value) -> Answer {
        let params = read::<CodeActionParams>(params)?;
        self.bring_up_to_date();
        json(&fixes::actions(&self.workspace, self.open(&params.text_document.uri)?, params.range))
    }

    fn code_lenses(&self, params: Value) -> Answer {
        json(&symbols::lenses(self.open(&read::<CodeLensParams>(params)?.text_document.uri)?))
    }

    fn document_symbols(&self, params: Value) -> Answer {
        json(&symbols::symbols(self.open(&read::<DocumentSymbolParams>(params)?.text_document.uri)?))
    }

    fn execute(&mut self, params: Value, messages: &mut Vec<Message>) -> Answer {
        let params = read::<ExecuteCommandParams>(params)?;
        if params.command != RUN_TESTS {
            return Err(Refusal(ErrorCode::InvalidParams, format!("there is no command `{}`", params.command)));
        }
        let mut arguments = params.arguments.into_iter();
        let uri: Uri = read(arguments.next().unwrap_or_default())?;
        let line = arguments.next().as_ref().and_then(Value::as_u64);
        self.bring_up_to_date();
        let open = self.open(&uri)?;
        let mut run = runs::run(&self.workspace, open, line, self.files.as_ref());
        let kind = if run.has_failures() { MessageType::WARNING } else { MessageType::INFO };
        messages.push(show(kind, run.in_words()));
        let name = address::name(&uri);
        self.failures.insert(name.clone(), std::mem::take(&mut run.diagnostics));
        messages.push(self.publish(&name, self.open(&uri)?));
        json(&run)
    }

    /// A place in diagnostics means something only in the text that they are about. The editor is told of them
    /// by the check that follows.
    fn bring_up_to_date(&mut self) {
        if self.workspace.is_stale {
            self.workspace.check();
        }
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, Refusal> {
    serde_json::from_value(params).map_err(|error| Refusal(ErrorCode::InvalidParams, error.to_string()))
}

fn json(value: &impl Serialize) -> Answer {
    serde_json::to_value(value).map_err(|error| Refusal(ErrorCode::InternalError, error.to_string()))
}

fn show(typ: MessageType, message: String) -> Message {
    notification("window/showMessage", &ShowMessageParams { typ, message })
}

fn notification(method: &str, params: &impl Serialize) -> Message {
    // Types of the protocol are maps with text keys, which JSON can always hold.
    let params = serde_json::to_value(params).unwrap_or_default();
    Message::Notification(Notification { method: method.to_owned(), params })
}
