use trailhound_rule_engine::Level;

/// A count for each level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LevelCounts {
    counts: [u64; Level::ALL.len()],
}

impl LevelCounts {
    /// One more of this level.
    pub fn add(&mut self, level: Level) {
        for (count, of) in self.counts.iter_mut().zip(Level::ALL) {
            *count += u64::from(of == level);
        }
    }

    /// As many more of each level as the other has.
    pub fn add_all(&mut self, other: &LevelCounts) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
    }

    /// All levels together.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Those of this level and above.
    pub fn at_least(&self, level: Level) -> u64 {
        self.descending().filter(|&(of, _)| of >= level).map(|(_, count)| count).sum()
    }

    /// The most urgent level first; levels without any are there with zero.
    pub fn descending(&self) -> impl Iterator<Item = (Level, u64)> {
        Level::ALL.into_iter().zip(self.counts).rev()
    }
}
