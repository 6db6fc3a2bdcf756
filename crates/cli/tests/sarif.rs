//! `check --format sarif`, held against the schema that OASIS publishes.

use std::{fs, path::PathBuf, process::Command};

use serde_json::{Value, json};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The schema out of the package that `tests/sarif` depends on; the reason where it cannot be had.
fn schema() -> Result<Value, String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--locked", "--format-version", "1", "--filter-platform", "x86_64-unknown-linux-gnu"]);
    let output = command.current_dir(format!("{ROOT}/tests/sarif")).output().map_err(|error| error.to_string())?;
    let refused = || String::from_utf8_lossy(&output.stderr).into_owned();
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|_| refused())?;
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "serde-sarif").unwrap();
    let path = PathBuf::from(package["manifest_path"].as_str().unwrap()).with_file_name("src/schema.json");
    // The pattern of a language has a bracket too many, which only JavaScript without its flag `u` lets pass.
    let schema = fs::read_to_string(path).unwrap().replace("{2}]?$", "{2}\\\\]?$");
    Ok(serde_json::from_str(&schema).unwrap())
}

/// What is printed about files, whatever is found in them.
fn printed(paths: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_trailhound"))
        .args(["check", "--format", "sarif"])
        .args(paths)
        .current_dir(ROOT)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn sarif_follows_the_schema_of_oasis() {
    let schema = match schema() {
        Ok(schema) => schema,
        Err(reason) => {
            println!("skipped: the package with the schema cannot be had: {reason}");
            return;
        }
    };
    assert_eq!(schema["properties"]["version"]["enum"], json!(["2.1.0"]));
    let validator = jsonschema::validator_for(&schema).unwrap();
    // Nearly every code is in the first two, none in the last.
    let data = "crates/rule-engine/tests/data";
    let found = printed(&[&format!("{data}/diagnostics"), &format!("{data}/lints")]);
    assert!(found["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len() > 50);
    for log in [&found, &printed(&["rules/iam"])] {
        let problems: Vec<String> =
            validator.iter_errors(log).take(5).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(problems, [""; 0]);
    }
    let results = found["runs"][0]["results"].as_array().unwrap();
    let related = results.iter().position(|result| result.get("relatedLocations").is_some()).unwrap();
    // The schema does refuse.
    for (result, key, value) in [(0, "level", json!("hihg")), (related, "relatedLocations", json!([{"id": "one"}]))] {
        let mut wrong = found.clone();
        wrong["runs"][0]["results"][result][key] = value;
        assert!(!validator.is_valid(&wrong), "{key}");
    }
}
