//! The event as it may be published: documentation values in the place of what tells whose it is.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{Ipv4Addr, Ipv6Addr},
    sync::LazyLock,
};

use regex::{Captures, Regex};
use serde_json::{Map, Value};
use trailhound_rule_engine::document;

use super::identity::{is_naming, is_open, is_word, words};

/// Documents within documents are looked into so deep; 4. IAM has policies in parameters, and no further.
const DOCUMENTS: usize = 4;

/// What every time becomes.
const TIME: &str = "2026-01-15T12:00:00Z";

/// Shorter names are not looked for within texts, which would find them in other words.
const SHORTEST: usize = 4;

/// Account ids that AWS uses in its documentation.
const ACCOUNTS: [&str; 4] = ["111122223333", "444455556666", "777788889999", "123456789012"];

/// Texts in which names are not looked for: they are those of AWS or of tools.
const OF_AWS: [&str; 12] = [
    "awsRegion",
    "errorCode",
    "eventCategory",
    "eventName",
    "eventSource",
    "eventType",
    "eventVersion",
    "invokedBy",
    "mfaAuthenticated",
    "service",
    "type",
    "userAgent",
];

/// Keys of the record itself, which are kept whatever their form.
const OF_RECORD: [&str; 4] = ["errorMessage", "principalId", "sourceIPAddress", "apiVersion"];

static TELLING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let parts = [
        r#"(?P<arn>arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:[a-z0-9]*:[^\s"',()\[\]{}]+)"#,
        r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d))",
        r"(?P<uuid>[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})",
        r"(?P<email>[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)",
        r"(?P<unique>\b(?:AKIA|ASIA|AIDA|AROA|AGPA|ANPA|ANVA|ABIA|ACCA|APKA|ASCA|AIPA)[A-Z0-9]{12,})",
        r"(?P<v4>\b\d{1,3}(?:\.\d{1,3}){3}\b)",
        r"(?P<v6>[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})",
        r"(?P<resource>\b[a-z]+(?:-[a-z]+)*-(?:[0-9a-f]{17}|[0-9a-f]{8})\b)",
        r"(?P<digits>\d{12,})",
    ];
    Regex::new(&parts.join("|")).ok()
});

/// The record with documentation values, but for the texts in `known`. What was equal stays equal, within texts
/// and documents as well.
pub(super) fn documented(record: &Value, known: &BTreeSet<String>) -> Value {
    let mut substitutes = Substitutes { known: known.clone(), ..Substitutes::default() };
    // Names are met in one place and used in others; the second time all are known.
    substitutes.record(record);
    substitutes.record(record)
}

/// What stands in the place of what.
#[derive(Debug, Default)]
struct Substitutes {
    /// By the kind and the original.
    given: BTreeMap<(String, String), String>,
    /// How many of each kind.
    counts: BTreeMap<String, usize>,
    /// What tells of nobody.
    known: BTreeSet<String>,
    /// Names somebody chose.
    names: BTreeMap<String, String>,
}

impl Substitutes {
    fn record(&mut self, record: &Value) -> Value {
        // The account of the record is the first, its caller is called what a caller is called.
        for key in ["recipientAccountId", "userIdentity"] {
            if let Some(value) = record.get(key) {
                self.value(key, value, 0);
            }
        }
        self.value("", record, 0)
    }

