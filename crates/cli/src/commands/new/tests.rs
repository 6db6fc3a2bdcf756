//! Every event at hand becomes a rule that `check` accepts, that passes its tests, and that tells of nobody.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde_json::{Value, json};
use trailhound_cloudtrail::{Inflater, Limits, RecordRefusal, RecordSink, read_records};
use trailhound_rule_engine::{Code, Severity, Tests, json::Reader};

use super::{BuiltIn, Written, documented::documented, neighbours::matching_events, written};
use crate::{
    arguments::{Arguments, Command, NewArguments},
    inputs, rule_files,
};

fn arguments(more: &[&str]) -> NewArguments {
    use clap::Parser as _;
    let words = ["trailhound", "new", "--from", "event.json"].into_iter().chain(more.iter().copied());
    match Arguments::try_parse_from(words).unwrap().command {
        Command::New(arguments) => arguments,
        _ => panic!("`new` is `new`"),
    }
}

/// The records in the files below a folder of the project.
fn records_below(folder: &str) -> Vec<Value> {
    struct All(Vec<Value>);
    impl RecordSink for All {
        fn record(&mut self, _: u64, reader: &mut Reader<'_>) -> Result<(), trailhound_rule_engine::json::Error> {
            self.0.extend(serde_json::from_str(reader.skip()?).ok());
            Ok(())
        }
        fn refused(&mut self, _: u64, _: RecordRefusal) {}
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let mut all = All(Vec::new());
    let mut inflater = Inflater::default();
    for file in inputs::files(&folder).flatten().filter(|file| !file.ends_with(".gitkeep")) {
        let bytes = std::fs::read(file).unwrap();
        let inflated = inflater.inflate(&bytes, 1 << 28);
        let _ = read_records(&inflated.bytes, &Limits::default(), &mut all);
    }
    all.0
}

fn is_event(record: &Value) -> bool {
    ["eventSource", "eventName"].iter().any(|key| record.get(*key).is_some_and(Value::is_string))
}

/// Draws up the rule and judges it, the file it would be in as well.
fn drawn_up(place: &str, event: &Value, built_in: &BuiltIn<'_>) -> Written {
    let written = written(&arguments(&[]), event, built_in).unwrap_or_else(|why| panic!("{place}: {why}\n{event:#}"));
    assert!(!written.draft.near_misses.is_empty(), "{place}: no near miss\n{}", written.text);
    // What an event alone cannot decide.
    let undecided = [Code::MfaMisread, Code::UnknownEventName, Code::UnknownEventSource, Code::DateSuffix];
    let mut loud = written.lints.iter().filter(|lint| lint.severity() >= Severity::Warning);
    if let Some(lint) = loud.find(|lint| !undecided.contains(&lint.code())) {
        panic!("{place}: {} {}\n{}", lint.code(), lint.message(), written.text);
    }
    written
}

#[test]
fn every_event_of_the_built_in_tests_becomes_a_rule() {
    let files = rule_files::load(&[], &[], Tests::Read);
    let built_in = BuiltIn::new(&files.loaded);
    let (mut events, mut recognised) = (0_usize, 0_usize);
    for (_, rule) in files.loaded.rules.iter() {
        let name = rule.metadata().handle();
        for event in matching_events(rule).iter().filter(|event| is_event(event)) {
            let written = drawn_up(name, &foreign(event), &built_in);
            assert_nobody(name, event, &written);
            events += 1;
            let matching = built_in.neighbours(&written.draft.event).matching;
            recognised += usize::from(matching.iter().any(|(known, _)| known == name));
        }
    }
    assert!(events > 1000, "{events} events");
    // The others hang on texts that somebody chose, such as commands.
    assert!(recognised * 100 / events > 80, "built-in rules match {recognised} of {events} without identities");
}

#[test]
fn every_kind_of_record_in_the_examples_becomes_a_rule() {
    let files = rule_files::load(&[], &[], Tests::Read);
    let built_in = BuiltIn::new(&files.loaded);
    let mut kinds: BTreeMap<String, Value> = BTreeMap::new();
    for folder in ["examples/logs", "crates/cli/tests/data/logs", "crates/cli/tests/data/cross-account"] {
        for record in records_below(folder).into_iter().filter(is_event) {
            let kind =
                ["eventSource", "eventName", "errorCode", "eventType"].map(|key| record.get(key).map(Value::to_string));
            kinds.insert(format!("{kind:?}"), record);
        }
    }
    assert!(kinds.len() > 50, "{} kinds of records", kinds.len());
    for (kind, record) in kinds {
        drawn_up(&kind, &record, &built_in);
    }
}

/// Texts of the built-in events that tell of somebody, and others that do.
const FOREIGN: [(&str, &str); 4] = [
    ("111122223333", "987650001234"),
    ("203.0.113.", "10.20.30."),
    ("198.51.100.", "10.20.40."),
    ("AKIAIOSFODNN7EXAMPLE", "AKIAQWERTYUIOPASDFGH"),
];

/// The event of somebody whose values are in no documentation.
fn foreign(event: &Value) -> Value {
    let text = FOREIGN.iter().fold(event.to_string(), |text, (known, foreign)| text.replace(known, foreign));
    serde_json::from_str(&text).unwrap()
}

fn assert_nobody(place: &str, event: &Value, written: &Written) {
    for (_, foreign) in FOREIGN {
        assert!(!written.text.contains(foreign), "{place}: {foreign} is left in\n{}", written.text);
    }
    for key in
        ["/userIdentity/userName", "/userIdentity/sessionContext/sessionIssuer/userName", "/eventID", "/requestID"]
    {
        let told =
            event.pointer(key).and_then(Value::as_str).filter(|text| text.len() > 6 && !text.starts_with("HIDDEN_"));
        if let Some(told) = told.filter(|told| !told.starts_with("AWSServiceRole")) {
            assert!(!written.text.contains(told), "{place}: {told} is left in\n{}", written.text);
        }
    }
}

#[test]
fn a_record_of_somebody_becomes_one_of_nobody() {
    let record = json!({
        "eventSource": "iam.amazonaws.com",
        "eventName": "AttachUserPolicy",
        "eventTime": "2026-03-10T07:31:12Z",
        "recipientAccountId": "987650001234",
        "sourceIPAddress": "10.20.30.40",
        "userAgent": "aws-cli/2.31.9 md/Botocore#1.40.1",
        "errorMessage": "User: arn:aws:sts::987650001234:assumed-role/DataTeam/zoe.miller is not authorized, see zoe.miller@corp.example",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAQWERTYUIOPASDFGHJ:zoe.miller",
            "arn": "arn:aws:sts::987650001234:assumed-role/DataTeam/zoe.miller",
            "accountId": "987650001234",
            "accessKeyId": "ASIAQWERTYUIOPASDFGH",
        },
        "requestParameters": {
            "userName": "zoe.miller",
            "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
            "instanceId": "i-0a1b2c3d4e5f60718",
            "cidrIp": "0.0.0.0/0",
            "peer": "2600:1f18::17",
            "document": "{\"Principal\": {\"AWS\": \"arn:aws:iam::123123123123:role/Backdoor\"}, \"Effect\": \"Allow\"}",
            "clientToken": "0f1e2d3c-aaaa-4bbb-8ccc-1234567890ab",
            "note": "ask zoe about 10.20.30.40",
        },
    });
    let shown = documented(&record, &BTreeSet::new());
    let expected = json!({
        "eventSource": "iam.amazonaws.com",
        "eventName": "AttachUserPolicy",
        "eventTime": "2026-01-15T12:00:00Z",
        "recipientAccountId": "111122223333",
        "sourceIPAddress": "192.0.2.1",
        "userAgent": "aws-cli/2.31.9 md/Botocore#1.40.1",
        "errorMessage": "User: arn:aws:sts::111122223333:assumed-role/example-role/example-session is not authorized, see user@example.com",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAIOSFODNN7EXAMPLE:example-session",
            "arn": "arn:aws:sts::111122223333:assumed-role/example-role/example-session",
            "accountId": "111122223333",
            "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        },
        "requestParameters": {
            "userName": "example-session",
            "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
            "instanceId": "i-00000000000000001",
            "cidrIp": "0.0.0.0/0",
            "peer": "2001:db8::1",
            "document": "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::444455556666:role/example-role-2\"}}",
            "clientToken": "00000000-0000-4000-8000-000000000001",
            "note": "example-note",
        },
    });
    assert_eq!(shown, expected, "{shown:#}");
}

