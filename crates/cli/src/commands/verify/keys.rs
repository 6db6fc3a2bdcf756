//! The public keys: of files, or from CloudTrail itself.

use trailhound_cloudtrail::PublicKeys;

use crate::{
    arguments::VerifyArguments,
    inputs::read_text,
    output::{Output, printable},
};

pub(super) use asked::ask;

/// All keys of all files; `None` if one cannot be read, which has been said.
pub(super) fn read(arguments: &VerifyArguments, output: &Output) -> Option<PublicKeys> {
    let mut keys = PublicKeys::default();
    let mut is_complete = true;
    for path in &arguments.keys {
        match read_text(path) {
            Ok(json) => {
                if let Err(error) = keys.insert_listed(&json) {
                    let path = path.display().to_string();
                    output.error(format_args!("{}: {}", printable(&path), printable(&error.to_string())));
                    is_complete = false;
                }
            }
            Err(unreadable) => {
                output.unreadable(&unreadable);
                is_complete = false;
            }
        }
    }
    is_complete.then_some(keys)
}

#[cfg(feature = "aws")]
mod asked {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use tokio::runtime::Builder;
    use trailhound_aws::{CallLimits, Trails, trails::LookError};
    use trailhound_cloudtrail::{ObjectKey, PublicKeys};

    use crate::{
        commands::verify::{copy::ReadDigest, limits::KEY_MARGIN},
        output::{Output, printable},
    };

    /// The keys that CloudTrail gives for the digests; `None` if there is no way to them, which has been said.
    /// Each region has keys of its own, and gives those that were in use at a time.
    pub(in crate::commands::verify) fn ask(digests: &[ReadDigest], output: &Output) -> Option<PublicKeys> {
        let runtime = match Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => {
                output.error(format_args!("calls to AWS cannot be made: {error}"));
                return None;
            }
        };
        let keys = runtime.block_on(keys_of(&times(digests)));
        keys.inspect_err(|error| {
            let (reason, advice) = (error.reason(), error.advice());
            output.error(format_args!("{}; {}", printable(&reason), printable(&advice)));
        })
        .ok()
    }

    async fn keys_of(times: &BTreeMap<String, (Timestamp, Timestamp)>) -> Result<PublicKeys, LookError> {
        let mut keys = PublicKeys::default();
        if times.is_empty() {
            return Ok(keys);
        }
        let trails = Trails::connect(&CallLimits::default()).await?;
        for (region, &(since, until)) in times {
            for (fingerprint, key) in trails.public_keys(region, since, until).await? {
                keys.insert(fingerprint, key);
            }
        }
        Ok(keys)
    }

    /// From when to when keys are needed in each region.
    fn times(digests: &[ReadDigest]) -> BTreeMap<String, (Timestamp, Timestamp)> {
        let mut times = BTreeMap::new();
        for digest in digests {
            let key = ObjectKey::parse(&digest.stored.path);
            let Some((region, made)) = key.region.zip(digest.made) else { continue };
            let since = made.saturating_sub(KEY_MARGIN).unwrap_or(made);
            let until = made.saturating_add(KEY_MARGIN).unwrap_or(made);
            let time = times.entry(region.to_owned()).or_insert((since, until));
            *time = (since.min(time.0), until.max(time.1));
        }
        times
    }
}

#[cfg(not(feature = "aws"))]
mod asked {
    use trailhound_cloudtrail::PublicKeys;

    use crate::{commands::verify::copy::ReadDigest, output::Output};

    pub(in crate::commands::verify) fn ask(_digests: &[ReadDigest], output: &Output) -> Option<PublicKeys> {
        output.error("this build cannot ask CloudTrail for its keys: name a file of them with `--keys`");
        None
    }
}