    fn value(&mut self, key: &str, value: &Value, documents: usize) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(key, text, documents)),
            Value::Array(members) => members.iter().map(|member| self.value(key, member, documents)).collect(),
            Value::Object(members) => {
                let members = members.iter().map(|(key, member)| {
                    let shown = self.within(key);
                    (shown, self.value(key, member, documents))
                });
                Value::Object(members.collect::<Map<String, Value>>())
            }
            Value::Number(number) if number.as_u64().is_some_and(|number| number >= 100_000_000_000) => 0.into(),
            other => other.clone(),
        }
    }

    fn text(&mut self, key: &str, text: &str, documents: usize) -> String {
        let is_number = text.len() < 12 && text.parse::<f64>().is_ok();
        let is_known = self.known.contains(text) || text.starts_with("HIDDEN_");
        if is_number || is_known || is_open(text) || OF_AWS.contains(&key) || is_host_of_aws(text) {
            return if key == "userAgent" { self.within(text) } else { text.to_owned() };
        }
        if let Some(document) = document(text).filter(|_| documents < DOCUMENTS) {
            return self.value(key, &document, documents + 1).to_string();
        }
        if is_one_telling_thing(text) {
            return self.within(text);
        }
        let kept = OF_RECORD.contains(&key);
        if !kept && (is_naming(key) || !is_word(text)) && !is_boolean(text) && text != "root" {
            return self.name(text, &format!("example-{}", words(key).join("-")));
        }
        if key == "principalId"
            && let Some((_, session)) = text.split_once(':')
            && !is_one_telling_thing(session)
        {
            self.name(session, "example-session");
        }
        let text = self.within(text);
        self.without_names(&text)
    }

    /// The text with everything replaced that tells by its form.
    fn within(&mut self, text: &str) -> String {
        let Some(telling) = TELLING.as_ref() else { return text.to_owned() };
        telling.replace_all(text, |found: &Captures<'_>| self.found(found)).into_owned()
    }

    fn found(&mut self, found: &Captures<'_>) -> String {
        let whole = found.get(0).map(|whole| whole.as_str()).unwrap_or_default();
        let is = |name: &str| found.name(name).is_some();
        if is("arn") {
            self.arn(whole)
        } else if is("time") {
            TIME.to_owned()
        } else if is("uuid") {
            self.given("uuid", whole, |number| format!("00000000-0000-4000-8000-{number:012}"))
        } else if is("email") {
            self.given("email", whole, |number| numbered("user", number, "@example.com"))
        } else if is("unique") {
            let kind = whole.get(..4).unwrap_or("AKIA").to_owned();
            self.given(&kind, whole, |number| match number {
                1 => format!("{kind}IOSFODNN7EXAMPLE"),
                _ => format!("{kind}I44QH8DHB{number:03}EXAMPLE"),
            })
        } else if is("v4") {
            self.v4(whole)
        } else if is("v6") {
            self.v6(whole)
        } else if is("resource") {
            let (kind, id) = whole.rsplit_once('-').unwrap_or((whole, ""));
            let width = id.len();
            self.given(kind, whole, |number| format!("{kind}-{number:0width$x}"))
        } else if whole.len() == 12 {
            self.account(whole)
        } else {
            "0".to_owned()
        }
    }

    fn v4(&mut self, text: &str) -> String {
        let is_kept = |address: Ipv4Addr| {
            address.is_unspecified()
                || address.is_loopback()
                || address.is_link_local()
                || matches!(address.octets(), [_, 0, 0, 0])
        };
        match text.parse::<Ipv4Addr>() {
            // `Chrome/120.0.0.0` is a version.
            Ok(address) if !is_kept(address) => self.given("v4", text, |number| format!("192.0.2.{}", number.min(254))),
            _ => text.to_owned(),
        }
    }

    fn v6(&mut self, text: &str) -> String {
        match text.parse::<Ipv6Addr>() {
            Ok(address) if !address.is_unspecified() => {
                self.given("v6", text, |number| format!("2001:db8::{number:x}"))
            }
            _ => text.to_owned(),
        }
    }

    fn account(&mut self, text: &str) -> String {
        self.given("account", text, |number| {
            let known = number.checked_sub(1).and_then(|place| ACCOUNTS.get(place));
            known.map_or_else(|| format!("{number:012}"), |known| (*known).to_owned())
        })
    }

    fn arn(&mut self, text: &str) -> String {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let [arn, partition, service, region, account, resource] = parts.as_slice() else { return text.to_owned() };
        if *account == "aws" || resource.starts_with("role/aws-service-role/") || *resource == "root" {
            let account = if account.len() == 12 { self.account(account) } else { (*account).to_owned() };
            return [arn, partition, service, region, account.as_str(), resource].join(":");
        }
        let account = if account.is_empty() { String::new() } else { self.account(account) };
        let resource = self.resource(service, resource);
        [arn, partition, service, region, account.as_str(), &resource].join(":")
    }

    /// The part of an ARN behind the account: a type and names, or a name alone.
    fn resource(&mut self, service: &str, resource: &str) -> String {
        let mut written = String::new();
        let mut kind = service.to_owned();
        let pieces: Vec<&str> = resource.split_inclusive(['/', ':']).collect();
        for (place, piece) in pieces.iter().enumerate() {
            let name = piece.trim_end_matches(['/', ':']);
            let sign = piece.get(name.len()..).unwrap_or_default();
            let is_type = place == 0 && pieces.len() > 1 && service != "s3";
            let shown = if is_type {
                name.clone_into(&mut kind);
                name.to_owned()
            } else if name.is_empty() || name == "*" {
                name.to_owned()
            } else if is_one_telling_thing(name) {
                self.within(name)
            } else {
                let of_kind = match (kind.as_str(), place) {
                    ("assumed-role", 1) => "example-role".to_owned(),
                    ("assumed-role", _) => "example-session".to_owned(),
                    (kind, _) => format!("example-{kind}"),
                };
                self.name(name, &of_kind)
            };
            written.push_str(&shown);
            written.push_str(sign);
        }
        written
    }

    /// What a name that somebody chose is called; the first of its kind without a number.
    fn name(&mut self, original: &str, kind: &str) -> String {
        if let Some(known) = self.names.get(original) {
            return known.clone();
        }
        let count = self.counts.entry(kind.to_owned()).or_default();
        *count += 1;
        let name = if *count == 1 { kind.to_owned() } else { format!("{kind}-{count}") };
        self.names.insert(original.to_owned(), name.clone());
        name
    }

    fn given(&mut self, kind: &str, original: &str, make: impl FnOnce(usize) -> String) -> String {
        let key = (kind.to_owned(), original.to_owned());
        if let Some(known) = self.given.get(&key) {
            return known.clone();
        }
        let count = self.counts.entry(kind.to_owned()).or_default();
        *count += 1;
        let made = make(*count);
        self.given.insert(key, made.clone());
        made
    }

    /// The text with the known names replaced that stand in it as words.
    fn without_names(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (original, name) in self.names.iter().rev().filter(|(original, _)| original.len() >= SHORTEST) {
            text = replaced(&text, original, name);
        }
        text
    }
}

