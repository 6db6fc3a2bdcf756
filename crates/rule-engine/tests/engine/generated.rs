//! The fast evaluator against the oracle, over generated rules and records that share a small world of
//! names and values, so that they meet often.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use trailhound_rule_engine::{Limits, RuleSet, Source, report};

use crate::agreement::{assert_agreement, assert_explained};

const KEYS: [&str; 6] = ["a", "b", "c", "a.b", "b.c", "eventName"];
const TEXTS: [&str; 22] = [
    "",
    "a",
    "A",
    "ab",
    "abc",
    "aXc",
    "x*y",
    "?",
    "\\",
    "5",
    "5.0",
    "true",
    "10.1.2.3",
    "ü",
    "STRASSE",
    "xStrasseY",
    "\u{212a}elvin",
    "kelvin abc",
    "a\nc",
    "/a",
    "xLWE",
    "2026-01-02T13:04:05Z",
];
const PATTERNS: [&str; 18] = [
    "",
    "*strasse*",
    "kel*",
    "*abc",
    "*elv?n*",
    "a",
    "a*",
    "*b*",
    "?",
    "a?c",
    "\\*",
    "x\\*y",
    "\\\\",
    "5",
    "true",
    "Ü",
    "*a*c*",
    "strasse",
];

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-20i64..20).prop_map(|number| json!(number)),
        Just(json!(9_007_199_254_740_993_u64)),
        Just(json!(5.0)),
        Just(json!(0.5)),
        proptest::sample::select(TEXTS.to_vec()).prop_map(|text| json!(text)),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            3 => proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            3 => object_of(inner.clone()).prop_map(Value::Object),
            2 => (inner, 0u8..6).prop_map(|(value, form)| json!(document(&value.to_string(), form))),
        ]
    })
}

fn hexadecimal(digit: u8) -> u8 {
    b"0123456789ABCDEF"[usize::from(digit)]
}

/// A JSON text as records hold it in a string, at times damaged.
fn document(json: &str, form: u8) -> String {
    match form {
        0 => json
            .bytes()
            .flat_map(|byte| [b'%', hexadecimal(byte >> 4), hexadecimal(byte & 15)])
            .map(char::from)
            .collect(),
        1 => json.replace('{', "%7b").replace('[', "%5b").replace('"', "%22"),
        2 => format!("\n\t{json} "),
        3 => json.get(..json.len() - 1).unwrap_or_default().to_owned(),
        _ => json.to_owned(),
    }
}

