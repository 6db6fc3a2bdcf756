//! Rules and records from the bytes of an input, out of one small world of names and values, so that
//! rules and records meet often.

use arbitrary::{Result, Unstructured};
use serde_json::{Map, Value, json};

/// Rule files and records that belong together.
pub(crate) struct Scene {
    pub(crate) rules: Vec<String>,
    pub(crate) records: Vec<String>,
}

/// A scene of up to four rules, a filter at times, and up to three records.
pub(crate) fn scene(bytes: &mut Unstructured<'_>) -> Result<Scene> {
    let lists = json!({"lists": {"own": ["a", "x*", "5"], "networks": ["10.0.0.0/8", "2001:db8::1"], "nobody": []}});
    let mut rules = vec![lists.to_string()];
    for number in 0..bytes.int_in_range(1..=4)? {
        // JSON is YAML, so that a generated rule needs no writer of its own.
        rules.push(rule(bytes, number)?.to_string());
    }
    if bytes.ratio(1, 4)? {
        let filter = json!({"rules": "any", "s0": search(bytes)?, "condition": "not s0"});
        rules.push(json!({"title": "filter", "logsource": {"product": "aws"}, "filter": filter}).to_string());
    }
    let mut records = Vec::new();
    for _ in 0..bytes.int_in_range(1..=3)? {
        let mut record = String::new();
        write_object(bytes, 0, &mut record)?;
        records.push(record);
    }
    Ok(Scene { rules, records })
}

fn rule(bytes: &mut Unstructured<'_>, number: usize) -> Result<Value> {
    let mut detection = Map::new();
    for name in ["s0", "s1", "s2"] {
        detection.insert(name.to_owned(), search(bytes)?);
    }
    let condition = if bytes.ratio(1, 8)? {
        json!([condition(bytes, 0)?, condition(bytes, 0)?])
    } else {
        json!(condition(bytes, 0)?)
    };
    detection.insert("condition".to_owned(), condition);
    Ok(json!({"title": format!("generated {number}"), "logsource": {"product": "aws"}, "detection": detection}))
}

fn condition(bytes: &mut Unstructured<'_>, depth: usize) -> Result<String> {
    let pick = if depth < 4 { bytes.int_in_range(0..=8)? } else { 0 };
    Ok(match pick {
        5 => format!("{} and {}", condition(bytes, depth + 1)?, condition(bytes, depth + 1)?),
        6 => format!("({}) or {}", condition(bytes, depth + 1)?, condition(bytes, depth + 1)?),
        7 => format!("not {}", condition(bytes, depth + 1)?),
        8 => format!("not ({})", condition(bytes, depth + 1)?),
        _ => (*bytes.choose(&["s0", "s1", "s2", "1 of s*", "all of them", "any of them", "all of s*"])?).to_owned(),
    })
}

fn search(bytes: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match bytes.int_in_range(0..=9)? {
        0 => json!([scalar(bytes)?, scalar(bytes)?]),
        1 | 2 => json!([items(bytes)?, items(bytes)?]),
        _ => items(bytes)?,
    })
}

fn items(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let mut items = Map::new();
    if bytes.ratio(1, 2)? {
        // What the index of exact values takes as an anchor.
        items.insert("eventName".to_owned(), values(bytes, scalar)?);
    }
    for _ in 0..bytes.int_in_range(1..=3)? {
        let (name, value) = item(bytes)?;
        items.insert(name, value);
    }
    Ok(Value::Object(items))
}

const TEXT_CHAINS: [&str; 18] = [
    "",
    "",
    "",
    "|contains",
    "|startswith",
    "|endswith",
    "|cased",
    "|contains|cased",
    "|startswith|cased",
    "|contains|all",
    "|endswith|all",
    "|all",
    "|neq",
    "|contains|neq",
    "|contains|all|neq",
    "|windash",
    "|contains|windash",
    "|contains|all|windash",
];
const ENCODED_CHAINS: [&str; 6] = [
    "|base64",
    "|base64offset|contains",
    "|base64offset|contains|all",
    "|wide|base64offset|contains|cased",
    "|utf16be|base64",
    "|utf16|base64offset|contains",
];
const EXPAND_CHAINS: [&str; 5] = ["|expand", "|expand|contains", "|expand|neq", "|expand|windash", "|cidr|expand"];
const REGEX_CHAINS: [&str; 7] = ["|re", "|re|i", "|re|m", "|re|s", "|re|i|m|s", "|re|neq", "|re|all"];
const NETWORK_CHAINS: [&str; 3] = ["|cidr", "|cidr|neq", "|cidr|all"];
const COMPARISONS: [&str; 4] = ["|gt", "|gte", "|lt", "|lte"];
/// The parts of a date, and the numbers that each can be.
const TIME_PARTS: [(&str, i32, i32); 6] =
    [("|minute", 0, 59), ("|hour", 0, 23), ("|day", 1, 31), ("|week", 1, 53), ("|month", 1, 12), ("|year", 2024, 2027)];
