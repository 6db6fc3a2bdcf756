//! A trail of one's own: log objects and digests, signed with a key made for the occasion.
//!
//! Other tests include this file, too.

use std::{collections::BTreeMap, fmt::Write as _, io::Write as _};

use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use flate2::{Compression, write::GzEncoder};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

#[path = "tampering.rs"]
#[allow(dead_code, reason = "not all who include this file tamper in every way")]
mod tampering;

pub(crate) const BUCKET: &str = "example-logs";
pub(crate) const FINGERPRINT: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// How a public key is handed out.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Encoding {
    Pkcs1,
    Spki,
}

/// A key of CloudTrail.
pub(crate) struct Signer {
    pair: KeyPair,
    pub(crate) fingerprint: &'static str,
}

impl Signer {
    pub(crate) fn new(fingerprint: &'static str) -> Self {
        Signer { pair: KeyPair::generate(KeySize::Rsa2048).unwrap(), fingerprint }
    }

    pub(crate) fn public_key(&self, encoding: Encoding) -> Vec<u8> {
        let key = self.pair.public_key();
        match encoding {
            Encoding::Pkcs1 => key.as_ref().to_vec(),
            Encoding::Spki => {
                let der: PublicKeyX509Der<'_> = key.as_der().unwrap();
                der.as_ref().to_vec()
            }
        }
    }

    /// As `aws cloudtrail list-public-keys` prints it.
    pub(crate) fn key_file(&self, encoding: Encoding) -> String {
        let value = BASE64_STANDARD.encode(self.public_key(encoding));
        json!({"PublicKeyList": [{
            "Value": value,
            "ValidityStartTime": "2026-03-01T00:00:00+00:00",
            "ValidityEndTime": "2026-04-01T00:00:00+00:00",
            "Fingerprint": self.fingerprint,
        }]})
        .to_string()
    }

    fn sign(&self, message: &str) -> String {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        hex(&signature)
    }
}

/// What lies in the bucket, and the signatures in the metadata of the digests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trail {
    pub(crate) objects: BTreeMap<String, Vec<u8>>,
    pub(crate) signatures: BTreeMap<String, String>,
    pub(crate) digests: Vec<String>,
    pub(crate) logs: Vec<String>,
    previous: Option<(String, Value)>,
}

/// What a digest is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hour {
    /// It ends half a minute after this hour of the day.
    pub(crate) end: u32,
    /// Log objects in it.
    pub(crate) logs: u32,
    /// `_backfill`, or nothing.
    pub(crate) suffix: &'static str,
}

impl Trail {
    /// Digests of the hours up to those given, two log objects in each.
    pub(crate) fn of_hours(signer: &Signer, ends: impl IntoIterator<Item = u32>) -> Self {
        let mut trail = Trail::default();
        for end in ends {
            trail.deliver(signer, Hour { end, logs: 2, suffix: "" });
        }
        trail
    }

    /// Delivers the log objects of an hour and its digest.
    pub(crate) fn deliver(&mut self, signer: &Signer, hour: Hour) {
        let listed: Vec<Value> = (0..hour.logs).map(|number| self.deliver_log(hour, number)).collect();
        let key = digest_key(hour);
        let (previous_key, previous_fields) = self.previous.take().unzip();
        let previous = |field: &str| previous_fields.as_ref().map_or(Value::Null, |fields| fields[field].clone());
        let document = json!({
            "awsAccountId": "111122223333",
            "digestStartTime": moment(hour.end - 1),
            "digestEndTime": moment(hour.end),
            "digestS3Bucket": BUCKET,
            "digestS3Object": key,
            "digestPublicKeyFingerprint": signer.fingerprint,
            "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": moment(hour.end),
            "oldestEventTime": moment(hour.end - 1),
            "previousDigestS3Bucket": previous_key.as_ref().map(|_| BUCKET),
            "previousDigestS3Object": previous_key,
            "previousDigestHashValue": previous("hash"),
            "previousDigestHashAlgorithm": previous_key.as_ref().map(|_| "SHA-256"),
            "previousDigestSignature": previous("signature"),
            "logFiles": listed,
        });
        self.sign(signer, &document);
        self.digests.push(key);
    }

    /// Stores a digest with a signature; the next one names it.
    pub(crate) fn sign(&mut self, signer: &Signer, document: &Value) {
        let content = document.to_string();
        let hash = sha256(content.as_bytes());
        let text = |field: &str| document[field].as_str().map(str::to_owned);
        let (end, key) = (text("digestEndTime").unwrap(), text("digestS3Object").unwrap());
        let previous = text("previousDigestSignature").unwrap_or_else(|| "null".to_owned());
        let signature = signer.sign(&format!("{end}\n{BUCKET}/{key}\n{hash}\n{previous}"));
        self.objects.insert(key.clone(), gzip(content.as_bytes()));
        self.signatures.insert(key.clone(), signature.clone());
        self.previous = Some((key, json!({"hash": hash, "signature": signature})));
    }

    /// Starts a chain of its own with the next digest.
    pub(crate) fn restart(&mut self) {
        self.previous = None;
    }

    fn deliver_log(&mut self, hour: Hour, number: u32) -> Value {
        let minute = 10 + 5 * number;
        let key = log_key(&format!("{:02}{minute:02}", hour.end - 1), &format!("Log{number}{}", hour.suffix));
        let content = json!({"Records": [{"eventName": "StopLogging", "eventID": key}]}).to_string();
        self.objects.insert(key.clone(), gzip(content.as_bytes()));
        self.logs.push(key.clone());
        json!({
            "s3Bucket": BUCKET,
            "s3Object": key,
            "hashValue": sha256(content.as_bytes()),
            "hashAlgorithm": "SHA-256",
            "newestEventTime": moment(hour.end),
            "oldestEventTime": moment(hour.end - 1),
        })
    }
}

/// `HHMM` and something unique.
pub(crate) fn log_key(time: &str, unique: &str) -> String {
    let folder = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/10";
    format!("{folder}/111122223333_CloudTrail_eu-west-1_20260310T{time}Z_{unique}.json.gz")
}

fn digest_key(hour: Hour) -> String {
    let folder = "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/10";
    let Hour { end, suffix, logs: _ } = hour;
    format!("{folder}/111122223333_CloudTrail-Digest_eu-west-1_main_us-east-1_20260310T{end:02}0030Z{suffix}.json.gz")
}

pub(crate) fn moment(hour: u32) -> String {
    format!("2026-03-10T{hour:02}:00:30Z")
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
