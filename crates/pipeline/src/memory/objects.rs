use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;

use crate::{FetchError, ObjectRef, ObjectStore};

type Content = Result<Vec<u8>, FetchError>;

/// Objects in memory. What was not put is missing.
#[derive(Debug, Default)]
pub struct MemoryObjects {
    objects: Mutex<HashMap<ObjectRef, Content>>,
}

impl MemoryObjects {
    /// Stores an object.
    pub fn put(&self, object: ObjectRef, bytes: impl Into<Vec<u8>>) {
        self.set(object, Ok(bytes.into()));
    }

    /// Lets every attempt to fetch an object fail.
    pub fn fail(&self, object: ObjectRef, error: FetchError) {
        self.set(object, Err(error));
    }

    fn set(&self, object: ObjectRef, content: Content) {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner).insert(object, content);
    }
}

#[async_trait]
impl ObjectStore for MemoryObjects {
    async fn get(&self, object: &ObjectRef) -> Result<Vec<u8>, FetchError> {
        let objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        objects.get(object).cloned().unwrap_or(Err(FetchError::Missing))
    }
}
