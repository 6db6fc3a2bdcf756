//! What reading a bucket may have under way, and how much of it is read.

use std::num::NonZeroUsize;

use jiff::SignedDuration;

/// Objects of a bucket that are read at a time where nobody says otherwise; 8, or one for each processor if
/// there are more. Each takes the memory of the object, decompressed: some megabytes, at most 512 MiB.
pub(super) const READERS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);

/// How long after the end of the time asked for digests are read; 25 hours. The digest after the last one says
/// whether that one is what was delivered, and may be late.
pub(super) const DIGESTS_AFTER: SignedDuration = SignedDuration::from_hours(25);

/// What is added on both sides to the time of digests when keys are asked for; one hour.
#[cfg_attr(not(feature = "aws"), expect(dead_code, reason = "without `aws` nobody asks for keys"))]
pub(super) const KEY_MARGIN: SignedDuration = SignedDuration::from_hours(1);