const REFERENCE_CHAINS: [&str; 7] = [
    "|fieldref",
    "|fieldref|contains",
    "|fieldref|startswith",
    "|fieldref|endswith",
    "|fieldref|cased",
    "|fieldref|neq",
    "|fieldref|contains|cased",
];

/// A field with its modifiers, and values that mostly fit them; an item that does not costs its rule.
fn item(bytes: &mut Unstructured<'_>) -> Result<(String, Value)> {
    let field = field(bytes)?;
    let kind = bytes.int_in_range(0..=19)?;
    let (chain, value): (String, Value) = match kind {
        0 => (String::new(), Value::Null),
        1 => ("|exists".to_owned(), json!(bytes.arbitrary::<bool>()?)),
        2 => with_values(bytes, &EXPAND_CHAINS, placeholder)?,
        3 | 4 => with_values(bytes, &REGEX_CHAINS, expression)?,
        5 => with_values(bytes, &NETWORK_CHAINS, network)?,
        6 => with_values(bytes, &COMPARISONS, number)?,
        7 => {
            let comparison = bytes.choose(&COMPARISONS)?;
            (format!("{comparison}|neq"), number(bytes)?)
        }
        8 => time_part(bytes)?,
        9 | 10 => ((*bytes.choose(&REFERENCE_CHAINS)?).to_owned(), json!(self::field(bytes)?)),
        11 => with_values(bytes, &ENCODED_CHAINS, plain_text)?,
        12 => {
            let (chain, value) = with_values(bytes, &["|all", "|contains", "|startswith", "|cased"], scalar)?;
            return Ok((chain, value));
        }
        _ => with_values(bytes, &TEXT_CHAINS, scalar)?,
    };
    Ok((format!("{field}{chain}"), value))
}

type Generate = fn(&mut Unstructured<'_>) -> Result<Value>;

/// Modifiers, and values for them; `all` needs several.
fn with_values(bytes: &mut Unstructured<'_>, chains: &[&str], of: Generate) -> Result<(String, Value)> {
    let chain = *bytes.choose(chains)?;
    let value = if chain.contains("all") {
        let count = bytes.int_in_range(2..=3)?;
        list(bytes, count, of)?
    } else {
        values(bytes, of)?
    };
    Ok((chain.to_owned(), value))
}

fn time_part(bytes: &mut Unstructured<'_>) -> Result<(String, Value)> {
    let (part, least, most) = *bytes.choose(&TIME_PARTS)?;
    let comparison = if bytes.ratio(1, 2)? { *bytes.choose(&COMPARISONS)? } else { "" };
    Ok((format!("{part}{comparison}"), json!(bytes.int_in_range(least..=most)?)))
}

fn field(bytes: &mut Unstructured<'_>) -> Result<String> {
    if bytes.ratio(1, 6)? {
        return Ok((*bytes.choose(&["eventName", "eventTime", "ip"])?).to_owned());
    }
    let mut segments = Vec::new();
    for _ in 0..bytes.int_in_range(1..=3)? {
        segments.push(*bytes.choose(&["a", "b", "c"])?);
    }
    Ok(segments.join("."))
}

fn values(bytes: &mut Unstructured<'_>, of: Generate) -> Result<Value> {
    // Long lists are looked up another way than short ones.
    let count = *bytes.choose(&[1, 1, 1, 2, 3, 9])?;
    if count == 1 { of(bytes) } else { list(bytes, count, of) }
}

fn list(bytes: &mut Unstructured<'_>, count: usize, of: Generate) -> Result<Value> {
    (0..count).map(|_| of(bytes)).collect::<Result<Vec<_>>>().map(Value::Array)
}

fn scalar(bytes: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match bytes.int_in_range(0..=7)? {
        0 => number(bytes)?,
        1 => json!(bytes.arbitrary::<bool>()?),
        _ => json!(text(bytes)?),
    })
}

fn placeholder(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let list = *bytes.choose(&["%own%", "%networks%", "%nobody%", "\\%own%", "a"])?;
    Ok(json!(if bytes.ratio(1, 3)? { format!("{list}{}", text(bytes)?) } else { list.to_owned() }))
}

fn expression(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let expressions =
        ["^a.c$", "b", "[0-9]+", "^$", "", ".*", "^b", "\\bA", "(?i)ab|x", "[^a]", "\\.", "ü", "\\d{2,3}$"];
    Ok(json!(bytes.choose(&expressions)?))
}

