use std::io::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{Delivery, DeliveryOutcome, ObjectRef, RecordCounts, Refusal};

/// What is kept of a delivery: where it is, what is wrong with it, and which of its records were refused.
///
/// Of an object it holds nothing: the object stays where it is. Records that came along with an event
/// are nowhere else, so they are in the entry as they came. The same delivery gives the same name and
/// the same text, however often it is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineEntry {
    name: String,
    json: String,
}

/// The form of the text. It only ever gets more members.
#[derive(Debug, Serialize)]
struct Note<'a> {
    /// Of this form.
    version: u32,
    /// Why the delivery is here.
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'a ObjectRef>,
    /// What handed over the records that came along.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'a str>,
    records: RecordCounts,
    /// Records and parts that could not be judged, as far as the limits allow to name them.
    refused: &'a [Refusal],
    /// The records that came along: base64 of gzip.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
}

impl QuarantineEntry {
    pub(crate) fn new(delivery: &Delivery, reason: &str, outcome: &DeliveryOutcome) -> Self {
        let (object, origin, content) = match delivery {
            Delivery::Object(object) => (Some(object), None, None),
            Delivery::Records { origin, bytes } => (None, Some(origin.as_str()), Some(packed(bytes))),
        };
        let note =
            Note { version: 1, reason, object, origin, records: outcome.records, refused: &outcome.refusals, content };
        // There is no map with other keys than texts in it, which is all that could fail.
        let json = serde_json::to_string(&note).unwrap_or_default();
        QuarantineEntry { name: name(delivery), json }
    }

    /// 64 hexadecimal digits in lower case: a hash of bucket, key and version, or of the records that
    /// came along.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One object of JSON on one line.
    pub fn json(&self) -> &str {
        &self.json
    }
}

fn name(delivery: &Delivery) -> String {
    let mut hash = Sha256::new();
    let parts: [&[u8]; 4] = match delivery {
        Delivery::Object(ObjectRef { bucket, key, version }) => {
            [b"object", bucket.as_bytes(), key.as_bytes(), version.as_deref().unwrap_or_default().as_bytes()]
        }
        Delivery::Records { origin, bytes } => [b"records", origin.as_bytes(), bytes, b""],
    };
    // Each part is preceded by its length, so that no two lists of parts look alike.
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// What is packed already stays as it is.
fn packed(bytes: &[u8]) -> String {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return STANDARD.encode(bytes);
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Memory takes everything; if it did not, the bytes as they are would be right as well.
    match encoder.write_all(bytes).and_then(|()| encoder.finish()) {
        Ok(packed) => STANDARD.encode(packed),
        Err(_) => STANDARD.encode(bytes),
    }
}
