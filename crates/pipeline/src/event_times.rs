use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::limits::DISTINCT_TIMES;

/// When the events of the records happened: how many in which second.
///
/// Bounded: where records are from too many different seconds, neighbours are counted together. The
/// newest and the oldest stay exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTimes {
    counts: BTreeMap<i64, u64>,
    /// Seconds counted together; a power of two.
    width: i64,
    range: Option<(i64, i64)>,
}

/// Times that are known already.
impl FromIterator<Timestamp> for EventTimes {
    fn from_iter<I: IntoIterator<Item = Timestamp>>(times: I) -> Self {
        let mut collected = EventTimes::default();
        times.into_iter().for_each(|time| collected.add(time));
        collected
    }
}

impl Default for EventTimes {
    fn default() -> Self {
        EventTimes { counts: BTreeMap::new(), width: 1, range: None }
    }
}

impl EventTimes {
    /// The time of the newest event.
    pub fn newest(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.range?.1).ok()
    }

    /// The time of the oldest event.
    pub fn oldest(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.range?.0).ok()
    }

    /// Times and how many events are from then, the oldest first.
    pub fn counts(&self) -> impl Iterator<Item = (Timestamp, u64)> {
        let (oldest, newest) = self.range.unwrap_or_default();
        self.counts.iter().filter_map(move |(&second, &count)| {
            Some((Timestamp::from_second(second.clamp(oldest, newest)).ok()?, count))
        })
    }

    /// Adds the time of one event.
    pub(crate) fn add(&mut self, time: Timestamp) {
        let second = time.as_second();
        let (oldest, newest) = self.range.unwrap_or((second, second));
        self.range = Some((oldest.min(second), newest.max(second)));
        *self.counts.entry(second - second.rem_euclid(self.width)).or_default() += 1;
        while self.counts.len() > DISTINCT_TIMES {
            self.width *= 2;
            let mut merged = BTreeMap::new();
            for (second, count) in std::mem::take(&mut self.counts) {
                *merged.entry(second - second.rem_euclid(self.width)).or_default() += count;
            }
            self.counts = merged;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::event_time;

    fn record(second: i64) -> String {
        format!(
            r#"{{"eventVersion":"1.11","userIdentity":{{"eventTime":"no"}},"eventTime":"{}","eventTime":"later"}}"#,
            Timestamp::from_second(second).expect("in range")
        )
    }

    #[test]
    fn times_are_counted_by_the_second() {
        let mut times = EventTimes::default();
        for second in [1_777_629_662, 1_777_629_661, 1_777_629_662] {
            times.add(event_time(&record(second)).expect("a time"));
        }
        for odd in ["{}", "[]", r#"{"eventTime":7}"#, r#"{"eventTime":"yesterday"}"#, r#"{"a":"#, ""] {
            assert_eq!(event_time(odd), None, "{odd}");
        }
        assert_eq!(times.oldest().expect("some").as_second(), 1_777_629_661);
        assert_eq!(times.newest().expect("some").as_second(), 1_777_629_662);
        let counts: Vec<_> = times.counts().map(|(time, count)| (time.as_second(), count)).collect();
        assert_eq!(counts, [(1_777_629_661, 1), (1_777_629_662, 2)]);
    }

    #[test]
    fn however_many_times_there_are_memory_is_bounded_and_no_record_is_lost() {
        let mut times = EventTimes::default();
        for number in 0..20_000 {
            times.add(Timestamp::from_second(1_700_000_000 + number * 977).expect("in range"));
        }
        assert!(times.counts.len() <= DISTINCT_TIMES, "{}", times.counts.len());
        assert_eq!(times.counts().map(|(_, count)| count).sum::<u64>(), 20_000);
        assert_eq!(times.oldest().expect("some").as_second(), 1_700_000_000);
        assert_eq!(times.newest().expect("some").as_second(), 1_700_000_000 + 19_999 * 977);
        assert!(times.counts().all(|(time, _)| time >= times.oldest().expect("some")));
    }
}
