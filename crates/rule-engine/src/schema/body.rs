//! The definitions: one for each thing that a rule file is made of.

use serde_json::{Map, Value, json};

use super::build::{exact_word_of, optional, properties, reference, word_of};
use crate::{
    attributes::{DESCRIPTION_CHARACTERS, FALSE_POSITIVE_CHARACTERS, NAME_CHARACTERS, TITLE_CHARACTERS},
    vocabulary::Vocabulary,
};

/// Names that conditions can say; the words of its grammar are none.
const IDENTIFIER: &str = r"^(?!(?:[aA][nN][dD]|[oO][rR]|[nN][oO][tT])$)[A-Za-z0-9_-]+$";

/// A length of time.
const TIMESPAN: &str = "^0*[1-9][0-9]*[smhd]$";

const DATE: &str = "^[0-9]{4}[-/](?:0[1-9]|1[0-2])[-/](?:0[1-9]|[12][0-9]|3[01])$";

const TAG: &str = r"^\s*[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+\s*$";

/// All definitions by name.
pub(super) fn definitions() -> Map<String, Value> {
    let parts = [
        ("file", file()),
        ("rule", rule()),
        ("filter", filter()),
        ("correlation", correlation()),
        ("template", template()),
        ("lists", lists()),
        ("list", json!({"type": "array", "items": {"type": ["string", "number", "boolean", "null"]}})),
        ("listsByName", lists_by_name()),
        ("tests", json!({"type": "array", "items": reference("test")})),
        ("test", test()),
        ("correlationTests", json!({"type": "array", "items": reference("correlationTest")})),
        ("correlationTest", correlation_test()),
        ("event", json!({"type": ["object", "string"]})),
        ("logsource", logsource()),
        ("detection", detection()),
        ("filterBody", filter_body()),
        ("condition", condition()),
        ("search", search()),
        ("searchMap", search_map()),
        ("value", value()),
        ("correlationBody", correlation_body()),
        ("bounds", bounds()),
        ("names", names()),
        ("level", word_of(Vocabulary::Level)),
        ("status", word_of(Vocabulary::Status)),
        ("text", json!({"type": ["string", "number", "boolean"], "minLength": 1})),
        ("texts", texts(&json!({}))),
        ("tags", texts(&json!({"type": "string", "pattern": TAG}))),
        ("falsepositives", texts(&json!({"minLength": FALSE_POSITIVE_CHARACTERS}))),
        ("date", json!({"type": "string", "pattern": DATE})),
        ("timespan", json!({"type": "string", "pattern": TIMESPAN})),
        ("scalar", json!({"type": ["string", "number", "boolean"]})),
    ];
    parts.into_iter().map(|(name, definition)| (name.to_owned(), definition)).collect()
}

/// The document says by its keys what it is, as it does to the reader.
fn file() -> Value {
    let has = |key: &str| json!({"required": [key]});
    let is_rule = json!({"anyOf": [has("title"), has("detection"), has("logsource")]});
    json!({
        "type": "object",
        "if": has("action"), "then": reference("template"), "else": {
            "if": has("correlation"), "then": reference("correlation"), "else": {
                "if": has("filter"), "then": reference("filter"), "else": {
                    "if": {"allOf": [has("lists"), {"not": is_rule}]}, "then": reference("lists"),
                    "else": reference("rule"),
                },
            },
        },
    })
}

