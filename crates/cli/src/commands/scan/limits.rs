//! What a back-test keeps and shows. What is left out is counted and said.

/// Cells of one histogram; 2,048. A scan keeps one for each rule that matches.
pub(super) const HISTOGRAM_CELLS: usize = 2_048;

/// Bars of a sparkline; 12, so that a line of the summary has 80 columns.
pub(super) const SPARKLINE: usize = 12;

/// Bytes of an earlier run that is compared with; 1 GiB, which is some three million matches.
pub(super) const BASELINE_BYTES: u64 = 1 << 30;

/// Rules on a page; 500, the most urgent first.
pub(super) const PAGE_RULES: usize = 500;

/// Hits shown of one rule on a page; 20, half of them the earliest and half the latest.
pub(super) const PAGE_HITS_OF_RULE: usize = 20;

/// Hits shown on a page in all; 1,000, which keeps it below some megabytes.
pub(super) const PAGE_HITS: usize = 1_000;

/// Fields shown of one hit; 12.
pub(super) const PAGE_FIELDS: usize = 12;

/// Values shown of one field; 3.
pub(super) const PAGE_VALUES: usize = 3;

/// Characters shown of a value from a record; 200. A longer one is cut.
pub(super) const PAGE_CHARS: usize = 200;

/// Actors, addresses, regions and accounts in each list of a page; 10.
pub(super) const PAGE_RANKS: usize = 10;

/// Bars of the timeline of a page; 60.
pub(super) const PAGE_BARS: usize = 60;