fn object_of(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    proptest::collection::vec((proptest::sample::select(KEYS.to_vec()), inner), 0..4)
        .prop_map(|members| members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// A record, at times with the fields that derived fields are computed from.
fn record() -> impl Strategy<Value = Value> {
    let call = proptest::option::of((call(), identity()));
    (object_of(value()), call).prop_map(|(mut record, call)| {
        if let Some((call, identity)) = call {
            record.extend(call);
            record.insert("userIdentity".to_owned(), identity);
        }
        Value::Object(record)
    })
}

fn member(key: &'static str, texts: &'static [&'static str]) -> impl Strategy<Value = (String, Value)> {
    let text = proptest::sample::select(texts).prop_map(|text| json!(text));
    let odd = prop_oneof![leaf(), proptest::collection::vec(leaf(), 0..3).prop_map(Value::Array)];
    prop_oneof![5 => text, 1 => odd].prop_map(move |value| (key.to_owned(), value))
}

fn call() -> impl Strategy<Value = Map<String, Value>> {
    let one = prop_oneof![
        member("eventName", &["a", "A20150331v2", "ConsoleLogin"]),
        member("eventSource", &["a.amazonaws.com", "b.amazonaws.com"]),
        member("errorCode", &["", "AccessDenied", "Client.UnauthorizedOperation", "a"]),
        member("sourceIPAddress", &["10.1.2.3", "a.amazonaws.com"]),
        member("recipientAccountId", &["111122223333"]),
        member("trailhound.event", &["a:A"]),
        member("trailhound", &["a"]),
    ];
    proptest::collection::vec(one, 1..6).prop_map(|members| members.into_iter().collect())
}

fn identity() -> impl Strategy<Value = Value> {
    let one = prop_oneof![
        member("type", &["Root", "IAMUser", "AssumedRole", "AWSService", "AWSAccount", "Unknown"]),
        member(
            "arn",
            &["arn:aws:iam::111122223333:user/a", "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_a/a"]
        ),
        member("accountId", &["111122223333", "444455556666", "anonymous"]),
        member("accessKeyId", &["AKIAA", "ASIAA", ""]),
        member("invokedBy", &["a.amazonaws.com"]),
        member("userName", &["a", "HIDDEN_DUE_TO_SECURITY_REASONS"]),
    ];
    let object = proptest::collection::vec(one, 1..6).prop_map(|members| Value::Object(members.into_iter().collect()));
    prop_oneof![8 => object.clone(), 1 => leaf(), 1 => proptest::collection::vec(object, 0..3).prop_map(Value::Array)]
}

/// An entry on a derived field with a value that it can have.
fn derived() -> impl Strategy<Value = (String, Value)> {
    let text = |field: &'static str, texts: &'static [&'static str]| {
        proptest::sample::select(texts).prop_map(move |text| (field.to_owned(), json!(text)))
    };
    prop_oneof![
        4 => text("trailhound.event", &["a:A", "b:a", "A:consolelogin", "a:*", "a", "a:a:a"]),
        1 => text("trailhound.outcome", &["success", "denied", "failed"]),
        1 => text("trailhound.actor_type", &["human", "role", "service", "root", "account", "anonymous"]),
        1 => text("trailhound.actor|endswith", &["a", "root", "amazonaws.com"]),
        1 => text("trailhound.actor_name|re", &["^a", "."]),
        1 => text("trailhound.credential", &["long-term", "temporary", "console"]),
        1 => text("trailhound.source_ip|cidr", &["10.0.0.0/8"]),
        1 => any::<bool>().prop_map(|wanted| ("trailhound.cross_account".to_owned(), json!(wanted))),
        1 => any::<bool>().prop_map(|wanted| ("trailhound.source_ip|exists".to_owned(), json!(wanted))),
        1 => Just(("trailhound.credential".to_owned(), Value::Null)),
        1 => text("userIdentity.userName|fieldref", &["trailhound.actor_name"]),
        1 => text("trailhound.event|fieldref|contains", &["eventName"]),
    ]
}

fn field() -> impl Strategy<Value = String> {
    let path = proptest::collection::vec(proptest::sample::select(vec!["a", "b", "c"]), 1..4)
        .prop_map(|segments| segments.join("."));
    prop_oneof![4 => path, 1 => Just("eventName".to_owned())]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => proptest::sample::select(PATTERNS.to_vec()).prop_map(|text| json!(text)),
        1 => (-20i64..20).prop_map(|number| json!(number)),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(json!(9_007_199_254_740_993_u64)),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![scalar(), proptest::collection::vec(scalar(), 2..9).prop_map(Value::Array)]
}

/// A field with its modifiers, and a value that fits them.
fn item(field: BoxedStrategy<String>) -> impl Strategy<Value = (String, Value)> {
    let field = move || field.clone();
    let text =
        (field(), proptest::sample::select(vec!["", "|contains", "|startswith", "|endswith", "|cased"]), values())
            .prop_map(|(field, modifier, value)| (format!("{field}{modifier}"), value));
    let negated = (field(), values()).prop_map(|(field, value)| (format!("{field}|neq"), value));
    let all = (field(), proptest::collection::vec(scalar(), 2..4))
        .prop_map(|(field, values)| (format!("{field}|contains|all"), Value::Array(values)));
    let absent = field().prop_map(|field| (field, Value::Null));
    let exists = (field(), any::<bool>()).prop_map(|(field, wanted)| (format!("{field}|exists"), json!(wanted)));
    let compare = (field(), proptest::sample::select(vec!["gt", "gte", "lt", "lte"]), -10i64..10)
        .prop_map(|(field, operator, number)| (format!("{field}|{operator}"), json!(number)));
    let network = field().prop_map(|field| (format!("{field}|cidr"), json!("10.0.0.0/8")));
    let regex = (field(), proptest::sample::select(vec!["^a.c$", "b", "[0-9]+", "^$"]))
        .prop_map(|(field, expression)| (format!("{field}|re"), json!(expression)));
    let other = prop_oneof![
        3 => field(),
        2 => selected_field().prop_map(|field| format!("trailhound.record.{field}")),
        1 => Just("trailhound.record.trailhound.event".to_owned()),
    ];
    let reference = (field(), other, proptest::sample::select(vec!["", "|contains", "|startswith|cased", "|neq"]))
        .prop_map(|(field, other, modifier)| (format!("{field}|fieldref{modifier}"), json!(other)));
    let encoded = (field(), proptest::sample::select(vec!["windash", "base64offset|contains", "wide|base64|cased"]))
        .prop_map(|(field, modifiers)| (format!("{field}|{modifiers}"), json!("-a")));
    let time = (field(), 0i64..20).prop_map(|(field, hour)| (format!("{field}|hour|gte"), json!(hour)));
    let keyword =
        proptest::collection::vec(scalar(), 1..3).prop_map(|values| ("|all".to_owned(), Value::Array(values)));
    prop_oneof![6 => text, 1 => negated, 1 => all, 1 => absent, 1 => exists, 1 => compare, 1 => network, 1 => regex, 1 => keyword, 2 => reference, 1 => encoded, 1 => time]
}

fn search(item: BoxedStrategy<(String, Value)>) -> impl Strategy<Value = Value> {
    let map = proptest::collection::btree_map("[a-z]{3}", item, 1..4)
        .prop_map(|items| Value::Object(items.into_values().collect()))
        .boxed();
    prop_oneof![map.clone(), proptest::collection::vec(map, 1..3).prop_map(Value::Array)]
}

/// A field path of Sigma 3, at times with positions.
fn selected_field() -> impl Strategy<Value = String> {
    let selector = proptest::sample::select(vec!["", "", "", "[0]", "[1]", "[-1]"]);
    let segment = (proptest::sample::select(vec!["a", "b", "c"]), selector)
        .prop_map(|(name, selector)| format!("{name}{selector}"));
    let last = proptest::sample::select(vec!["", "", "", "[-2]"]);
    (proptest::collection::vec(segment, 1..4), last)
        .prop_map(|(segments, last)| format!("{}{last}", segments.join(".")))
}

/// A map of entries on the elements of a list: plain ones, and blocks within.
fn body() -> impl Strategy<Value = Value> {
    let entry = item(prop_oneof![2 => Just(".".to_owned()), 5 => selected_field()].boxed());
    let basic = |entry: BoxedStrategy<(String, Value)>| {
        proptest::collection::vec(entry, 1..3).prop_map(|items| Value::Object(items.into_iter().collect()))
    };
    basic(entry.boxed()).prop_recursive(3, 8, 2, move |inner| {
        let entry = item(selected_field().boxed());
        let search = search(prop_oneof![2 => entry, 1 => block(inner.clone())].boxed()).boxed();
        let condition = proptest::sample::select(vec!["x or y", "x and not y", "1 of them"]);
        let own_condition = (search.clone(), search, condition)
            .prop_map(|(x, y, condition)| json!({"x": x, "y": y, "condition": condition}));
        prop_oneof![basic(block(inner).boxed()), own_condition]
    })
}

fn block(body: impl Strategy<Value = Value>) -> impl Strategy<Value = (String, Value)> {
    let quantifier = proptest::sample::select(vec!["any", "all", "all_or_empty", "none"]);
    (selected_field(), quantifier, body).prop_map(|(field, quantifier, body)| (format!("{field}[{quantifier}]"), body))
}

/// A selector on the way: a block of one entry.
fn flat_block() -> impl Strategy<Value = (String, Value)> {
    let quantifier = proptest::sample::select(vec!["any", "all", "all_or_empty", "none"]);
    (selected_field(), quantifier, item(selected_field().boxed()))
        .prop_filter("keywords have no field", |(_, _, (key, _))| !key.starts_with('|'))
        .prop_map(|(field, quantifier, (key, value))| (format!("{field}[{quantifier}].{key}"), value))
}

fn condition() -> impl Strategy<Value = String> {
    let leaf = proptest::sample::select(vec!["s0", "s1", "s2", "1 of s*", "all of them"]).prop_map(str::to_owned);
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("{left} and {right}")),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("({left}) or {right}")),
            inner.prop_map(|inner| format!("not ({inner})")),
        ]
    })
}

