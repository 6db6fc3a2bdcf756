//! Whatever is typed, and wherever the cursor is, there is an answer.

#![allow(clippy::unwrap_used, clippy::panic, clippy::string_slice, reason = "a test that cannot go on has failed")]

use std::{
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use lsp_server::{Message, Notification, Request};
use lsp_types::{InitializeParams, Position};
use proptest::prelude::*;
use serde_json::{Value, json};
use trailhound_rule_engine::{Settings, Span, catalog::Catalog};

use crate::{Files, Options, Server, text::Text};

const RULE: &str = "title: t
logsource: {product: aws, service: cloudtrail}
detection:
  selection:
    eventName: [CreateUser, '𝒳']
    userAgent|contains|all:
      - a
      - b
  condition: selection
correlation:
  type: event_count
  condition: {gte: 5}
tests:
- name: a
  match: true
  event: {}
description: |
  text
--- # more
level: hihg
";

/// No disk at all.
struct Nothing;

impl Files for Nothing {
    fn below(&self, _folder: &Path, _limit: usize) -> Vec<PathBuf> {
        Vec::new()
    }

    fn read(&self, _path: &Path) -> Result<String, String> {
        Err("there is no disk".to_owned())
    }
}

fn server() -> Server {
    static CATALOG: LazyLock<Arc<Catalog>> = LazyLock::new(|| Arc::new(Catalog::built_in()));
    let settings = Settings { catalog: Some(Arc::clone(&CATALOG)), ..Settings::default() };
    let options = Options { settings, built_in: Vec::new(), allow: Vec::new(), page: |code| code.to_string() };
    Server::start(&InitializeParams::default(), options, Box::new(Nothing)).0
}

fn ask(server: &mut Server, method: &str, params: Value) {
    let request = Request { id: 1.into(), method: method.to_owned(), params };
    match server.answer(request).pop() {
        Some(Message::Response(response)) => assert!(response.response_result.is_ok(), "{method}: {response:?}"),
        other => panic!("{method}: {other:?}"),
    }
}

fn everything(text: &str, position: Position) {
    let mut server = server();
    let document = json!({"uri": "file:///x.yml", "languageId": "yaml", "version": 1, "text": text});
    let params = json!({"textDocument": document});
    server.notice(Notification { method: "textDocument/didOpen".to_owned(), params });
    let document = json!({"uri": "file:///x.yml"});
    for method in ["completion", "hover", "codeLens", "documentSymbol"] {
        let params = json!({"textDocument": document, "position": position});
        ask(&mut server, &format!("textDocument/{method}"), params);
    }
    let range = json!({"start": position, "end": position});
    let params = json!({"textDocument": document, "range": range, "context": {"diagnostics": []}});
    ask(&mut server, "textDocument/codeAction", params);
    let command = json!({"command": "trailhound.runTests", "arguments": ["file:///x.yml"]});
    ask(&mut server, "workspace/executeCommand", command);
    assert_eq!(server.check().len(), 1);
}

#[test]
fn what_stands_twice_points_at_the_first() {
    let mut server = server();
    for uri in ["file:///a%20%C3%BC/1.yml", "file:///a%20%C3%BC/2.yml"] {
        let text = format!("id: 00000000-0000-4000-8000-000000000001\n{RULE}");
        let text = text.split("correlation:").next().unwrap();
        let document = json!({"uri": uri, "languageId": "yaml", "version": 1, "text": text});
        server.notice(Notification {
            method: "textDocument/didOpen".to_owned(),
            params: json!({"textDocument": document}),
        });
    }
    let messages = server.check();
    let Some(Message::Notification(published)) = messages.last() else { panic!("{messages:?}") };
    let found = published.params["diagnostics"].as_array().unwrap();
    let related: Vec<&Value> = found.iter().filter_map(|found| found.pointer("/relatedInformation/0")).collect();
    assert!(!related.is_empty(), "{found:?}");
    for place in related {
        assert_eq!(place["location"]["uri"], "file:///a%20%C3%BC/1.yml");
        assert_eq!(place["location"]["range"]["start"], json!({"line": 0, "character": 0}));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn unfinished_rules_have_answers(cut in 0..RULE.len(), to in 0..RULE.len(), typed in "[ -|:'\"\\[{a𝒳\n#]{0,6}") {
        let bounds = |at: usize| RULE.floor_char_boundary(at);
        let text = format!("{}{typed}{}", &RULE[..bounds(cut)], &RULE[bounds(to)..]);
        let position = Text::new(text.clone()).position(bounds(cut) + typed.len());
        everything(&text, position);
    }

    #[test]
    fn any_text_has_answers(text in "(?s).{0,80}", line in 0..6_u32, character in 0..40_u32) {
        everything(&text, Position { line, character });
    }

    #[test]
    fn places_go_there_and_back(text in "(?s)[a𝒳ü\n\r ]{0,40}", at in 0..60_usize) {
        let offset = text.floor_char_boundary(at);
        let held = Text::new(text.clone());
        let back = held.offset(held.position(offset));
        // The end of a line has one place, whatever ends it.
        prop_assert!(back == offset || text[back..offset].chars().all(|character| "\r\n".contains(character)));
        let range = held.range(Span::new(offset, text.len()));
        prop_assert!(range.start <= range.end);
    }
}
