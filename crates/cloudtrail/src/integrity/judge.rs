use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use super::{
    chain::{Chain, ChainName},
    document::{Digest, DigestFormatError},
    hash::Sha256,
    key::PublicKeys,
    paths::is_place,
    signature::is_signed,
};
use crate::{InflateError, Inflated, Limits, inflate};

/// A digest as it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDigest {
    /// Where it lies, with `/` between the segments, relative to where the copy starts.
    pub path: String,
    /// What it holds, compressed or not.
    pub bytes: Vec<u8>,
    /// The signature that S3 keeps as `x-amz-meta-signature`, if it is known.
    pub signature: Option<String>,
}

/// A digest and what can be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedDigest {
    /// Where it lies.
    pub path: String,
    /// Whether it is authentic.
    pub state: DigestState,
    /// What it says, if it could be read. Only of a valid one is it to be believed.
    pub digest: Option<Digest>,
    content: Option<Sha256>,
}

/// Whether a digest is authentic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DigestState {
    /// Unchanged, at its place, and signed by CloudTrail.
    Valid,
    /// Its signature is not known: neither was it given, nor is the digest after it here.
    Unsigned,
    /// Not what CloudTrail delivered there.
    Invalid(DigestFault),
}

/// Why a digest is not what CloudTrail delivered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DigestFault {
    /// It cannot be decompressed to its end, or something follows it.
    #[error(transparent)]
    Packing(InflateError),
    /// It does not read as a digest.
    #[error(transparent)]
    Format(DigestFormatError),
    /// It says that it was delivered elsewhere.
    #[error("it has been moved: it was delivered as {key}")]
    Moved {
        /// The key it was delivered as.
        key: String,
    },
    /// There is no such key.
    #[error("none of the public keys has its fingerprint {fingerprint}")]
    UnknownKey {
        /// The fingerprint that it names.
        fingerprint: String,
    },
    /// No signature that is known for it is one.
    #[error("its signature does not verify")]
    Signature,
    /// The digest after it, which is valid, was made when it held something else.
    #[error("the digest after it names another content")]
    Link,
}

/// Judges all digests at hand, of any number of chains and in any order. Chains come out in the order of
/// their names.
///
/// The signature of a digest stands in the metadata of its object and again in the digest after it. A
/// signature proves itself, so either will do, wherever it comes from.
pub fn judge_digests(stored: Vec<StoredDigest>, keys: &PublicKeys, limits: &Limits) -> Vec<Chain> {
    let read: Vec<Read> = stored.into_iter().map(|stored| Read::new(stored, limits)).collect();
    let successors = Successors::of(&read);
    let mut judged: Vec<JudgedDigest> = read.iter().map(|read| read.judged(keys, &successors)).collect();
    refuse_other_contents(&mut judged);
    let mut chains: BTreeMap<ChainName, Vec<JudgedDigest>> = BTreeMap::new();
    for digest in judged {
        chains.entry(ChainName::of(&digest)).or_default().push(digest);
    }
    chains.into_iter().map(|(name, digests)| Chain::new(name, digests)).collect()
}

/// A digest that has been read as far as that goes.
struct Read {
    path: String,
    signature: Option<String>,
    content: Option<Sha256>,
    digest: Result<Digest, DigestFault>,
}

impl Read {
    fn new(stored: StoredDigest, limits: &Limits) -> Self {
        let StoredDigest { path, bytes, signature } = stored;
        let Inflated { bytes, problem } = inflate(&bytes, limits.digest_bytes);
        let digest = match problem {
            Some(problem) => Err(DigestFault::Packing(problem)),
            None => Digest::parse(&bytes).map_err(DigestFault::Format),
        };
        Read { path, signature, content: digest.is_ok().then(|| Sha256::of(&bytes)), digest }
    }

    fn judged(&self, keys: &PublicKeys, successors: &Successors<'_>) -> JudgedDigest {
        let state = match self.authenticate(keys, successors) {
            Ok(state) => state,
            Err(fault) => DigestState::Invalid(fault),
        };
        JudgedDigest { path: self.path.clone(), state, digest: self.digest.clone().ok(), content: self.content }
    }

    fn authenticate(&self, keys: &PublicKeys, successors: &Successors<'_>) -> Result<DigestState, DigestFault> {
        let digest = self.digest.as_ref().map_err(Clone::clone)?;
        if !is_place(&self.path, &digest.key) {
            return Err(DigestFault::Moved { key: digest.key.clone() });
        }
        let fingerprint = &digest.fingerprint;
        let unknown = || DigestFault::UnknownKey { fingerprint: fingerprint.clone() };
        let key = keys.get(fingerprint).ok_or_else(unknown)?;
        let known: Vec<&str> = self.signature.iter().map(String::as_str).chain(successors.signatures(digest)).collect();
        if known.is_empty() {
            return Ok(DigestState::Unsigned);
        }
        let content = self.content.ok_or(DigestFault::Signature)?;
        if known.iter().any(|signature| is_signed(digest, content, key, signature)) {
            Ok(DigestState::Valid)
        } else {
            Err(DigestFault::Signature)
        }
    }
}

/// What digests say of those before them: signatures by bucket and key, each once.
struct Successors<'d>(BTreeMap<(&'d str, &'d str), BTreeSet<&'d str>>);

impl<'d> Successors<'d> {
    fn of(read: &'d [Read]) -> Self {
        let mut signatures: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        let references = read.iter().filter_map(|read| read.digest.as_ref().ok()?.previous.as_ref());
        for previous in references {
            let place = (previous.bucket.as_str(), previous.key.as_str());
            signatures.entry(place).or_default().insert(previous.signature.as_str());
        }
        Successors(signatures)
    }

    fn signatures<'s>(&'s self, digest: &'s Digest) -> Vec<&'s str> {
        let place = (digest.bucket.as_str(), digest.key.as_str());
        self.0.get(&place).into_iter().flatten().copied().collect()
    }
}

/// A valid digest states the hash of the one before it, which must agree with what is there.
fn refuse_other_contents(judged: &mut [JudgedDigest]) {
    let valid = judged.iter().filter(|judged| judged.state == DigestState::Valid);
    let references = valid.filter_map(|judged| judged.digest.as_ref()?.previous.clone());
    let hashes: BTreeMap<_, _> = references.map(|previous| ((previous.bucket, previous.key), previous.hash)).collect();
    for judged in judged {
        if matches!(judged.state, DigestState::Invalid(_)) {
            continue;
        }
        let Some(digest) = &judged.digest else { continue };
        let stated = hashes.get(&(digest.bucket.clone(), digest.key.clone()));
        if stated.is_some_and(|stated| Some(*stated) != judged.content) {
            judged.state = DigestState::Invalid(DigestFault::Link);
        }
    }
}