fn rule() -> impl Strategy<Value = String> {
    let plain = prop_oneof![8 => item(field().boxed()), 1 => derived()].boxed();
    let selected = prop_oneof![
        3 => item(selected_field().boxed()),
        3 => block(body()),
        2 => flat_block(),
    ]
    .boxed();
    prop_oneof![rule_of(2, plain), rule_of(3, selected)]
}

fn rule_of(version: u8, item: BoxedStrategy<(String, Value)>) -> impl Strategy<Value = String> {
    let search = search(item).boxed();
    (search.clone(), search.clone(), search, condition()).prop_map(move |(first, second, third, condition)| {
        let detection = json!({"s0": first, "s1": second, "s2": third, "condition": condition});
        let logsource = json!({"product": "aws"});
        json!({"title": "generated", "sigma-version": version, "logsource": logsource, "detection": detection})
            .to_string()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn both_evaluators_agree(rules in proptest::collection::vec(rule(), 1..6), records in proptest::collection::vec(record(), 1..4)) {
        // JSON is YAML, so that a generated rule needs no writer of its own.
        let loaded = RuleSet::load(rules.iter().map(|text| Source::new("generated", text.as_str())), &Limits::default());
        prop_assert!(!loaded.has_errors(), "{}", report::text(&loaded.diagnostics, report::Color::Never));
        for record in &records {
            assert_agreement(&loaded.rules, &record.to_string());
            assert_explained(&loaded.rules, &record.to_string());
        }
    }
}
