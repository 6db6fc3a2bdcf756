use jiff::Timestamp;
use serde::Deserialize;
use thiserror::Error;

use super::hash::Sha256;

/// What a digest says, with all that is needed to judge it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// The account whose objects it lists.
    pub account: String,
    /// Start of the time in which the objects were delivered.
    pub start: Timestamp,
    /// End of that time.
    pub end: Timestamp,
    /// The end as it is written, which is what was signed.
    pub(super) end_text: String,
    /// The bucket it was delivered to.
    pub bucket: String,
    /// The key it was delivered as.
    pub key: String,
    /// Fingerprint of the public key that verifies its signature.
    pub fingerprint: String,
    /// The digest before it; none at the start of a chain.
    pub previous: Option<DigestReference>,
    /// The objects that it lists.
    pub logs: Vec<ListedLog>,
}

/// What a digest says of the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestReference {
    /// The bucket it was delivered to.
    pub bucket: String,
    /// The key it was delivered as.
    pub key: String,
    /// Hash of its content, decompressed.
    pub hash: Sha256,
    /// Its signature: hexadecimal digits.
    pub signature: String,
}

/// What a digest says of a log object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedLog {
    /// The bucket it was delivered to.
    pub bucket: String,
    /// The key it was delivered as.
    pub key: String,
    /// Hash of its content, decompressed.
    pub hash: Sha256,
}

/// Why a text is no digest.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DigestFormatError {
    /// No JSON, or a field is missing or of another type.
    #[error("it is no digest: {0}")]
    Json(String),
    /// A hash is not 64 hexadecimal digits.
    #[error("`{0}` holds no SHA-256")]
    Hash(&'static str),
    /// The time ends before it starts.
    #[error("its end comes before its start")]
    Backwards,
    /// An algorithm that this version does not know.
    #[error("`{0}` names another algorithm than the one in use")]
    Algorithm(&'static str),
    /// Part of what names the previous digest is there, part is not.
    #[error("it names the previous digest only in part")]
    PartialPrevious,
}

/// The fields as they are written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    aws_account_id: String,
    digest_start_time: Timestamp,
    digest_end_time: String,
    digest_s3_bucket: String,
    digest_s3_object: String,
    digest_public_key_fingerprint: String,
    digest_signature_algorithm: String,
    previous_digest_s3_bucket: Option<String>,
    previous_digest_s3_object: Option<String>,
    previous_digest_hash_value: Option<String>,
    previous_digest_hash_algorithm: Option<String>,
    previous_digest_signature: Option<String>,
    log_files: Vec<LogFields>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogFields {
    s3_bucket: String,
    s3_object: String,
    hash_value: String,
    hash_algorithm: String,
}

impl Digest {
    /// Reads the content of a digest, decompressed. Fields that are not needed are ignored.
    pub fn parse(bytes: &[u8]) -> Result<Self, DigestFormatError> {
        let json = |error: String| DigestFormatError::Json(error);
        let fields: Fields = serde_json::from_slice(bytes).map_err(|error| json(error.to_string()))?;
        let end: Timestamp = fields.digest_end_time.parse().map_err(|error: jiff::Error| json(error.to_string()))?;
        if end < fields.digest_start_time {
            return Err(DigestFormatError::Backwards);
        }
        if fields.digest_signature_algorithm != "SHA256withRSA" {
            return Err(DigestFormatError::Algorithm("digestSignatureAlgorithm"));
        }
        let previous = fields.previous()?;
        Ok(Digest {
            previous,
            logs: fields.log_files.into_iter().map(LogFields::listed).collect::<Result<_, _>>()?,
            account: fields.aws_account_id,
            start: fields.digest_start_time,
            end,
            end_text: fields.digest_end_time,
            bucket: fields.digest_s3_bucket,
            key: fields.digest_s3_object,
            fingerprint: fields.digest_public_key_fingerprint,
        })
    }
}

impl Fields {
    fn previous(&self) -> Result<Option<DigestReference>, DigestFormatError> {
        let parts = (
            self.previous_digest_s3_bucket.as_ref(),
            self.previous_digest_s3_object.as_ref(),
            self.previous_digest_hash_value.as_ref(),
            self.previous_digest_signature.as_ref(),
        );
        let (bucket, key, hash, signature) = match parts {
            (Some(bucket), Some(key), Some(hash), Some(signature)) => (bucket, key, hash, signature),
            (None, None, None, None) => return Ok(None),
            _ => return Err(DigestFormatError::PartialPrevious),
        };
        if self.previous_digest_hash_algorithm.as_deref() != Some("SHA-256") {
            return Err(DigestFormatError::Algorithm("previousDigestHashAlgorithm"));
        }
        let hash = Sha256::from_hex(hash).ok_or(DigestFormatError::Hash("previousDigestHashValue"))?;
        Ok(Some(DigestReference { bucket: bucket.clone(), key: key.clone(), hash, signature: signature.clone() }))
    }
}

impl LogFields {
    fn listed(self) -> Result<ListedLog, DigestFormatError> {
        if self.hash_algorithm != "SHA-256" {
            return Err(DigestFormatError::Algorithm("hashAlgorithm"));
        }
        let hash = Sha256::from_hex(&self.hash_value).ok_or(DigestFormatError::Hash("hashValue"))?;
        Ok(ListedLog { bucket: self.s3_bucket, key: self.s3_object, hash })
    }
}
