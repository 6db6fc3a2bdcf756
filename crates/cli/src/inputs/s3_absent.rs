//! Stands in for reading from S3 in a build without the feature `aws`: no address can be given.

use std::fmt;

use super::Objects;

/// Cannot exist: [`Prefix::parse`] refuses every address.
#[derive(Debug, Clone)]
pub(crate) enum Prefix {}

/// Cannot happen: nothing is read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {}

/// Why an address cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("this build cannot read from S3: build it with the feature `aws`, or download the objects first")]
pub(crate) struct InvalidAddress;

impl Prefix {
    pub(crate) fn parse(_address: &str) -> Result<Self, InvalidAddress> {
        Err(InvalidAddress)
    }

    pub(crate) fn objects(&self, _limit: u64) -> Objects<'_> {
        match *self {}
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, _formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}
