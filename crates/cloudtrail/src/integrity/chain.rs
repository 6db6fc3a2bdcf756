use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    document::{Digest, ListedLog},
    judge::{DigestState, JudgedDigest},
    paths::is_place,
};
use crate::{ObjectFamily, ObjectKey, limits::DIGEST_PERIOD};

/// The digests of one trail in one region of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Whose they are.
    pub name: ChainName,
    /// All that are here, by their time.
    pub digests: Vec<JudgedDigest>,
    /// Times between its valid digests, or within the range asked for, that no valid digest covers.
    pub holes: Vec<Hole>,
    /// Key of the digest before the first valid one, which is not here. It may have been deleted or not copied.
    pub earlier: Option<String>,
}

/// What names a chain. Texts are empty where neither the path nor the digest says them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainName {
    /// The account whose objects are listed.
    pub account: String,
    /// The region that delivered them.
    pub region: String,
    /// The trail.
    pub trail: String,
    /// The region in which the trail was created.
    pub home_region: String,
    /// Which of the two chains of the trail.
    pub kind: ChainKind,
}

/// The two chains that a trail has in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChainKind {
    /// A digest every hour.
    Regular,
    /// Digests of objects that the others missed, made when there is need.
    Backfill,
}

/// A time that no valid digest covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// Where what came before ends.
    pub from: Timestamp,
    /// Where what comes after starts.
    pub until: Timestamp,
    /// Why.
    pub cause: HoleCause,
}

/// Why no valid digest covers a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoleCause {
    /// The digest after it names one that is not here.
    Missing {
        /// The key of the one it names, the last of those that are missing.
        named: String,
    },
    /// The digest after it names one that is here and not valid.
    Invalid {
        /// The key of the one it names.
        named: String,
    },
    /// The chain starts anew: logging, or the making of digests, was switched off and on again.
    Restart,
    /// The digests are linked, their times do not meet.
    Times,
    /// There is no valid digest after it.
    End,
}

/// The time that is asked about; without an end where none is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Range {
    /// Its start.
    pub since: Option<Timestamp>,
    /// Its end.
    pub until: Option<Timestamp>,
}

impl Range {
    /// Whether some of the time from `start` to `end` is in the range.
    pub fn touches(&self, start: Timestamp, end: Timestamp) -> bool {
        self.since.is_none_or(|since| end >= since) && self.until.is_none_or(|until| start < until)
    }
}

impl Hole {
    /// How many digests belong there, at one each hour; at least one.
    pub fn expected_digests(&self) -> u64 {
        let seconds = self.until.duration_since(self.from).as_secs();
        let period = DIGEST_PERIOD.as_secs();
        u64::try_from((seconds + period / 2) / period).unwrap_or(0).max(1)
    }
}

impl ChainName {
    pub(super) fn of(judged: &JudgedDigest) -> Self {
        let by_path = ObjectKey::parse(&judged.path);
        let by_content = judged.digest.as_ref().map(|digest| ObjectKey::parse(&digest.key));
        match by_content {
            Some(by_content) if by_path.digest.is_none() => Self::from_key(&by_content),
            _ => Self::from_key(&by_path),
        }
    }

    fn from_key(key: &ObjectKey<'_>) -> Self {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        ChainName {
            account: text(key.account),
            region: text(key.region),
            trail: text(key.digest.map(|digest| digest.trail)),
            home_region: text(key.digest.map(|digest| digest.home_region)),
            kind: match key.family {
                ObjectFamily::BackfillDigest => ChainKind::Backfill,
                _ => ChainKind::Regular,
            },
        }
    }
}

impl Chain {
    pub(super) fn new(name: ChainName, mut digests: Vec<JudgedDigest>) -> Self {
        digests.sort_by_cached_key(|judged| (judged.time(), judged.path.clone()));
        let mut chain = Chain { name, digests, holes: Vec::new(), earlier: None };
        chain.holes = chain.inner_holes();
        let first = chain.valid().next().cloned();
        chain.earlier = first.and_then(|first| first.previous).map(|named| named.key);
        chain
    }