fn attribute(key: &str) -> Value {
    match key {
        "title" => json!({"$ref": "#/$defs/text", "maxLength": TITLE_CHARACTERS}),
        "name" => {
            json!({"type": ["string", "number", "boolean", "null"], "minLength": 1, "maxLength": NAME_CHARACTERS})
        }
        "description" => {
            json!({
                "type": ["string", "number", "boolean", "null"],
                "minLength": 1, "maxLength": DESCRIPTION_CHARACTERS,
            })
        }
        "id" | "author" | "owner" | "reason" => optional("text"),
        "level" | "status" | "tags" | "falsepositives" | "tests" => optional(key),
        "date" | "modified" | "expires" => optional("date"),
        "references" | "fields" | "response" => optional("texts"),
        "sigma-version" => {
            json!({"anyOf": [
                {"type": "number", "minimum": 1, "exclusiveMaximum": 4},
                {"type": "string", "pattern": r"^[123](?:\.|$)"},
            ]})
        }
        "logsource" | "detection" => reference(key),
        "filter" => reference("filterBody"),
        "correlation" => reference("correlationBody"),
        "generate" => json!({"type": ["boolean", "null"]}),
        _ => json!({}),
    }
}

fn rule() -> Value {
    json!({
        "type": "object",
        "required": ["title", "logsource", "detection"],
        "properties": properties(&[Vocabulary::Common, Vocabulary::Rule], attribute),
    })
}

fn filter() -> Value {
    // The tests of a filter are not run and not read.
    let of = |key: &str| if key == "tests" { json!({}) } else { attribute(key) };
    json!({
        "type": "object",
        "required": ["title", "logsource", "filter"],
        "properties": properties(&[Vocabulary::Common, Vocabulary::Filter], of),
    })
}

fn correlation() -> Value {
    let of = |key: &str| if key == "tests" { optional("correlationTests") } else { attribute(key) };
    json!({
        "type": "object",
        "required": ["title", "correlation"],
        "properties": properties(&[Vocabulary::Common, Vocabulary::Correlation], of),
    })
}

fn template() -> Value {
    json!({"type": "object", "properties": {"action": exact_word_of(Vocabulary::Action)}})
}

fn lists() -> Value {
    json!({"type": "object", "required": ["lists"], "properties": {"lists": reference("listsByName")}})
}

fn lists_by_name() -> Value {
    json!({
        "type": "object",
        "description": "Named lists, to which rules refer as `%name%` under the modifier `expand`",
        "propertyNames": {"pattern": "^[A-Za-z0-9_.-]+$"},
        "additionalProperties": reference("list"),
    })
}

fn test() -> Value {
    let of = |key: &str| match key {
        "name" => json!({"type": ["string", "number", "boolean"], "pattern": r"\S"}),
        "match" => json!({"type": "boolean"}),
        "event" => reference("event"),
        "events" => json!({"type": "array", "items": reference("event"), "minItems": 1}),
        _ => reference("listsByName"),
    };
    json!({
        "type": "object",
        "required": ["name", "match"],
        "oneOf": [{"required": ["event"]}, {"required": ["events"]}],
        "properties": properties(&[Vocabulary::Test], of),
        "additionalProperties": false,
    })
}

fn correlation_test() -> Value {
    let of = |key: &str| match key {
        "name" => json!({"type": ["string", "number", "boolean"], "pattern": r"\S"}),
        "match" => json!({"anyOf": [{"type": "boolean"}, {"type": "array", "items": reference("scalar")}]}),
        "events" => json!({"type": "array", "items": reference("event")}),
        "event" => json!(false),
        _ => reference("listsByName"),
    };
    json!({
        "type": "object",
        "required": ["name", "match", "events"],
        "properties": properties(&[Vocabulary::Test], of),
        "additionalProperties": false,
    })
}

fn logsource() -> Value {
    let keys = Vocabulary::LogSource.words().iter();
    let one_of: Vec<Value> =
        keys.map(|word| json!({"required": [word.name], "properties": {word.name: reference("text")}})).collect();
    json!({
        "type": "object",
        "anyOf": one_of,
        "properties": properties(&[Vocabulary::LogSource], |_| optional("text")),
    })
}

fn detection() -> Value {
    json!({
        "type": "object",
        "required": ["condition"],
        "minProperties": 2,
        "properties": {"condition": reference("condition"), "timeframe": false},
        "propertyNames": {"pattern": IDENTIFIER},
        "additionalProperties": reference("search"),
    })
}

