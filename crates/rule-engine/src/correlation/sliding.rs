use std::{collections::VecDeque, ops::Deref};

use super::{Correlation, Occurrence, tally::Tally};

/// The window that ends with the latest event and reaches back by the timespan.
#[derive(Debug)]
pub(super) struct Sliding<'c, O> {
    correlation: &'c Correlation,
    window: VecDeque<O>,
    tally: Option<Tally<O>>,
}

impl<'c, O: Deref<Target = Occurrence> + Clone> Sliding<'c, O> {
    pub(super) fn new(correlation: &'c Correlation) -> Self {
        Sliding { correlation, window: VecDeque::new(), tally: Tally::of(correlation) }
    }

    /// Moves the window on to an event that is not before the others.
    pub(super) fn slide_to(&mut self, newest: O) {
        while let Some(oldest) = self.window.front()
            && self.correlation.is_older_than_window(oldest.time, newest.time)
        {
            let oldest = self.window.pop_front();
            if let (Some(tally), Some(oldest)) = (&mut self.tally, oldest) {
                tally.remove(oldest);
            }
        }
        if let Some(tally) = &mut self.tally {
            tally.add(newest.clone());
        }
        self.window.push_back(newest);
    }

    pub(super) fn holds(&mut self) -> bool {
        match &self.tally {
            Some(tally) => self.correlation.holds_by(tally),
            None => self.correlation.holds(self.window.make_contiguous()),
        }
    }

    /// Empties the window and gives what stood in it.
    pub(super) fn take(&mut self) -> Vec<O> {
        if let Some(tally) = &mut self.tally {
            tally.clear();
        }
        self.window.drain(..).collect()
    }
}