fn network(bytes: &mut Unstructured<'_>) -> Result<Value> {
    Ok(json!(bytes.choose(&["10.0.0.0/8", "10.1.2.3/32", "0.0.0.0/0", "2001:db8::/32", "::/0"])?))
}

/// Text without wildcards, which alone can be encoded.
fn plain_text(bytes: &mut Unstructured<'_>) -> Result<Value> {
    Ok(json!(text(bytes)?.replace(['*', '?'], "")))
}

fn number(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let text = number_text(bytes)?;
    Ok(serde_json::from_str(&text).unwrap_or(json!(text)))
}

const NUMBERS: [&str; 20] = [
    "0",
    "-0",
    "5",
    "5.0",
    "5.00",
    "0.5",
    "5e0",
    "50e-1",
    "1e2",
    "100",
    "1E+2",
    "-7",
    "-7.0",
    "0.1",
    "0.10",
    "9007199254740993",
    "18446744073709551616",
    "1e400",
    "1e-400",
    "9007199254740992.0",
];

fn number_text(bytes: &mut Unstructured<'_>) -> Result<String> {
    if bytes.ratio(1, 3)? {
        return Ok(bytes.int_in_range(-20..=20)?.to_string());
    }
    bytes.choose(&NUMBERS).map(|text| (*text).to_owned())
}

const TEXTS: [&str; 26] = [
    "",
    "a",
    "A",
    "ab",
    "abc",
    "aXc",
    "x*y",
    "?",
    "*",
    "\\",
    "5",
    "5.0",
    "true",
    "10.1.2.3",
    "2001:db8::1",
    "ü",
    "STRASSE",
    "a\nc",
    "/a",
    "-a",
    "xLWE",
    "a*",
    "*b*",
    "a?c",
    "2026-01-02T13:04:05Z",
    "2026-12-31T23:59:60+02:00",
];
/// Characters with a meaning in patterns, in JSON and YAML, and some whose lower case is another length.
const CHARACTERS: [char; 32] = [
    'a', 'b', 'c', 'A', 'B', 'x', 'L', 'W', '1', '5', '*', '?', '\\', '-', '/', '–', '.', '%', '"', '\'', ' ', '\n',
    '\0', '{', ':', 'İ', 'ſ', 'K', 'ß', 'Σ', 'ς', '😀',
];

fn text(bytes: &mut Unstructured<'_>) -> Result<String> {
    if bytes.ratio(2, 3)? {
        return Ok((*bytes.choose(&TEXTS)?).to_owned());
    }
    (0..bytes.int_in_range(0..=6)?).map(|_| bytes.choose(&CHARACTERS).copied()).collect()
}

const KEYS: [&str; 9] = ["a", "b", "c", "a.b", "b.c", "eventName", "eventTime", "ip", ""];

/// Writes an object, repeated keys included, which no tree of `serde_json` could hold.
fn write_object(bytes: &mut Unstructured<'_>, depth: usize, to: &mut String) -> Result<()> {
    to.push('{');
    for member in 0..bytes.int_in_range(0..=4)? {
        to.push_str(if member > 0 { "," } else { "" });
        let key = *bytes.choose(&KEYS)?;
        write_text(bytes, key, to)?;
        to.push(':');
        write_value(bytes, depth + 1, to)?;
    }
    to.push('}');
    Ok(())
}

fn write_value(bytes: &mut Unstructured<'_>, depth: usize, to: &mut String) -> Result<()> {
    match if depth < 5 { bytes.int_in_range(0..=9)? } else { bytes.int_in_range(0..=5)? } {
        0 => to.push_str("null"),
        1 => to.push_str(if bytes.arbitrary()? { "true" } else { "false" }),
        2 => to.push_str(&number_text(bytes)?),
        3..=5 => {
            let text = text(bytes)?;
            write_text(bytes, &text, to)?;
        }
        6 | 7 => {
            to.push('[');
            for element in 0..bytes.int_in_range(0..=3)? {
                to.push_str(if element > 0 { " , " } else { "" });
                write_value(bytes, depth + 1, to)?;
            }
            to.push(']');
        }
        _ => write_object(bytes, depth, to)?,
    }
    Ok(())
}

/// Writes a string as `serde_json` does, or with every character escaped, or with half a surrogate pair.
fn write_text(bytes: &mut Unstructured<'_>, text: &str, to: &mut String) -> Result<()> {
    match bytes.int_in_range(0..=15)? {
        0 => {
            to.push('"');
            to.extend(text.encode_utf16().map(|unit| format!("\\u{unit:04x}")));
            to.push('"');
        }
        1 => to.push_str("\"\\ud800\""),
        _ => to.push_str(&json!(text).to_string()),
    }
    Ok(())
}