fn filter_body() -> Value {
    json!({
        "type": "object",
        "required": ["condition", "rules"],
        "minProperties": 3,
        "properties": {
            "condition": reference("condition"),
            "timeframe": false,
            "rules": {
                "description": "Ids or names of the rules it is joined to; `any` for every rule of the log source",
                "anyOf": [reference("text"), {"type": "array", "items": {"type": ["string", "number", "boolean", "null"]}}],
            },
        },
        "propertyNames": {"pattern": IDENTIFIER},
        "additionalProperties": reference("search"),
    })
}

fn condition() -> Value {
    let text = json!({"type": ["string", "number", "boolean"], "pattern": r"\S"});
    json!({
        "description": "Searches by name, joined by `and`, `or`, `not`; `1 of filter_*`, `all of selection_*`",
        "anyOf": [text, {"type": "array", "items": text, "minItems": 1}],
    })
}

fn search() -> Value {
    let keyword = reference("scalar");
    json!({
        "description": "Fields that all have to fit; in a list, of which one has to",
        "anyOf": [
            reference("searchMap"),
            {"type": "array", "minItems": 1, "items": {"anyOf": [reference("searchMap"), keyword]}},
            keyword,
        ],
    })
}

/// A key without brackets takes values; one with brackets may open a block as well.
fn search_map() -> Value {
    let names: Vec<&str> = Vocabulary::Modifier.words().iter().map(|word| word.name).collect();
    let modifiers = format!(r"(?:\|(?:{}))*$", names.join("|"));
    json!({
        "type": "object",
        "minProperties": 1,
        "patternProperties": {
            (format!(r"^[^|\[]*{modifiers}")): reference("value"),
            (format!(r"^[^|]*\[[^|]*{modifiers}")): {"anyOf": [reference("value"), {"type": "object"}]},
            r"\|exists$": {"type": "boolean"},
        },
        "additionalProperties": false,
    })
}

fn value() -> Value {
    json!({
        "anyOf": [
            {"type": ["string", "number", "boolean", "null"]},
            {"type": "array", "minItems": 1, "items": reference("scalar")},
        ],
    })
}

fn correlation_body() -> Value {
    let of = |key: &str| match key {
        "type" => exact_word_of(Vocabulary::CorrelationType),
        "rules" => json!({"anyOf": [reference("text"), {"type": "array", "items": reference("text"), "minItems": 1}]}),
        "group-by" => reference("names"),
        "timespan" | "learning" => reference("timespan"),
        "condition" => json!({"anyOf": [reference("bounds"), {"type": "string"}]}),
        "aliases" => {
            json!({
                "type": "object",
                "additionalProperties": {"type": "object", "additionalProperties": reference("scalar")},
            })
        }
        _ => json!({"type": "boolean"}),
    };
    json!({
        "type": "object",
        "required": ["type", "rules", "timespan"],
        "properties": properties(&[Vocabulary::CorrelationBody], of),
        "additionalProperties": false,
    })
}

fn bounds() -> Value {
    let of = |key: &str| match key {
        "field" => reference("names"),
        "percentile" => json!({"type": ["number", "string"], "minimum": 0, "maximum": 100}),
        _ => json!({"type": ["number", "string"]}),
    };
    json!({
        "type": "object",
        "properties": properties(&[Vocabulary::Bounds], of),
        "additionalProperties": false,
    })
}

/// Names of fields or rules, or a single one.
fn names() -> Value {
    json!({"anyOf": [reference("text"), {"type": "array", "items": reference("text")}]})
}

/// A list of single values; one alone counts as a list of one.
fn texts(member: &Value) -> Value {
    let member = json!({"allOf": [{"type": ["string", "number", "boolean", "null"]}, member]});
    json!({"anyOf": [member, {"type": "array", "items": member}]})
}
