use thiserror::Error;

use super::{document::ListedLog, hash::Sha256};
use crate::{InflateError, Inflated};

/// What has to be known of a log object to compare it with a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFingerprint {
    hash: Sha256,
    damage: Option<InflateError>,
}

/// Why a log object is not the one that was delivered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LogFault {
    /// It cannot be decompressed to its end, or something follows it.
    #[error(transparent)]
    Packing(InflateError),
    /// Its content is not what the digest says.
    #[error("its content is not what was delivered: the SHA-256 differs")]
    Hash {
        /// The hash of what is there.
        is: Sha256,
        /// The hash of what was delivered.
        listed: Sha256,
    },
}

impl LogFingerprint {
    /// Of a log object, decompressed.
    pub fn of(object: &Inflated<'_>) -> Self {
        LogFingerprint { hash: Sha256::of(&object.bytes), damage: object.problem.clone() }
    }

    /// Compares it with what a digest says.
    pub fn compare(&self, listed: &ListedLog) -> Result<(), LogFault> {
        match &self.damage {
            Some(damage) => Err(LogFault::Packing(damage.clone())),
            None if self.hash == listed.hash => Ok(()),
            None => Err(LogFault::Hash { is: self.hash, listed: listed.hash }),
        }
    }
}
