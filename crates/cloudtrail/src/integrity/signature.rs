use super::{document::Digest, hash::Sha256, hash::bytes_from_hex, key::PublicKey};

/// What CloudTrail signs of a digest: four lines without a line end after the last.
fn signed_text(digest: &Digest, content: Sha256) -> String {
    let Digest { end_text, bucket, key, previous, .. } = digest;
    let previous = previous.as_ref().map_or("null", |previous| previous.signature.as_str());
    format!("{end_text}\n{bucket}/{key}\n{content}\n{previous}")
}

/// Whether the hexadecimal signature is that of a digest with this content.
pub(super) fn is_signed(digest: &Digest, content: Sha256, key: &PublicKey, signature: &str) -> bool {
    let message = signed_text(digest, content);
    bytes_from_hex(signature.trim()).is_some_and(|signature| key.verifies(message.as_bytes(), &signature))
}
