//! Diagnostics as SARIF 2.1.0, the form that code review tools read.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::collections::BTreeSet;

use serde::Serialize;
use trailhound_rule_engine::{Code, Diagnostic, Severity, Source, Span};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Debug, Serialize)]
pub(super) struct Log<'d> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'d>; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'d> {
    tool: Tool,
    /// Columns are counted in characters, not in UTF-16 units.
    column_kind: &'static str,
    results: Vec<Found<'d>>,
}

#[derive(Debug, Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Debug, Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Kind>,
}

/// A kind of problem; SARIF calls it a rule.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    id: Code,
    name: &'static str,
    short_description: Text<'static>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_configuration: Option<Configuration>,
}

#[derive(Debug, Serialize)]
struct Configuration {
    level: Severity,
}

#[derive(Debug, Serialize)]
struct Text<'t> {
    text: &'t str,
}

#[derive(Debug, Serialize)]
struct Message {
    text: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Found<'d> {
    rule_id: Code,
    rule_index: usize,
    /// The words of SARIF are those of [`Severity`].
    level: Severity,
    message: Message,
    locations: [Location<'d>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    related_locations: Option<[RelatedLocation<'d>; 1]>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'d> {
    physical_location: PhysicalLocation<'d>,
}

/// The place that was there first.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RelatedLocation<'d> {
    /// By which code review tells several apart.
    id: usize,
    message: Text<'static>,
    physical_location: PhysicalLocation<'d>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation<'d> {
    artifact_location: Artifact<'d>,
    region: Region,
}

#[derive(Debug, Serialize)]
struct Artifact<'d> {
    uri: std::borrow::Cow<'d, str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

impl<'d> Log<'d> {
    pub(super) fn of(diagnostics: &'d [Diagnostic]) -> Self {
        let codes: BTreeSet<Code> = diagnostics.iter().map(Diagnostic::code).collect();
        let codes: Vec<Code> = codes.into_iter().collect();
        let results = diagnostics.iter().map(|diagnostic| Found::of(diagnostic, &codes)).collect();
        let rules = codes.iter().copied().map(Kind::from).collect();
        let driver = Driver { name: "trailhound", version: env!("CARGO_PKG_VERSION"), rules };
        Log {
            schema: SCHEMA,
            version: "2.1.0",
            runs: [Run { tool: Tool { driver }, column_kind: "unicodeCodePoints", results }],
        }
    }
}

impl From<Code> for Kind {
    fn from(code: Code) -> Self {
        Kind {
            id: code,
            name: code.name(),
            short_description: Text { text: code.summary() },
            default_configuration: code.lint_severity().map(|level| Configuration { level }),
        }
    }
}

impl<'d> Found<'d> {
    fn of(diagnostic: &'d Diagnostic, codes: &[Code]) -> Self {
        let text = match diagnostic.help() {
            Some(help) => format!("{}; {help}", diagnostic.message()),
            None => diagnostic.message().to_owned(),
        };
        Found {
            rule_id: diagnostic.code(),
            rule_index: codes.binary_search(&diagnostic.code()).unwrap_or_default(),
            level: diagnostic.severity(),
            message: Message { text },
            locations: [Location { physical_location: PhysicalLocation::of(diagnostic.source(), diagnostic.span()) }],
            related_locations: diagnostic.related().map(|(source, span)| {
                let message = Text { text: "the first one stands here" };
                [RelatedLocation { id: 1, message, physical_location: PhysicalLocation::of(source, span) }]
            }),
        }
    }
}

impl<'d> PhysicalLocation<'d> {
    fn of(source: &'d Source, span: Span) -> Self {
        let (start, end) = (source.position(span.start), source.position(span.end));
        let region =
            Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column };
        PhysicalLocation { artifact_location: Artifact { uri: reference(source.name()) }, region }
    }
}

