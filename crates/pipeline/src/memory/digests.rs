use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use jiff::Timestamp;
use trailhound_cloudtrail::{PublicKeys, StoredDigest};

use super::MemoryObjects;
use crate::{DigestStore, FetchError, FetchedDigest, KeysError, ObjectRef, ObjectStore};

/// Digests among objects in memory, with the signatures of some and the keys of all.
#[derive(Debug)]
pub struct MemoryDigests {
    objects: Arc<MemoryObjects>,
    signatures: Mutex<HashMap<String, String>>,
    keys: PublicKeys,
}

impl MemoryDigests {
    /// The digests among these objects.
    pub fn new(objects: Arc<MemoryObjects>, keys: PublicKeys) -> Self {
        MemoryDigests { objects, signatures: Mutex::default(), keys }
    }

    /// Keeps a signature beside the digest of this key.
    pub fn sign(&self, key: impl Into<String>, signature: impl Into<String>) {
        self.signatures.lock().unwrap_or_else(PoisonError::into_inner).insert(key.into(), signature.into());
    }
}

#[async_trait]
impl DigestStore for MemoryDigests {
    async fn digest(&self, object: &ObjectRef) -> Result<FetchedDigest, FetchError> {
        let bytes = self.objects.get(object).await?;
        let signature = self.signatures.lock().unwrap_or_else(PoisonError::into_inner).get(&object.key).cloned();
        Ok(FetchedDigest { digest: StoredDigest { path: object.key.clone(), bytes, signature }, made: None })
    }

    async fn keys(&self, _region: &str, _time: Timestamp) -> Result<PublicKeys, KeysError> {
        Ok(self.keys.clone())
    }
}