fn replaced(text: &str, original: &str, name: &str) -> String {
    let mut written = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(original) {
        let is_edge = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
        let is_word = is_edge(before.chars().next_back()) && is_edge(after.chars().next());
        written.push_str(before);
        written.push_str(if is_word { name } else { original });
        rest = after;
    }
    written.push_str(rest);
    written
}

fn is_one_telling_thing(text: &str) -> bool {
    TELLING.as_ref().and_then(|telling| telling.find(text)).is_some_and(|found| found.as_str() == text)
}

fn numbered(name: &str, number: usize, rest: &str) -> String {
    if number == 1 { format!("{name}{rest}") } else { format!("{name}{number}{rest}") }
}

fn is_boolean(text: &str) -> bool {
    ["true", "false", "yes", "no"].iter().any(|word| text.eq_ignore_ascii_case(word)) || text.is_empty()
}

fn is_host_of_aws(text: &str) -> bool {
    let name = text.strip_suffix(".amazonaws.com").or_else(|| text.strip_suffix(".amazonaws.com.cn"));
    name.is_some_and(|name| !name.contains('.') && is_word(name))
}

/// The JSON document that a text is, perhaps percent-encoded, as the rule engine takes it for one.
pub(super) fn document(text: &str) -> Option<Value> {
    document::text(text).and_then(|text| serde_json::from_str(&text).ok())
}
