//! The public keys that verify the signatures of digests.

use aws_sdk_cloudtrail::primitives::DateTime;
use jiff::Timestamp;
use trailhound_cloudtrail::PublicKey;

use super::{Call, LookError, Trails};

impl Trails {
    /// The keys that a region signed digests with at some time between these two, by their fingerprints.
    ///
    /// A digest names its key by the fingerprint, and [the keys differ from region to region][keys].
    ///
    /// [keys]: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html
    pub async fn public_keys(
        &self,
        region: &str,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(String, PublicKey)>, LookError> {
        let time = |time: Timestamp| Some(DateTime::from_secs(time.as_second()));
        let (mut keys, mut next) = (Vec::new(), None);
        loop {
            let call = self.client(region).list_public_keys().set_start_time(time(since)).set_end_time(time(until));
            let answer = call.set_next_token(next).send().await;
            let answer = answer.map_err(|error| LookError::new(Call::ListPublicKeys, error))?;
            for listed in answer.public_key_list.unwrap_or_default() {
                let fingerprint = listed.fingerprint.unwrap_or_default();
                let der = listed.value.map(aws_sdk_cloudtrail::primitives::Blob::into_inner).unwrap_or_default();
                match PublicKey::from_der(&der) {
                    Ok(key) => keys.push((fingerprint, key)),
                    Err(_) => return Err(LookError::Key { fingerprint }),
                }
            }
            next = answer.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(keys);
            }
        }
    }
}
