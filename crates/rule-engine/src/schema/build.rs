//! Pieces that schemas are made of.

use serde_json::{Map, Value, json};

use crate::vocabulary::{Vocabulary, Word};

/// A reference to a definition.
pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

/// A reference to a definition, or nothing: a key without value counts as absent.
pub(super) fn optional(name: &str) -> Value {
    json!({"anyOf": [reference(name), {"type": "null"}]})
}

/// A map with the keys of these vocabularies, each described; `of` gives the schema of a key's value.
pub(super) fn properties(vocabularies: &[Vocabulary], of: impl Fn(&str) -> Value) -> Map<String, Value> {
    let words = vocabularies.iter().flat_map(|vocabulary| vocabulary.words());
    words.map(|word| (word.name.to_owned(), described(word, of(word.name)))).collect()
}

fn described(word: &Word, schema: Value) -> Value {
    let Value::Object(mut members) = schema else { return schema };
    members.insert("description".to_owned(), json!(word.about));
    Value::Object(members)
}

/// One of the words of a vocabulary. The reader takes other letter case too, with a warning.
pub(super) fn word_of(vocabulary: Vocabulary) -> Value {
    let any_case = vocabulary.words().iter().map(|word| any_case(word.name)).collect::<Vec<_>>().join("|");
    let words: Vec<Value> =
        vocabulary.words().iter().map(|word| json!({"const": word.name, "description": word.about})).collect();
    json!({"anyOf": [{"oneOf": words}, {"type": "string", "pattern": format!("^(?:{any_case})$")}]})
}

/// Exactly one of the words of a vocabulary.
pub(super) fn exact_word_of(vocabulary: Vocabulary) -> Value {
    let words: Vec<Value> =
        vocabulary.words().iter().map(|word| json!({"const": word.name, "description": word.about})).collect();
    json!({"oneOf": words})
}

/// A pattern that fits a word in any letter case.
fn any_case(word: &str) -> String {
    let either = |letter: char| {
        let (upper, lower) = (letter.to_ascii_uppercase(), letter.to_ascii_lowercase());
        if upper == lower { letter.to_string() } else { format!("[{upper}{lower}]") }
    };
    word.chars().map(either).collect()
}
