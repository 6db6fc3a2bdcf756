//! What reading from S3 may have under way. Nothing is cut off by these: what does not fit waits.

/// How often the body of an object is asked for; 3. The SDK repeats requests that fail, but not the reading of a
/// body that breaks off.
pub(super) const ATTEMPTS: usize = 3;

/// Objects of one listing that are fetched ahead of the one at hand; 16. One connection to S3 gives some ten
/// objects of a trail a second, and a few processors judge hundreds.
pub(super) const AHEAD_OBJECTS: usize = 16;

/// Bytes of these together, as stored; 256 MiB. Objects of a trail have some tens of kilobytes; a single larger
/// one is fetched alone.
pub(super) const AHEAD_BYTES: u64 = 256 << 20;
