//! Documents held against their schema.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{LazyLock, Mutex},
};

use jsonschema::Validator;
use serde_json::Value;

static VALIDATORS: LazyLock<Mutex<BTreeMap<String, Validator>>> = LazyLock::new(Mutex::default);

/// Fails with all that is wrong; `schema` is a path from the root of the project.
pub(crate) fn assert_valid(schema: &str, document: &str) {
    let instance: Value = serde_json::from_str(document).unwrap_or_else(|error| panic!("{error}: {document}"));
    let validator = VALIDATORS.lock().unwrap().entry(schema.to_owned()).or_insert_with(|| validator(schema)).clone();
    let problems: Vec<String> =
        validator.iter_errors(&instance).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "against {schema}: {problems:#?}\n{document}");
}

fn validator(schema: &str) -> Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(schema);
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}
