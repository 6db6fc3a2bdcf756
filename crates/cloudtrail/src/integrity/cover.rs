use std::collections::BTreeMap;

use jiff::Timestamp;

use super::chain::{Chain, ChainKind};
use crate::limits::COVER_MARGIN;

/// The times of which valid digests list all objects, for each account and region.
#[derive(Debug, Clone, Default)]
pub struct Cover {
    /// Start and end, by start, not touching each other.
    times: BTreeMap<(String, String), Vec<Span>>,
}

/// Start and end of a time.
type Span = (Timestamp, Timestamp);

impl Cover {
    /// What the regular chains cover. Objects of a trail that makes no digests are not told apart from those
    /// of one that does: their names do not say the trail.
    pub fn of<'c>(chains: impl IntoIterator<Item = &'c Chain>) -> Self {
        let mut times: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for chain in chains.into_iter().filter(|chain| chain.name.kind == ChainKind::Regular) {
            let place = (chain.name.account.clone(), chain.name.region.clone());
            times.entry(place).or_default().extend(chain.valid().map(|digest| (digest.start, digest.end)));
        }
        for times in times.values_mut() {
            *times = merged(std::mem::take(times));
        }
        Cover { times }
    }

    /// Whether any time of this account and region is covered.
    pub fn knows(&self, account: &str, region: &str) -> bool {
        self.times.get(&(account.to_owned(), region.to_owned())).is_some_and(|times| !times.is_empty())
    }

    /// Whether an object delivered then would have to be listed. Names give the minute of the delivery alone,
    /// so the last minutes before an end do not count.
    pub fn holds(&self, account: &str, region: &str, delivered: Timestamp) -> bool {
        let Some(times) = self.times.get(&(account.to_owned(), region.to_owned())) else { return false };
        let latest = delivered.saturating_add(COVER_MARGIN).unwrap_or(Timestamp::MAX);
        times.iter().any(|&(start, end)| start <= delivered && latest <= end)
    }
}

fn merged(mut times: Vec<Span>) -> Vec<Span> {
    times.sort_unstable();
    let mut merged: Vec<Span> = Vec::new();
    for (start, end) in times {
        match merged.last_mut() {
            Some((_, last)) if start <= *last => *last = end.max(*last),
            _ => merged.push((start, end)),
        }
    }
    merged
}
