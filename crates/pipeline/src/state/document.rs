use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use super::{CellState, StateKey};
use crate::{StateError, limits::SWAP_ATTEMPTS};

/// Typed access to the documents of a store.
pub(crate) struct Documents<'s> {
    cells: &'s dyn CellState,
}

/// What is to become of a document.
#[derive(Debug)]
pub(crate) enum Change<T> {
    /// It stays as it is.
    Keep(T),
    /// It is written, and kept until this time.
    Write(T, Timestamp),
}

impl<'s> Documents<'s> {
    pub(crate) fn new(cells: &'s dyn CellState) -> Self {
        Documents { cells }
    }

    /// The document under a key, or an empty one.
    pub(crate) async fn read<D: DeserializeOwned + Default>(&self, key: &StateKey) -> Result<D, StateError> {
        let cell = self.cells.load(key).await?;
        cell.map_or_else(|| Ok(D::default()), |cell| parse(&cell.document))
    }

    /// Changes the document under a key. `change` is asked again when another worker was faster, and
    /// must come to its result from the document alone.
    pub(crate) async fn update<D, T>(
        &self,
        key: &StateKey,
        mut change: impl FnMut(&mut D) -> Change<T> + Send,
    ) -> Result<T, StateError>
    where
        D: DeserializeOwned + Serialize + Default + Send,
        T: Send,
    {
        for _ in 0..SWAP_ATTEMPTS {
            let cell = self.cells.load(key).await?;
            let mut document: D = cell.as_ref().map_or_else(|| Ok(D::default()), |cell| parse(&cell.document))?;
            match change(&mut document) {
                Change::Keep(result) => return Ok(result),
                Change::Write(result, until) => {
                    let text = serde_json::to_string(&document).map_err(|error| unusable(&error))?;
                    let seen = cell.as_ref().map(|cell| cell.version.as_str());
                    if self.cells.swap(key, seen, &text, until).await? {
                        return Ok(result);
                    }
                }
            }
        }
        Err(StateError::Transient(format!("others were faster {SWAP_ATTEMPTS} times in a row")))
    }
}

fn parse<D: DeserializeOwned>(text: &str) -> Result<D, StateError> {
    serde_json::from_str(text).map_err(|error| unusable(&error))
}

/// Written by another release, or by somebody else. Nothing of the text is in the message.
fn unusable(error: &serde_json::Error) -> StateError {
    StateError::Transient(format!(
        "a stored document cannot be used, at line {} column {}",
        error.line(),
        error.column()
    ))
}
