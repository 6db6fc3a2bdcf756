//! Sessions of an editor with `trailhound lsp`, over its standard input and output.
//!
//! Each file of `tests/data/lsp` is a document with the cursor as `‸`, and behind `=== ` what is asked and what has
//! to be answered. `TRYCMD=overwrite` writes down what is answered; look at what changed.

use std::{
    collections::VecDeque,
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// Long enough for a busy machine; nothing waits for so long.
const PATIENCE: Duration = Duration::from_mins(5);

/// An editor that started the server.
struct Editor {
    server: Child,
    input: Option<ChildStdin>,
    answers: Receiver<Value>,
    /// What came while something else was waited for.
    notices: VecDeque<Value>,
    requests: u64,
}

impl Editor {
    /// Starts the server with a folder as the workspace.
    fn start(folder: Option<&Path>) -> Self {
        let mut editor = Editor::spawn(&[]);
        let folders = folder.map(|folder| json!([{"uri": uri(folder), "name": "rules"}]));
        let params = json!({"processId": null, "rootUri": null, "capabilities": {}, "workspaceFolders": folders});
        let answer = editor.ask("initialize", &params);
        assert_eq!(answer["result"]["serverInfo"]["name"], "trailhound");
        editor.tell("initialized", &json!({}));
        editor
    }

    fn spawn(arguments: &[&str]) -> Self {
        let mut server = Command::new(env!("CARGO_BIN_EXE_trailhound"))
            .arg("lsp")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = server.stdin.take();
        let mut output = BufReader::new(server.stdout.take().unwrap());
        let (sender, answers) = channel();
        thread::spawn(move || {
            while let Some(message) = receive(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Editor { server, input, answers, notices: VecDeque::new(), requests: 0 }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.write(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    fn write(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        // A server that has ended reads no more, which the test sees by its exit status.
        let _ = input.write_all(bytes).and_then(|()| input.flush());
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.answers.recv_timeout(PATIENCE).unwrap();
            if message["id"] == id {
                return message;
            }
            self.notices.push_back(message);
        }
    }

    fn open(&mut self, uri: &str, text: &str) {
        self.tell(
            "textDocument/didOpen",
            &json!({"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}}),
        );
    }

    fn change(&mut self, uri: &str, version: i64, text: &str) {
        let document = json!({"uri": uri, "version": version});
        self.tell("textDocument/didChange", &json!({"textDocument": document, "contentChanges": [{"text": text}]}));
    }

    /// The diagnostics of this version of a document, and how often such came before.
    fn diagnostics(&mut self, uri: &str, version: i64) -> (Value, usize) {
        let mut earlier = 0;
        loop {
            let message = match self.notices.pop_front() {
                Some(message) => message,
                None => self.answers.recv_timeout(PATIENCE).unwrap(),
            };
            let params = &message["params"];
            if message["method"] != "textDocument/publishDiagnostics" || params["uri"] != uri {
                continue;
            }
            if params["version"] == version {
                return (params["diagnostics"].clone(), earlier);
            }
            earlier += 1;
        }
    }

    fn end(mut self) -> ExitStatus {
        assert_eq!(self.ask("shutdown", &Value::Null)["result"], Value::Null);
        self.tell("exit", &Value::Null);
        self.server.wait().unwrap()
    }
}

/// One message; none at the end.
fn receive(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// Line and column of the cursor, in UTF-16 units.
fn position(before: &str) -> Value {
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap().encode_utf16().count();
    json!({"line": line, "character": column})
}

const RULE: &str = "title: t
id: 0b0b0b0b-0000-4000-8000-000000000000
level: high
logsource: {product: aws, service: cloudtrail}
detection:
  selection:
    eventSource: cloudtrail.amazonaws.com
    eventName: StopLogging
  condition: selection
tests:
  - name: stopped
    match: true
    event: {eventSource: cloudtrail.amazonaws.com, eventName: StopLogging}
  - name: started
    match: false
    event: {eventSource: cloudtrail.amazonaws.com, eventName: StartLogging}
";

#[test]
fn answers_are_as_recorded() {
    let mut editor = Editor::start(Some(&data("correlations")));
    let mut count = 0;
    let mut paths: Vec<PathBuf> = fs::read_dir(data("lsp")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let case = fs::read_to_string(&path).unwrap();
        let (document, expected) = case.split_once("=== ").unwrap();
        let (asked, expected) = expected.split_once('\n').unwrap();
        let name = format!("untitled:{}", path.file_stem().unwrap().to_string_lossy());
        let answered = answer(&mut editor, &name, (document, asked));
        if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
            fs::write(&path, format!("{document}=== {asked}\n{answered}")).unwrap();
        } else {
            assert_eq!(answered, expected, "{}", path.display());
        }
        count += 1;
    }
    assert!(count > 15, "only {count} cases were found");
    assert_eq!(editor.end().code(), Some(0));
}

fn answer(editor: &mut Editor, uri: &str, (document, asked): (&str, &str)) -> String {
    let (before, behind) = document.split_once('‸').unwrap_or((document, ""));
    editor.open(uri, &format!("{before}{behind}"));
    let at = json!({"textDocument": {"uri": uri}, "position": position(before)});
    let range = json!({"textDocument": {"uri": uri}, "range": {"start": position(before), "end": position(before)},
        "context": {"diagnostics": []}});
    let text = match asked {
        "completion" => completions(&editor.ask("textDocument/completion", &at)["result"]),
        "hover" => {
            let answer = editor.ask("textDocument/hover", &at);
            answer["result"]["contents"]["value"].as_str().unwrap_or("nothing").to_owned() + "\n"
        }
        "diagnostics" => found(&editor.diagnostics(uri, 1).0),
        "fixes" => editor.ask("textDocument/codeAction", &range)["result"]
            .as_array()
            .unwrap()
            .iter()
            .map(|action| {
                let edit = &action["edit"]["changes"][uri][0];
                format!("{}: {} -> {}\n", action["title"].as_str().unwrap(), edit["range"], edit["newText"])
            })
            .collect(),
        "symbols" => tree(&editor.ask("textDocument/documentSymbol", &at)["result"], 0),
        "lenses" => editor.ask("textDocument/codeLens", &at)["result"]
            .as_array()
            .unwrap()
            .iter()
            .map(|lens| format!("line {}: {}\n", lens["range"]["start"]["line"], lens["command"]["title"]))
            .collect(),
        asked => panic!("nobody can be asked for {asked}"),
    };
    editor.tell("textDocument/didClose", &json!({"textDocument": {"uri": uri}}));
    text
}

/// The first proposals, what would be replaced, and how many there are in all.
fn completions(list: &Value) -> String {
    let items = list["items"].as_array().unwrap();
    let shown = items.iter().take(8).map(|item| {
        let edit = &item["textEdit"];
        let (start, end) = (&edit["range"]["start"]["character"], &edit["range"]["end"]["character"]);
        let detail = item["detail"].as_str().map(|detail| format!(" ({detail})")).unwrap_or_default();
        format!("{} at {start}..{end}{detail}\n", edit["newText"])
    });
    shown.collect::<String>() + if items.len() > 8 { "and more\n" } else { "" }
}

fn found(diagnostics: &Value) -> String {
    let line = |found: &Value| {
        let at = |end: &str| format!("{}:{}", found["range"][end]["line"], found["range"][end]["character"]);
        let message = found["message"].as_str().unwrap().replace('\n', "; ");
        format!("{}..{} {} {}: {message}\n", at("start"), at("end"), found["severity"], found["code"].as_str().unwrap())
    };
    diagnostics.as_array().unwrap().iter().map(line).collect()
}

fn tree(symbols: &Value, depth: usize) -> String {
    let each = |symbol: &Value| {
        let name = symbol["name"].as_str().unwrap();
        format!("{}{name}\n{}", "  ".repeat(depth), tree(&symbol["children"], depth + 1))
    };
    symbols.as_array().into_iter().flatten().map(each).collect()
}

#[test]
fn tests_are_run_and_failures_stay_until_the_text_changes() {
    let mut editor = Editor::start(None);
    let uri = "file:///rules/a%20b.yml";
    editor.open(uri, RULE);
    let run = json!({"command": "trailhound.runTests", "arguments": [uri, 0]});
    assert_eq!(editor.ask("workspace/executeCommand", &run)["result"], json!({"rules": 1, "passed": 2, "failed": 0}));
    let broken = RULE.replace("match: false", "match: true");
    editor.change(uri, 2, &broken);
    assert_eq!(editor.ask("workspace/executeCommand", &run)["result"], json!({"rules": 1, "passed": 1, "failed": 1}));
    let (diagnostics, _) = editor.diagnostics(uri, 2);
    let failed = found(&diagnostics);
    assert!(failed.contains("13:2..13:17 1 test: test `started` failed: the rule does not match event 0"), "{failed}");
    editor.change(uri, 3, RULE);
    assert!(!found(&editor.diagnostics(uri, 3).0).contains("failed"));
    let unknown = editor.ask("workspace/executeCommand", &json!({"command": "rm", "arguments": []}));
    assert_eq!(unknown["error"]["code"], -32602);
    assert_eq!(editor.end().code(), Some(0));
}

#[test]
fn a_storm_of_changes_is_checked_few_times() {
    let mut editor = Editor::start(None);
    let uri = "file:///rules/storm.yml";
    editor.open(uri, RULE);
    for version in 2..=500 {
        // The rule grows letter by letter, mostly no YAML at all.
        let text: String = RULE.chars().take(usize::try_from(version).unwrap()).collect();
        editor.change(uri, version, &text);
    }
    editor.change(uri, 501, RULE);
    let (diagnostics, earlier) = editor.diagnostics(uri, 501);
    assert_eq!(found(&diagnostics).matches("TH00").count(), 0);
    assert!(earlier < 250, "{earlier} checks");
    assert_eq!(editor.end().code(), Some(0));
}

#[test]
fn files_of_the_workspace_are_checked_together() {
    let folder = tempfile::tempdir().unwrap();
    let other = RULE.replace("title: t\n", "title: t\nname: stopped\n");
    fs::write(folder.path().join("rule.yml"), &other).unwrap();
    fs::write(folder.path().join("compose.yml"), "services: {a: b}\n").unwrap();
    let correlation = "title: c\nlevel: low\ncorrelation:\n  type: event_count\n  rules: [stopped]\n  \
                       timespan: 1h\n  condition: {gte: 2}\n";
    let mut editor = Editor::start(Some(folder.path()));
    let path = uri(&folder.path().join("correlation.yml"));
    editor.open(&path, correlation);
    assert!(!found(&editor.diagnostics(&path, 1).0).contains("TH0704"));
    // The rule gets another name in the editor, then is closed without being saved.
    let rule = uri(&folder.path().join("rule.yml"));
    editor.open(&rule, &other.replace("name: stopped", "name: halted"));
    editor.change(&path, 2, correlation);
    assert!(found(&editor.diagnostics(&path, 2).0).contains("TH0704"));
    editor.tell("textDocument/didClose", &json!({"textDocument": {"uri": rule}}));
    editor.change(&path, 3, correlation);
    assert!(!found(&editor.diagnostics(&path, 3).0).contains("TH0704"));
    // A file that comes on disk is seen when the editor says that files changed.
    fs::write(folder.path().join("again.yml"), other.replace("id: 0b", "id: 1b").replace("stopped", "started"))
        .unwrap();
    editor.tell("workspace/didChangeWatchedFiles", &json!({"changes": []}));
    editor.change(&path, 4, &correlation.replace("[stopped]", "[started]"));
    assert!(!found(&editor.diagnostics(&path, 4).0).contains("TH0704"));
    assert_eq!(editor.end().code(), Some(0));
}

#[test]
fn the_end_follows_the_protocol() {
    // `exit` without `shutdown`, and standard input that just ends.
    let mut editor = Editor::start(None);
    editor.tell("exit", &Value::Null);
    assert_eq!(editor.server.wait().unwrap().code(), Some(1));
    let mut editor = Editor::start(None);
    editor.input = None;
    assert_eq!(editor.server.wait().unwrap().code(), Some(1));
    // What is no message at all.
    for nonsense in ["hello\r\n\r\n", "Content-Length: 5\r\n\r\nhello", "Content-Length: 99\r\n\r\n{}"] {
        let mut editor = Editor::start(None);
        editor.write(nonsense.as_bytes());
        editor.input = None;
        assert_eq!(editor.server.wait().unwrap().code(), Some(1), "{nonsense}");
    }
    let mut editor = Editor::spawn(&["--lists", "missing.yml"]);
    assert_eq!(editor.server.wait().unwrap().code(), Some(2));
}

#[test]
fn what_is_asked_wrongly_is_refused_and_the_session_goes_on() {
    let mut editor = Editor::start(None);
    assert_eq!(editor.ask("textDocument/rename", &json!({}))["error"]["code"], -32601);
    assert_eq!(editor.ask("textDocument/hover", &json!({"position": 1}))["error"]["code"], -32602);
    let nowhere = json!({"textDocument": {"uri": "file:///x.yml"}, "position": {"line": 0, "character": 0}});
    assert_eq!(editor.ask("textDocument/hover", &nowhere)["error"]["code"], -32602);
    editor.tell("textDocument/didChange", &json!([]));
    editor.tell("$/setTrace", &json!({"value": "off"}));
    let uri = "file:///x.yml";
    editor.open(uri, &format!("{RULE}{}", "  [".repeat(500)));
    assert!(found(&editor.diagnostics(uri, 1).0).contains("TH000"));
    let far = json!({"textDocument": {"uri": uri}, "position": {"line": 4_000_000_000_u32, "character": 9}});
    assert!(editor.ask("textDocument/completion", &far)["result"].is_object());
    assert_eq!(editor.end().code(), Some(0));
}

/// Prints how long it takes from a change to its diagnostics; `docs/performance.md` has the numbers.
#[test]
fn latency_with_all_our_rules_open() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules").canonicalize().unwrap();
    let mut editor = Editor::start(Some(&rules));
    let path = rules.join("cloudtrail").read_dir().unwrap().map(|entry| entry.unwrap().path()).min().unwrap();
    let (uri, text) = (uri(&path), fs::read_to_string(&path).unwrap());
    editor.open(&uri, &text);
    editor.diagnostics(&uri, 1);
    // Without optimisation it says little.
    let last = if cfg!(debug_assertions) { 5 } else { 22 };
    let mut times: Vec<Duration> = (2..last)
        .map(|version| {
            let start = Instant::now();
            editor.change(&uri, version, &format!("{text}# {version}\n"));
            editor.diagnostics(&uri, version);
            start.elapsed()
        })
        .collect();
    times.sort();
    println!("from a change to diagnostics: median {:?}, longest {:?}", times[times.len() / 2], times[times.len() - 1]);
    assert_eq!(editor.end().code(), Some(0));
}

#[test]
fn what_a_quick_fix_writes_is_right() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rule-engine/tests/data");
    let load = |text: &str| {
        let catalog = std::sync::Arc::new(trailhound_rule_engine::catalog::Catalog::built_in());
        let settings = trailhound_rule_engine::Settings { catalog: Some(catalog), ..Default::default() };
        trailhound_rule_engine::RuleSet::load_with([trailhound_rule_engine::Source::new("x.yml", text)], &settings)
            .diagnostics
    };
    let mut count = 0;
    for folder in ["diagnostics", "lints"].map(|name| data.join(name)) {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.extension().is_none_or(|extension| extension != "yml") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for found in load(&text) {
                let Some((span, new)) = found.replacement() else { continue };
                let fixed = format!("{}{new}{}", &text[..span.start], &text[span.end..]);
                let same = |other: &trailhound_rule_engine::Diagnostic| {
                    other.span().start == found.span().start && other.message() == found.message()
                };
                let stays = load(&fixed).iter().any(same);
                assert!(!stays, "{}: {} -> {new}", path.display(), found.message());
                count += 1;
            }
        }
    }
    assert!(count > 10, "only {count} were tried");
}
