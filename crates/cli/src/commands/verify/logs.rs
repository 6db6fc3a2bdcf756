use std::{collections::BTreeSet, io, num::NonZeroUsize};

use trailhound_cloudtrail::{
    Chain, Cover, Found, Inflater, Limits, ListedLog, LogFingerprint, ObjectKey, Paths, Range,
};

use super::copy::Copy;
use crate::{
    arguments::VerifyArguments,
    commands::scan::ordered::{self, Flow},
    inputs::Unreadable,
};

/// A log object that a digest lists, and what is there.
#[derive(Debug)]
pub(super) struct ComparedLog {
    /// Position of the chain whose digest lists it.
    pub(super) chain: usize,
    pub(super) key: String,
    pub(super) state: LogState,
}

/// What is there of a log object that a digest lists.
#[derive(Debug)]
pub(super) enum LogState {
    Valid,
    Invalid { reason: String },
    Missing { elsewhere: Option<String> },
    Unreadable { reason: String },
}

/// Log objects that no valid digest lists.
#[derive(Debug, Default)]
pub(super) struct Unproven {
    /// Delivered in a time of which digests list everything.
    pub(super) unlisted: Vec<String>,
    /// Delivered in a time of which no valid digest is here, such as the last hour.
    pub(super) uncovered: Vec<String>,
    /// Of an account and region of which no valid digest is here at all: all may have been taken away.
    pub(super) unknown: Vec<String>,
}

/// Compares what the chains list with what is there, in their order.
pub(super) fn compare(
    chains: &[Chain],
    copy: &Copy,
    threads: NonZeroUsize,
    limits: &Limits,
) -> io::Result<Vec<ComparedLog>> {
    let places = copy.log_places();
    let listed = chains.iter().enumerate().flat_map(|(chain, digests)| digests.logs().map(move |log| (chain, log)));
    let mut compared = Vec::new();
    let work = |inflater: &mut Inflater, (chain, listed): (usize, &ListedLog)| ComparedLog {
        chain,
        key: listed.key.clone(),
        state: state(listed, &places, copy, &mut Reader { inflater, limits }),
    };
    ordered::for_each(threads, listed, work, |log| {
        compared.push(log);
        Ok(Flow::Continue)
    })?;
    Ok(compared)
}

struct Reader<'r> {
    inflater: &'r mut Inflater,
    limits: &'r Limits,
}

fn state(listed: &ListedLog, places: &Paths, copy: &Copy, reader: &mut Reader<'_>) -> LogState {
    let found = places.find(&listed.key);
    let Found::Here(paths) = found else {
        return match copy.read_unlisted(&listed.key, reader.limits) {
            Some(read) => reader.compare(listed, read).err().unwrap_or(LogState::Valid),
            None if let Found::Elsewhere(path) = found => LogState::Missing { elsewhere: Some(path.to_owned()) },
            None => LogState::Missing { elsewhere: None },
        };
    };
    let mut states = paths.into_iter().map(|path| reader.compare(listed, copy.read_log(path, reader.limits)));
    states.find_map(Result::err).unwrap_or(LogState::Valid)
}

impl Reader<'_> {
    /// Whether it is what was delivered; else what it is.
    fn compare(&mut self, listed: &ListedLog, read: Result<Vec<u8>, Unreadable>) -> Result<(), LogState> {
        let bytes = read.map_err(|unreadable| LogState::Unreadable { reason: unreadable.reason() })?;
        let fingerprint = LogFingerprint::of(&self.inflater.inflate(&bytes, self.limits.inflated_bytes));
        fingerprint.compare(listed).map_err(|fault| LogState::Invalid { reason: fault.to_string() })
    }
}

/// The log objects that were asked for and that no valid digest of any trail lists.
pub(super) fn unproven(all: &[Chain], copy: &Copy, cover: &Cover, arguments: &VerifyArguments) -> Unproven {
    let places = copy.log_places();
    let mut listed = BTreeSet::new();
    for log in all.iter().flat_map(Chain::logs) {
        if let Found::Here(paths) = places.find(&log.key) {
            listed.extend(paths);
        }
    }
    let range = arguments.range();
    let mut unproven = Unproven::default();
    for path in copy.logs().filter(|path| !listed.contains(path)) {
        let key = ObjectKey::parse(path);
        let (account, region) = (key.account.unwrap_or_default(), key.region.unwrap_or_default());
        if !arguments.wants_place(account, region) || !is_in(&range, &key) {
            continue;
        }
        let is_covered = key.delivered.is_none_or(|delivered| cover.holds(account, region, delivered));
        let kind = match cover.knows(account, region) {
            false => &mut unproven.unknown,
            true if is_covered => &mut unproven.unlisted,
            true => &mut unproven.uncovered,
        };
        kind.push(path.to_owned());
    }
    unproven
}

fn is_in(range: &Range, key: &ObjectKey<'_>) -> bool {
    key.delivered.is_none_or(|delivered| range.touches(delivered, delivered))
}
