//! The schemas that the program prints, held against the files in docs/schema and against the reader.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use jsonschema::Validator;
use serde_json::Value;
use trailhound_rule_engine::{
    Limits, RuleSet, Severity, Source,
    yaml::{Problems, parse, to_json},
};
use walkdir::WalkDir;

const KINDS: [&str; 7] = ["file", "rule", "correlation", "filter", "lists", "tests", "config"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn printed(kind: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_trailhound")).args(["schema", kind]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn validator(kind: &str) -> Validator {
    let schema: Value = serde_json::from_str(&printed(kind)).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// The documents of a text as a YAML editor sees them.
fn documents(text: &str) -> Vec<Value> {
    let mut problems = Problems::new(&Source::new("x.yml", text));
    let nodes = parse(text, &Limits::default(), &mut problems);
    assert_eq!(problems.errors(), 0, "{text}");
    nodes.iter().map(|node| serde_json::from_str(&to_json(node)).unwrap()).collect()
}

fn refusals(validator: &Validator, document: &Value) -> Vec<String> {
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn load(text: &str) -> Vec<trailhound_rule_engine::Diagnostic> {
    RuleSet::load([Source::new("x.yml", text)], &Limits::default()).diagnostics
}

#[test]
fn what_is_printed_is_what_is_checked_in() {
    for kind in KINDS {
        let path = root().join(format!("docs/schema/{kind}.json"));
        let printed = printed(kind);
        if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
            fs::write(&path, &printed).unwrap();
        }
        let on_file = fs::read_to_string(&path).unwrap_or_default();
        assert!(on_file == printed, "bring docs/schema/{kind}.json up to date: `trailhound schema {kind}`");
        jsonschema::draft202012::meta::validate(&serde_json::from_str(&printed).unwrap()).unwrap();
    }
}

#[test]
fn the_schema_takes_every_rule_that_the_reader_takes() {
    let validator = validator("file");
    let data = "crates/rule-engine/tests/data";
    let folders = [
        "rules",
        "examples",
        &format!("{data}/semantics"),
        &format!("{data}/correlations"),
        &format!("{data}/filters"),
        &format!("{data}/lints"),
        &format!("{data}/diagnostics"),
    ]
    .map(|folder| root().join(folder));
    let mut count = 0;
    for entry in folders.iter().flat_map(|folder| WalkDir::new(folder).sort_by_file_name()) {
        let path = entry.unwrap().into_path();
        if path.extension().is_none_or(|extension| extension != "yml") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let readable = load(&text).iter().all(|found| {
            // A list that another file fills, or a rule that stands in one, is no matter of a document.
            found.severity() != Severity::Error || ["TH0312", "TH0704"].contains(&found.code().as_str())
        });
        // A schema does not see the template that a document leaves things to.
        if !readable || text.lines().any(|line| line.starts_with("action: global")) {
            continue;
        }
        for document in documents(&text) {
            let refusals = refusals(&validator, &document);
            assert!(refusals.is_empty(), "{}: {refusals:#?}", path.display());
            count += 1;
        }
    }
    assert!(count > 300, "only {count} documents were found");
}

const GOOD: &str = "title: t
logsource: {product: aws, service: cloudtrail}
detection:
  selection:
    eventName|contains: Trail
  condition: selection
level: high
status: test
date: 2026-01-02
tests:
  - {name: a, match: true, event: {eventName: StopTrail}}
";

const CORRELATION: &str = "title: c
correlation:
  type: event_count
  rules: [r]
  group-by: [awsRegion]
  timespan: 10m
  condition: {gte: 5}
";

/// What is changed, and what it is changed to; each makes one mistake.
const MISTAKES: &[(&str, &str, &str)] = &[
    (GOOD, "level: high", "level: hihg"),
    (GOOD, "level: high", "level: [high]"),
    (GOOD, "status: test", "status: production"),
    (GOOD, "date: 2026-01-02", "date: 02.01.2026"),
    (GOOD, "date: 2026-01-02", "date: 2026-13-02"),
    (GOOD, "title: t\n", ""),
    (GOOD, "title: t\n", "title: {a: b}\n"),
    (GOOD, "|contains", "|contians"),
    (GOOD, "|contains", "|"),
    (GOOD, "eventName|contains: Trail", "eventName|exists: 'yes'"),
    (GOOD, "eventName|contains: Trail", "eventName: []"),
    (GOOD, "eventName|contains: Trail", "eventName: [a, null]"),
    (GOOD, "eventName|contains: Trail", "eventName: {a: b}"),
    (GOOD, "  condition: selection\n", ""),
    (GOOD, "condition: selection", "condition: {a: b}"),
    (GOOD, "  condition:", "  timeframe: 5m\n  condition:"),
    (GOOD, "  selection:\n", "  not:\n"),
    (GOOD, "logsource: {product: aws, service: cloudtrail}\n", ""),
    (GOOD, "logsource: {product: aws, service: cloudtrail}", "logsource: {}"),
    (GOOD, "match: true", "match: 'yes'"),
    (GOOD, "match: true", "matches: true"),
    (GOOD, "name: a, ", ""),
    (GOOD, "event: {", "events: {"),
    (GOOD, "status: test", "tags: [t1078]"),
    (GOOD, "status: test", "falsepositives: [a]"),
    (GOOD, "status: test", "sigma-version: 4"),
    (CORRELATION, "event_count", "count"),
    (CORRELATION, "group-by", "group_by"),
    (CORRELATION, "timespan: 10m", "timespan: 10 minutes"),
    (CORRELATION, "timespan: 10m", "timespan: 0m"),
    (CORRELATION, "{gte: 5}", "{ge: 5}"),
    (CORRELATION, "  rules: [r]\n", ""),
    (CORRELATION, "rules: [r]", "rules: []"),
];

#[test]
fn typical_mistakes_are_refused_by_the_schema_and_by_the_reader() {
    let validator = validator("file");
    for good in [GOOD, CORRELATION] {
        assert_eq!(refusals(&validator, &documents(good)[0]), [""; 0]);
    }
    for (text, from, to) in MISTAKES {
        assert!(text.contains(from), "{from}");
        let text = text.replacen(from, to, 1);
        assert!(!refusals(&validator, &documents(&text)[0]).is_empty(), "the schema takes {to:?}");
        let refused = load(&text)
            .into_iter()
            .any(|found| found.severity() == Severity::Error && found.code().as_str() != "TH0704");
        assert!(refused, "the reader takes {to:?}");
    }
}

#[test]
fn what_the_reader_only_warns_of_passes() {
    let validator = validator("rule");
    for (from, to) in [("level: high", "level: High"), ("2026-01-02", "2026/01/02"), ("status: test", "staus: test")] {
        let text = GOOD.replacen(from, to, 1);
        assert!(load(&text).iter().all(|found| found.severity() < Severity::Error), "{to}");
        assert_eq!(refusals(&validator, &documents(&text)[0]), [""; 0], "{to}");
    }
}

#[test]
fn the_schema_of_the_configuration_knows_its_keys() {
    let validator = validator("config");
    let good =
        "topics: {mail: 'arn:aws:sns:eu-west-1:111122223333:mail'}\nminimum_level: high\nlimits: {concurrency: 4}\n";
    assert_eq!(refusals(&validator, &documents(good)[0]), [""; 0]);
    for bad in ["topic: x\n", "limits: {concurency: 4}\n", "limits: 4\n"] {
        assert!(!refusals(&validator, &documents(bad)[0]).is_empty(), "{bad}");
    }
}
