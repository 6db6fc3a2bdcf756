//! The result. Its keys and the order of these are a promise to the programs that read it.

use jiff::Timestamp;
use serde::Serialize;
use trailhound_cloudtrail::{Chain, ChainKind, DigestState, Hole, HoleCause, JudgedDigest};

use super::logs::{ComparedLog, LogState, Unproven};
use crate::{exit_status::ExitStatus, inputs::Unreadable, wire::Problem};

#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) chains: Vec<ChainReport>,
    /// Log objects that no valid digest lists.
    pub(super) unproven: Vec<ObjectReport>,
    problems: Vec<Problem>,
    pub(super) summary: Summary,
}

#[derive(Debug, Serialize)]
pub(super) struct ChainReport {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) trail: String,
    pub(super) home_region: String,
    pub(super) kind: &'static str,
    /// The buckets it was delivered to, in the order of time; as the digests say, not seen in a copy.
    pub(super) buckets: Vec<String>,
    pub(super) from: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
    pub(super) earlier: Option<String>,
    pub(super) digests: Vec<ObjectReport>,
    pub(super) logs: Vec<ObjectReport>,
    pub(super) holes: Vec<HoleReport>,
}

#[derive(Debug, Serialize)]
pub(super) struct ObjectReport {
    /// Path of what is here, key of what is missing.
    pub(super) path: String,
    pub(super) state: State,
    pub(super) reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Valid,
    Unsigned,
    Invalid,
    Missing,
    Unlisted,
    Uncovered,
    Unknown,
    Unreadable,
}

#[derive(Debug, Serialize)]
pub(super) struct HoleReport {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) cause: &'static str,
    pub(super) named: Option<String>,
    pub(super) expected_digests: u64,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Summary {
    pub(super) verdict: Verdict,
    pub(super) digests_valid: usize,
    pub(super) digests_unsigned: usize,
    pub(super) digests_invalid: usize,
    pub(super) logs_valid: usize,
    pub(super) logs_invalid: usize,
    pub(super) logs_missing: usize,
    pub(super) logs_unlisted: usize,
    pub(super) logs_uncovered: usize,
    pub(super) logs_unknown: usize,
    pub(super) holes: usize,
    pub(super) unreadable: usize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    Intact,
    Broken,
    /// Nothing is known to be broken, but not all could be verified.
    #[default]
    Unknown,
}

impl Report {
    pub(super) fn new(chains: &[Chain], logs: &[ComparedLog], unproven: &Unproven, unreadable: &[Unreadable]) -> Self {
        let chains =
            chains.iter().enumerate().filter(|(_, chain)| !chain.digests.is_empty() || !chain.holes.is_empty());
        let chains: Vec<ChainReport> = chains
            .map(|(index, chain)| ChainReport::new(chain, logs.iter().filter(|log| log.chain == index)))
            .collect();
        let unlisted = unproven.unlisted.iter().map(|path| ObjectReport::plain(path, State::Unlisted));
        let uncovered = unproven.uncovered.iter().map(|path| ObjectReport::plain(path, State::Uncovered));
        let unknown = unproven.unknown.iter().map(|path| ObjectReport::plain(path, State::Unknown));
        let unproven = unlisted.chain(uncovered).chain(unknown).collect();
        let mut report = Report {
            chains,
            unproven,
            problems: unreadable.iter().map(Problem::from).collect(),
            summary: Summary::default(),
        };
        report.summary = report.summarize();
        report
    }

    pub(super) fn status(&self) -> ExitStatus {
        match self.summary.verdict {
            Verdict::Intact => ExitStatus::Clean,
            Verdict::Broken => ExitStatus::Problems,
            Verdict::Unknown => ExitStatus::CouldNotRun,
        }
    }