#[test]
fn policies_propose_what_they_allow_and_tell_of_nobody() {
    let built = rule_files::load(&[], &[], Tests::Read);
    let built_in = BuiltIn::new(&built.loaded);
    let open = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "ZoesOwn", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::zoes-bucket",
         "Principal": {"AWS": "arn:aws:iam::987650001234:user/zoe.miller"},
         "Condition": {"StringEquals": {"aws:PrincipalTag/team": "pricing", "aws:username": "zoe.miller"}}},
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:*"], "Principal": {"AWS": "*"},
         "Resource": "arn:aws:s3:::zoes-bucket/*", "Condition": {"IpAddress": {"aws:SourceIp": "10.20.30.40/32"}}},
    ]});
    let encoded = open.to_string().bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"));
    let conditions = ["Effect: Allow", "Principal.AWS: '\\*'", "Action: 's3:\\*'"];
    for (document, stands_as) in [(open.clone(), "object"), (open.to_string().into(), "text"), (encoded.into(), "code")]
    {
        let record = json!({
            "eventSource": "example.amazonaws.com",
            "eventName": "PutThingPolicy",
            "userIdentity": {"type": "IAMUser", "userName": "zoe.miller", "accountId": "987650001234"},
            "recipientAccountId": "987650001234",
            "requestParameters": {"thingName": "zoes-thing", "policyDocument": document},
        });
        let text = written(&arguments(&[]), &record, &built_in).unwrap().text;
        for condition in conditions {
            let line = format!("    requestParameters.policyDocument.Statement.{condition}\n");
            assert!(text.contains(&line), "{stands_as}: {line}{text}");
        }
        for told in ["zoe", "Zoe", "98765", "10.20", "pricing"] {
            assert!(!text.contains(told), "{stands_as}: {told} is left in\n{text}");
        }
        assert!(text.contains("name: another Effect"), "{stands_as}: {text}");
        let asked = arguments(&["--where", "requestParameters.policyDocument.Statement.Action=s3:GetObject"]);
        assert!(written(&asked, &record, &built_in).unwrap().text.contains("Action: 's3:GetObject'"), "{stands_as}");
    }
}

#[test]
fn texts_of_an_event_stay_texts() {
    let built = rule_files::load(&[], &[], Tests::Read);
    let built_in = BuiltIn::new(&built.loaded);
    let hostile = json!({
        "eventSource": "x: 'y'\n# z",
        "eventName": "*?\\\u{1b}[2J{%}\u{202e}",
        "requestParameters": {"a b": "c", "acl": "true", "on": "y", "Size": "0x1f", "mode": "*"},
    });
    let written = written(&arguments(&[]), &hostile, &built_in).unwrap();
    assert!(!written.text.contains(['\u{1b}', '\u{202e}']));
}
