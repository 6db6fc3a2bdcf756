//! Every modifier by every kind of value: what it takes, what it refuses, what it matches.

use trailhound_rule_engine::{
    Limits, Lists, RuleSet, Settings, Source,
    json::Reader,
    oracle::{self, Json},
    report,
};

/// One chain of modifiers with a value; the field is called `f`.
struct Row {
    modifiers: &'static str,
    value: &'static str,
    /// Values of `f` that fit, as JSON.
    fits: &'static [&'static str],
    /// Values of `f` that do not.
    misses: &'static [&'static str],
    /// What an absent `f` gives, and what a null one.
    absent: bool,
    null: bool,
    /// Values the chain does not take, as YAML.
    refused: &'static [&'static str],
}

/// A chain for which an absent or null field is a miss.
const fn row(
    modifiers: &'static str,
    value: &'static str,
    fits: &'static [&'static str],
    misses: &'static [&'static str],
    refused: &'static [&'static str],
) -> Row {
    Row { modifiers, value, fits, misses, absent: false, null: false, refused }
}

const TABLE: &[Row] = &[
    row(
        "",
        "abc",
        &[r#""ABC""#, r#"["x","abc"]"#],
        &[r#""abcd""#, "5", "true", "{}", "[]", r#"{"g":"abc"}"#],
        &["[]", "{}"],
    ),
    row("", "5", &["5", "5.0", r#""5""#, "[4,5]"], &["6", r#""5.0""#, "true", r#"{"g":5}"#], &[]),
    row("", "true", &["true", r#""True""#, "[false,true]"], &["false", "1", r#""yes""#, r#"{"g":true}"#], &[]),
    row(
        "",
        "[abc, 5, true]",
        &[r#""abc""#, "5", "true"],
        &[r#""x""#, "6", "false"],
        &["[abc, null]", "[[abc]]", "[{a: b}]"],
    ),
    row("", "''", &[r#""""#, r#"["x",""]"#], &[r#"" ""#, "0", "[]", "{}"], &[]),
    row("", "'a*'", &[r#""abc""#, r#"{"g":["x","ab"]}"#], &[r#""ba""#, "5"], &[]),
    Row {
        modifiers: "",
        value: "null",
        fits: &["[1,null]"],
        misses: &[r#""""#, "0", "false", "[]", "{}"],
        absent: true,
        null: true,
        refused: &[],
    },
    row("|contains", "b", &[r#""abc""#, r#"["x","b"]"#, r#"{"g":"b"}"#], &[r#""x""#, "5", "{}"], &["null", "[]"]),
    row("|contains", "5", &["152", r#""x5""#, "0.5"], &["1", "true"], &[]),
    row("|startswith", "ab", &[r#""ABc""#, r#"["x","ab"]"#], &[r#""cab""#, "5"], &["null"]),
    row("|endswith", "ue", &[r#""BLUE""#, "true"], &[r#""ueb""#, "false"], &["null"]),
    row("|cased", "aB", &[r#""aB""#, r#"["x","aB"]"#], &[r#""ab""#, "5"], &["null"]),
    row("|contains|all", "[a, b]", &[r#""xbxa""#, r#"["a","b"]"#], &[r#""a""#, "5"], &["a", "[a]", "[a, null]"]),
    Row {
        modifiers: "|exists",
        value: "true",
        fits: &[r#""""#, "0", "[]", "{}", "false"],
        misses: &[],
        absent: false,
        null: true,
        refused: &["1", "'true'", "[true]", "yes", "null"],
    },
    Row {
        modifiers: "|exists",
        value: "false",
        fits: &[],
        misses: &[r#""""#, "0", "[]"],
        absent: true,
        null: false,
        refused: &[],
    },
    Row {
        modifiers: "|neq",
        value: "a",
        fits: &[r#""b""#, "5", r#"["b"]"#, "{}"],
        misses: &[r#""A""#, r#"["b","a"]"#],
        absent: true,
        null: true,
        refused: &["[]"],
    },
    row(
        "|re",
        "'^a.c$'",
        &[r#""abc""#, r#"["x","axc"]"#, r#"{"g":"abc"}"#],
        &[r#""ABC""#, r#""xabc""#, "5"],
        &["'('", "'(?=x)'", "null"],
    ),
    row("|re", "'^1\\d+$'", &["123", r#""17""#], &["23", "true"], &[]),
    row("|re|i", "'^ABC$'", &[r#""abc""#], &[r#""abcd""#], &[]),
    row("|re|m", "'^b$'", &[r#""a\nb\nc""#], &[r#""ab""#], &[]),
    row("|re|s", "'a.b'", &[r#""a\nb""#], &[r#""ab""#], &[]),
    row(
        "|cidr",
        "10.0.0.0/8",
        &[r#""10.1.2.3""#, r#"["x","10.0.0.1"]"#],
        &[r#""11.0.0.1""#, r#""ec2.amazonaws.com""#, "10", r#""""#, r#""::1""#, r#"{"g":"10.0.0.1"}"#],
        &["10.0.0.0/33", "x", "null"],
    ),
    row("|cidr", "'2001:db8::/32'", &[r#""2001:DB8::1""#], &[r#""2001:db9::1""#, r#""10.0.0.1""#], &[]),
    row(
        "|gt",
        "5",
        &["6", r#""5.1""#, "[1,9]", "1e2"],
        &["5", r#""x""#, "true", r#"{"g":9}"#, r#""""#],
        &["x", "true", "null", "[]"],
    ),
    row("|gte", "'5.0'", &["5", r#""5""#], &["4.99", "-5"], &[]),
    row("|lt", "-1", &["-2", r#""-1.5""#], &["-1", "0"], &[]),
    row("|lte", "9007199254740992", &["9007199254740992"], &["9007199254740993"], &[]),
    row("|minute", "5", &[r#""2026-01-02T03:05:00Z""#], &[r#""2026-01-02T03:06:00Z""#, "5", r#""x""#], &["60", "x"]),
    row(
        "|hour|gte",
        "22",
        &[r#""2026-01-02T23:00:00Z""#, r#"["x","2026-01-02T22:00:00Z"]"#],
        &[r#""2026-01-02T21:59:59Z""#, "23", "true"],
        &["24"],
    ),
    row("|day", "2", &[r#""2026-01-02T03:05:00Z""#], &[r#""2026-01-03T03:05:00Z""#], &["32", "0"]),
    row("|week", "1", &[r#""2025-12-31T03:05:00Z""#], &[r#""2026-01-05T03:05:00Z""#], &["54"]),
    row("|month", "12", &[r#""2025-12-31T23:59:59Z""#], &[r#""2026-01-01T00:00:00Z""#], &["13"]),
    row("|year", "2025", &[r#""2025-12-31T23:59:59Z""#], &[r#""2026-01-01T00:00:00Z""#], &["x"]),
    row("|fieldref", "g", &[r#""same""#, r#"["x","SAME"]"#], &[r#""other""#, "5", "{}"], &["null", "'g*'", "''"]),
    row("|fieldref|contains", "g", &[r#""the same one""#], &[r#""sam""#, "true"], &[]),
    row("|expand", "'%list%'", &[r#""one""#, r#"["x","TWO"]"#], &[r#""%list%""#, "5"], &["'%unknown%'", "null"]),
    row("|cidr|expand", "'%nets%'", &[r#""10.0.0.1""#, r#""192.0.2.7""#], &[r#""192.0.2.8""#, r#""x""#], &["'%list%'"]),
    row(
        "|windash|contains",
        "' -x'",
        &[r#""run /x""#, r#""run —x""#],
        &[r#""run +x""#, "5"],
        &["' -a -b -c -d'", "null"],
    ),
    row("|base64", "abc", &[r#""YWJj""#, r#"["x","ywjj"]"#], &[r#""abc""#, "5"], &["'a*'", "null"]),
    row("|base64offset|contains", "secret", &[r#""eHNlY3JldHl5""#], &[r#""secret""#], &["'a?'"]),
    row("|wide|base64", "id", &[r#""aQBkAA==""#], &[r#""aWQ=""#], &[]),
    row("|utf16le|base64", "id", &[r#""aQBkAA==""#], &[r#""aWQ=""#], &[]),
    row("|utf16be|base64", "id", &[r#""AGkAZA==""#], &[r#""aQBkAA==""#], &[]),
    row("|utf16|base64", "id", &[r#""//5pAGQA""#], &[r#""aQBkAA==""#], &[]),
];

fn load(modifiers: &str, value: &str) -> Result<RuleSet, String> {
    let mut lists = Lists::default();
    lists.insert("list", ["one", "two"]);
    lists.insert("nets", ["10.0.0.0/8", "192.0.2.7"]);
    let text =
        format!("title: t\nlogsource: {{product: aws}}\ndetection:\n  s:\n    f{modifiers}: {value}\n  condition: s\n");
    let settings = Settings { limits: Limits::default(), lists, ..Settings::default() };
    let loaded = RuleSet::load_with([Source::new("row.yml", text)], &settings);
    if loaded.has_errors() {
        return Err(report::text(&loaded.diagnostics, report::Color::Never));
    }
    Ok(loaded.rules)
}

fn assert_matches(rules: &RuleSet, row: &Row, record: &str, expected: bool) {
    let case = format!("f{}: {} on {record}", row.modifiers, row.value);
    let fast = !rules.evaluator().evaluate(&mut Reader::new(record)).unwrap().is_empty();
    assert_eq!(fast, expected, "{case}");
    let (_, rule) = rules.iter().next().unwrap();
    assert_eq!(oracle::matches(rule, &Json::record(record).unwrap()), expected, "the oracle: {case}");
}

#[test]
fn every_modifier_does_what_the_table_says() {
    for row in TABLE {
        let rules = load(row.modifiers, row.value).unwrap_or_else(|report| panic!("{report}"));
        // `g` is there for those that refer to it.
        let record = |value: &str| format!(r#"{{"f":{value},"g":"same"}}"#);
        for value in row.fits {
            assert_matches(&rules, row, &record(value), true);
        }
        for value in row.misses {
            assert_matches(&rules, row, &record(value), false);
        }
        assert_matches(&rules, row, r#"{"g":"same"}"#, row.absent);
        assert_matches(&rules, row, &record("null"), row.null);
    }
}

#[test]
fn what_a_modifier_does_not_take_is_refused() {
    for row in TABLE {
        for value in row.refused {
            assert!(load(row.modifiers, value).is_err(), "f{}: {value} was taken", row.modifiers);
        }
    }
}

#[test]
fn no_modifier_is_missing_from_the_table() {
    let known = [
        "contains",
        "startswith",
        "endswith",
        "all",
        "cased",
        "exists",
        "neq",
        "re",
        "i",
        "m",
        "s",
        "cidr",
        "gt",
        "gte",
        "lt",
        "lte",
        "minute",
        "hour",
        "day",
        "week",
        "month",
        "year",
        "fieldref",
        "expand",
        "windash",
        "wide",
        "utf16le",
        "utf16be",
        "utf16",
        "base64",
        "base64offset",
    ];
    for modifier in known {
        let used = TABLE.iter().any(|row| row.modifiers.split('|').any(|word| word == modifier));
        assert!(used, "{modifier}");
    }
}