    fn summarize(&self) -> Summary {
        let digests = |state| self.chains.iter().map(|chain| count(&chain.digests, state)).sum();
        let logs = |state| self.chains.iter().map(|chain| count(&chain.logs, state)).sum::<usize>();
        let summary = Summary {
            verdict: Verdict::Unknown,
            digests_valid: digests(State::Valid),
            digests_unsigned: digests(State::Unsigned),
            digests_invalid: digests(State::Invalid),
            logs_valid: logs(State::Valid),
            logs_invalid: logs(State::Invalid),
            logs_missing: logs(State::Missing),
            logs_unlisted: count(&self.unproven, State::Unlisted),
            logs_uncovered: count(&self.unproven, State::Uncovered),
            logs_unknown: count(&self.unproven, State::Unknown),
            holes: self.chains.iter().map(|chain| chain.holes.len()).sum(),
            unreadable: self.problems.len() + logs(State::Unreadable),
        };
        Summary { verdict: self.verdict(&summary), ..summary }
    }

    /// The newest digest of a chain may be unsigned in a copy; another one is so only where the digest after it
    /// has been taken away.
    fn verdict(&self, summary: &Summary) -> Verdict {
        let cut = self.chains.iter().flat_map(|chain| chain.digests.iter().rev().skip(1));
        let is_cut = cut.into_iter().any(|digest| digest.state == State::Unsigned);
        let broken =
            [summary.digests_invalid, summary.logs_invalid, summary.logs_missing, summary.logs_unlisted, summary.holes];
        if is_cut || broken.into_iter().any(|number| number > 0) {
            Verdict::Broken
        } else if summary.unreadable > 0 || summary.logs_unknown > 0 || summary.digests_valid == 0 {
            Verdict::Unknown
        } else {
            Verdict::Intact
        }
    }
}

pub(super) fn count(objects: &[ObjectReport], state: State) -> usize {
    objects.iter().filter(|object| object.state == state).count()
}

impl ChainReport {
    fn new<'l>(chain: &Chain, logs: impl Iterator<Item = &'l ComparedLog>) -> Self {
        let mut buckets: Vec<String> = chain.valid().map(|digest| digest.bucket.clone()).collect();
        buckets.dedup();
        ChainReport {
            account: chain.name.account.clone(),
            region: chain.name.region.clone(),
            trail: chain.name.trail.clone(),
            home_region: chain.name.home_region.clone(),
            kind: match chain.name.kind {
                ChainKind::Regular => "regular",
                ChainKind::Backfill => "backfill",
            },
            buckets,
            from: chain.valid().next().map(|digest| digest.start),
            until: chain.valid().last().map(|digest| digest.end),
            earlier: chain.earlier.clone(),
            digests: chain.digests.iter().map(ObjectReport::of_digest).collect(),
            logs: logs.map(ObjectReport::of_log).collect(),
            holes: chain.holes.iter().map(HoleReport::new).collect(),
        }
    }
}

impl ObjectReport {
    fn plain(path: &str, state: State) -> Self {
        ObjectReport { path: path.to_owned(), state, reason: None }
    }

    fn of_digest(judged: &JudgedDigest) -> Self {
        let (state, reason) = match &judged.state {
            DigestState::Valid => (State::Valid, None),
            DigestState::Unsigned => (State::Unsigned, None),
            DigestState::Invalid(fault) => (State::Invalid, Some(fault.to_string())),
        };
        ObjectReport { path: judged.path.clone(), state, reason }
    }

    fn of_log(log: &ComparedLog) -> Self {
        let (state, reason) = match &log.state {
            LogState::Valid => (State::Valid, None),
            LogState::Invalid { reason } => (State::Invalid, Some(reason.clone())),
            LogState::Missing { elsewhere } => {
                (State::Missing, elsewhere.as_ref().map(|path| format!("an object of its name lies at {path}")))
            }
            LogState::Unreadable { reason } => (State::Unreadable, Some(reason.clone())),
        };
        ObjectReport { path: log.key.clone(), state, reason }
    }
}

impl HoleReport {
    fn new(hole: &Hole) -> Self {
        let (cause, named) = match &hole.cause {
            HoleCause::Missing { named } => ("missing", Some(named.clone())),
            HoleCause::Invalid { named } => ("invalid", Some(named.clone())),
            HoleCause::Restart => ("restart", None),
            HoleCause::Times => ("times", None),
            HoleCause::End => ("end", None),
        };
        let expected_digests = hole.expected_digests();
        HoleReport { from: hole.from, until: hole.until, cause, named, expected_digests }
    }
}
