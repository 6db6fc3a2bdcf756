use std::{
    fs::File,
    io::{self, ErrorKind, Read},
};

use async_trait::async_trait;
use trailhound_pipeline::{FetchError, ObjectRef, ObjectStore};

use super::seen::Stamp;

/// Files as objects: the key is the path, and there is no bucket.
#[derive(Debug)]
pub(super) struct LocalObjects {
    /// Largest file that is read, in bytes as stored.
    pub(super) max_bytes: u64,
}

impl LocalObjects {
    fn read(&self, path: &str) -> io::Result<Result<Vec<u8>, FetchError>> {
        let mut file = File::open(path)?;
        let before = Stamp::of(&file.metadata()?);
        let mut bytes = Vec::new();
        (&mut file).take(self.max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > self.max_bytes) {
            return Ok(Err(FetchError::TooLarge { limit: self.max_bytes }));
        }
        if Stamp::of(&file.metadata()?) != before {
            return Ok(Err(FetchError::Transient("the file is still being written".to_owned())));
        }
        Ok(Ok(bytes))
    }
}

#[async_trait]
impl ObjectStore for LocalObjects {
    async fn get(&self, object: &ObjectRef) -> Result<Vec<u8>, FetchError> {
        self.read(&object.key).map_err(|error| match error.kind() {
            ErrorKind::NotFound => FetchError::Missing,
            ErrorKind::PermissionDenied => FetchError::Denied,
            _ => FetchError::Transient(error.to_string()),
        })?
    }
}
