//! Verdicts of public rules on their own test records, where ours detect the same.

use std::{collections::BTreeSet, fs};

use serde_json::Value;
use trailhound_rule_engine::{RuleSet, json::Reader};

use crate::corpus;

/// A public rule, and ours that together detect what it does.
struct SameBehaviour {
    public: &'static str,
    ours: &'static [&'static str],
}

/// A case on which we decide otherwise.
struct Disagreement {
    public: &'static str,
    /// What tells the case among those of the rule.
    case: &'static str,
    why: &'static str,
}

/// Where cases come from: a file, and its names for a rule and for one of its cases.
struct Collection {
    file: &'static str,
    rule_key: &'static str,
    case_key: &'static str,
    same: &'static [SameBehaviour],
    disagreements: &'static [Disagreement],
}

/// `TrailAlerts` tests its Sigma rules with one record that hits and one that does not.
const TRAILALERTS: Collection = Collection {
    file: "trailalerts-sigma-tests.jsonl",
    rule_key: "/title",
    // Its cases have no name; the event source and the verdict tell them apart.
    case_key: "/log/eventSource",
    same: &[
        SameBehaviour {
            public: "AWS CloudTrail Important Change",
            ours: &["cloudtrail-stopped", "cloudtrail-scope-reduced", "cloudtrail-deleted"],
        },
        SameBehaviour { public: "AWS Config Disabling Channel/Recorder", ours: &["config-recorder-stopped"] },
        SameBehaviour { public: "AWS EC2 Startup Shell Script Change", ours: &["ec2-user-data-modified"] },
        SameBehaviour {
            public: "AWS Route 53 Domain Transferred to Another Account",
            ours: &["route53-domain-transferred"],
        },
        SameBehaviour {
            public: "AWS Snapshot Backup Exfiltration",
            ours: &["ebs-snapshot-public", "ebs-snapshot-shared"],
        },
    ],
    disagreements: &[
        Disagreement {
            public: "AWS Route 53 Domain Transferred to Another Account",
            case: "route53.amazonaws.com",
            why: "the record is invented: AWS logs the call under route53domains.amazonaws.com, which ours pins",
        },
        Disagreement {
            public: "AWS Snapshot Backup Exfiltration",
            case: "ec2.amazonaws.com",
            why: "the record has no parameters; ours ask for a receiver, so that withdrawing a share is no alert",
        },
    ],
};

/// Panther's verdicts are those of its Python rules.
const PANTHER: Collection = Collection {
    file: "panther-tests.jsonl",
    rule_key: "/rule_id",
    case_key: "/test_name",
    same: &[
        SameBehaviour { public: "AWS.CloudTrail.AMIModifiedForPublicAccess", ours: &["ami-public", "ami-shared"] },
        SameBehaviour { public: "AWS.CloudTrail.IAMCompromisedKeyQuarantine", ours: &["iam-key-quarantine-attached"] },
        SameBehaviour { public: "AWS.IAM.AccessKeyCompromised", ours: &["iam-key-quarantine-attached"] },
        SameBehaviour { public: "AWS.CloudTrail.RootAccessKeyCreated", ours: &["root-access-key-created"] },
        SameBehaviour { public: "AWS.CloudTrail.ShortLifecycle", ours: &["cloudtrail-bucket-short-lifecycle"] },
        SameBehaviour {
            public: "AWS.CloudTrail.SnapshotMadePublic",
            ours: &["ebs-snapshot-public", "ebs-snapshot-shared"],
        },
        SameBehaviour { public: "AWS.CloudTrail.Stopped", ours: &["cloudtrail-stopped", "cloudtrail-deleted"] },
        SameBehaviour { public: "AWS.EC2.Startup.Script.Change", ours: &["ec2-user-data-modified"] },
        SameBehaviour { public: "AWS.S3.DeletePublicAccessBlock", ours: &["s3-public-access-block-removed"] },
        SameBehaviour { public: "AWS.STS.GetCallerIdentity.TruffleHog", ours: &["trufflehog-user-agent"] },
    ],
    disagreements: &[
        Disagreement {
            public: "AWS.CloudTrail.AMIModifiedForPublicAccess",
            case: "AMI Added to User",
            why: "Panther tells known receivers from others; ours take every one, and a filter with owner and date names the known",
        },
        Disagreement {
            public: "AWS.STS.GetCallerIdentity.TruffleHog",
            case: "Different STS Event with TruffleHog Agent",
            why: "ours take every call of the tool; whatever it calls, somebody tries keys out",
        },
    ],
};

#[test]
fn we_decide_as_trailalerts() {
    assert_same_verdicts(&TRAILALERTS);
}

#[test]
fn we_decide_as_panther() {
    assert_same_verdicts(&PANTHER);
}

fn assert_same_verdicts(collection: &Collection) {
    let Some(folder) = corpus::fixtures() else { return };
    let rules = corpus::built_in();
    let text = fs::read_to_string(folder.join(collection.file)).unwrap();
    let cases: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for same in collection.same {
        for ours in same.ours {
            assert!(rules.iter().any(|(_, rule)| rule.metadata().handle() == *ours), "we have no rule `{ours}`");
        }
        let mine: Vec<&Value> = cases.iter().filter(|case| said(case, collection.rule_key) == same.public).collect();
        assert!(!mine.is_empty(), "{} has no case of `{}`", collection.file, same.public);
        for case in mine {
            assert_same_verdict(collection, same, &rules, case);
        }
    }
    assert_disagreements_are_cases(collection, &cases);
}

fn assert_same_verdict(collection: &Collection, same: &SameBehaviour, rules: &RuleSet, case: &Value) {
    let name = said(case, collection.case_key);
    let theirs = case["expected"].as_bool().unwrap();
    let ours = fires(rules, same.ours, &case["log"]);
    let known = collection.disagreements.iter().find(|known| known.public == same.public && known.case == name);
    let place = format!("{}: `{}`: {name}", collection.file, same.public);
    match known {
        Some(known) => assert_ne!(ours, theirs, "{place}: we agree by now, although {}", known.why),
        None => assert_eq!(ours, theirs, "{place}\n{}", case["log"]),
    }
}

/// A row about a case that does not exist would explain nothing.
fn assert_disagreements_are_cases(collection: &Collection, cases: &[Value]) {
    let known: BTreeSet<(&str, &str)> =
        cases.iter().map(|case| (said(case, collection.rule_key), said(case, collection.case_key))).collect();
    for row in collection.disagreements {
        assert!(known.contains(&(row.public, row.case)), "no case `{}` of `{}`", row.case, row.public);
        assert!(collection.same.iter().any(|same| same.public == row.public), "`{}` is not compared", row.public);
    }
}

fn fires(rules: &RuleSet, wanted: &[&str], record: &Value) -> bool {
    let record = record.to_string();
    let mut evaluator = rules.evaluator();
    let matches = evaluator.evaluate(&mut Reader::new(&record)).unwrap();
    matches.iter().any(|index| wanted.contains(&rules.get(*index).unwrap().metadata().handle()))
}

fn said<'c>(case: &'c Value, pointer: &str) -> &'c str {
    case.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
