//! Whether log objects are what CloudTrail delivered, by its chains of signed digests.
//!
//! Every hour CloudTrail writes, for each trail and region, a digest that lists the objects of that hour
//! with their hashes, and signs it together with the signature of the digest before. Facts are from
//! [the structure of digest files][structure] and [custom validation][custom] in the CloudTrail user guide.
//!
//! [structure]: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
//! [custom]: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html
//!
//! [`judge_digests`] takes all digests at hand and gives [`Chain`]s with their [`Hole`]s. Each [`Chain`] then
//! says which log objects it lists ([`ListedLog`]), a [`LogFingerprint`] of what is there tells whether one is
//! unchanged, and [`Cover`] what may be said of an object that is not listed. [`Paths`] finds objects in a
//! copy of a bucket by their original keys.

mod chain;
mod cover;
mod document;
mod hash;
mod judge;
mod key;
mod log;
mod paths;
mod signature;

pub use chain::{Chain, ChainKind, ChainName, Hole, HoleCause, Range};
pub use cover::Cover;
pub use document::{Digest, DigestFormatError, DigestReference, ListedLog};
pub use hash::Sha256;
pub use judge::{DigestFault, DigestState, JudgedDigest, StoredDigest, judge_digests};
pub use key::{InvalidKey, InvalidKeyFile, PublicKey, PublicKeys};
pub use log::{LogFault, LogFingerprint};
pub use paths::{Found, Paths};
