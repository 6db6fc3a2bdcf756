//! The detections on single real records of what they detect.

use std::collections::{BTreeMap, BTreeSet};

use trailhound_rule_engine::{Level, RuleSet, json::Reader};
use trailhound_tests::detections::{Record, built_in, public_records};

use crate::fixtures;

/// Records that a rule has to fire on: file and, from one, the line or the element of the list.
const FIRES_ON: &[(&str, &[&str])] = &[
    ("ami-public", &["panther-tests.jsonl:1"]),
    ("ami-shared", &["panther-tests.jsonl:6"]),
    ("cloudtrail-bucket-short-lifecycle", &["panther-tests.jsonl:25", "panther-tests.jsonl:26"]),
    ("cloudtrail-deleted", &["stratus/aws.defense-evasion.cloudtrail-delete.json:1"]),
    ("cloudtrail-scope-reduced", &["panther-tests.jsonl:246"]),
    ("cloudtrail-stopped", &["panther-tests.jsonl:30", "trailalerts-sigma-tests.jsonl:1"]),
    ("config-recorder-stopped", &["panther-tests.jsonl:34", "trailalerts-sigma-tests.jsonl:5"]),
    ("dns-query-logs-deleted", &["stratus/aws.defense-evasion.dns-delete-logs.json:1"]),
    ("ebs-snapshot-public", &["panther-tests.jsonl:214"]),
    ("ebs-snapshot-shared", &["panther-tests.jsonl:217"]),
    ("ebs-snapshot-used-by-other-account", &["plaso-lookup-events.jsonl:4"]),
    (
        "ec2-user-data-modified",
        &["stratus/aws.execution.ec2-user-data.json:6", "panther-tests.jsonl:78", "trailalerts-sigma-tests.jsonl:15"],
    ),
    ("iam-key-quarantine-attached", &["panther-tests.jsonl:89", "panther-tests.jsonl:108"]),
    (
        "imds-credentials-outside-aws",
        &[
            "stratus/aws.credential-access.ec2-steal-instance-credentials.json:6",
            "stratus/aws.credential-access.ec2-steal-instance-credentials.json:21",
            "otrf-ec2_proxy_s3_exfiltration.ndjson:45",
            "otrf-ec2_proxy_s3_exfiltration.ndjson:103",
        ],
    ),
    ("org-leave", &["traildiscover.jsonl:196", "traildiscover.jsonl:230"]),
    ("root-access-key-created", &["panther-tests.jsonl:166"]),
    ("s3-public-access-block-removed", &["panther-tests.jsonl:191"]),
    ("serial-console-enabled", &["stratus/aws.lateral-movement.ec2-serial-console-send-ssh-public-key.json:1"]),
    ("trufflehog-user-agent", &["panther-tests.jsonl:229", "panther-tests.jsonl:230"]),
];

/// Critical rules for which no public record could be found.
const WITHOUT_A_REAL_RECORD: &[&str] = &[
    "account-closed",
    "iam-key-quarantine-removed",
    "iam-root-login-profile-created",
    "rds-snapshot-public",
    "root-email-changed",
    "route53-domain-transferred",
];

#[test]
fn each_rule_fires_on_its_real_records() {
    let Some(folder) = fixtures() else { return };
    let records = public_records(&folder).unwrap();
    let rules = built_in().unwrap();
    let fired = fired(&rules, &records);
    for (rule, places) in FIRES_ON {
        for place in *places {
            let here = fired.get(*place).unwrap_or_else(|| panic!("there is no record {place}"));
            assert!(here.contains(*rule), "{rule} is silent on {place}; what fires: {here:?}");
        }
    }
}

/// Needs no records: a new critical rule has to say whether there is a real record of it.
#[test]
fn every_critical_rule_is_accounted_for() {
    let rules = built_in().unwrap();
    let named: BTreeMap<&str, Level> =
        rules.iter().map(|(_, rule)| (rule.metadata().handle(), rule.metadata().level)).collect();
    let listed: BTreeSet<&str> =
        FIRES_ON.iter().map(|(rule, _)| *rule).chain(WITHOUT_A_REAL_RECORD.iter().copied()).collect();
    assert_eq!(listed.len(), FIRES_ON.len() + WITHOUT_A_REAL_RECORD.len(), "a rule is listed twice");
    let unknown: Vec<&&str> = listed.iter().filter(|rule| !named.contains_key(**rule)).collect();
    assert!(unknown.is_empty(), "no such rules: {unknown:?}");
    let missing: Vec<&str> = named
        .iter()
        .filter(|(rule, level)| **level == Level::Critical && !listed.contains(**rule))
        .map(|(rule, _)| *rule)
        .collect();
    assert!(missing.is_empty(), "critical rules without a real record here: {missing:?}");
}

/// The rules that fire, by the place of the record. A place may hold several records.
fn fired<'r>(rules: &'r RuleSet, records: &[Record]) -> BTreeMap<String, BTreeSet<&'r str>> {
    let mut evaluator = rules.evaluator();
    let mut fired: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for record in records {
        let matches = evaluator.evaluate(&mut Reader::new(&record.text)).unwrap();
        let names = matches.iter().map(|index| rules.get(*index).unwrap().metadata().handle());
        fired.entry(record.place.clone()).or_default().extend(names);
    }
    fired
}
