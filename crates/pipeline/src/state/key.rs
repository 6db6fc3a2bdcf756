use std::fmt;

use sha2::{Digest, Sha256};

/// Names a group, a document or an entry in a store: a word that says what it is, and a hash of what
/// sets it apart.
///
/// Values of records go into keys. Hashed, they are bounded in length and cannot be read from the key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateKey(String);

impl StateKey {
    /// The key of this kind for these parts. No two lists of parts give the same key.
    pub fn new<'p>(kind: &'static str, parts: impl IntoIterator<Item = &'p str>) -> Self {
        StateKey(format!("{kind}-{}", digest(parts)))
    }

    /// A key that was stored before.
    pub fn stored(text: impl Into<String>) -> Self {
        StateKey(text.into())
    }

    /// Up to a hundred letters, digits and `-`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// 64 hexadecimal digits for a list of texts.
fn digest<'p>(parts: impl IntoIterator<Item = &'p str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // With its length before it, so that no two lists look alike.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