    /// What its valid digests say, by time; overlapping copies count once.
    pub fn valid(&self) -> impl Iterator<Item = &Digest> {
        let mut seen = BTreeSet::new();
        let valid = self.digests.iter().filter(|judged| judged.state == DigestState::Valid);
        valid.filter_map(|judged| judged.digest.as_ref()).filter(move |digest| seen.insert(digest.key.as_str()))
    }

    /// The objects that its valid digests list.
    pub fn logs(&self) -> impl Iterator<Item = &ListedLog> {
        self.valid().flat_map(|digest| &digest.logs)
    }

    /// What of it concerns the range. A limit of the range must be covered itself: what is missing between it
    /// and the nearest digest is a hole, too. Backfills cover no time of their own, only what they list.
    #[must_use]
    pub fn within(&self, range: &Range) -> Self {
        let Chain { name, digests, holes, earlier } = self;
        let digests: Vec<JudgedDigest> = digests.iter().filter(|judged| judged.touches(range)).cloned().collect();
        let holes = holes.iter().filter(|hole| range.touches(hole.from, hole.until)).cloned();
        let holes = self.hole_before(range).into_iter().chain(holes).chain(self.hole_after(range)).collect();
        Chain { name: name.clone(), digests, holes, earlier: earlier.clone() }
    }

    fn hole_before(&self, range: &Range) -> Option<Hole> {
        let (first, from) = (self.valid().next()?, range.since?);
        let named = first.previous.as_ref()?.key.clone();
        let until = range.until.map_or(first.start, |until| until.min(first.start));
        let is_hole = from < until && self.name.kind == ChainKind::Regular;
        is_hole.then_some(Hole { from, until, cause: HoleCause::Missing { named } })
    }

    fn hole_after(&self, range: &Range) -> Option<Hole> {
        let (last, until) = (self.valid().last()?, range.until?);
        let from = range.since.map_or(last.end, |since| since.max(last.end));
        let is_hole = from < until && self.name.kind == ChainKind::Regular;
        is_hole.then_some(Hole { from, until, cause: HoleCause::End })
    }

    fn inner_holes(&self) -> Vec<Hole> {
        let valid: Vec<&Digest> = self.valid().collect();
        valid
            .windows(2)
            .filter_map(|pair| if let [older, newer] = pair { self.hole(older, newer) } else { None })
            .collect()
    }

    /// What lies between two valid digests that follow each other in time.
    fn hole(&self, older: &Digest, newer: &Digest) -> Option<Hole> {
        let meets = newer.start <= older.end || self.name.kind == ChainKind::Backfill;
        let cause = match &newer.previous {
            Some(previous) if previous.key == older.key && previous.bucket == older.bucket => {
                (!meets).then_some(HoleCause::Times)
            }
            Some(previous) if self.holds(&previous.key) => Some(HoleCause::Invalid { named: previous.key.clone() }),
            Some(previous) => Some(HoleCause::Missing { named: previous.key.clone() }),
            None => (!meets).then_some(HoleCause::Restart),
        };
        cause.map(|cause| Hole { from: older.end, until: newer.start.max(older.end), cause })
    }

    fn holds(&self, key: &str) -> bool {
        self.digests.iter().any(|judged| is_place(&judged.path, key))
    }
}

impl JudgedDigest {
    /// The end of its time: as its name says, else as it says itself.
    fn time(&self) -> Option<Timestamp> {
        ObjectKey::parse(&self.path).delivered.or_else(|| self.digest.as_ref().map(|digest| digest.end))
    }

    fn touches(&self, range: &Range) -> bool {
        match (&self.state, &self.digest, self.time()) {
            (DigestState::Valid | DigestState::Unsigned, Some(digest), _) => range.touches(digest.start, digest.end),
            (_, _, Some(time)) => range.touches(time.saturating_sub(DIGEST_PERIOD).unwrap_or(time), time),
            (_, _, None) => true,
        }
    }
}
