use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde::Deserialize;
use thiserror::Error;

/// An RSA public key of CloudTrail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// `RSAPublicKey` of PKCS#1, in DER.
    pkcs1: Vec<u8>,
}

/// Bytes that are no RSA public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("neither PKCS#1 nor SPKI in DER")]
pub struct InvalidKey;

/// Public keys by their fingerprints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicKeys {
    by_fingerprint: BTreeMap<String, PublicKey>,
}

/// Why a text gives no public keys.
#[derive(Debug, Error)]
pub enum InvalidKeyFile {
    /// Not what `aws cloudtrail list-public-keys` prints.
    #[error("not what `aws cloudtrail list-public-keys` prints: {0}")]
    Json(#[from] serde_json::Error),
    /// A key is not base64.
    #[error("the key `{0}` is not base64")]
    Base64(String),
    /// A key is in no known encoding.
    #[error("the key `{fingerprint}` is {cause}")]
    Key {
        /// Its fingerprint.
        fingerprint: String,
        /// What is wrong.
        cause: InvalidKey,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    public_key_list: Vec<ListedKey>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedKey {
    value: String,
    fingerprint: String,
}

impl PublicKeys {
    /// Adds a key.
    pub fn insert(&mut self, fingerprint: impl Into<String>, key: PublicKey) {
        self.by_fingerprint.insert(fingerprint.into(), key);
    }

    /// Adds the keys of what `aws cloudtrail list-public-keys` prints as JSON.
    pub fn insert_listed(&mut self, json: &str) -> Result<(), InvalidKeyFile> {
        let answer: Answer = serde_json::from_str(json)?;
        for ListedKey { value, fingerprint } in answer.public_key_list {
            let der = BASE64_STANDARD.decode(&value).map_err(|_| InvalidKeyFile::Base64(fingerprint.clone()))?;
            match PublicKey::from_der(&der) {
                Ok(key) => self.insert(fingerprint, key),
                Err(cause) => return Err(InvalidKeyFile::Key { fingerprint, cause }),
            }
        }
        Ok(())
    }

    /// The key with this fingerprint.
    pub fn get(&self, fingerprint: &str) -> Option<&PublicKey> {
        self.by_fingerprint.get(fingerprint)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_fingerprint.is_empty()
    }
}

impl PublicKey {
    /// Reads a key in either of the two encodings that CloudTrail has handed out: `RSAPublicKey` of PKCS#1,
    /// which is documented, and `SubjectPublicKeyInfo`, which has been seen.
    pub fn from_der(der: &[u8]) -> Result<Self, InvalidKey> {
        let pkcs1 = if is_pkcs1(der) { der } else { key_of_spki(der).filter(|key| is_pkcs1(key)).ok_or(InvalidKey)? };
        Ok(PublicKey { pkcs1: pkcs1.to_vec() })
    }

    /// Whether the signature, RSASSA-PKCS1-v1.5 with SHA-256, is one of the message by the owner of this key.
    /// Keys of less than 2048 bits verify nothing.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.pkcs1).verify(message, signature).is_ok()
    }
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;
/// The algorithm `rsaEncryption`, 1.2.840.113549.1.1.1, with its parameters, which are null.
const RSA_ENCRYPTION: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// A sequence of two integers and nothing else.
fn is_pkcs1(der: &[u8]) -> bool {
    let integers = || {
        let (content, rest) = element(der, SEQUENCE)?;
        let (_modulus, after_modulus) = element(content, INTEGER)?;
        let (_exponent, after_exponent) = element(after_modulus, INTEGER)?;
        Some(rest.is_empty() && after_exponent.is_empty())
    };
    integers().unwrap_or(false)
}

fn key_of_spki(der: &[u8]) -> Option<&[u8]> {
    let (content, rest) = element(der, SEQUENCE)?;
    let (algorithm, after_algorithm) = element(content, SEQUENCE)?;
    let (bits, after_bits) = element(after_algorithm, BIT_STRING)?;
    let is_whole = rest.is_empty() && after_bits.is_empty() && algorithm == RSA_ENCRYPTION;
    // The first byte counts the unused bits of the last one.
    bits.strip_prefix(&[0]).filter(|_| is_whole)
}

/// The content of the DER element that the input starts with, and what follows it.
fn element(input: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = input.strip_prefix(&[tag])?.split_first()?;
    if length < 0x80 {
        return rest.split_at_checked(usize::from(length));
    }
    let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
    if bytes.len() > 4 {
        return None;
    }
    let length = bytes.iter().fold(0_usize, |length, &byte| length << 8 | usize::from(byte));
    rest.split_at_checked(length)
}
