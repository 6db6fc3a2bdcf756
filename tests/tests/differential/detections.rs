//! The detections on real records of what they detect.

use std::collections::{BTreeMap, BTreeSet};

use trailhound_rule_engine::{Level, RuleSet, json::Reader};

use crate::corpus::{self, Record};

/// Records that a rule has to fire on: file and, from one, the line or the element of the list.
const FIRES_ON: &[(&str, &[&str])] = &[
    ("ami-public", &["panther-tests.jsonl:1", "streamalert-tests.jsonl:17"]),
    ("ami-shared", &["panther-tests.jsonl:6"]),
    ("cloudtrail-bucket-short-lifecycle", &["panther-tests.jsonl:25", "panther-tests.jsonl:26"]),
    ("cloudtrail-deleted", &["stratus/aws.defense-evasion.cloudtrail-delete.json:1"]),
    ("cloudtrail-scope-reduced", &["panther-tests.jsonl:246"]),
    ("cloudtrail-stopped", &["panther-tests.jsonl:30", "streamalert-tests.jsonl:4", "trailalerts-sigma-tests.jsonl:1"]),
    (
        "config-recorder-stopped",
        &["panther-tests.jsonl:34", "streamalert-tests.jsonl:6", "trailalerts-sigma-tests.jsonl:5"],
    ),
    ("dns-query-logs-deleted", &["stratus/aws.defense-evasion.dns-delete-logs.json:1"]),
    ("ebs-snapshot-public", &["panther-tests.jsonl:214"]),
    ("ebs-snapshot-shared", &["panther-tests.jsonl:217"]),
    ("ebs-snapshot-used-by-other-account", &["plaso-lookup-events.jsonl:4"]),
    (
        "ec2-user-data-modified",
        &["stratus/aws.execution.ec2-user-data.json:6", "panther-tests.jsonl:78", "trailalerts-sigma-tests.jsonl:15"],
    ),
    ("guardduty-detector-deleted", &["streamalert-tests.jsonl:9"]),
    ("guardduty-detector-disabled", &["streamalert-tests.jsonl:10"]),
    ("iam-key-quarantine-attached", &["panther-tests.jsonl:89", "panther-tests.jsonl:108"]),
    ("iam-mfa-deactivated", &["streamalert-tests.jsonl:18", "streamalert-tests.jsonl:19"]),
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
    (
        "s3-public-access-block-removed",
        &[
            "panther-tests.jsonl:191",
            "streamalert-tests.jsonl:12",
            "streamalert-tests.jsonl:13",
            "streamalert-tests.jsonl:15",
        ],
    ),
    ("serial-console-enabled", &["stratus/aws.lateral-movement.ec2-serial-console-send-ssh-public-key.json:1"]),
    ("trufflehog-user-agent", &["panther-tests.jsonl:229", "panther-tests.jsonl:230"]),
    ("vpc-flow-logs-deleted", &["streamalert-tests.jsonl:7"]),
];

/// Critical rules for which no public record could be found.
const WITHOUT_A_REAL_RECORD: &[&str] = &[
    "account-closed",
    "iam-key-quarantine-removed",
    "iam-root-login-profile-created",
    "rds-snapshot-public",
    "route53-domain-transferred",
];

/// A folder of ordinary records, in which nothing happened.
const ORDINARY: &str = "opensearch-catalog.ndjson";

#[test]
fn each_rule_fires_on_its_real_records() {
    let records = corpus::public_records();
    if records.is_empty() {
        return;
    }
    let rules = corpus::built_in();
    let fired = fired(&rules, &records);
    for (rule, places) in FIRES_ON {
        for place in *places {
            let here = fired.get(*place).unwrap_or_else(|| panic!("there is no record {place}"));
            assert!(here.contains(*rule), "{rule} is silent on {place}; what fires: {here:?}");
        }
    }
}

#[test]
fn no_rule_fires_on_ordinary_records() {
    let records = corpus::public_records();
    if records.is_empty() {
        return;
    }
    let ordinary: Vec<Record> = records.into_iter().filter(|record| record.place.starts_with(ORDINARY)).collect();
    assert_eq!(ordinary.len(), 839, "{ORDINARY} is another file than it was");
    let rules = corpus::built_in();
    let mut fired = fired(&rules, &ordinary);
    fired.retain(|_, rules| !rules.is_empty());
    assert!(fired.is_empty(), "{fired:#?}");
}

/// Needs no records: a new critical rule has to say whether there is a real record of it.
#[test]
fn every_critical_rule_is_accounted_for() {
    let rules = corpus::built_in();
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