/// A path as a URI reference: what cannot stand in one is percent-encoded.
fn reference(path: &str) -> std::borrow::Cow<'_, str> {
    let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    if path.bytes().all(may_stand) {
        return path.into();
    }
    let encoded = path.bytes().map(|byte| match byte {
        b'\\' if cfg!(windows) => "/".to_owned(),
        byte if may_stand(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    encoded.collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Value;
    use trailhound_rule_engine::{RuleSet, Settings, Source, catalog::Catalog};

    use super::*;

    /// What section 3 of the specification requires of the parts that are written here.
    #[test]
    fn a_log_has_what_the_specification_requires() {
        let rule = "title: t\nlogsource: {product: aws}\nlevel: hihg\n---\ntitle: u\nlogsource: {product: aws}\n\
                    detection: {a: {eventName: CreateUser}, b: {c: d}, condition: a}\n";
        let settings = Settings { catalog: Some(Arc::new(Catalog::built_in())), ..Settings::default() };
        let diagnostics = RuleSet::load_with([Source::new("a b.yml", rule)], &settings).diagnostics;
        let log = serde_json::to_value(Log::of(&diagnostics)).unwrap();
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        let kinds = run["tool"]["driver"]["rules"].as_array().unwrap();
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), diagnostics.len());
        let levels: BTreeSet<&str> = results.iter().filter_map(|result| result["level"].as_str()).collect();
        assert_eq!(levels, BTreeSet::from(["error", "note", "warning"]));
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(kinds[index]["id"], result["ruleId"]);
            assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uri"], "a%20b.yml");
            let region = |key: &str| place["region"][key].as_u64().unwrap();
            assert!(region("startLine") >= 1 && region("startColumn") >= 1);
            assert!((region("startLine"), region("startColumn")) <= (region("endLine"), region("endColumn")));
        }
        let ids: BTreeSet<&str> = kinds.iter().filter_map(|kind| kind["id"].as_str()).collect();
        assert_eq!(ids.len(), kinds.len());
        assert!(kinds.iter().all(|kind| kind["shortDescription"]["text"].is_string() && kind["name"] != Value::Null));
    }

    #[test]
    fn what_stands_twice_names_the_first_place() {
        let rule = |title: &str, id: &str, more: &str| {
            let detection = "detection: {a: {eventName: x}, condition: a}\nlevel: low\n";
            let id = format!("id: {}-0000-4000-8000-000000000000", id.repeat(8));
            format!("title: {title}\n{id}\nlogsource: {{product: aws}}\n{detection}{more}")
        };
        let sources = [
            Source::new("a b.yml", rule("one", "1", "tags: [attack.t1098, attack.impact, attack.t1098]\n")),
            Source::new("c.yml", rule("other", "1", "")),
            Source::new("d.yml", rule("One", "2", "")),
            Source::new("e.yml", rule("three", "3", "level: high\n")),
        ];
        let settings = Settings { catalog: Some(Arc::new(Catalog::built_in())), ..Settings::default() };
        let diagnostics = RuleSet::load_with(sources, &settings).diagnostics;
        let log = serde_json::to_value(Log::of(&diagnostics)).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        let related = results.iter().filter_map(|result| Some((result, result.get("relatedLocations")?)));
        let related: BTreeSet<String> = related
            .map(|(result, places)| {
                let place = &places[0]["physicalLocation"];
                let (code, file) =
                    (result["ruleId"].as_str().unwrap(), place["artifactLocation"]["uri"].as_str().unwrap());
                let region = &place["region"];
                assert_eq!(places[0]["message"]["text"], "the first one stands here");
                format!("{code} {file}:{}:{}", region["startLine"], region["startColumn"])
            })
            .collect();
        let expected = ["TH0003 e.yml:5:1", "TH0108 a%20b.yml:1:1", "TH0111 a%20b.yml:6:8", "TH1048 a%20b.yml:1:1"];
        assert_eq!(related, expected.map(str::to_owned).into());
        assert!(results.len() > related.len());
    }

    #[test]
    fn paths_become_references() {
        assert_eq!(reference("rules/a-b_c.yml"), "rules/a-b_c.yml");
        assert_eq!(reference("my rules/ü#1.yml"), "my%20rules/%C3%BC%231.yml");
    }
}
