//! The hooks and the workflow for repositories of rules: what they run is run here, in such a repository.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;
use trailhound_rule_engine::{
    Limits, Source,
    yaml::{Problems, parse, to_json},
};

const RULE: &str = "title: t
logsource: {product: aws, service: cloudtrail}
level: high
detection:
  selection: {eventSource: cloudtrail.amazonaws.com, eventName: StopLogging}
  condition: selection
tests:
  - {name: a, match: true, event: {eventSource: cloudtrail.amazonaws.com, eventName: StopLogging}}
";

/// A YAML file of the project as JSON.
fn read(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    let source = Source::new("x.yml", fs::read_to_string(path).unwrap());
    let mut problems = Problems::new(&source);
    let documents = parse(source.text(), &Limits::default(), &mut problems);
    assert_eq!((documents.len(), problems.into_diagnostics().len()), (1, 0));
    serde_json::from_str(&to_json(&documents[0])).unwrap()
}

fn repository(rule: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("rules")).unwrap();
    fs::write(folder.path().join("rules/rule.yml"), rule).unwrap();
    folder
}

/// Runs a shell command in a repository where `trailhound` is installed.
fn run(script: &str, environment: &BTreeMap<String, String>, folder: &TempDir) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_trailhound")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.args(["-e", "-c", script]).current_dir(folder.path()).env("PATH", path).envs(environment);
    command.output().unwrap()
}

/// A step of the workflow, with its environment as the defaults of the inputs make it.
fn step(id: &str) -> (String, BTreeMap<String, String>) {
    let workflow = read(".github/workflows/rules.yml");
    let inputs = &workflow["on"]["workflow_call"]["inputs"];
    let steps = workflow["jobs"]["rules"]["steps"].as_array().unwrap().clone();
    let step = steps.iter().find(|step| step["id"] == id).unwrap();
    let script = step["run"].as_str().unwrap();
    assert!(!script.contains("${{"), "an input would be read as a command: {script}");
    let value = |text: &Value| {
        let input = text.as_str().unwrap().trim_start_matches("${{ inputs.").trim_end_matches(" }}");
        inputs[input]["default"].as_str().unwrap().to_owned()
    };
    let environment = step["env"].as_object().unwrap().iter().map(|(name, text)| (name.clone(), value(text)));
    (script.to_owned(), environment.collect())
}

#[test]
fn the_steps_of_the_workflow_do_what_they_say() {
    let cases = [
        (RULE.to_owned(), 0, 0),
        (RULE.replace("level: high", "level: hihg"), 1, 1),
        (RULE.replace("match: true", "match: false"), 0, 1),
    ];
    for (rule, checked, tested) in cases {
        let repository = repository(&rule);
        let (check, environment) = step("check");
        assert_eq!(run(&check, &environment, &repository).status.code(), Some(checked), "{rule}");
        let sarif = fs::read_to_string(repository.path().join("trailhound.sarif")).unwrap();
        let sarif: Value = serde_json::from_str(&sarif).unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.iter().any(|result| result["level"] == "error"), checked == 1);
        let (test, environment) = step("test");
        assert_eq!(run(&test, &environment, &repository).status.code(), Some(tested), "{rule}");
        let results = fs::read_to_string(repository.path().join("trailhound-tests.xml")).unwrap();
        assert!(results.contains("<testsuites"), "{results}");
        let (report, environment) = step("report");
        assert_eq!(run(&report, &environment, &repository).status.code(), Some(checked));
    }
}

#[test]
fn the_hooks_do_what_they_say() {
    let hooks = read(".pre-commit-hooks.yaml");
    for (hook, broken) in hooks.as_array().unwrap().iter().zip(["level: hihg", "level: high"]) {
        let words = hook["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
        let script = [hook["entry"].as_str().unwrap()].into_iter().chain(words).collect::<Vec<_>>().join(" ");
        let none = BTreeMap::new();
        assert_eq!(run(&script, &none, &repository(RULE)).status.code(), Some(0), "{script}");
        let bad = RULE.replace("level: high", broken);
        let bad = if hook["id"] == "trailhound-test" { bad.replace("match: true", "match: false") } else { bad };
        assert_eq!(run(&script, &none, &repository(&bad)).status.code(), Some(1), "{script}");
        assert_eq!((&hook["language"], &hook["pass_filenames"]), (&"system".into(), &false.into()));
    }
}
