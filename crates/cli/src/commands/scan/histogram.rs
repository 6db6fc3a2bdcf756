use std::collections::BTreeMap;

use jiff::Timestamp;
use trailhound_pipeline::TimeSpan;

use super::limits::HISTOGRAM_CELLS;

/// How many events happened when, in a bounded number of cells of equal width. The cells begin at a second each
/// and become wider as they become too many.
#[derive(Debug, Clone)]
pub(super) struct Histogram {
    /// Seconds.
    width: i64,
    cells: BTreeMap<i64, u64>,
}

impl Default for Histogram {
    fn default() -> Self {
        Histogram { width: 1, cells: BTreeMap::new() }
    }
}

impl Histogram {
    pub(super) fn add(&mut self, time: Timestamp) {
        *self.cells.entry(time.as_second().div_euclid(self.width)).or_default() += 1;
        while self.cells.len() > HISTOGRAM_CELLS {
            self.width *= 2;
            let mut wider = BTreeMap::new();
            for (cell, count) in &self.cells {
                *wider.entry(cell.div_euclid(2)).or_default() += count;
            }
            self.cells = wider;
        }
    }

    /// The counts in so many equal parts of a span. What lies outside is counted at its ends.
    pub(super) fn parts(&self, span: TimeSpan, parts: usize) -> Vec<u64> {
        let (first, length) = (i128::from(span.first.as_second()), seconds(span) + 1);
        let last_part = i128::try_from(parts).unwrap_or(i128::MAX) - 1;
        let mut counts = vec![0; parts];
        for (cell, count) in &self.cells {
            let middle = i128::from(cell * self.width + self.width / 2);
            let part = ((middle - first) * (last_part + 1)).div_euclid(length).clamp(0, last_part.max(0));
            if let Some(sum) = usize::try_from(part).ok().and_then(|part| counts.get_mut(part)) {
                *sum += count;
            }
        }
        counts
    }
}

/// The length of a span in seconds.
fn seconds(span: TimeSpan) -> i128 {
    i128::from(span.last.as_second()) - i128::from(span.first.as_second())
}

/// So many a day. A span shorter than a day counts as one, since nobody can tell what the rest of it is like.
#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
pub(super) fn per_day(number: u64, span: TimeSpan) -> f64 {
    let days = seconds(span) as f64 / 86_400.0;
    number as f64 / days.max(1.0)
}

/// Counts as a row of bars, the highest one full; none is a dot.
pub(super) fn sparkline(counts: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let highest = u128::from(counts.iter().copied().max().unwrap_or_default());
    let bar = |&count: &u64| {
        let height = (u128::from(count) * 8).checked_div(highest).unwrap_or_default();
        let step = usize::try_from(height).unwrap_or_default().saturating_sub(1);
        if count == 0 { '·' } else { BARS.get(step).copied().unwrap_or('█') }
    };
    counts.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn span(first: i64, last: i64) -> TimeSpan {
        TimeSpan { first: time(first), last: time(last) }
    }

    #[test]
    fn nothing_is_lost_however_wide_the_cells_become() {
        let mut histogram = Histogram::default();
        for step in 0..20_000_i64 {
            histogram.add(time(-1_000_000 + step * 997));
        }
        assert!(histogram.cells.len() <= HISTOGRAM_CELLS);
        let parts = histogram.parts(span(-1_000_000, -1_000_000 + 19_999 * 997), 12);
        assert_eq!(parts.iter().sum::<u64>(), 20_000);
        assert!(parts.iter().all(|&part| (1_600..=1_730).contains(&part)), "{parts:?}");
    }

    #[test]
    fn first_and_last_stand_at_the_ends() {
        let mut histogram = Histogram::default();
        for second in [10, 10, 19] {
            histogram.add(time(second));
        }
        assert_eq!(histogram.parts(span(10, 19), 5), [2, 0, 0, 0, 1]);
        assert_eq!(histogram.parts(span(10, 10), 3), [2, 0, 1]);
        assert_eq!(histogram.parts(span(10, 19), 0), Vec::<u64>::new());
    }

    #[test]
    fn a_sparkline_tells_little_from_none() {
        assert_eq!(sparkline(&[0, 1, 50, 100]), "·▁▄█");
        assert_eq!(sparkline(&[0, 0]), "··");
    }

    #[test]
    fn a_short_span_counts_as_a_day() {
        assert!((per_day(4, span(0, 60)) - 4.0).abs() < 1e-9);
        assert!((per_day(4, span(0, 172_800)) - 2.0).abs() < 1e-9);
    }
}
